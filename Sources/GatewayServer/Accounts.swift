import Exchanges
import FHIR
import Gateway
import Policy
import Polymorphic
import Ristretto255

/// What the gateway writes about its own doing: who looked at whose records (AuditEvent), what was received from where
/// (Provenance), and what the signed intents showed of a consent (Consent). Durable, never deposited.
struct Accounts: Sendable {
    let parts: GatewayServer.Parts

    /// AuditEvents name so many patients at most.
    static let entitiesMax = 1_000

    private func freshID() -> String { Hex.text(parts.random.bytes(16)) }

    /// - Throws: `unavailable` where it cannot be kept: then nothing is given out either.
    func audit(
        _ action: RecordKeeping.Action, by account: SystemAccount, of entities: [ResourceKey],
        purpose: PurposeOfUse = .treatment, in engine: FHIREngine
    ) async throws(Problem) {
        try await engine.keep(
            RecordKeeping.auditEvent(
                id: freshID(), action, entities: Array(entities.prefix(Self.entitiesMax)),
                recorded: parts.instant(parts.now()), agent: account.name, purpose: purpose.hl7 ?? "TREAT",
                source: parts.node.id.description))
    }

    /// What was opened, from whom it is, and on which ground.
    func received(
        _ opened: Opener.Opened, _ wish: Opener.Wish, in engine: FHIREngine
    ) async throws(Problem) {
        let now = parts.instant(parts.now())
        for (author, keys) in opened.received.sorted(by: { $0.key < $1.key }) {
            try await engine.keep(
                RecordKeeping.provenance(
                    id: ResourceKey.ownPrefix + freshID(), targets: keys, recorded: now, activity: "CREATE",
                    author: "urn:warifu:party:\(author)", transmitter: "urn:warifu:party:\(parts.medical)"))
        }
        guard !opened.categories.isEmpty, let patient = ResourceKey(.patient, opened.session.patient) else { return }
        try await engine.keep(
            RecordKeeping.consent(
                id: freshID(),
                .init(
                    patient: patient, purpose: wish.purpose.hl7 ?? "TREAT",
                    categories: opened.categories.map(\.rawValue),
                    period: DateRange(low: Int64(wish.from) * 60_000, high: (Int64(wish.to) + 1) * 60_000),
                    actor: parts.node.id.description, shownAt: now, intents: Int(parts.node.requester.pins.ceremony.t)))
        )
    }
}
