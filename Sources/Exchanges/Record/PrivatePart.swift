import Polymorphic
import Ristretto255

/// What a transcryptor decided about one item, known to it, to the device and to the authority, never to a party
/// (PROTOCOL 8).
public struct PrivatePart: Hashable, Sendable {
    public let requestDigest: Bytes64
    public let transcryptor: PartyID
    public let item: UInt16
    public let verdict: Bool
    /// The records of this item, in the order of the Request.
    public let records: [(verdict: Bool, hash: Bytes32)]
    /// `ok` or a code of PROTOCOL 14.
    public let reason: [UInt8]
    public let policyVersion: UInt32
    /// The counter of the row; 0 without a row.
    public let counter: UInt64
    /// SHA-512 of the give; zeros without one.
    public let consent: Bytes64

    public init(
        requestDigest: Bytes64, transcryptor: PartyID, item: UInt16, verdict: Bool,
        records: [(verdict: Bool, hash: Bytes32)], reason: Refusal.Code?, policyVersion: UInt32, counter: UInt64,
        consent: Bytes64
    ) {
        (self.requestDigest, self.transcryptor, self.item) = (requestDigest, transcryptor, item)
        (self.verdict, self.records, self.policyVersion) = (verdict, records, policyVersion)
        (self.counter, self.consent) = (counter, consent)
        self.reason = Array((reason?.rawValue ?? Self.permitted).utf8)
    }

    static let permitted = "ok"

    public var bytes: [UInt8] {
        pack(
            .private, requestDigest.bytes, transcryptor.bytes, item.bigEndianBytes, [verdict ? 1 : 0],
            records.flatMap { [$0.verdict ? 1 : 0] + $0.hash.bytes }, reason, policyVersion.bigEndianBytes,
            counter.bigEndianBytes, consent.bytes)
    }

    /// - Throws: `label`, `length`, `trailing`, `text`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.private, bytes, 9)
        requestDigest = try Wire.fixed(fields[0])
        transcryptor = try PartyID(fields[1])
        var item = WireReader(fields[2])
        self.item = try item.integer(UInt16.self, orRefuse: .length)
        try need(item.isAtEnd && (fields[3] == [0] || fields[3] == [1]) && fields[4].count % 33 == 0, .length)
        verdict = fields[3] == [1]
        var (records, reader) = ([(verdict: Bool, hash: Bytes32)](), WireReader(fields[4]))
        while !reader.isAtEnd {
            let verdict = try reader.integer(UInt8.self, orRefuse: .length)
            try need(verdict <= 1, .length)
            records.append((verdict == 1, try reader.fixed(orRefuse: .length)))
        }
        self.records = records
        reason = fields[5]
        var version = WireReader(fields[6])
        policyVersion = try version.integer(UInt32.self, orRefuse: .length)
        counter = try Wire.u64(fields[7])
        consent = try Wire.fixed(fields[8])
    }

    public static func == (a: PrivatePart, b: PrivatePart) -> Bool { a.bytes == b.bytes }
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
