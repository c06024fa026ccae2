import Guards
import Polymorphic
import Ristretto255

/// A transcryptor's verdicts on one Request, which parties see (PROTOCOL 8). Nothing in it helps to find a leaf.
public struct Intent: Hashable, Sendable {
    public let requestDigest: Bytes64
    public let transcryptor: PartyID
    /// One for each item.
    public let items: [Bool]
    /// One for each record.
    public let records: [Bool]
    public let time: UInt64
    /// What is signed.
    public let bytes: [UInt8]

    public init(requestDigest: Bytes64, transcryptor: PartyID, items: [Bool], records: [Bool], time: UInt64) {
        (self.requestDigest, self.transcryptor, self.items) = (requestDigest, transcryptor, items)
        (self.records, self.time) = (records, time)
        bytes = pack(
            .intent, requestDigest.bytes, transcryptor.bytes, items.map { $0 ? 1 : 0 }, records.map { $0 ? 1 : 0 },
            time.bigEndianBytes)
    }

    /// - Throws: `label`, `length`, `trailing`, `text`; `intent` for a verdict that is neither 0 nor 1.
    init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.intent, bytes, 5)
        requestDigest = try Wire.fixed(fields[0])
        transcryptor = try PartyID(fields[1])
        try need((fields[2] + fields[3]).allSatisfy { $0 <= 1 }, .intent)
        (items, records) = (fields[2].map { $0 == 1 }, fields[3].map { $0 == 1 })
        time = try Wire.u64(fields[4])
        self.bytes = bytes
    }
}

/// An Intent and its signature, as bytes of the wire.
public struct SignedIntent: Hashable, Sendable {
    public let intent: [UInt8]
    public let signature: [UInt8]
    public init(intent: [UInt8], signature: [UInt8]) { (self.intent, self.signature) = (intent, signature) }
}

/// What all participants permit together: AND over their Intents. Only `init` makes one, from Intents of all of them
/// over one Request.
public struct JointVerdict: Hashable, Sendable {
    public let requestDigest: Bytes64
    public let items: [Bool]
    public let records: [Bool]
    /// When the earliest of the Intents was made.
    public let time: UInt64

    /// - Parameter keys: the signing keys of the transcryptors.
    /// - Throws: `intent` unless there is exactly one from each participant in their order, well signed, over this
    ///   Request, of the right counts, with no record permitted under a refused item.
    public init(
        _ intents: [SignedIntent], of request: ExchangeRequest, keys: [PartyID: VerifyingKey]
    ) throws(Refusal) {
        try self.init(
            intents, digest: request.digest, participants: request.content.participants,
            items: request.content.items.count, itemOfRecord: request.itemOfRecord, keys: keys)
    }

    init(
        _ intents: [SignedIntent], digest: Bytes64, participants: [PartyID], items: Int, itemOfRecord: [Int],
        keys: [PartyID: VerifyingKey]
    ) throws(Refusal) {
        var joint = [Bool](repeating: true, count: items)
        var jointRecords = [Bool](repeating: true, count: itemOfRecord.count)
        var seen: [PartyID] = []
        var earliest = UInt64.max
        for signed in intents {
            guard let intent = try? Intent(wire: signed.intent), let key = keys[intent.transcryptor] else {
                throw Refusal(.intent)
            }
            if enforced("guard:intent.signature") {
                do { try key.verify(signed.signature, over: signed.intent) } catch { throw Refusal(.intent) }
            }
            try need(intent.requestDigest == digest || !enforced("guard:intent.request"), .intent)
            try need(intent.items.count == items && intent.records.count == itemOfRecord.count, .intent)
            for (record, item) in zip(intent.records, itemOfRecord) { try need(!record || intent.items[item], .intent) }
            seen.append(intent.transcryptor)
            earliest = min(earliest, intent.time)
            joint = zip(joint, intent.items).map { $0 && $1 }
            jointRecords = zip(jointRecords, intent.records).map { $0 && $1 }
        }
        try need(seen == participants || !enforced("guard:intent.all"), .intent)
        (requestDigest, self.items, records, time) = (digest, joint, jointRecords, earliest)
    }

    /// The numbers of the record lines of one use that may go.
    public func permitted(_ use: RecordLine.Use, in lines: [RecordLine]) -> [Int] {
        lines.indices.filter { lines[$0].use == use && records[$0] }
    }
    /// Whether anything is permitted.
    public var permitsAnything: Bool { items.contains(true) }
}
