import Polymorphic
import Ristretto255

@testable import Policy

/// Evidence of a hospital that asks for laboratory results, in which everything is in order.
enum Country {
    static let now = Person.now
    static let policy = PolicyDocument.standard(version: 7, notBefore: now)
    static let dates = Validity(notBefore: now - Span.day, notAfter: now + 2 * Span.day)

    static func target(
        _ id: String = "medical", roles: [PartyRole] = [.medicalCentre], takesDeposits: Bool = false
    ) -> TargetFacts {
        TargetFacts(
            .party(party(id), epoch: 1), of: party("hospital-a"), from: .base, roles: Set(roles.map(\.name)),
            takesDeposits: takesDeposits)
    }

    static func facts(_ change: (inout RequestFacts) -> Void = { _ in }) -> RequestFacts {
        var facts = RequestFacts(
            requester: party("hospital-a"), role: Role.physician.name, purpose: PurposeOfUse.treatment.name,
            categories: [Category.laboratory.name], dataFrom: 0, dataTo: 40_000_000, basis: .consent, itemCount: 1,
            targets: [target("hospital-a", roles: [.hospital]), target()], fetches: false)
        change(&facts)
        return facts
    }

    static let emergency = facts {
        $0.role = Role.emergencyPhysician.name
        $0.purpose = PurposeOfUse.emergency.name
        $0.basis = .breakGlass(reason: EmergencyReason.unconscious.name, text: "road accident")
    }

    static func request(
        _ facts: RequestFacts = facts(), _ change: (inout RequestEvidence) -> Void = { _ in }
    ) -> RequestEvidence {
        var roles: Set<Name> = [facts.role]
        if case .breakGlass = facts.basis { roles.insert(name(CredentialEntry.hardwareMark)) }
        var evidence = RequestEvidence(
            request: facts, party: PartyEntry(party: facts.requester, roles: [PartyRole.hospital.name], dates: dates),
            credential: CredentialEntry(party: facts.requester, roles: roles, dates: dates), policy: policy)
        change(&evidence)
        return evidence
    }

    static func row(_ change: (inout Give) -> Void = { _ in }) throws -> ConsentRow {
        var row = try Person.row()
        try row.give(Person.give("give", change))
        return row
    }

    static func item(_ row: ConsentRow, _ records: [RecordEvidence] = []) -> ItemEvidence {
        ItemEvidence(origin: .row(row), records: records)
    }

    static func record(
        _ category: Policy.Category = .laboratory, minute: UInt64 = 29_000_000, failure: Refusal.Code? = nil
    ) -> RecordEvidence {
        RecordEvidence(category: category.name, dataMinute: minute, failure: failure)
    }

    /// The reason of the first refusal: of the Request, of the first item, of its first record.
    static func reason(_ request: RequestEvidence, _ items: [ItemEvidence], at now: Instant = now) -> Reason? {
        switch Decision.judge(request, items, at: now) {
        case .refused(let reason): return reason
        case .decided(let decision):
            for item in decision.items {
                if case .refused(let reason) = item.outcome { return reason }
                for record in item.records { if case .refuse(let reason) = record { return reason } }
            }
            return nil
        }
    }

    /// Throws the code of the first refusal.
    static func admit(_ request: RequestEvidence, _ items: [ItemEvidence], at now: Instant = now) throws {
        if let reason = reason(request, items, at: now) { throw Refusal(reason.code) }
    }
}
