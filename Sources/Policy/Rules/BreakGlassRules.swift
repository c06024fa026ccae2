import Guards
import Polymorphic

/// The rules of emergency access (PROTOCOL 9). Each looks only at a Request whose ground is break-glass.
extension ItemCase {
    /// The declared reason where the ground is break-glass.
    fileprivate var emergency: (reason: Name, text: String)? {
        guard case .breakGlass(let reason, let text) = request.request.basis else { return nil }
        return (reason, text)
    }
    fileprivate var breakGlass: BreakGlassPolicy { request.policy.breakGlass }
}

struct EmergencyRole: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard evidence.emergency != nil, enforced("guard:policy.emergency-role") else { return .admit }
        return evidence.breakGlass.roles.contains(evidence.request.request.role)
            ? .admit : .refuse(.breakglass, .emergencyRole)
    }
}

struct EmergencyCredential: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard evidence.emergency != nil, enforced("guard:policy.emergency-credential") else { return .admit }
        return evidence.request.credential?.isHardware == true
            ? .admit : .refuse(.breakglass, .emergencyCredential)
    }
}

/// A reason of the list, and words of one's own.
struct EmergencyReasonIsDeclared: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard let (reason, text) = evidence.emergency, enforced("guard:policy.emergency-reason")
        else { return .admit }
        let declared = evidence.breakGlass.reasons.contains(reason) && text.contains { !$0.isWhitespace }
        return declared ? .admit : .refuse(.breakglass, .emergencyReason)
    }
}

struct EmergencyCategories: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard evidence.emergency != nil, enforced("guard:policy.emergency-categories") else { return .admit }
        return evidence.request.request.categories.isSubset(of: evidence.breakGlass.categories)
            ? .admit : .refuse(.breakglass, .emergencyCategories)
    }
}

/// So many an hour by one person, so many a day at one site.
struct EmergencyLimit: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard evidence.emergency != nil, enforced("guard:policy.emergency-limit") else { return .admit }
        func room(_ used: UInt64, _ limit: UInt64) -> Bool {
            used < limit && evidence.admittedBefore < limit - used
        }
        let policy = evidence.breakGlass
        return room(evidence.request.breakGlassByOfficer, policy.perOfficerHour)
            && room(evidence.request.breakGlassBySite, policy.perSiteDay)
            ? .admit : .refuse(.quota, .emergencyLimit)
    }
}
