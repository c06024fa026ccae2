import Polymorphic
import Ristretto255

/// What a target does with deliveries: verifies them, keeps whom they are about under its own pseudonyms, and later
/// adds what adopters give. A store adds its records in the same transaction.
public struct Reception: Sendable {
    let secrets: PartySecrets
    let pins: Pins
    let directory: DirectoryKeeper
    let store: any NodeStore
    let clock: any Timekeeper
    public let holdings: Holdings

    /// `rd -> list(requester, u64 time, deliver call without Envelopes)`, for those who adopt later.
    static let deliveries = Table("delivery")
    /// `u64 time || rd`, to forget the oldest.
    static let deliveryTimes = Table("delivery-time")
    /// So long do adopters have, in seconds.
    static let adoptSeconds: UInt64 = 7 * 86_400

    public init(
        secrets: PartySecrets, pins: Pins, directory: DirectoryKeeper, store: any NodeStore, clock: any Timekeeper
    ) {
        (self.secrets, self.pins, self.directory) = (secrets, pins, directory)
        (self.store, self.clock) = (store, clock)
        holdings = Holdings(n: pins.ceremony.n)
    }

    /// The other end of exchanges at this moment.
    public func recipient() async -> Recipient {
        Recipient(secrets: secrets, pins: pins, directory: await directory.current(), now: clock.now())
    }

    /// Accepts a delivery.
    /// - Parameter keep: what else is kept in the same transaction, and the answer. It may run more than once.
    /// - Returns: the answer.
    /// - Throws: why it is refused; `unavailable` where the store fails: the caller sends the same again.
    public func deliver(
        _ call: DeliverCall, from peer: PartyID,
        keep: @Sendable (Recipient.Delivery, any NodeTransaction) throws -> [UInt8]
    ) async throws(Refusal) -> [UInt8] {
        let recipient = await recipient()
        let delivery = try recipient.accept(call, from: peer)
        let bare = DeliverCall(
            request: call.request, intents: call.intents, steps: call.steps, shares: call.shares, envelopes: [])
        let record = Wire.list([peer.bytes, recipient.now.bigEndianBytes, bare.body])
        let key = delivery.request.digest.bytes
        return try await transaction { transaction in
            try transaction.put(Self.deliveries, key, record)
            try transaction.put(Self.deliveryTimes, recipient.now.bigEndianBytes + key, [])
            try Self.forget(recipient.now, transaction)
            for person in delivery.persons.compactMap(\.self) { try self.holdings.put(person, transaction) }
            return try keep(delivery, transaction)
        }
    }

    /// Takes what an adopter sealed for this target.
    /// - Parameter keep: what is kept of the Tickets, by deposit line, in the same transaction.
    /// - Throws: `intent` for an exchange that was not delivered, or long ago; those of a Share.
    public func adopted(
        _ call: AdoptedCall, from peer: PartyID,
        keep: @Sendable (Recipient.Delivery, [Ticket], any NodeTransaction) throws -> Void
    ) async throws(Refusal) {
        let stored: [UInt8]?
        do { stored = try await store.read { try $0.get(Self.deliveries, call.requestDigest.bytes) } } catch {
            throw Refusal(.unavailable)
        }
        guard let stored else { throw Refusal(.intent) }
        let fields = try Wire.fields(of: stored, 3)
        try need(fields[0] == peer.bytes, .intent)
        let recipient = await recipient()
        let delivery = try recipient.accept(try DeliverCall(body: fields[2]), from: peer, isKnown: true)
        let (tokens, tickets) = try recipient.adopted(call, delivery)
        let pairs = delivery.persons.compactMap { $0?.pair }
        try await transaction { transaction in
            for (pair, token) in zip(pairs, tokens) {
                try self.holdings.add(AdoptedToken(pair: pair, index: call.index, token: token), transaction)
            }
            try keep(delivery, tickets, transaction)
        }
    }

    /// Forgets deliveries that nobody adopted in time, a bounded number at once.
    private static func forget(_ now: UInt64, _ transaction: any NodeTransaction) throws {
        for _ in 0..<16 {
            guard let (key, _) = try transaction.scan(deliveryTimes, prefix: [], after: nil, limit: 1).first
            else { return }
            guard try Wire.u64(key.prefix(8)) + adoptSeconds < now else { return }
            try transaction.remove(deliveryTimes, key)
            try transaction.remove(deliveries, Array(key.dropFirst(8)))
        }
    }

    private func transaction<R: Sendable>(
        _ body: @Sendable (any NodeTransaction) throws -> R
    ) async throws(Refusal) -> R {
        do { return try await store.transaction(body) } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
    }
}
