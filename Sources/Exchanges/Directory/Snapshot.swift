import Guards
import Policy
import Polymorphic
import Ristretto255

/// All entries in force at one moment, signed by the authority (PROTOCOL 4.2):
/// `pack("snapshot", u64(time), SHA-512(list(entries)))`, its signature, and the entries in byte order, each with the
/// signatures of its own.
public struct Snapshot: Hashable, Sendable {
    /// Unix seconds.
    public let time: UInt64
    /// SHA-512 of the list of entries, as the authority signed it.
    public let entriesHash: Bytes64
    /// By the authority over `signed`.
    public let signature: [UInt8]
    /// In byte order.
    public let entries: [SignedEntry]

    /// So many at most.
    static let entriesMax = 1 << 20

    /// The authority's: sorts the entries and signs.
    public init(_ entries: [SignedEntry], time: UInt64, signer: borrowing SigningKey) {
        let sorted = entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        let hash = Self.hash(of: sorted)
        (self.time, self.entries, entriesHash) = (time, sorted, hash)
        signature = signer.sign(Self.signed(time, hash))
    }

    private static func hash(of entries: [SignedEntry]) -> Bytes64 { sha512(Wire.list(entries.map(\.bytes))) }
    private static func signed(_ time: UInt64, _ hash: Bytes64) -> [UInt8] {
        pack(.snapshot, time.bigEndianBytes, hash.bytes)
    }

    /// What the authority signs.
    public var signed: [UInt8] { Self.signed(time, entriesHash) }

    /// The answer to the call `snapshot`: `list(snapshot, signature, list(list(entry, list(signatures))..))`.
    public var bytes: [UInt8] { Wire.list([signed, signature, Wire.list(entries.map(\.wire))]) }

    /// Parses the answer to the call `snapshot`; nothing is verified.
    /// - Throws: `length`, `trailing`, `label`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 3)
        let head = try unpack(.snapshot, fields[0], 2)
        time = try Wire.u64(head[0])
        entriesHash = try Wire.fixed(head[1])
        signature = fields[1]
        var entries: [SignedEntry] = []
        for entry in try Wire.elements(of: fields[2], maximum: Self.entriesMax) {
            entries.append(try SignedEntry(wire: entry))
        }
        self.entries = entries
    }

    /// Checks what the authority says for the whole of it.
    /// - Throws: `signature`; `length` unless the entries stand in byte order, each once.
    func verify(authority: VerifyingKey) throws(Refusal) {
        if enforced("guard:directory.snapshot") { try authority.verify(signature, over: signed) }
        let complete = Self.hash(of: entries) == entriesHash
        try need(complete || !enforced("guard:directory.entries"), .signature)
        let ordered = zip(entries, entries.dropFirst()).allSatisfy { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        try need(ordered, .length)
    }
}

/// How far a snapshot reaches (PROTOCOL 4.2): a function of two times alone.
public enum SnapshotAge: Hashable, Sendable {
    /// As it should be: at most 60 s.
    case fresh
    /// The authority is late: everything goes on for 15 min, with alarm.
    case late
    /// Break-glass goes on for 24 h, with alarm.
    case breakGlassOnly
    /// Nothing goes on.
    case expired

    /// A snapshot is renewed after so many seconds.
    public static let freshSeconds: UInt64 = 60
    /// Without the authority the last one stays valid for so many seconds.
    public static let validSeconds: UInt64 = 15 * 60
    /// For break-glass.
    public static let breakGlassSeconds: UInt64 = 24 * 3600
    /// Clocks may differ by so many seconds.
    static let skewSeconds: UInt64 = 120

    /// - Parameters:
    ///   - time: of the snapshot. One ahead of `now` is fresh: `Directory` takes none that is ahead of the clock.
    public init(of time: UInt64, at now: UInt64) {
        switch now > time ? now - time : 0 {
        case ...Self.freshSeconds: self = .fresh
        case ...Self.validSeconds: self = .late
        case ...Self.breakGlassSeconds: self = .breakGlassOnly
        default: self = .expired
        }
    }

    /// Whether an operator must be told.
    public var alarms: Bool { self != .fresh }

    /// Whether a Request on this ground may still be decided.
    public func admits(breakGlass: Bool) -> Bool {
        switch self {
        case .fresh, .late: true
        case .breakGlassOnly: breakGlass
        case .expired: false
        }
    }
}
