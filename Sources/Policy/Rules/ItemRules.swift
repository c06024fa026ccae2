import Guards
import Polymorphic

/// It is known whose data this is.
struct OriginIsKnown: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard enforced("guard:policy.origin") else { return .admit }
        switch evidence.item.origin {
        case .row: return .admit
        case .failed(let code): return .refuse(code, .origin)
        }
    }
}

/// Where the ground is consent: a give in force covers the item. Each of its conditions is a guard of the row.
struct ConsentCovers: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard case .consent = evidence.request.request.basis else { return .admit }
        guard case .row(let row) = evidence.item.origin else { return .refuse(.row, .origin) }
        do {
            _ = try row.consent(for: evidence.request.request.consentUse, at: now)
            return .admit
        } catch {
            return .refuse(error.code, error.code == .pending ? .pending : error.code == .row ? .origin : .consent)
        }
    }
}

/// A stopped row is no ground for anything, whatever the Request names.
struct RowIsOpen: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard case .row(let row) = evidence.item.origin, enforced("guard:policy.row-open") else { return .admit }
        return row.isStopped ? .refuse(.row, .origin) : .admit
    }
}

/// The count of the person has room. Its refusal is a verdict of the item, which tells an outsider nothing.
struct SubjectQuotaHasRoom: Rule {
    func judge(_ evidence: ItemCase, at now: Instant) -> Verdict {
        guard enforced("guard:policy.subject-quota") else { return .admit }
        let full = evidence.request.policy.quotas.contains { quota in
            quota.scope == .subject && quota.applies(to: evidence.request.request.purpose)
                && !quota.hasRoom(for: 1 + evidence.sameSubjectBefore, after: evidence.item.counts[quota.id] ?? 0)
        }
        return full ? .refuse(.quota, .subjectQuota) : .admit
    }
}
