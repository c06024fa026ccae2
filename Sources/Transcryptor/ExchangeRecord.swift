import Exchanges
import Polymorphic
import Ristretto255

/// An exchange at one transcryptor, per (requester, exchange_id) (PROTOCOL 8, States).
struct ExchangeRecord: Sendable {
    enum State: UInt8, Sendable {
        case decided = 1
        case released = 2
        case receipted = 3
        case aborted = 4
        case adopted = 5
    }

    /// `rd`.
    let requestDigest: Bytes64
    var state: State
    /// When the Intent was made; Unix seconds.
    let decidedAt: UInt64
    var items: [Item]
    /// The own verdict of each record.
    let records: [Bool]

    struct Item: Sendable {
        /// nil without a row.
        let row: Bytes16?
        /// The give under which it was admitted.
        let consent: Bytes16?
        let verdict: Bool
        /// Of the leaf, by which its inclusion is found.
        let leafHash: [UInt8]
    }

    /// An exchange that was decided lapses after so many seconds.
    static let lapseSeconds: UInt64 = 600

    func hasLapsed(at now: UInt64) -> Bool { now > decidedAt && now - decidedAt > Self.lapseSeconds }

    var bytes: [UInt8] {
        Wire.list([
            requestDigest.bytes, [state.rawValue], decidedAt.bigEndianBytes,
            Wire.list(
                items.map {
                    Wire.list([$0.row?.bytes ?? [], $0.consent?.bytes ?? [], [$0.verdict ? 1 : 0], $0.leafHash])
                }), records.map { $0 ? 1 : 0 },
        ])
    }

    init(requestDigest: Bytes64, state: State, decidedAt: UInt64, items: [Item], records: [Bool]) {
        (self.requestDigest, self.state, self.decidedAt) = (requestDigest, state, decidedAt)
        (self.items, self.records) = (items, records)
    }

    init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 5)
        requestDigest = try Wire.fixed(fields[0])
        guard fields[1].count == 1, let state = State(rawValue: fields[1][0]) else { throw Refusal(.length) }
        self.state = state
        decidedAt = try Wire.u64(fields[2])
        var items: [Item] = []
        for item in try Wire.elements(of: fields[3]) {
            let parts = try Wire.fields(of: item, 4)
            items.append(
                Item(
                    row: parts[0].isEmpty ? nil : try Wire.fixed(parts[0]),
                    consent: parts[1].isEmpty ? nil : try Wire.fixed(parts[1]), verdict: parts[2] == [1],
                    leafHash: parts[3]))
        }
        self.items = items
        records = fields[4].map { $0 == 1 }
    }

    /// The key of an exchange: ids hold no zero byte, so the two parts cannot run into each other.
    static func key(_ requester: PartyID, _ exchangeID: Bytes16) -> [UInt8] { requester.bytes + [0] + exchangeID.bytes }
}

/// The answer to a call, kept so that the same bytes get the same answer (PROTOCOL 8).
struct StoredAnswer {
    let exchange: [UInt8]
    let call: Call
    /// The target and first step, in `reshuffle`.
    let part: [UInt8]

    init(_ exchange: [UInt8], _ call: Call, part: [UInt8] = []) {
        (self.exchange, self.call, self.part) = (exchange, call, part)
    }

    private var key: [UInt8] { exchange + [0] + Array(call.rawValue.utf8) + [0] + part }

    /// The answer that was given to these bytes.
    /// - Throws: `conflict` where other bytes were answered.
    func find(_ body: [UInt8], _ reading: any NodeReading) throws -> [UInt8]? {
        guard let stored = try reading.get(.answers, key) else { return nil }
        let fields = try Wire.fields(of: stored, 2)
        guard fields[0] == sha512(body).bytes else { throw Refusal(.conflict) }
        return fields[1]
    }

    func store(_ answer: [UInt8], to body: [UInt8], _ transaction: any NodeTransaction) throws {
        try transaction.put(.answers, key, Wire.list([sha512(body).bytes, answer]))
    }
}

extension NodeTransaction {
    /// Writes a new exchange, and where a receipt finds it.
    func put(_ record: ExchangeRecord, of incoming: Incoming) throws {
        try put(.exchanges, incoming.key, record.bytes)
        try put(.digests, incoming.content.requester.bytes + [0] + record.requestDigest.bytes, incoming.key)
    }
}
