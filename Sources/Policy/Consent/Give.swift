import Polymorphic
import Ristretto255

/// To whom a person gives: one party, or everybody in a class of roles (`role:<class>`).
public enum Grantee: Hashable, Sendable {
    case party(PartyID)
    case roleClass(Name)

    private static let prefix = "role:"

    /// - Throws: `text`.
    public init(_ bytes: [UInt8]) throws(Refusal) {
        let prefix = Array(Self.prefix.utf8)
        if bytes.starts(with: prefix) {
            self = .roleClass(try Name(bytes[prefix.count...]))
        } else {
            self = .party(try PartyID(bytes))
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .party(let id): id.bytes
        case .roleClass(let name): Array(Self.prefix.utf8) + name.bytes
        }
    }
}

/// A *give*: what a person permits (PROTOCOL 9). Gives and stops form a set: no give replaces or follows another.
public struct Give: Hashable, Sendable {
    public var id: Bytes16
    /// The number of deny-alls of the row so far.
    public var denials: UInt64
    public var signedAt: Instant
    /// Whoever has it can end the give, and nothing else.
    public var stopKey: StopKey
    public var grantees: [Grantee]
    public var purposes: [Name]
    public var categories: [Name]
    /// First and last data minute (Unix time / 60), both included.
    public var dataFrom: UInt64
    public var dataTo: UInt64
    public var dates: Validity
    /// At one Transcryptor.
    public var maxUses: UInt32
    /// SHA-512 of the exact words and language shown: what is agreed, and what refusing means.
    public var notice: Bytes64
    public var refusal: Bytes64
    /// The page code; zeros in the app.
    public var page: Bytes64
    public var channel: Name

    /// Entries in each of the three lists, at most.
    public static let namesMax = 64

    public init(
        id: Bytes16, denials: UInt64, signedAt: Instant, stopKey: StopKey, grantees: [Grantee], purposes: [Name],
        categories: [Name], dataFrom: UInt64, dataTo: UInt64, dates: Validity, maxUses: UInt32, notice: Bytes64,
        refusal: Bytes64, page: Bytes64, channel: Name
    ) {
        (self.id, self.denials, self.signedAt, self.stopKey) = (id, denials, signedAt, stopKey)
        (self.grantees, self.purposes, self.categories) = (grantees, purposes, categories)
        (self.dataFrom, self.dataTo, self.dates, self.maxUses) = (dataFrom, dataTo, dates, maxUses)
        (self.notice, self.refusal, self.page, self.channel) = (notice, refusal, page, channel)
    }

    /// Parses the pack strictly.
    /// - Throws: `label`, `trailing`, `text`, `length` (also for a name that stands twice in a list).
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.consent, bytes, 16)
        id = try Wire.fixed(fields[0])
        denials = try Wire.u64(fields[1])
        signedAt = Instant(wire: try Wire.u64(fields[2]))
        stopKey = try StopKey(wire: fields[3])
        grantees = try Self.distinct(fields[4]) { (b) throws(Refusal) in try Grantee(b) }
        purposes = try Self.distinct(fields[5]) { (b) throws(Refusal) in try Name(b) }
        categories = try Self.distinct(fields[6]) { (b) throws(Refusal) in try Name(b) }
        dataFrom = try Wire.u64(fields[7])
        dataTo = try Wire.u64(fields[8])
        dates = Validity(
            notBefore: Instant(wire: try Wire.u64(fields[9])), notAfter: Instant(wire: try Wire.u64(fields[10])))
        try need(fields[11].count == 4, .length)
        maxUses = fields[11].reduce(0) { $0 << 8 | UInt32($1) }
        notice = try Wire.fixed(fields[12])
        refusal = try Wire.fixed(fields[13])
        page = try Wire.fixed(fields[14])
        channel = try Name(fields[15])
    }

    /// A list in which nothing stands twice.
    static func distinct<T: Hashable>(
        _ bytes: [UInt8], _ parse: ([UInt8]) throws(Refusal) -> T
    ) throws(Refusal) -> [T] {
        var out: [T] = []
        for element in try Wire.elements(of: bytes, maximum: namesMax) { out.append(try parse(element)) }
        try need(Set(out).count == out.count, .length)
        return out
    }

    /// What the device signs.
    public var bytes: [UInt8] {
        pack(
            .consent,
            fields: [
                id.bytes, denials.bigEndianBytes, signedAt.bytes, stopKey.bytes, Wire.list(grantees.map(\.bytes)),
                Wire.list(purposes.map(\.bytes)), Wire.list(categories.map(\.bytes)), dataFrom.bigEndianBytes,
                dataTo.bigEndianBytes, dates.notBefore.bytes, dates.notAfter.bytes, maxUses.bigEndianBytes,
                notice.bytes, refusal.bytes, page.bytes, channel.bytes,
            ])
    }

    /// Whether the give is *wide*: to a class of roles, for longer than 30 days, or of categories beyond `template`.
    public func isWide(beyond template: Set<Name>) -> Bool {
        grantees.contains { if case .roleClass = $0 { true } else { false } }
            || dates.length > Span.narrowMax || !Set(categories).isSubset(of: template)
    }
}

extension Give {
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
extension Give: CustomStringConvertible, CustomReflectable {
    public var description: String { "Give" }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
