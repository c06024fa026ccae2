import Guards
import Polymorphic

/// The requester has an entry in the Directory that is in force.
struct PartyIsAccredited: Rule {
    func judge(_ evidence: RequestEvidence, at now: Instant) -> Verdict {
        guard enforced("guard:policy.accreditation") else { return .admit }
        guard let entry = evidence.party, entry.party == evidence.request.requester, entry.dates.contains(now)
        else { return .refuse(.directory, .accreditation) }
        return .admit
    }
}

/// The acting person has a credential of the requester that is in force.
struct CredentialIsInForce: Rule {
    func judge(_ evidence: RequestEvidence, at now: Instant) -> Verdict {
        guard enforced("guard:policy.credential") else { return .admit }
        guard let entry = evidence.credential, entry.party == evidence.request.requester, entry.dates.contains(now)
        else { return .refuse(.directory, .credential) }
        return .admit
    }
}

/// The role that the Request names stands in the credential.
struct RoleIsHeld: Rule {
    func judge(_ evidence: RequestEvidence, at now: Instant) -> Verdict {
        guard enforced("guard:policy.role") else { return .admit }
        guard evidence.credential?.roles.contains(evidence.request.role) == true
        else { return .refuse(.directory, .role) }
        return .admit
    }
}

/// One row of the matrix allows all of the Request: role x purpose x categories x targets, and the ground.
struct MatrixAllows: Rule {
    func judge(_ evidence: RequestEvidence, at now: Instant) -> Verdict {
        guard enforced("guard:policy.matrix") else { return .admit }
        return evidence.allowingRows.isEmpty ? .refuse(.policy, .accessMatrix) : .admit
    }
}

/// The service is offered already.
struct ServiceIsOffered: Rule {
    func judge(_ evidence: RequestEvidence, at now: Instant) -> Verdict {
        guard enforced("guard:policy.offered") else { return .admit }
        let rows = evidence.allowingRows
        return rows.isEmpty || rows.contains(where: \.offered) ? .admit : .refuse(.policy, .serviceOffered)
    }
}

/// A pseudonym goes back to base under two-person control alone.
struct BaseNeedsTwoPersons: Rule {
    func judge(_ evidence: RequestEvidence, at now: Instant) -> Verdict {
        guard enforced("guard:policy.base-target") else { return .admit }
        let toBase = evidence.request.targets.contains { $0.place == .base }
        return toBase && !evidence.secondApproval ? .refuse(.policy, .twoPersons) : .admit
    }
}

/// The counts of the requester have room for all items of the Request. What is left is no secret to it: the whole
/// Request is refused.
struct PartyQuotaHasRoom: Rule {
    func judge(_ evidence: RequestEvidence, at now: Instant) -> Verdict {
        guard enforced("guard:policy.party-quota") else { return .admit }
        return evidence.hasRoom(.party) ? .admit : .refuse(.quota, .partyQuota)
    }
}

/// The same for the acting person.
struct OfficerQuotaHasRoom: Rule {
    func judge(_ evidence: RequestEvidence, at now: Instant) -> Verdict {
        guard enforced("guard:policy.officer-quota") else { return .admit }
        return evidence.hasRoom(.officer) ? .admit : .refuse(.quota, .officerQuota)
    }
}

extension Quota {
    /// Whether `items` more fit after `used`.
    func hasRoom(for items: UInt64, after used: UInt64) -> Bool {
        let (sum, overflow) = used.addingReportingOverflow(items)
        return !overflow && sum <= self.items
    }
}

extension RequestEvidence {
    /// The rows of the matrix that allow all of the Request.
    var allowingRows: [AccessRow] { policy.matrix.rows(allowing: request, by: party?.roles ?? []) }

    /// Whether every quota of this scope has room for all items.
    func hasRoom(_ scope: Quota.Scope) -> Bool {
        policy.quotas.allSatisfy { quota in
            quota.scope != scope || !quota.applies(to: request.purpose)
                || quota.hasRoom(for: UInt64(request.itemCount), after: counts[quota.id] ?? 0)
        }
    }
}
