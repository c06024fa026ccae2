/// The id of a party: 2 to 63 bytes of `a-z 0-9 . -` (PROTOCOL 2.2).
public struct PartyID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text itself.
    public let description: String

    /// - Throws: `text`.
    public init(_ bytes: some Collection<UInt8>) throws(Refusal) {
        try need((2...63).contains(bytes.count) && bytes.allSatisfy(PartyID.allowed), .text)
        description = String(decoding: bytes, as: UTF8.self)
    }

    /// - Throws: `text`.
    public init(_ string: String) throws(Refusal) { try self.init(string.utf8) }

    /// The bytes of the wire.
    public var bytes: [UInt8] { Array(description.utf8) }

    /// Byte order.
    public static func < (a: PartyID, b: PartyID) -> Bool {
        a.description.utf8.lexicographicallyPrecedes(b.description.utf8)
    }

    private static func allowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// A purpose, category, role, scope, step id, channel, reason code or rule: 1 to 64 bytes 0x21...0x7e (PROTOCOL 2.2).
public struct Name: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text itself.
    public let description: String

    /// - Throws: `text`.
    public init(_ bytes: some Collection<UInt8>) throws(Refusal) {
        try need((1...64).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7e).contains($0) }, .text)
        description = String(decoding: bytes, as: UTF8.self)
    }

    /// - Throws: `text`.
    public init(_ string: String) throws(Refusal) { try self.init(string.utf8) }

    /// The bytes of the wire.
    public var bytes: [UInt8] { Array(description.utf8) }

    /// Byte order.
    public static func < (a: Name, b: Name) -> Bool {
        a.description.utf8.lexicographicallyPrecedes(b.description.utf8)
    }
}

/// Where a pseudonym holds: nowhere yet (base), or at one party in one epoch of its factors (PROTOCOL 2.2).
public enum Domain: Hashable, Sendable {
    /// The base point, before any factor.
    case base
    /// At a party. `epoch` counts from 1.
    case party(PartyID, epoch: UInt32)

    /// `u32 psn_epoch || party id`; base is four zero bytes.
    public var bytes: [UInt8] {
        switch self {
        case .base: [0, 0, 0, 0]
        case .party(let id, let epoch): epoch.bigEndianBytes + id.bytes
        }
    }

    /// - Throws: `code` for anything that is no domain: `source` or `target`, by its place.
    public init(_ bytes: some Collection<UInt8>, orRefuse code: Refusal.Code) throws(Refusal) {
        let all = Array(bytes)
        if all == [0, 0, 0, 0] {
            self = .base
            return
        }
        guard all.count > 4, let epoch = UInt32(bigEndianBytes: all[..<4]), epoch != 0,
            let id = try? PartyID(all[4...])
        else { throw Refusal(code) }
        self = .party(id, epoch: epoch)
    }

    /// The party; nil for base.
    public var party: PartyID? {
        if case .party(let id, _) = self { id } else { nil }
    }
    /// The bytes of the party id, none for base.
    var partyBytes: [UInt8] { party?.bytes ?? [] }
    /// The epoch, 0 for base.
    var epoch: UInt32 {
        if case .party(_, let epoch) = self { epoch } else { 0 }
    }
}
