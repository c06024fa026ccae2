import TransparencyLog

/// Where a ledger keeps its leaves.
///
/// **Consistency.** `transaction` is serialisable against every other one on the same store, in this process and in
/// others: while it runs nobody else sees or moves the head. What it writes appears together or not at all. Reads
/// outside of it see some committed state, never a part of a transaction, and not older than a transaction that has
/// returned.
///
/// **Durability.** When `transaction` returns, what it wrote survives kill -9 and loss of power. When it throws
/// `StoreFault.refused`, nothing was written. When it throws `StoreFault.unknown`, nobody knows: the process must end,
/// and a new one looks.
///
/// **What its owner could do to us.** Whoever can write to the store can drop or change leaves, but not unnoticed: the
/// checkpoints that witnesses have signed commit to every byte. Going back to an old copy is found out when the ledger
/// starts and asks its witnesses. The records and the list of appenders are not in the tree (records are, by their
/// hash).
public protocol LedgerStore: Sendable {
    /// Runs `body` with the head locked and commits what it wrote.
    ///
    /// - Parameter body: synchronous and quick; it may run on another thread. If it throws, everything is rolled back.
    /// - Throws: `StoreFault`, or what `body` threw.
    func transaction<R: Sendable>(_ body: @Sendable (any LedgerTransaction) throws -> R) async throws -> R

    /// The head that was committed last.
    func head() async throws -> StoredHead
    /// The leaves of `range`, 98 bytes each, one after the other.
    /// - Throws: `StoreFault.corrupt` if one is missing.
    func leaves(_ range: Range<UInt64>) async throws -> [UInt8]
    /// Full tiles of one level, `first` and those that follow, as long as they are there and at most `count`.
    func fullTiles(level: Int, first: UInt64, count: Int) async throws -> [[UInt8]]
    /// A public record by the SHA-256 of its bytes.
    func record(_ hash: [UInt8]) async throws -> [UInt8]?
    /// The newest checkpoint note that was given to the public, with its witnesses.
    func published() async throws -> [UInt8]?
    /// First index of the leaves that were committed at or after `time` (Unix seconds): what is still remembered.
    func firstIndex(since time: UInt64) async throws -> UInt64
    /// Ends connections. Nothing may be called after it.
    func close() async
}

/// What `LedgerStore.transaction` offers its body. It writes only into the open transaction.
public protocol LedgerTransaction: AnyObject {
    /// The locked head.
    var head: StoredHead { get }
    /// As `LedgerStore.leaves`, from within the transaction.
    func leaves(_ range: Range<UInt64>) throws -> [UInt8]
    /// The root that was signed at `size`, if any was.
    func signedRoot(at size: UInt64) throws -> TreeHash?
    /// Appends `batch.leaves` at `head.size`, adds full tiles and records, keeps `batch.root` as the root signed at
    /// `batch.size`, and moves the head.
    func append(_ batch: LedgerBatch) throws
    /// Replaces the published checkpoint.
    func publish(_ note: [UInt8]) throws
    /// Raises the fence: sequencers that hold the old value are refused from now on.
    func fence() throws -> UInt64
}

/// The head of the log as stored.
public struct StoredHead: Hashable, Sendable {
    public let size: UInt64
    public let root: TreeHash
    /// Roots of the perfect subtrees, largest first: leads to `root`, independent of the tiles.
    public let frontier: [TreeHash]
    /// Raised to shut out older sequencers.
    public let fence: UInt64

    public init(size: UInt64, root: TreeHash, frontier: [TreeHash], fence: UInt64) {
        (self.size, self.root, self.frontier, self.fence) = (size, root, frontier, fence)
    }
    /// Of a new store.
    public static let empty = StoredHead(size: 0, root: .emptyRoot, frontier: [], fence: 1)
}

/// What one flush writes.
public struct LedgerBatch: Sendable {
    /// In index order, 98 bytes each.
    public var leaves: [UInt8] = []
    /// Appender of each leaf.
    public var appenders: [UInt16] = []
    /// Records of leaves of kind 2, by SHA-256.
    public var records: [(hash: [UInt8], body: [UInt8])] = []
    /// Tiles that became full, 8,192 bytes each.
    public var fullTiles: [(tile: Tile, bytes: [UInt8])] = []
    /// Size, root and frontier after it.
    public var size: UInt64 = 0
    public var root: TreeHash = .emptyRoot
    public var frontier: [TreeHash] = []
    /// Unix seconds.
    public var time: UInt64 = 0

    public init() {}
    public var count: Int { appenders.count }

    /// The leaves cut where bundles end, as stores keep them: at most 256 leaves to a row, and no row in two bundles.
    public func rows(from first: UInt64) -> [(first: UInt64, leaves: [UInt8], appenders: [UInt8])] {
        var out: [(first: UInt64, leaves: [UInt8], appenders: [UInt8])] = []
        var at = 0
        while at < count {
            let start = first + UInt64(at)
            let take = min(count - at, 256 - Int(start % 256))
            out.append(
                (
                    start, Array(leaves[(at * LedgerLeaf.byteCount)..<((at + take) * LedgerLeaf.byteCount)]),
                    appenders[at..<(at + take)].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
                ))
            at += take
        }
        return out
    }
}

/// What a store can fail with.
public enum StoreFault: Error, Sendable, CustomStringConvertible, Equatable {
    /// Nothing was written; the sentence says why. Lock not got in time, connection lost before COMMIT.
    case refused(String)
    /// Nothing was written, because there is no space.
    case full
    /// COMMIT or fsync failed or was not answered: end the process.
    case unknown(String)
    /// What is stored contradicts itself.
    case corrupt(String)
    /// Another process has the store open for writing.
    case inUse

    public var description: String {
        switch self {
        case .refused(let why): "the store refused: \(why); nothing was written"
        case .full: "the disk is full; nothing was written; free space, the ledger goes on by itself"
        case .unknown(let why): "the outcome of a commit is unknown: \(why); this process ends, start it again"
        case .corrupt(let what): "the store is damaged: \(what); restore it from a mirror, never by hand"
        case .inUse: "another process writes to this ledger; stop it first"
        }
    }
}
