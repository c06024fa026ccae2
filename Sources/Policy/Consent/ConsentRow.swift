import Polymorphic
import Ristretto255

/// The consent part of one row at one Transcryptor (PROTOCOL 9): what was given, what was stopped, by whom.
///
/// A plain value. Each function takes the evidence and the time, answers with a code of PROTOCOL 14 or changes the row;
/// whoever stores it writes the whole row and the answer in one transaction. Gives and stops commute, so all
/// Transcryptors that have received the same set agree about what may still be used (`agreement`).
public struct ConsentRow: Sendable {
    public let enrolment: Bytes16
    /// n, so many tags does each stop have.
    public let transcryptors: UInt8
    /// The number of deny-alls that were read in the Ledger, in its order.
    public internal(set) var denials: UInt64
    /// The next deny-all was received here and waits for its leaf: until then no give is active here.
    public internal(set) var denialWaits = false

    let rowKey: StopKey
    var devices: [DeviceKey: Device] = [:]
    var mandates: [Bytes16: Mandate] = [:]
    var gives: [Bytes16: StoredGive] = [:]
    var stopped: Set<StopTarget> = []
    /// Every tag that would end something of this row. Derived from the rest, so that a leaf costs one look-up.
    private(set) var watch: [Bytes32: StopTarget] = [:]

    /// Entries of each kind in one row at most; one more is `quota`.
    static let devicesMax = 64
    static let mandatesMax = 256
    static let givesMax = 4_096

    /// A device of the row.
    public struct Device: Hashable, Sendable {
        public let id: Bytes16
        public let isDelegate: Bool
        /// Before this its key counts for nothing (a device added by two officials: 72 h after the entry).
        public let activeFrom: Instant
        let stopKey: StopKey

        public init(id: Bytes16, stopKey: StopKey, isDelegate: Bool = false, activeFrom: Instant = Instant(0)) {
            (self.id, self.stopKey, self.isDelegate, self.activeFrom) = (id, stopKey, isDelegate, activeFrom)
        }
        public func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }

    /// A give with what this Transcryptor decided when it took it.
    struct StoredGive: Hashable, Sendable {
        let give: Give
        /// The bytes that were signed.
        let bytes: [UInt8]
        let signer: DeviceKey
        /// The mandate under which a delegate gave it.
        let mandate: Bytes16?
        let isWide: Bool
        let accepted: Instant
        var confirmed: Confirmed = []
        var uses: UInt32 = 0
    }

    /// By what a wide give was confirmed.
    struct Confirmed: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        /// Another key of the row. All Transcryptors learn it.
        static let key = Confirmed(rawValue: 1)
        /// The code of this Transcryptor's own letter. Counts here alone.
        static let letter = Confirmed(rawValue: 2)
    }

    /// A new row with its first device. The tags of the last 25 h are applied, deny-alls from `denials` on.
    /// - Parameters:
    ///   - denials: of the entry that makes the row.
    ///   - transcryptors: n.
    /// - Throws: what the history throws.
    public init(
        enrolment: Bytes16, rowKey: StopKey, denials: UInt64, transcryptors: UInt8, devices: [DeviceKey: Device],
        history: some TagHistory
    ) throws(Refusal) {
        self.init(uncheckedEnrolment: enrolment, rowKey: rowKey, denials: denials, transcryptors: transcryptors)
        watchNow(StopTarget(.row, enrolment), rowKey)
        try applyKept(StopTarget(.row, enrolment), rowKey, history)
        for (key, device) in devices {
            self.devices[key] = device
            watchNow(StopTarget(.device, device.id), device.stopKey)
            try applyKept(StopTarget(.device, device.id), device.stopKey, history)
        }
        watchNextDenial()
        try countKeptDenials(history)
    }

    /// A row without anything in it, for `init` and for decoding.
    init(uncheckedEnrolment enrolment: Bytes16, rowKey: StopKey, denials: UInt64, transcryptors: UInt8) {
        (self.enrolment, self.rowKey, self.denials) = (enrolment, rowKey, denials)
        self.transcryptors = transcryptors
    }

    /// Whether the row was stopped. In a stopped row everything but stops is `row`.
    public var isStopped: Bool { stopped.contains(StopTarget(.row, enrolment)) }

    /// The tags that this row watches: a Transcryptor keeps an index of them over all its rows, to find the row that a
    /// leaf speaks about.
    public var watchedTags: some Collection<Bytes32> { watch.keys }

    mutating func watchNow(_ target: StopTarget, _ key: StopKey) {
        for tag in key.tags(target, transcryptors: transcryptors) { watch[tag] = target }
    }

    /// The tags of the next deny-all, and of no other: those of a later one mean nothing yet.
    mutating func watchNextDenial() { watchNow(.denyAll(denials + 1), rowKey) }

    mutating func unwatch(_ target: StopTarget, _ key: StopKey) {
        for tag in key.tags(target, transcryptors: transcryptors) { watch[tag] = nil }
    }
}

extension ConsentRow: CustomStringConvertible, CustomReflectable {
    public var description: String { "ConsentRow" }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
