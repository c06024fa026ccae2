import TransparencyLog

/// A second copy of a ledger, held by somebody else: reads the log, checks it, stores it, signs what it has stored.
///
/// It pulls by the read interface, as every follower does; the push protocol of the tlog-mirror draft is not needed for
/// that. It signs with a key of its own, not the witness's: this signature says "I hold every leaf up to here".
public final class Mirror: Sendable {
    private let follower: Follower
    private let store: any LedgerStore
    private let signer: NoteSigner
    private let now: @Sendable () -> UInt64
    public let tree: LogTree

    private init(
        _ follower: Follower, _ store: any LedgerStore, _ signer: NoteSigner, _ now: @escaping @Sendable () -> UInt64,
        _ tree: LogTree
    ) { (self.follower, self.store, self.signer, self.now, self.tree) = (follower, store, signer, now, tree) }

    /// Checks the stored copy, and takes up where it ends: position and leaves are one and the same.
    /// - Throws: `StartFault.damaged`, `FollowerFault`, `LogFault`.
    public static func open(
        policy: WitnessPolicy, log: WitnessPolicy.Log, source: any LogSource, store: any LedgerStore,
        state: any FollowerState, signer: NoteSigner, now: @escaping @Sendable () -> UInt64
    ) async throws -> Mirror {
        let tree = try await LogTree.open(store)
        let follower = try Follower(
            policy: policy, log: log, source: source, state: state, position: tree.edge.size, now: now)
        return Mirror(follower, store, signer, now, tree)
    }

    /// The newest checkpoint of which every leaf is stored here, with the mirror's own signature.
    public func published() async throws -> [UInt8]? { try await store.published() }
    public var lag: Follower.Lag { get async { await follower.lag } }

    /// Reads what is new, stores it, signs it.
    /// - Returns: leaves that are stored now.
    @discardableResult
    public func update() async throws -> UInt64 {
        let signed = try await follower.update()
        while let run = try await follower.next() {
            var edge = tree.edge
            let batch = batch(run, &edge)
            try await store.transaction { try $0.append(batch) }
            tree.advance(to: edge)
            try await follower.acknowledge(run)
        }
        guard tree.edge.size == signed.size, tree.edge.root == signed.root else { return tree.edge.size }
        let own = signed.adding([try signer.sign(signed.note.text, at: now())])
        try await store.transaction { try $0.publish(own.note.bytes) }
        return signed.size
    }

    private func batch(_ run: LeafRun, _ edge: inout TreeEdge) -> LedgerBatch {
        var batch = LedgerBatch()
        batch.leaves = run.bytes
        batch.appenders = [UInt16](repeating: 0, count: run.count)
        for hash in run.hashes { edge.append(hash) { batch.fullTiles.append(($0, Tile.encode($1))) } }
        (batch.size, batch.root, batch.frontier, batch.time) = (edge.size, edge.root, edge.frontier, now())
        return batch
    }
}
