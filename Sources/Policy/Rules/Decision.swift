import Guards
import Polymorphic
import Ristretto255

/// On what an item is admitted. "Nothing" is not a case.
public enum Grounds: Hashable, Sendable {
    case consent(ActiveConsent)
    case breakGlass(reason: Name)
    case policyRule(Name)

    /// The consent digest of the private part: SHA-512 of the give, zeros without one.
    public var consentDigest: Bytes64 {
        if case .consent(let consent) = self { consent.digest } else { .zero }
    }
}

/// An item that all rules admit. Only the decision makes one.
public struct AdmittedItem: Hashable, Sendable {
    public let grounds: Grounds
    init(_ grounds: Grounds) { self.grounds = grounds }
}

/// The verdict of one item with those of its records.
public struct ItemDecision: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case admitted(AdmittedItem)
        case refused(Reason)
    }
    public let outcome: Outcome
    /// In the order of the evidence. A refused item has refused records.
    public let records: [Verdict]

    public var isAdmitted: Bool { if case .admitted = outcome { true } else { false } }
}

/// The decision about a Request: PROTOCOL 8, decide, from accreditation to quotas, in its order. The caller has checked
/// peer, form, signatures, origins and records before, and then writes uses, counts, j and leaves in one transaction.
public struct Decision: Hashable, Sendable {
    public let policyVersion: UInt32
    /// One for each item of the Request.
    public let items: [ItemDecision]

    /// The rules for a whole Request, in order.
    public static let requestRules: [any Rule<RequestEvidence>] = [
        PartyIsAccredited(), CredentialIsInForce(), RoleIsHeld(), MatrixAllows(), ServiceIsOffered(),
        BaseNeedsTwoPersons(), PartyQuotaHasRoom(), OfficerQuotaHasRoom(),
    ]
    /// The rules for each item, in order.
    public static let itemRules: [any Rule<ItemCase>] = [
        OriginIsKnown(), RowIsOpen(), ConsentCovers(), EmergencyRole(), EmergencyCredential(),
        EmergencyReasonIsListed(), EmergencyIsExplained(), EmergencyCategories(), EmergencyOfficerLimit(),
        EmergencySiteLimit(), SubjectQuotaHasRoom(),
    ]
    /// The rules for each record of an admitted item, in order.
    public static let recordRules: [any Rule<RecordCase>] = [
        RecordIsGenuine(), RecordCategoryIsAsked(), RecordIsInPeriod(), ConsentCoversRecord(),
    ]

    /// What a whole Request comes to.
    public enum Judgement: Hashable, Sendable {
        /// Refused as a whole: `directory`, `policy`, `quota` of the party.
        case refused(Reason)
        case decided(Decision)

        /// The decision.
        /// - Throws: the code of the refusal.
        public func decision() throws(Refusal) -> Decision {
            switch self {
            case .refused(let reason): throw Refusal(reason.code)
            case .decided(let decision): return decision
            }
        }
    }

    /// Judges a Request with all its items.
    /// - Parameter items: one for each item of the Request, in its order.
    public static func judge(_ request: RequestEvidence, _ items: [ItemEvidence], at now: Instant) -> Judgement {
        precondition(items.count == request.request.itemCount, "evidence for each item")
        if case .refuse(let reason) = requestRules.judge(request, at: now) { return .refused(reason) }
        var before = AdmittedBefore()
        var decisions: [ItemDecision] = []
        for item in items {
            let decision = judge(before.itemCase(request, item), at: now)
            before.count(decision, of: item)
            decisions.append(decision)
        }
        return .decided(Decision(policyVersion: request.policy.version, items: decisions))
    }

    private static func judge(_ item: ItemCase, at now: Instant) -> ItemDecision {
        let records = item.item.records
        func refused(_ reason: Reason) -> ItemDecision {
            ItemDecision(outcome: .refused(reason), records: records.map { _ in .refuse(reason) })
        }
        if case .refuse(let reason) = itemRules.judge(item, at: now) { return refused(reason) }
        guard let grounds = grounds(of: item, at: now) else { return refused(Reason(.consent, .consent)) }
        return ItemDecision(
            outcome: .admitted(AdmittedItem(grounds)),
            records: records.map { recordRules.judge(RecordCase(item.request, $0, grounds), at: now) })
    }

    /// The ground that the rules have found to hold.
    private static func grounds(of item: ItemCase, at now: Instant) -> Grounds? {
        switch item.request.request.basis {
        case .consent:
            guard case .row(let row) = item.item.origin else { return nil }
            return (try? row.consent(for: item.request.request.consentUse, at: now)).map(Grounds.consent)
        case .breakGlass(let reason, _): return .breakGlass(reason: reason)
        case .policyRule(let rule): return .policyRule(rule)
        }
    }
}

/// What earlier items of the same Request have used up: two items may be of one person, and a give for one use must not
/// carry both.
private struct AdmittedBefore {
    private var items: UInt64 = 0
    private var consents: [Bytes16: [Bytes16]] = [:]
    private var subjects: [Bytes16: UInt64] = [:]

    func itemCase(_ request: RequestEvidence, _ item: ItemEvidence) -> ItemCase {
        guard case .row(var row) = item.origin, let same = subjects[row.enrolment], enforced("guard:policy.same-person")
        else { return ItemCase(request, item, admittedBefore: items) }
        for consent in consents[row.enrolment] ?? [] { row.use(consent) }
        var item = item
        item.origin = .row(row)
        return ItemCase(request, item, admittedBefore: items, sameSubjectBefore: same)
    }

    mutating func count(_ decision: ItemDecision, of item: ItemEvidence) {
        guard case .admitted(let admitted) = decision.outcome else { return }
        items += 1
        guard case .row(let row) = item.origin else { return }
        subjects[row.enrolment, default: 0] += 1
        if case .consent(let consent) = admitted.grounds { consents[row.enrolment, default: []].append(consent.id) }
    }
}
