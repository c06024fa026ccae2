import Guards
import Synchronization
import TransparencyLog

/// A running ledger: sequencer, publisher and tree over one store. (R7, R13, R15, P1; PROTOCOL 10)
public final class RunningLedger: Sendable {
    public let configuration: LedgerConfiguration
    public let tree: LogTree
    public let sequencer: Sequencer
    public let publisher: Publisher
    public let policy: WitnessPolicy

    private init(
        _ configuration: LedgerConfiguration, _ tree: LogTree, _ sequencer: Sequencer, _ publisher: Publisher,
        _ policy: WitnessPolicy
    ) {
        (self.configuration, self.tree, self.sequencer) = (configuration, tree, sequencer)
        (self.publisher, self.policy) = (publisher, policy)
    }

    /// What a ledger is made of besides its configuration.
    public struct Parts: Sendable {
        public var store: any LedgerStore
        public var signer: NoteSigner
        public var policy: WitnessPolicy
        /// By the names of the policy.
        public var witnesses: [String: any WitnessClient]
        public var time: Timekeeping
        public var random: any RandomNumberGenerator & Sendable
        public var failpoints: Failpoints
        /// Called once when a commit's outcome is unknown. A server ends its process there.
        public var onFatal: @Sendable (any Error) -> Void

        public init(
            store: any LedgerStore, signer: NoteSigner, policy: WitnessPolicy, witnesses: [String: any WitnessClient],
            time: Timekeeping, random: any RandomNumberGenerator & Sendable,
            failpoints: @escaping Failpoints = { _ in },
            onFatal: @escaping @Sendable (any Error) -> Void
        ) {
            (self.store, self.signer, self.policy, self.witnesses) = (store, signer, policy, witnesses)
            (self.time, self.random, self.failpoints, self.onFatal) = (time, random, failpoints, onFatal)
        }
    }

    /// Checks the store, asks every witness, and only then makes a ledger that can append.
    ///
    /// - Parameter takingOver: raises the fence first, so that sequencers started before are refused from then on.
    /// - Throws: `StartFault`, or what the store throws.
    public static func start(
        _ configuration: LedgerConfiguration, _ parts: Parts, takingOver: Bool = false
    ) async throws -> RunningLedger {
        try configuration.check()
        guard parts.signer.key.algorithm == .ed25519, parts.signer.key.name == configuration.origin else {
            throw StartFault.configuration("the log's key is an Ed25519 key with the name of the origin")
        }
        if takingOver { _ = try await parts.store.transaction { try $0.fence() } }
        let tree = try await LogTree.open(parts.store)
        let sizes = try await askWitnesses(configuration, parts, tree)
        let recent = RecentLeaves(remembered: configuration.rememberedSeconds)
        try await remember(recent, configuration, parts, tree)
        let head = try await parts.store.head()
        let link = Link()
        let sequencer = try Sequencer(
            configuration, tree: tree, signer: parts.signer, fence: head.fence, recent: recent, time: parts.time,
            random: parts.random, failpoints: parts.failpoints, onHead: { link.publisher?.offer($0) },
            onFatal: parts.onFatal)
        let publisher = Publisher(
            policy: parts.policy, clients: parts.witnesses, tree: tree, time: parts.time,
            timeout: configuration.witnessTimeout, refresh: configuration.refreshInterval, failpoints: parts.failpoints,
            onPublished: { [weak sequencer] in sequencer?.store(published: $0.note.bytes) })
        link.set(publisher)
        for (name, size) in sizes { publisher.setSize(size, of: name) }
        publisher.offer(sequencer.head)
        return RunningLedger(configuration, tree, sequencer, publisher, parts.policy)
    }

    /// Joins the sequencer to the publisher, which is made after it.
    private final class Link: Sendable {
        private let value = Mutex<Publisher?>(nil)
        var publisher: Publisher? { value.withLock { $0 } }
        func set(_ publisher: Publisher) { value.withLock { $0 = publisher } }
    }

    /// The fork guard: no witness may be ahead of us or know another tree, and enough of them must have answered that
    /// every quorum has one of these.
    private static func askWitnesses(
        _ configuration: LedgerConfiguration, _ parts: Parts, _ tree: LogTree
    ) async throws -> [String: UInt64] {
        let ours = tree.edge.size
        var sizes = [String: UInt64]()
        for witness in parts.policy.witnesses {
            guard let client = parts.witnesses[witness.name] else { continue }
            let answer: [UInt8]?
            do { answer = try await client.latest(origin: configuration.origin) } catch { continue }
            guard let note = answer else {
                sizes[witness.name] = 0
                continue
            }
            guard
                let seen = try? SignedCheckpoint(
                    parsing: note, origin: configuration.origin, log: parts.signer.key, witnesses: [witness.key])
            else { continue }
            if enforced("guard:ledger.witness-ahead") {
                guard seen.size <= ours else {
                    throw StartFault.behindWitness(name: witness.name, witness: seen.size, ours: ours)
                }
            }
            if enforced("guard:ledger.witness-fork"), seen.size <= ours {
                guard try await tree.root(at: seen.size) == seen.root else {
                    throw StartFault.fork(name: witness.name, size: seen.size)
                }
            }
            sizes[witness.name] = seen.size
        }
        if enforced("guard:ledger.witnesses-silent") {
            guard parts.policy.everyQuorumMeets(Set(sizes.keys)) else {
                throw StartFault.witnessesSilent(answered: sizes.count, of: parts.policy.witnesses.count)
            }
        }
        return sizes
    }

    /// Reads the hashes of the last hours again.
    private static func remember(
        _ recent: RecentLeaves, _ configuration: LedgerConfiguration, _ parts: Parts, _ tree: LogTree
    ) async throws {
        let now = parts.time.now()
        let since = now > configuration.rememberedSeconds ? now - configuration.rememberedSeconds : 0
        let edge = tree.edge
        var tile = try await parts.store.firstIndex(since: since) / 256
        while tile < edge.size / 256 {
            let tiles = try await parts.store.fullTiles(level: 0, first: tile, count: 256)
            guard !tiles.isEmpty else { throw StartFault.damaged("a tile of leaf hashes is missing") }
            for bytes in tiles {
                recent.insert(try Tile(level: 0, index: tile).decode(bytes), first: tile * 256, at: now)
                tile += 1
            }
        }
        recent.insert(edge.levels.first ?? [], first: edge.size - edge.size % 256, at: now)
    }

    /// Runs sequencer and publisher until the task is cancelled or `stop` was called; then writes what waits.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sequencer.run() }
            group.addTask { await self.publisher.run() }
            // The sequencer ends first: what waits is written before anything else stops.
            await group.next()
            publisher.stop()
            await group.waitForAll()
        }
        try? await sequencer.storePublished()
    }

    /// Takes nothing more, writes what waits, and lets `run` return.
    public func stop() { sequencer.stop() }

    /// Appends and waits for the witnesses: the proofs are ready to be shown to anybody.
    /// - Throws: `LedgerRefusal`; after `notWitnessed` the leaves are in the log.
    public func appendWitnessed(_ leaves: [LeafSubmission]) async throws -> [ProofFile] {
        let indices = try await sequencer.append(leaves)
        guard let last = indices.max() else { return [] }
        let signed = try await publisher.published(atLeast: last + 1, within: configuration.witnessedTimeout)
        var out = [ProofFile]()
        for index in indices { out.append(try await tree.inclusion(index, under: signed)) }
        return out
    }
}
