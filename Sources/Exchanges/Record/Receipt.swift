import Polymorphic
import Ristretto255

/// The requester's word how an exchange ended: `pack("receipt", rd, u8 outcome, u16 count, u64 time)` (PROTOCOL 8).
public struct Receipt: Hashable, Sendable {
    public enum Outcome: UInt8, Sendable {
        case delivered = 1
        case failed = 2
        case givenUp = 3
    }
    public let requestDigest: Bytes64
    public let outcome: Outcome
    /// Items and records received.
    public let count: UInt16
    public let time: UInt64

    public init(requestDigest: Bytes64, outcome: Outcome, count: UInt16, time: UInt64) {
        (self.requestDigest, self.outcome, self.count, self.time) = (requestDigest, outcome, count, time)
    }

    public var bytes: [UInt8] {
        pack(.receipt, requestDigest.bytes, [outcome.rawValue], count.bigEndianBytes, time.bigEndianBytes)
    }

    /// - Throws: `label`, `length`, `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.receipt, bytes, 4)
        requestDigest = try Wire.fixed(fields[0])
        guard fields[1].count == 1, let outcome = Outcome(rawValue: fields[1][0]) else { throw Refusal(.length) }
        self.outcome = outcome
        var count = WireReader(fields[2])
        self.count = try count.integer(UInt16.self, orRefuse: .length)
        try need(count.isAtEnd, .length)
        time = try Wire.u64(fields[3])
    }
}
