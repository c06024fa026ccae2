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
    fileprivate func hasRoom(_ used: UInt64, _ limit: UInt64) -> Bool {
        used < limit && admittedBefore < limit - used
    }
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

/// A reason of the list ...
struct EmergencyReasonIsListed: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard let (reason, _) = evidence.emergency, enforced("guard:policy.emergency-reason") else { return .admit }
        return evidence.breakGlass.reasons.contains(reason) ? .admit : .refuse(.breakglass, .emergencyReason)
    }
}

/// ... and words of one's own.
struct EmergencyIsExplained: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard let (_, text) = evidence.emergency, enforced("guard:policy.emergency-text") else { return .admit }
        return text.contains { !$0.isWhitespace } ? .admit : .refuse(.breakglass, .emergencyReason)
    }
}

struct EmergencyCategories: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard evidence.emergency != nil, enforced("guard:policy.emergency-categories") else { return .admit }
        return evidence.request.request.categories.isSubset(of: evidence.breakGlass.categories)
            ? .admit : .refuse(.breakglass, .emergencyCategories)
    }
}

/// So many an hour by one person ...
struct EmergencyOfficerLimit: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard evidence.emergency != nil, enforced("guard:policy.emergency-officer-limit") else { return .admit }
        return evidence.hasRoom(evidence.request.breakGlassByOfficer, evidence.breakGlass.perOfficerHour)
            ? .admit : .refuse(.quota, .emergencyLimit)
    }
}

/// ... and so many a day at one site.
struct EmergencySiteLimit: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard evidence.emergency != nil, enforced("guard:policy.emergency-site-limit") else { return .admit }
        return evidence.hasRoom(evidence.request.breakGlassBySite, evidence.breakGlass.perSiteDay)
            ? .admit : .refuse(.quota, .emergencyLimit)
    }
}
