import Synchronization
import TransparencyLog

/// A ledger in memory: the same contract, for simulations and tests. Nothing survives the object.
///
/// Faults are arguments: each commit asks `fault` what should go wrong.
public final class MemoryLedgerStore: LedgerStore {
    /// How a commit can fail.
    public enum Fault: Sendable {
        /// Nothing is written, and the caller is told so.
        case refused
        /// Nothing is written, for want of space.
        case full
        /// Nothing is written, and the caller is told that nobody knows.
        case unknownNotWritten
        /// Everything is written, and the caller is told that nobody knows.
        case unknownWritten
    }

    struct Contents {
        var head = StoredHead.empty
        var leaves: [UInt8] = []
        var appenders: [UInt16] = []
        var tiles: [Tile: [UInt8]] = [:]
        var records: [[UInt8]: [UInt8]] = [:]
        var signed: [UInt64: TreeHash] = [:]
        var published: [UInt8]?
        var times: [(first: UInt64, time: UInt64)] = []
    }

    fileprivate let contents = Mutex(Contents())
    private let fault: @Sendable () -> Fault?

    public init(fault: @escaping @Sendable () -> Fault? = { nil }) { self.fault = fault }

    /// A copy as a backup would hold it.
    public func copy() -> MemoryLedgerStore {
        let other = MemoryLedgerStore(fault: fault)
        let now = contents.withLock { $0 }
        other.contents.withLock { $0 = now }
        return other
    }

    public func transaction<R: Sendable>(_ body: @Sendable (any LedgerTransaction) throws -> R) async throws -> R {
        try contents.withLock { contents in
            let open = Transaction(contents)
            let result = try body(open)
            let writes = open.writes
            open.contents = Contents()  // else the writes below would copy everything
            let fault = fault()
            switch fault {
            case .full: throw StoreFault.full
            case .refused: throw StoreFault.refused("simulated")
            case .unknownNotWritten: throw StoreFault.unknown("simulated")
            case .unknownWritten, nil: for write in writes { write(&contents) }
            }
            guard fault == nil else { throw StoreFault.unknown("simulated") }
            return result
        }
    }

    public func head() async throws -> StoredHead { contents.withLock { $0.head } }
    public func leaves(_ range: Range<UInt64>) async throws -> [UInt8] {
        try contents.withLock { try $0.leaves(range) }
    }
    public func record(_ hash: [UInt8]) async throws -> [UInt8]? { contents.withLock { $0.records[hash] } }
    public func published() async throws -> [UInt8]? { contents.withLock { $0.published } }
    public func close() async {}

    public func fullTiles(level: Int, first: UInt64, count: Int) async throws -> [[UInt8]] {
        contents.withLock { contents in
            var out = [[UInt8]]()
            while out.count < count, let bytes = contents.tiles[Tile(level: level, index: first + UInt64(out.count))] {
                out.append(bytes)
            }
            return out
        }
    }

    public func firstIndex(since time: UInt64) async throws -> UInt64 {
        contents.withLock { contents in contents.times.first { $0.time >= time }?.first ?? contents.head.size }
    }

    /// Collects writes; they are applied when the body has returned.
    final class Transaction: LedgerTransaction {
        var contents: Contents
        private(set) var head: StoredHead
        private(set) var writes: [(inout Contents) -> Void] = []

        init(_ contents: Contents) { (self.contents, head) = (contents, contents.head) }

        func leaves(_ range: Range<UInt64>) throws -> [UInt8] { try contents.leaves(range) }
        func signedRoot(at size: UInt64) throws -> TreeHash? { contents.signed[size] }
        func publish(_ note: [UInt8]) throws { writes.append { $0.published = note } }

        func fence() throws -> UInt64 {
            let raised = StoredHead(size: head.size, root: head.root, frontier: head.frontier, fence: head.fence + 1)
            head = raised
            writes.append { $0.head = raised }
            return raised.fence
        }

        func append(_ batch: LedgerBatch) throws {
            guard batch.size == head.size + UInt64(batch.count) else { throw StoreFault.corrupt("batch and head") }
            let first = head.size
            let moved = StoredHead(size: batch.size, root: batch.root, frontier: batch.frontier, fence: head.fence)
            head = moved
            writes.append { contents in
                if batch.count > 0 { contents.times.append((first, batch.time)) }
                contents.leaves += batch.leaves
                contents.appenders += batch.appenders
                for (tile, bytes) in batch.fullTiles { contents.tiles[tile] = bytes }
                for (hash, body) in batch.records { contents.records[hash] = body }
                contents.signed[batch.size] = batch.root
                contents.head = moved
            }
        }
    }
}

extension MemoryLedgerStore.Contents {
    func leaves(_ range: Range<UInt64>) throws -> [UInt8] {
        guard range.upperBound <= head.size else { throw StoreFault.corrupt("leaves beyond the head") }
        return Array(
            leaves[(Int(range.lowerBound) * LedgerLeaf.byteCount)..<(Int(range.upperBound) * LedgerLeaf.byteCount)])
    }
}

extension MemoryLedgerStore {
    /// Changes what is stored behind the contract's back, as a broken disk or an intruder would.
    func damage(_ body: (inout Contents) -> Void) { contents.withLock { body(&$0) } }
    /// Claims that a size was signed with a root.
    func plant(signed root: TreeHash, at size: UInt64) { damage { $0.signed[size] = root } }
}
