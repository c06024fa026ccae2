import Guards
import Polymorphic

/// The deposit checks or the Ticket hold.
struct RecordIsGenuine: Rule {
    func judge(_ evidence: RecordCase, at now: Instant) -> Verdict {
        guard let code = evidence.record.failure, enforced("guard:policy.record") else { return .admit }
        return .refuse(code, .record)
    }
}

/// Its category is among those of the Request, which the ground covers as a whole.
struct RecordCategoryIsAsked: Rule {
    func judge(_ evidence: RecordCase, at now: Instant) -> Verdict {
        guard enforced("guard:policy.record-category") else { return .admit }
        return evidence.request.request.categories.contains(evidence.record.category)
            ? .admit : .refuse(.record, .recordCategory)
    }
}

/// Its data minute lies in the period of the Request, both ends included.
struct RecordIsInPeriod: Rule {
    func judge(_ evidence: RecordCase, at now: Instant) -> Verdict {
        guard enforced("guard:policy.record-period") else { return .admit }
        let request = evidence.request.request
        let minute = evidence.record.dataMinute
        return request.dataFrom <= minute && minute <= request.dataTo ? .admit : .refuse(.record, .recordPeriod)
    }
}

/// And in that of the give.
struct ConsentCoversRecord: Rule {
    func judge(_ evidence: RecordCase, at now: Instant) -> Verdict {
        guard case .consent(let consent) = evidence.grounds else { return .admit }
        return consent.covers(dataMinute: evidence.record.dataMinute) ? .admit : .refuse(.consent, .recordPeriod)
    }
}
