import Exchanges
import Policy
import Polymorphic
import Ristretto255

/// One use of a person's information as the person sees it: who, in which role, what for, what of it, whether it was
/// permitted and why not, and what proves it.
public struct ShownUse: Hashable, Sendable {
    /// `rd` and item, under which all transcryptors wrote it.
    public let requestDigest: Bytes64
    public let item: UInt16
    public let requester: PartyID
    public let role: Name
    public let purpose: Name
    public let categories: [Name]
    public let basis: RequestBasis
    public let participants: [PartyID]
    /// What each transcryptor wrote, by its index.
    public var words: [UInt8: Word]

    /// One transcryptor's verdict with its leaf.
    public struct Word: Hashable, Sendable {
        public let verdict: Bool
        /// `ok` or a code of PROTOCOL 14.
        public let reason: String
        /// Records that were asked for, and of them permitted.
        public let records: Int
        public let recordsPermitted: Int
        /// SHA-512 of the give; zeros without one.
        public let consent: Bytes64
        public let leafIndex: UInt64
        /// Unix seconds when this phone first saw it.
        public let seen: UInt64
    }

    /// Whether all participants permitted it: then it counts as delivered (PROTOCOL 8).
    public func isDelivered(_ pins: Pins) -> Bool {
        participants.allSatisfy { party in pins.index(of: party).flatMap { words[$0] }?.verdict == true }
    }
}

/// A row entry that a transcryptor wrote: a device, a give, a mandate.
public struct ShownEntry: Hashable, Sendable {
    public let index: UInt8
    public let leafIndex: UInt64
    /// What was entered.
    public let entry: [UInt8]
}

/// Why a history may be incomplete (PROTOCOL 10).
public enum Doubt: Hashable, Sendable {
    /// This transcryptor hides a leaf, or its head went back: its own signature proves it.
    case hiding(UInt8)
    /// What it shows does not fit its leaf: its own signature proves it.
    case falseDetail(UInt8)
    /// A leaf has stood above a gap for ten minutes.
    case gap(UInt8, counter: UInt64)
    /// A participant of an exchange has no leaf of it after ten minutes: hidden, not called or withheld.
    case missing(Bytes64, participant: PartyID)
    /// No answer, or none on a Checkpoint of the last ten minutes.
    case silent(UInt8)
}

/// A person's history, everything in it verified against the Ledger.
public struct History: Sendable {
    /// In the order of the Ledger.
    public var uses: [ShownUse]
    public var entries: [ShownEntry]
    public var doubts: [Doubt]

    /// "History may be incomplete."
    public var mayBeIncomplete: Bool { !doubts.isEmpty }
}

/// A verified leaf of the row, as the phone keeps it.
struct KeptLeaf: Sendable {
    let leafIndex: UInt64
    let leaf: [UInt8]
    let requestDigest: Bytes64
    let signed: [UInt8]
    let explanation: [UInt8]
    let seen: UInt64

    var bytes: [UInt8] {
        Wire.list([
            leafIndex.bigEndianBytes, leaf, requestDigest.bytes, signed, explanation, seen.bigEndianBytes,
        ])
    }

    init(
        leafIndex: UInt64, leaf: [UInt8], requestDigest: Bytes64, signed: [UInt8], explanation: [UInt8], seen: UInt64
    ) {
        (self.leafIndex, self.leaf, self.requestDigest) = (leafIndex, leaf, requestDigest)
        (self.signed, self.explanation, self.seen) = (signed, explanation, seen)
    }

    init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 6)
        (leafIndex, leaf, requestDigest) = (try Wire.u64(fields[0]), fields[1], try Wire.fixed(fields[2]))
        (signed, explanation, seen) = (fields[3], fields[4], try Wire.u64(fields[5]))
    }
}
