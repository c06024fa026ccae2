import Guards
import TransparencyLog

/// Where a follower keeps what it must not forget.
public protocol FollowerState: Sendable {
    func load() throws -> [UInt8]?
    /// Durable when it returns.
    func save(_ bytes: [UInt8]) throws
}

extension DurableFile: FollowerState {
    public func load() throws -> [UInt8]? { try read() }
    public func save(_ bytes: [UInt8]) throws { try write(bytes) }
}

/// Leaves that follow one another, checked against the witnessed tree.
public struct LeafRun: Sendable {
    public let first: UInt64
    /// 98 bytes each.
    public let bytes: [UInt8]
    /// Their hashes.
    public let hashes: [TreeHash]
    /// Watched tags among them, with the index of the leaf: stops, mostly.
    public let watched: [(tag: [UInt8], index: UInt64)]

    public var count: Int { hashes.count }
    public var end: UInt64 { first + UInt64(count) }
    public subscript(_ offset: Int) -> ArraySlice<UInt8> {
        bytes[(offset * LedgerLeaf.byteCount)..<((offset + 1) * LedgerLeaf.byteCount)]
    }
}

/// What a follower found that only a dishonest or broken ledger can produce. Keep both checkpoints: they are evidence.
public enum FollowerFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Two roots at one size, or a new tree that does not begin with the old one; both notes are here.
    case inconsistent(old: [UInt8], new: [UInt8])
    /// The follower's own file cannot be read.
    case state

    public var description: String {
        switch self {
        case .inconsistent:
            "the ledger shows a tree that does not extend the one seen before: keep both checkpoints, tell the Authority"
        case .state: "the follower's state file is damaged: remove it to read the log from the beginning"
        }
    }
}

