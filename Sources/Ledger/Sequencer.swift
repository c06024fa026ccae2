import Guards
import Synchronization
import TransparencyLog

/// Puts leaves into their order and on disk. The only writer of a ledger within its process.
///
/// Requests wait in a bounded pool; a flush takes them in random order, gives out indices and writes everything in one
/// transaction; only when COMMIT has returned does anyone get an answer.
public final class Sequencer: Sendable {
    /// One request: its leaves are written in one flush, or none of them.
    private struct Request {
        let leaves: [LeafSubmission]
        let answer: CheckedContinuation<[UInt64], any Error>
    }
    private struct Pool {
        var waiting: [Request] = []
        var leaves = 0
        /// Set when nothing more is taken.
        var end: LedgerRefusal?
        var wake: CheckedContinuation<Void, Never>?
    }
    /// What a committed flush leaves behind.
    private struct Flushed: Sendable {
        var indices: [UInt64]
        var edge: TreeEdge
        var signed: SignedCheckpoint?
        var fresh: (first: UInt64, hashes: [TreeHash])
    }

    public let configuration: LedgerConfiguration
    let tree: LogTree
    private let signer: NoteSigner
    private let fence: UInt64
    private let recent: RecentLeaves
    private let time: Timekeeping
    private let failpoints: Failpoints
    private let random: Mutex<any RandomNumberGenerator & Sendable>
    private let pool = Mutex(Pool())
    /// The published checkpoint that the next flush stores along.
    private let toStore = Mutex<[UInt8]?>(nil)
    private let newest: Mutex<SignedCheckpoint>
    /// Called after each commit, with the signed head.
    private let onHead: @Sendable (SignedCheckpoint) -> Void
    /// Called once when the outcome of a commit is unknown; a server ends its process there.
    private let onFatal: @Sendable (any Error) -> Void

    init(
        _ configuration: LedgerConfiguration, tree: LogTree, signer: NoteSigner, fence: UInt64, recent: RecentLeaves,
        time: Timekeeping, random: any RandomNumberGenerator & Sendable, failpoints: @escaping Failpoints,
        onHead: @escaping @Sendable (SignedCheckpoint) -> Void, onFatal: @escaping @Sendable (any Error) -> Void
    ) throws {
        (self.configuration, self.tree, self.signer, self.fence) = (configuration, tree, signer, fence)
        (self.recent, self.time, self.failpoints) = (recent, time, failpoints)
        (self.onHead, self.onFatal) = (onHead, onFatal)
        self.random = Mutex(random)
        let edge = tree.edge
        let head = Checkpoint(origin: configuration.origin, size: edge.size, root: edge.root)
        newest = Mutex(try SignedCheckpoint(head, by: signer))
    }

    /// The signed head of the last commit; not yet witnessed.
    public var head: SignedCheckpoint { newest.withLock { $0 } }
    /// Leaves that wait.
    public var waiting: Int { pool.withLock { $0.leaves } }
    /// Leaves that are remembered for the answer to a second sending.
    public var remembered: Int { recent.count }

    /// Writes leaves and gives their indices, in the order of `leaves`; a leaf already in the log gives its old index.
    ///
    /// - Throws: `LedgerRefusal`. After `stopped` and `storeFull` a leaf may be sent again: it counts once.
    public func append(_ leaves: [LeafSubmission]) async throws -> [UInt64] {
        guard !leaves.isEmpty else { return [] }
        return try await withCheckedThrowingContinuation { answer in
            let (refusal, wake) = pool.withLock { pool -> (LedgerRefusal?, CheckedContinuation<Void, Never>?) in
                if let end = pool.end { return (end, nil) }
                if enforced("guard:ledger.pool-bound") {
                    guard leaves.count <= configuration.flushLeavesMax,
                        pool.leaves + leaves.count <= configuration.poolLeavesMax
                    else { return (.busy(retryAfterMilliseconds: retryHint), nil) }
                }
                pool.waiting.append(Request(leaves: leaves, answer: answer))
                pool.leaves += leaves.count
                let wakes = pool.leaves == leaves.count || pool.leaves >= configuration.flushLeavesMax
                defer { if wakes { pool.wake = nil } }
                return (nil, wakes ? pool.wake : nil)
            }
            if let refusal { answer.resume(throwing: refusal) }
            wake?.resume()
        }
    }

    private var retryHint: Int { Int(configuration.flushInterval / .milliseconds(1)) * 4 }

    /// Flushes until `stop` or the task is cancelled; then writes what waits and ends.
    public func run() async {
        var begun: ContinuousClock.Instant?
        while !Task.isCancelled {
            await somethingWaits()
            if isEnded { break }
            await gather(configuration.gathering(since: begun.map { .now - $0 }))
            begun = .now
            await flush()
        }
        stop()
        await flush()
    }

