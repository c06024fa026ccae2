import Polymorphic
import Ristretto255

/// What a stop ends (PROTOCOL 9).
public enum StopKind: UInt8, CaseIterable, Sendable {
    /// One give.
    case give = 1
    /// One mandate and the gives made under it.
    case mandate = 2
    /// One key and its gives.
    case device = 3
    /// The whole row.
    case row = 4
    /// *Deny-all* number c = 1, 2, ..: every give that was made before it.
    case denyAll = 5
}

/// The thing that a stop ends: its kind and its id.
public struct StopTarget: Hashable, Comparable, Sendable {
    public let kind: StopKind
    /// A consent, mandate, device or enrol id, or `u128(c)`.
    public let id: Bytes16

    public init(_ kind: StopKind, _ id: Bytes16) { (self.kind, self.id) = (kind, id) }

    /// Deny-all number `count`.
    public static func denyAll(_ count: UInt64) -> StopTarget {
        StopTarget(
            .denyAll,
            Bytes16(filling: { raw in
                raw.copyBytes(from: [UInt8](repeating: 0, count: 8) + count.bigEndianBytes)
            }))
    }

    /// The number of a deny-all; nil for other kinds and for numbers of 2^53 and more, which no count reaches.
    public var denialNumber: UInt64? {
        guard kind == .denyAll, id.bytes[..<8].allSatisfy({ $0 == 0 }) else { return nil }
        return try? Wire.u64(id.bytes[8...])
    }

    public static func < (a: StopTarget, b: StopTarget) -> Bool {
        a.kind.rawValue != b.kind.rawValue
            ? a.kind.rawValue < b.kind.rawValue : a.id.bytes.lexicographicallyPrecedes(b.id.bytes)
    }
}

/// A *stop*: `pack("withdrawal", u8 kind, stop_id 16, u64 signed_at)`.
public struct Stop: Hashable, Sendable {
    public let target: StopTarget
    public let signedAt: Instant

    public init(_ target: StopTarget, signedAt: Instant) { (self.target, self.signedAt) = (target, signedAt) }

    /// - Throws: `label`, `length` (also for a kind that does not exist), `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.withdrawal, bytes, 3)
        try need(fields[0].count == 1, .length)
        let id: Bytes16 = try Wire.fixed(fields[1])
        signedAt = Instant(wire: try Wire.u64(fields[2]))
        guard let kind = StopKind(rawValue: fields[0][0]) else { throw Refusal(.length) }
        target = StopTarget(kind, id)
    }

    /// What the device signs.
    public var bytes: [UInt8] { pack(.withdrawal, [target.kind.rawValue], target.id.bytes, signedAt.bytes) }
}
