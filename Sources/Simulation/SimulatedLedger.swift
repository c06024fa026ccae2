import Exchanges
import Ledger
import Polymorphic
import Ristretto255
import Synchronization
import TransparencyLog

/// A ledger in memory, for simulations only: the tree of RFC 6962 with signed heads, cosigned by witnesses that verify
/// each one. It outlives everybody. What a node reads of it goes through the same follower as over the network.
public final class SimulatedLedger: CountryLedger {
    public let id: PartyID
    private let keys: LedgerKeys
    public var policy: WitnessPolicy { keys.policy }
    public var log: WitnessPolicy.Log { keys.log }
    private let scheduler: Scheduler
    private let authority: PartyID
    private let transcryptors: Set<PartyID>
    private let state = Mutex(State())

    private struct State {
        var leaves: [[UInt8]] = []
        /// Who appended it.
        var appenders: [PartyID] = []
        /// All hashes of each tile level.
        var levels: [[TreeHash]] = [[]]
        var edge = TreeEdge()
        var known: [[UInt8]: UInt64] = [:]
        var records: [[UInt8]: [UInt8]] = [:]
        var published: SignedCheckpoint?
        var cosignedAt: UInt64 = 0
        var waiting: [(leaves: [[UInt8]], by: PartyID, done: CheckedContinuation<[UInt64], Never>)] = []
        var isFlushing = false
        var silent: Set<Int> = []
    }

    /// How long leaves gather, in milliseconds.
    static let flushMilliseconds: UInt64 = 100
    /// A head without new leaves is cosigned again after so many seconds.
    static let renewSeconds: UInt64 = 20

    /// - Throws: `LogFault`.
    public init(_ place: LedgerMaker.Place) throws {
        (id, authority, scheduler) = (place.id, place.authority, place.scheduler)
        transcryptors = Set(place.transcryptors)
        keys = try LedgerKeys(place.random)
    }

