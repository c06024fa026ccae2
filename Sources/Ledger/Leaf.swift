import Crypto
import Guards
import TransparencyLog

/// What the ledger holds of an exchange, or of a public record: 98 bytes, always. (PROTOCOL 10)
///
/// `0x01 || u8 kind || commit 32 || tag 32 || SHA-256(detail) 32`
public struct LedgerLeaf: Hashable, Sendable {
    public static let byteCount = 98
    /// A detail hash or a tag: 32 bytes.
    public static let fieldCount = 32

    public enum Kind: UInt8, Sendable {
        /// An exchange item, a row entry, a stop: a commitment, and its detail is sealed.
        case exchange = 1
        /// A public governance record: commit and tag are zero, and the ledger keeps and serves the record itself.
        case record = 2
    }

    public let bytes: [UInt8]

    /// Reads a leaf.
    /// - Throws: `LedgerRefusal` `leaf` unless it is 98 bytes of version 1 and a known kind, and, for kind 2, has
    ///   neither commit nor tag.
    public init(parsing bytes: [UInt8]) throws(LedgerRefusal) {
        guard bytes.count == Self.byteCount, bytes[0] == 1, Kind(rawValue: bytes[1]) != nil else { throw .leaf }
        if enforced("guard:ledger.leaf-form") {
            guard bytes[1] != Kind.record.rawValue || bytes[2..<66].allSatisfy({ $0 == 0 }) else { throw .leaf }
        }
        self.bytes = bytes
    }

    /// A commitment leaf.
    /// - Precondition: three fields of 32 bytes.
    public init(commit: [UInt8], tag: [UInt8], detailHash: [UInt8]) {
        precondition([commit, tag, detailHash].allSatisfy { $0.count == Self.fieldCount })
        bytes = [1, Kind.exchange.rawValue] + commit + tag + detailHash
    }

    /// The leaf of a public record.
    public init(record: [UInt8]) {
        bytes = [1, Kind.record.rawValue] + [UInt8](repeating: 0, count: 64) + Array(SHA256.hash(data: record))
    }

    public var kind: Kind { Kind(rawValue: bytes[1]) ?? .exchange }
    public var tag: ArraySlice<UInt8> { bytes[34..<66] }
    public var detailHash: ArraySlice<UInt8> { bytes[66...] }
    public var hash: TreeHash { Merkle.leaf(bytes) }
}

/// A leaf on its way into the ledger.
public struct LeafSubmission: Sendable {
    /// Bytes of the longest public record. (PROTOCOL 8.1)
    public static let recordMax = 64 << 10
    /// Leaves of one call; what fits into its body. (PROTOCOL 8.1)
    public static let perCallMax = 512

    public let leaf: LedgerLeaf
    public let hash: TreeHash
    /// The public record behind a leaf of kind 2.
    public let record: [UInt8]?
    /// Number of the appender in the ledger's own list; kept beside the leaf, not in the tree.
    public let appender: UInt16

    /// - Throws: `LedgerRefusal` `record` if a leaf of kind 2 comes without the record it names, or one of kind 1 with
    ///   any.
    public init(_ leaf: LedgerLeaf, record: [UInt8]? = nil, appender: UInt16 = 0) throws(LedgerRefusal) {
        if enforced("guard:ledger.record") {
            switch leaf.kind {
            case .exchange: guard record == nil else { throw .record }
            case .record:
                guard let record, record.count <= Self.recordMax,
                    Array(SHA256.hash(data: record)) == Array(leaf.detailHash)
                else { throw .record }
            }
        }
        (self.leaf, self.record, self.appender) = (leaf, record, appender)
        hash = leaf.hash
    }
}

/// Why the ledger did not take a leaf or does not start: a code, and what to do. Holds nothing of what was sent.
public enum LedgerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not a leaf of 98 bytes.
    case leaf
    /// A leaf of kind 2 without its record, or a record too many or too long.
    case record
    /// Too many leaves wait; come back after so many milliseconds.
    case busy(retryAfterMilliseconds: Int)
    /// The store cannot take more at the moment (its disk is full); nothing was kept.
    case storeFull
    /// The ledger is stopping or has stopped.
    case stopped
    /// The witnesses did not answer in time. The leaf is in the log.
    case notWitnessed
    /// This process may not append any more: another has taken over.
    case fenced

    public var code: String {
        switch self {
        case .leaf: "length"
        case .record: "record"
        case .busy, .storeFull, .stopped, .notWitnessed, .fenced: "unavailable"
        }
    }

    public var description: String {
        switch self {
        case .leaf: "length: a leaf is 98 bytes, version 1, kind 1 or 2; correct the sender"
        case .record: "record: a leaf of kind 2 comes with the record it hashes, others with none; correct the sender"
        case .busy(let delay): "unavailable: too many leaves wait; send again in \(delay) ms"
        case .storeFull: "unavailable: the ledger's disk is full; free space, it goes on by itself"
        case .stopped: "unavailable: the ledger is stopping; send again"
        case .notWitnessed:
            "unavailable: the leaf is in the log but not yet witnessed; send again or read the checkpoint"
        case .fenced: "unavailable: another sequencer has taken over; stop this one"
        }
    }
}
