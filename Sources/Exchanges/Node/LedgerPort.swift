import Polymorphic
import Ristretto255

/// What a node needs of the Ledger. Behind it stands a follower that has verified what it hands out: consistency with
/// every earlier checkpoint, the witness quorum, and each leaf against the tree.
public protocol LedgerPort: Sendable {
    /// Submits leaves; returns once they are durable at the Ledger. The same bytes twice count once.
    /// - Parameter records: of governance leaves, in their places; nil for leaves of exchanges.
    /// - Throws: `unavailable`, `quota` (try later).
    func append(_ leaves: [Leaf], records: [[UInt8]?]) async throws(Refusal)
    /// The newest checkpoint with the witness quorum.
    /// - Throws: `ledger`.
    func latest() async throws(Refusal) -> WitnessedCheckpoint
    /// Waits a bounded time for a checkpoint over more leaves.
    /// - Returns: nil where none came, or where nobody waits: then the caller comes again.
    /// - Throws: `ledger`.
    func newer(than checkpoint: WitnessedCheckpoint) async throws(Refusal) -> WitnessedCheckpoint?
    /// The leaves of an interval below a checkpoint, verified.
    /// - Throws: `ledger`.
    func leaves(_ range: Range<UInt64>, below checkpoint: WitnessedCheckpoint) async throws(Refusal) -> [Leaf]
    /// The public record of a governance leaf.
    /// - Throws: `ledger`.
    func record(_ hash: Bytes32) async throws(Refusal) -> [UInt8]
}

extension LedgerPort {
    public func newer(than checkpoint: WitnessedCheckpoint) async throws(Refusal) -> WitnessedCheckpoint? { nil }
}

/// A checkpoint whose signature and witness quorum were verified.
public struct WitnessedCheckpoint: Hashable, Sendable {
    public let size: UInt64
    /// RFC 6962 root, 32 bytes.
    public let root: Bytes32
    /// Unix seconds of the oldest cosignature of the quorum, by its own timestamp.
    public let oldestCosignature: UInt64

    public init(size: UInt64, root: Bytes32, oldestCosignature: UInt64) {
        (self.size, self.root, self.oldestCosignature) = (size, root, oldestCosignature)
    }
}