    public func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        switch call {
        case .append:
            guard let peer, transcryptors.contains(peer) || peer == authority else { throw Refusal(.peer) }
            try need(body.count <= call.bodyMax, .length)
            let fields = try Wire.fields(of: body, 2)
            let (leaves, records) = (try Wire.elements(of: fields[0]), try Wire.elements(of: fields[1]))
            try need(leaves.count == records.count && (1...LeafSubmission.perCallMax).contains(leaves.count), .length)
            return Wire.list([Wire.list(try await append(leaves, records, by: peer).map(\.bigEndianBytes))])
        case .record:
            let hash = try Wire.fields(of: body, 1)[0]
            guard let record = state.withLock({ $0.records[hash] }) else { throw Refusal(.ledger) }
            return Wire.list([record])
        default: throw Refusal(.peer)
        }
    }

    private func append(_ leaves: [[UInt8]], _ records: [[UInt8]], by peer: PartyID) async throws(Refusal) -> [UInt64] {
        for (bytes, record) in zip(leaves, records) {
            let leaf: LedgerLeaf
            do { leaf = try LedgerLeaf(parsing: bytes) } catch { throw Refusal(.length) }
            // Kind 1 from transcryptors only, kind 2 also from the authority (PROTOCOL 8.1).
            try need(transcryptors.contains(peer) || leaf.kind == .record, .peer)
            do { _ = try LeafSubmission(leaf, record: record.isEmpty ? nil : record) } catch { throw Refusal(.record) }
            if leaf.kind == .record { state.withLock { $0.records[Array(leaf.detailHash)] = record } }
        }
        return await withCheckedContinuation { done in
            let starts = state.withLock { state in
                state.waiting.append((leaves, peer, done))
                defer { state.isFlushing = true }
                return !state.isFlushing
            }
            guard starts else { return }
            scheduler.spawn { [self] in
                await scheduler.sleep(milliseconds: Self.flushMilliseconds)
                flush()
            }
        }
    }

    private func flush() {
        let now = scheduler.now()
        let answers = state.withLock { state in
            state.isFlushing = false
            let waiting = state.waiting
            state.waiting = []
            let before = state.edge.size
            let answers = waiting.map { ($0.done, $0.leaves.map { leaf in add(leaf, &state) }) }
            for request in waiting {
                while state.appenders.count < state.leaves.count { state.appenders.append(request.by) }
            }
            if state.edge.size > before { publish(&state, from: before, now) }
            return answers
        }
        for (done, indexes) in answers { done.resume(returning: indexes) }
    }

    private func add(_ leaf: [UInt8], _ state: inout State) -> UInt64 {
        if let known = state.known[leaf] { return known }
        let index = state.edge.size
        let hash = Merkle.leaf(leaf)
        state.known[leaf] = index
        state.leaves.append(leaf)
        // Moved out and back, or each leaf would copy the tree.
        var levels: [[TreeHash]] = []
        swap(&levels, &state.levels)
        levels[0].append(hash)
        state.edge.append(hash) { tile, hashes in
            while levels.count <= tile.level + 1 { levels.append([]) }
            levels[tile.level + 1].append(Merkle.root(hashes))
        }
        swap(&levels, &state.levels)
        return index
    }

    /// Signs the head; each witness verifies that it extends the last one before it signs.
    private func publish(_ state: inout State, from old: UInt64, _ now: UInt64) {
        let head = Checkpoint(origin: log.origin, size: state.edge.size, root: state.edge.root)
        guard let signed = try? SignedCheckpoint(head, by: keys.signer) else { return }
        var lines: [NoteSignature] = []
        for (number, witness) in keys.witnesses.enumerated() where !state.silent.contains(number) {
            guard let last = state.published?.checkpoint, last.size > 0 else {
                if let line = try? witness.sign(head.text, at: now) { lines.append(line) }
                continue
            }
            guard let proof = try? Self.prove(.consistency(old: last.size, new: head.size), state),
                (try? Proof.verifyConsistency(
                    old: last.size, oldRoot: last.root, new: head.size, newRoot: head.root, proof: proof)) != nil,
                let line = try? witness.sign(head.text, at: now)
            else { continue }
            lines.append(line)
        }
        let cosigned = signed.adding(lines)
        guard let names = try? policy.cosigners(of: cosigned.note), policy.isMet(by: names) else { return }
        (state.published, state.cosignedAt) = (cosigned, now)
    }

    private static func prove(_ plan: ProofPlan, _ state: State) throws -> [TreeHash] {
        var tiles: [Tile: [TreeHash]] = [:]
        for tile in plan.tiles { tiles[tile] = hashes(tile, state) }
        return try plan.assemble(tiles)
    }

    private static func hashes(_ tile: Tile, _ state: State) -> [TreeHash] {
        guard tile.level < state.levels.count else { return [] }
        let first = Int(tile.index) * Tile.width
        return Array(state.levels[tile.level].dropFirst(first).prefix(tile.width))
    }

    // MARK: For those who look on

    public var leaves: [[UInt8]] { state.withLock { $0.leaves } }
    /// Who appended each.
    public var appenders: [PartyID] { state.withLock { $0.appenders } }
    public var size: UInt64 { state.withLock { $0.edge.size } }

    public func setSilent(witness number: Int, _ isSilent: Bool) {
        state.withLock { if isSilent { $0.silent.insert(number) } else { $0.silent.remove(number) } }
    }

    /// It outlives everybody.
    public func restart() async throws {}
    public func close() async {}

    public func proves(_ index: UInt64) -> Bool {
        state.withLock { state in
            guard let head = state.published?.checkpoint, index < head.size,
                let proof = try? Self.prove(.inclusion(index: index, size: head.size), state)
            else { return false }
            return
                (try? Proof.verifyInclusion(
                    leaf: Merkle.leaf(state.leaves[Int(index)]), index: index, size: head.size, proof: proof,
                    root: head.root)) != nil
        }
    }
}

extension SimulatedLedger: LogSource {
    public func fetch(_ path: String, limit: Int) async throws -> [UInt8] {
        let now = scheduler.now()
        return try state.withLock { state in
            if path == "checkpoint" {
                if state.published != nil, state.cosignedAt + Self.renewSeconds < now {
                    publish(&state, from: state.edge.size, now)
                }
                guard let published = state.published else { throw SourceFault.notFound }
                return published.note.bytes
            }
            guard path.hasPrefix("tile/"), let (tile, isEntries) = Tile.parse(path.dropFirst(5)),
                let have = Tile.at(level: tile.level, index: tile.index, size: state.edge.size),
                have.width >= tile.width
            else { throw SourceFault.notFound }
            guard isEntries else { return Tile.encode(Self.hashes(tile, state)) }
            let first = Int(tile.index) * Tile.width
            return state.leaves[first..<(first + tile.width)].flatMap { leaf in
                [UInt8(leaf.count >> 8), UInt8(leaf.count & 255)] + leaf
            }
        }
    }
}

/// What a follower must not forget, in memory. It outlives the node, as a file does.
public final class MemoryFollowerState: FollowerState {
    private let bytes = Mutex<[UInt8]?>(nil)
    public init() {}
    public func load() throws -> [UInt8]? { bytes.withLock { $0 } }
    public func save(_ bytes: [UInt8]) throws { self.bytes.withLock { $0 = bytes } }
}
