import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// A centre that keeps records: sealed, under its own pseudonyms of persons. It reads nothing and knows no name.
/// Medicine and product safety are two of them, by configuration.
public final class DataCentreNode: Node {
    public var id: PartyID { requester.secrets.id }
    /// It asks as well: batches of studies, recalls.
    public let requester: Requester
    let reception: Reception
    let shelf: RecordShelf

    public init(requester: Requester) {
        self.requester = requester
        reception = Reception(
            secrets: requester.secrets, pins: requester.pins, directory: requester.directory,
            store: requester.store, clock: requester.clock)
        shelf = RecordShelf(n: requester.pins.ceremony.n)
    }

    /// After a start: finishes the exchanges that were under way, or gives them up.
    @discardableResult
    public func start() async throws(ExchangeFailure) -> Int { try await requester.resume() }

    /// - Throws: `peer` for a call that is none of a store's.
    public func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        try need(body.count <= call.bodyMax, .length)
        guard let peer else { throw Refusal(.peer) }
        switch call {
        case .deliver: return try await deliver(try DeliverCall(body: body), from: peer)
        case .bodies: return try await bodies(try BodiesCall(body: body), from: peer)
        case .adopted:
            try await adopted(try AdoptedCall(body: body), from: peer)
            return []
        default: throw Refusal(.peer)
        }
    }

    /// Keeps what is deposited and answers with what it has of each person that the Request may see.
    private func deliver(_ call: DeliverCall, from peer: PartyID) async throws(Refusal) -> [UInt8] {
        let directory = await requester.directory.current()
        let now = requester.clock.now()
        let author = try directory.party(peer, at: now)
        let shelf = shelf
        let pins = requester.pins
        return try await reception.deliver(call, from: peer) { delivery, transaction in
            let rules = DepositRules(
                requester: peer, authorKey: author.signing, nowMinute: now / 60,
                yGeneration: pins.ceremony.yGeneration, requestDigest: delivery.request.digest,
                key: pins.ceremony.pseudonyms.key)
            let deposits = try Deposits(call.envelopes, delivery, rules)
            for deposit in deposits.all { try shelf.put(deposit, transaction) }
            return DeliverCall.answer(try shelf.list(delivery, deposits, transaction))
        }
    }

    /// The sealed bodies of records that are permitted jointly.
    private func bodies(_ call: BodiesCall, from peer: PartyID) async throws(Refusal) -> [UInt8] {
        let hashes = try (await reception.recipient()).permitted(call, from: peer)
        let shelf = shelf
        let found: [[UInt8]]
        do { found = try await requester.store.read { try shelf.envelopes(hashes, $0) } } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
        try need(found.reduce(0) { $0 + 4 + $1.count } <= Call.bodies.bodyMax, .length)
        return Wire.list(found)
    }

    private func adopted(_ call: AdoptedCall, from peer: PartyID) async throws(Refusal) {
        let shelf = shelf
        try await reception.adopted(call, from: peer) { delivery, tickets, transaction in
            for (deposit, ticket) in zip(delivery.deposits, tickets) {
                let hash = delivery.request.content.records[deposit.line].hash
                try shelf.add(ticket, of: call.index, to: hash, transaction)
            }
        }
    }

    /// *Study*: links persons to an anonymising party in batches (PROTOCOL 8).
    /// - Returns: which were permitted, in the order of `persons`.
    public func study(
        _ persons: [Pseudonym], with party: PartyID, for use: DataUse, by actor: any ActingPerson
    ) async throws(ExchangeFailure) -> [Bool] {
        var permitted: [Bool] = []
        for start in stride(from: 0, to: persons.count, by: Self.batch) {
            let batch = Array(persons[start..<min(start + Self.batch, persons.count)])
            do {
                let draft = ExchangeDraft(.held(batch), for: use, to: [party])
                permitted += try await requester.run(draft, by: actor).verdict.items
            } catch {
                // A batch of which nobody agrees is an answer, not a failure of the study.
                guard case .notPermitted = error else { throw error }
                permitted += batch.map { _ in false }
            }
        }
        return permitted
    }

    /// Persons in one Request at most.
    static let batch = 256

    /// The persons whom the centre knows, in byte order of their pseudonyms.
    public func persons(after: Pseudonym? = nil, limit: Int) async throws -> [Pseudonym] {
        let holdings = requester.holdings
        return try await requester.store.read { try holdings.all(after: after, limit: limit, $0) }
    }
}