/// Reads a ledger as everybody should: believes nothing that the log's key and the witness quorum have not signed,
/// nothing that does not extend what it saw before, and reads every leaf once, in order, across restarts.
///
/// For transcryptors, devices, monitors and mirrors. A run is handed out again after a restart until it was
/// acknowledged; whoever needs each leaf exactly once stores the run's end together with what it made of it, or
/// acknowledges idempotently.
public actor Follower {
    /// How far behind it is.
    public struct Lag: Sendable, Equatable {
        /// Leaves of the newest checkpoint that were not yet acknowledged.
        public let leaves: UInt64
        /// Seconds since a checkpoint was last verified; nil if none was since the start.
        public let seconds: UInt64?
    }

    /// Bundles in a run.
    private static let bundlesMax = 32

    private let policy: WitnessPolicy
    private let log: WitnessPolicy.Log
    private let source: any LogSource
    private let state: any FollowerState
    private let now: @Sendable () -> UInt64
    private var current: SignedCheckpoint?
    private var tiles: CheckedTiles?
    private var verifiedAt: UInt64?
    private var times: [String: UInt64] = [:]
    /// Whether leaves are read: then their bundle is fetched with each checkpoint.
    private var readsLeaves = false
    private var watch: Set<TreeHash> = []
    /// Leaves before this one were acknowledged.
    public private(set) var position: UInt64 = 0

    /// Takes up where the state left off.
    /// - Parameter position: overrides the stored position, for those who keep it with their own data.
    /// - Throws: `FollowerFault.state`, `LogFault` if the stored checkpoint does not satisfy the policy any more.
    public init(
        policy: WitnessPolicy, log: WitnessPolicy.Log, source: any LogSource, state: any FollowerState,
        position: UInt64? = nil, now: @escaping @Sendable () -> UInt64
    ) throws {
        (self.policy, self.log, self.source, self.state, self.now) = (policy, log, source, state, now)
        if let stored = try state.load() {
            guard let split = stored.firstIndex(of: 0x0a),
                let text = String(validating: stored[..<split], as: UTF8.self),
                text.hasPrefix("position "), let position = UInt64(text.dropFirst(9))
            else { throw FollowerFault.state }
            self.position = position
            let verified = try policy.verifyTimes(Array(stored[(split + 1)...]), log: log)
            (current, times) = (verified.signed, verified.times)
        }
        if let position { self.position = position }
        guard self.position <= current?.size ?? .max else { throw FollowerFault.state }
    }

    /// The newest checkpoint that was verified.
    public var checkpoint: SignedCheckpoint? { current }
    /// The same, and when each witness signed it.
    public var witnessed: (checkpoint: SignedCheckpoint, times: [String: UInt64])? { current.map { ($0, times) } }

    /// Waits for a checkpoint that is another than the newest one here.
    /// - Returns: what the log shows, not verified, for `update(with:)`; nil if nothing has changed so far.
    /// - Throws: `SourceFault`.
    public func awaitChange(_ wait: Duration) async throws -> [UInt8]? {
        let known = current?.note.bytes ?? []
        let note = try await source.checkpoint(after: known, wait: wait)
        return note == known ? nil : note
    }

    /// Tags to look out for, 32 bytes each; others are ignored.
    public func watch(_ tags: some Sequence<[UInt8]> & Sendable) { watch = Set(tags.compactMap { TreeHash($0) }) }

    public var lag: Lag {
        Lag(
            leaves: (current?.size ?? 0) - min(position, current?.size ?? 0),
            seconds: verifiedAt.map { now() - min($0, now()) })
    }

    /// Fetches the newest checkpoint, verifies it and that it extends the last one, and keeps it.
    ///
    /// An older checkpoint, as a cache may still serve, is verified and otherwise ignored.
    /// - Parameter note: a checkpoint that was fetched already.
    /// - Throws: `LogFault`, `SourceFault`, `FollowerFault.inconsistent`.
    @discardableResult
    public func update(with note: [UInt8]? = nil) async throws -> SignedCheckpoint {
        let fetched: [UInt8]
        if let note { fetched = note } else { fetched = try await source.fetch("checkpoint", limit: Note.byteMax) }
        // The very bytes that were verified before need no second look; a renewed cosignature makes other bytes.
        if let current, tiles != nil, fetched == current.note.bytes {
            verifiedAt = now()
            return current
        }
        let (next, nextTimes) = try policy.verifyTimes(fetched, log: log)
        if let current, next.size < current.size { return current }
        if let current, next.size == current.size, tiles != nil {
            try expectSame(current, next)
            verifiedAt = now()
            return current
        }
        let checked = try await CheckedTiles(next.checkpoint, source, older: tiles, readsLeaves: readsLeaves)
        if let current {
            if next.size == current.size { try expectSame(current, next) }
            if enforced("guard:ledger.follower-consistency"), current.size > 0 {
                let root = try await checked.prove(.root(prefix: current.size, size: next.size))[0]
                guard root == current.root else {
                    throw FollowerFault.inconsistent(old: current.note.bytes, new: next.note.bytes)
                }
            }
        }
        try save(position, next)
        (current, tiles, verifiedAt, times) = (next, checked, now(), nextTimes)
        return next
    }

    private func expectSame(_ old: SignedCheckpoint, _ new: SignedCheckpoint) throws {
        guard old.root == new.root else {
            throw FollowerFault.inconsistent(old: old.note.bytes, new: new.note.bytes)
        }
    }

    private func save(_ position: UInt64, _ signed: SignedCheckpoint) throws {
        try state.save(Array("position \(position)\n".utf8) + signed.note.bytes)
    }

    /// The leaves that follow those acknowledged, up to the newest checkpoint; nil if there are none.
    /// - Throws: `LogFault` `tile` if they are not what the tree holds.
    public func next() async throws -> LeafRun? { try await run(from: position) }

    /// Leaves from any index on; what is read does not count as acknowledged.
    public func run(from first: UInt64) async throws -> LeafRun? {
        readsLeaves = true
        guard let current, let tiles = try await checkedTiles(), first < current.size else { return nil }
        let firstBundle = first / 256
        let bundles = (firstBundle..<min(firstBundle + UInt64(Self.bundlesMax), (current.size + 255) / 256)).compactMap
        {
            Tile.at(level: 0, index: $0, size: current.size)
        }
        let parts = try await withThrowingTaskGroup(of: (UInt64, [UInt8], [TreeHash]).self) { group in
            for tile in bundles {
                group.addTask {
                    let (bytes, hashes) = try await tiles.leaves(tile)
                    return (tile.index, bytes, hashes)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
        }
        let skip = Int(first % 256)
        let bytes = Array(parts.flatMap(\.1).dropFirst(skip * LedgerLeaf.byteCount))
        let hashes = Array(parts.flatMap(\.2).dropFirst(skip))
        return LeafRun(first: first, bytes: bytes, hashes: hashes, watched: watched(bytes, first))
    }

    private func watched(_ bytes: [UInt8], _ first: UInt64) -> [(tag: [UInt8], index: UInt64)] {
        guard !watch.isEmpty else { return [] }
        return stride(from: 0, to: bytes.count, by: LedgerLeaf.byteCount).compactMap { at in
            let tag = bytes[(at + 34)..<(at + 66)]
            guard let hash = TreeHash(tag), watch.contains(hash) else { return nil }
            return (Array(tag), first + UInt64(at / LedgerLeaf.byteCount))
        }
    }

    /// A run was dealt with: it does not come again, also after a restart.
    /// - Precondition: runs are acknowledged in order.
    public func acknowledge(_ run: LeafRun) throws {
        precondition(run.first == position, "runs are acknowledged in order")
        guard let current else { return }
        try save(run.end, current)
        position = run.end
    }

    private func checkedTiles() async throws -> CheckedTiles? {
        if tiles == nil, let current { tiles = try await CheckedTiles(current.checkpoint, source) }
        return tiles
    }

    /// A proof, made from checked tiles, that the leaf at `index` is in the newest tree.
    /// - Throws: `LogFault` `range` if it is not in there yet.
    public func prove(_ index: UInt64) async throws -> ProofFile {
        guard let current, let tiles = try await checkedTiles(), index < current.size else {
            throw LogFault(.range, "index outside the tree")
        }
        let hashes = try await tiles.prove(.inclusion(index: index, size: current.size))
        return ProofFile(index: index, hashes: hashes, note: current.note.bytes)
    }
}
