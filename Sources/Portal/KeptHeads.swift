import Exchanges
import Polymorphic
import Ristretto255

/// A head as the portal keeps it, with its signature.
struct KeptHead: Sendable {
    let head: Head
    let signature: [UInt8]

    var bytes: [UInt8] { Wire.list([head.bytes, signature]) }

    init(_ head: Head, signature: [UInt8]) { (self.head, self.signature) = (head, signature) }

    init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 2)
        (head, signature) = (try Head(wire: fields[0]), fields[1])
    }

    /// Whether it says at least as much as another one of the same row.
    func reaches(_ other: KeptHead) -> Bool {
        head.nextCounter >= other.head.nextCounter && head.checkpointSize >= other.head.checkpointSize
    }
}

/// The portal's tables. Their keys are handles, of which a driver keeps keyed hashes alone.
enum KeptHeads {
    /// `u8 i || handle -> list(head, signature)`.
    static let heads = Table("portal-head", keys: .hidden)
    /// `u8 i || handle || u64 counter -> list(u64 leaf index, rd, u16 item, sealed detail)`.
    static let details = Table("portal-detail", keys: .hidden)
    /// `u8 i || handle -> list(list(head, signature), list(head, signature))`: the first that went back, behind the one
    /// that stands against it. The transcryptor's two signatures prove it.
    static let evidence = Table("portal-evidence", keys: .hidden)

    /// So many details are given at once; a phone asks again from the next.
    static let detailsMax: UInt64 = 1_024

    static func key(_ index: UInt8, _ handle: Bytes16) -> [UInt8] { [index] + handle.bytes }

    static func head(_ key: [UInt8], _ reading: any NodeReading) throws -> KeptHead? {
        try reading.get(heads, key).map { try KeptHead(bytes: $0) }
    }

    /// Keeps a head unless a newer one came meanwhile, and the details that go with it. What a transcryptor once showed
    /// under a counter stays.
    /// - Parameter from: the counter of the first detail. All below the head's next counter are there without a gap.
    static func keep(
        _ kept: KeptHead, _ details: [HeadAnswer.Listed], from: UInt64, at key: [UInt8],
        _ transaction: any NodeTransaction
    ) throws {
        if try head(key, transaction).map(kept.reaches) ?? true { try transaction.put(heads, key, kept.bytes) }
        for (counter, detail) in zip(from..<max(from, kept.head.nextCounter), details) {
            let place = key + counter.bigEndianBytes
            guard try transaction.get(Self.details, place) == nil else { continue }
            try transaction.put(Self.details, place, detail.stored)
        }
    }

    /// The answer to a query from what is kept; nil where it does not reach that far, or has a gap.
    static func answer(from counter: UInt64, at key: [UInt8], _ reading: any NodeReading) throws -> HeadAnswer? {
        guard let kept = try head(key, reading), counter <= kept.head.nextCounter else { return nil }
        var details: [HeadAnswer.Listed] = []
        for counter in counter..<(counter + min(kept.head.nextCounter - counter, detailsMax)) {
            guard let stored = try reading.get(Self.details, key + counter.bigEndianBytes) else { return nil }
            details.append(try HeadAnswer.Listed(stored: stored))
        }
        return HeadAnswer(head: kept.head.bytes, signature: kept.signature, details: details)
    }
}

extension HeadAnswer.Listed {
    var stored: [UInt8] {
        Wire.list([leafIndex.bigEndianBytes, requestDigest.bytes, item.bigEndianBytes, detail])
    }

    init(stored: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: stored, 4)
        try need(fields[2].count == 2, .length)
        self.init(
            leafIndex: try Wire.u64(fields[0]), requestDigest: try Wire.fixed(fields[1]),
            item: UInt16(fields[2][0]) << 8 | UInt16(fields[2][1]), detail: fields[3])
    }
}