    private var isEnded: Bool { pool.withLock { $0.end != nil } }

    private func somethingWaits() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = pool.withLock { pool in
                    if pool.leaves > 0 || pool.end != nil || Task.isCancelled { return true }
                    pool.wake = continuation
                    return false
                }
                if now { continuation.resume() }
            }
        } onCancel: {
            pool.withLock { pool in
                defer { pool.wake = nil }
                return pool.wake
            }?.resume()
        }
    }

    /// Lets leaves gather for some time, or until there are enough for a full flush.
    private func gather(_ time: Duration) async {
        let step = min(configuration.flushInterval, .milliseconds(5))
        var rest = time
        while rest > .zero, waiting < configuration.flushLeavesMax {
            try? await self.time.sleep(min(step, rest))
            if Task.isCancelled { return }
            rest -= step
        }
    }

    /// Takes nothing more; what waits is written by the flush that follows.
    public func stop() { end(.stopped) }

    private func end(_ refusal: LedgerRefusal) {
        pool.withLock { pool in
            pool.end = pool.end ?? refusal
            defer { pool.wake = nil }
            return pool.wake
        }?.resume()
    }

    /// Keeps a published checkpoint for the transaction of the next flush.
    func store(published note: [UInt8]) { toStore.withLock { $0 = note } }

    /// Stores the published checkpoint in a transaction of its own: when the ledger stops.
    func storePublished() async throws {
        guard let note = toStore.withLock({ $0 }) else { return }
        try await tree.store.transaction { try $0.publish(note) }
    }

    // MARK: one flush

    /// Writes all that waits, at most one flush of it. `run` calls it; simulations call it themselves.
    public func flush() async {
        let requests = take()
        guard !requests.isEmpty else { return }
        var slots = requests.indices.flatMap { r in requests[r].leaves.indices.map { (request: r, leaf: $0) } }
        random.withLock { random in shuffle(&slots, using: &random) }
        let order = slots.map { requests[$0.request].leaves[$0.leaf] }
        do {
            try failpoints(.flushBegin)
            let flushed = try await commit(order)
            try failpoints(.committed)
            recent.insert(flushed.fresh.hashes, first: flushed.fresh.first, at: time.now())
            tree.advance(to: flushed.edge)
            // Before the answers: whoever has an index sees a head that covers it.
            if let signed = flushed.signed {
                newest.withLock { $0 = signed }
                onHead(signed)
            }
            answer(requests, slots, flushed.indices)
        } catch { fail(requests, error) }
    }

    private func shuffle(_ slots: inout [(request: Int, leaf: Int)], using random: inout some RandomNumberGenerator) {
        slots.shuffle(using: &random)
    }

    private func take() -> [Request] {
        pool.withLock { pool in
            var (count, leaves) = (0, 0)
            while count < pool.waiting.count, leaves + pool.waiting[count].leaves.count <= configuration.flushLeavesMax
            {
                leaves += pool.waiting[count].leaves.count
                count += 1
            }
            defer {
                pool.waiting.removeFirst(count)
                pool.leaves -= leaves
            }
            return Array(pool.waiting.prefix(count))
        }
    }

    private func answer(_ requests: [Request], _ slots: [(request: Int, leaf: Int)], _ indices: [UInt64]) {
        var answers = requests.map { [UInt64](repeating: 0, count: $0.leaves.count) }
        for (slot, index) in zip(slots, indices) { answers[slot.request][slot.leaf] = index }
        for (number, (request, answer)) in zip(requests, answers).enumerated() {
            if number == requests.count / 2 { try? failpoints(.halfAnswered) }
            request.answer.resume(returning: answer)
        }
        try? failpoints(.answered)  // nothing can be taken back here; these two are for being killed at
    }

    private func fail(_ requests: [Request], _ error: any Error) {
        let refusal: LedgerRefusal
        switch error {
        case StoreFault.full: refusal = .storeFull
        case StoreFault.refused: refusal = .busy(retryAfterMilliseconds: retryHint)
        case let known as LedgerRefusal: refusal = known
        default: refusal = .stopped
        }
        let isFatal = ![.storeFull, .busy(retryAfterMilliseconds: retryHint)].contains(refusal)
        if isFatal {
            end(refusal)
            onFatal(error)
        }
        for request in requests { request.answer.resume(throwing: refusal) }
        guard isFatal else { return }
        for request in pool.withLock({ pool in
            defer { (pool.waiting, pool.leaves) = ([], 0) }
            return pool.waiting
        }) { request.answer.resume(throwing: refusal) }
    }

    /// One transaction. Guards are looked up here: the body may run on a thread of the store.
    private func commit(_ order: [LeafSubmission]) async throws -> Flushed {
        let checks = (
            fence: enforced("guard:ledger.fence"), fork: enforced("guard:ledger.signed-twice"),
            duplicate: enforced("guard:ledger.duplicate")
        )
        let now = time.now()
        let published = toStore.withLock { note in
            defer { note = nil }
            return note
        }
        return try await tree.store.transaction { [self] transaction in
            try failpoints(.headLocked)
            let head = transaction.head
            if checks.fence { guard head.fence == fence else { throw LedgerRefusal.fenced } }
            var edge = try catchUp(transaction, now)
            var batch = LedgerBatch()
            var fresh = [TreeHash]()
            let indices = try assign(order, transaction, checks.duplicate, &edge, &batch, &fresh)
            try failpoints(.sequenced)
            var signed: SignedCheckpoint?
            if !fresh.isEmpty {
                (batch.size, batch.root, batch.frontier, batch.time) = (edge.size, edge.root, edge.frontier, now)
                if checks.fork, let before = try transaction.signedRoot(at: batch.size), before != batch.root {
                    throw StoreFault.corrupt("another root was signed at this size")
                }
                let checkpoint = Checkpoint(origin: configuration.origin, size: batch.size, root: batch.root)
                let note = try SignedCheckpoint(checkpoint, by: signer)
                try failpoints(.headSigned)
                signed = note
                try transaction.append(batch)
            }
            if let published { try transaction.publish(published) }
            try failpoints(.written)
            return Flushed(indices: indices, edge: edge, signed: signed, fresh: (head.size, fresh))
        }
    }

    /// The edge of the locked head: ours, or ours and what other sequencers have written since.
    private func catchUp(_ transaction: any LedgerTransaction, _ now: UInt64) throws -> TreeEdge {
        var edge = tree.edge
        let head = transaction.head
        guard head.size >= edge.size else { throw StoreFault.corrupt("the stored head went back") }
        while edge.size < head.size {
            let first = edge.size
            let end = min(head.size, first + 4_096)
            let hashes = LogTree.leafHashes(try transaction.leaves(first..<end))
            for hash in hashes { edge.append(hash) }
            recent.insert(hashes, first: first, at: now)
        }
        guard edge.root == head.root else { throw StoreFault.corrupt("the leaves do not lead to the stored root") }
        return edge
    }

    /// Gives every leaf its index: the next one, or the one it already has.
    private func assign(
        _ order: [LeafSubmission], _ transaction: any LedgerTransaction, _ checksDuplicates: Bool,
        _ edge: inout TreeEdge,
        _ batch: inout LedgerBatch, _ fresh: inout [TreeHash]
    ) throws -> [UInt64] {
        var here = [TreeHash: UInt64](minimumCapacity: order.count)
        var indices = [UInt64]()
        indices.reserveCapacity(order.count)
        batch.leaves.reserveCapacity(order.count * LedgerLeaf.byteCount)
        let maybe = checksDuplicates ? recent.bundles(of: order.map(\.hash.prefix)) : [:]
        for (place, submission) in order.enumerated() {
            if checksDuplicates {
                if let index = here[submission.hash] {
                    indices.append(index)
                    continue
                }
                if let bundles = maybe[place], let index = try find(submission, in: bundles, transaction) {
                    indices.append(index)
                    continue
                }
            }
            here[submission.hash] = edge.size
            indices.append(edge.size)
            edge.append(submission.hash) { batch.fullTiles.append(($0, Tile.encode($1))) }
            fresh.append(submission.hash)
            batch.leaves += submission.leaf.bytes
            batch.appenders.append(submission.appender)
            if let record = submission.record { batch.records.append((Array(submission.leaf.detailHash), record)) }
        }
        return indices
    }

    /// The index of a leaf that stands in one of these bundles.
    private func find(
        _ submission: LeafSubmission, in bundles: [UInt64], _ transaction: any LedgerTransaction
    ) throws -> UInt64? {
        for bundle in bundles {
            let range = (bundle * 256)..<min(bundle * 256 + 256, transaction.head.size)
            let leaves = try transaction.leaves(range)
            for (place, at) in stride(from: 0, to: leaves.count, by: LedgerLeaf.byteCount).enumerated()
            where leaves[at..<(at + LedgerLeaf.byteCount)].elementsEqual(submission.leaf.bytes) {
                return range.lowerBound + UInt64(place)
            }
        }
        return nil
    }
}
