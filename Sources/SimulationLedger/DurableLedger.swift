import Exchanges
import FoundationEssentials
import Ledger
import Polymorphic
import Ristretto255
import Serving
import Simulation
import Synchronization
import TransparencyLog

/// The ledger of a country as it runs in earnest: `RunningLedger` over a store on disk, three witnesses that each keep
/// their last checkpoint in a directory of their own, behind the handlers that HTTP has.
///
/// It works in real time, and the country's time stands still meanwhile (`Scheduler.outside`): a flush takes 5 ms and a
/// few fsyncs. Times in heads and cosignatures are the country's. Rounds of the witnesses are run here and not by a
/// clock: after each append, and when a reader finds the last one too old.
public final class DurableLedger: CountryLedger {
    /// Opens the store: at the start, and again in each new life.
    public typealias StoreOpening = @Sendable () async throws -> any LedgerStore

    private struct State {
        var life: LedgerLife?
        var silent: Set<Int> = []
        var death: Failpoint?
    }

    public let id: PartyID
    public let policy: WitnessPolicy
    public let log: WitnessPolicy.Log
    private let keys: LedgerKeys
    private let place: LedgerMaker.Place
    private let openStore: StoreOpening
    /// Other people's processes: they live on when the ledger dies.
    private let witnesses: [Witness]
    private let state = Mutex(State())

    /// - Parameter folder: an existing directory, for the witnesses.
    /// - Throws: `StartFault`, or what the store throws.
    public init(_ place: LedgerMaker.Place, folder: String, openStore: @escaping StoreOpening) async throws {
        (self.place, id, self.openStore) = (place, place.id, openStore)
        keys = try LedgerKeys(place.random)
        (policy, log) = (keys.policy, keys.log)
        witnesses = try keys.witnesses.map { [keys] signer in
            let path = "\(folder)/\(signer.key.name)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            return try Witness(
                signer: signer, logs: [keys.signer.key], state: WitnessDirectory(path), now: place.scheduler.now,
                onFatal: { _ in })
        }
        try await start()
    }

    private func start() async throws {
        let store = try await reopened()
        do {
            let life = try await LedgerLife(parts(store), place)
            state.withLock { ($0.life, $0.death) = (life, nil) }
            await life.publish(atLeastOnce: true)
        } catch {
            await store.close()
            throw error
        }
    }

    /// A reader of the last life may hold the store, and its lock, a moment longer.
    private func reopened() async throws -> any LedgerStore {
        for _ in 0..<2_000 {
            do { return try await openStore() } catch StoreFault.inUse {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        return try await openStore()
    }

    private func parts(_ store: any LedgerStore) -> RunningLedger.Parts {
        var clients: [String: any WitnessClient] = [:]
        for (number, witness) in witnesses.enumerated() {
            clients[witness.key.name] = SilencedWitness(inner: LocalWitness(witness)) { [weak self] in
                self?.state.withLock { $0.silent.contains(number) } ?? true
            }
        }
        return RunningLedger.Parts(
            store: store, signer: keys.signer, policy: policy, witnesses: clients,
            time: Timekeeping(now: place.scheduler.now, sleep: { try await Task.sleep(for: $0) }),
            random: Numbers(source: place.random), failpoints: { [weak self] in try self?.die(at: $0) },
            onFatal: { _ in })
    }

    // MARK: Lives

    /// Lets it die when it comes to a failpoint next: whoever waits gets no index, and nothing is taken any more. What
    /// was committed stays.
    public func setDeath(_ point: Failpoint?) { state.withLock { $0.death = point } }

    private struct Died: Error {}
    private func die(at point: Failpoint) throws {
        let dies = state.withLock { state in
            defer { if state.death == point { state.death = nil } }
            return state.death == point
        }
        if dies { throw Died() }
    }

    public func restart() async throws {
        try await place.scheduler.outside {
            await end()
            try await start()
        }
    }

    public func close() async { await place.scheduler.outside { await end() } }

    private func end() async {
        let life = state.withLock { state in
            defer { state.life = nil }
            return state.life
        }
        await life?.end()
    }

    private var life: LedgerLife? { state.withLock { $0.life } }

    public func setSilent(witness number: Int, _ isSilent: Bool) {
        state.withLock { if isSilent { $0.silent.insert(number) } else { $0.silent.remove(number) } }
    }

    // MARK: Calls

    public func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        guard call == .append || call == .record else { throw Refusal(.peer) }
        // HTTP answers 413 before anybody reads it.
        guard body.count <= call.bodyMax else { throw Refusal(.length) }
        let answer = await place.scheduler.outside { () -> ServedAnswer in
            guard let life else { return ServedAnswer(503) }
            return await life.answer(call, body, from: peer)
        }
        guard answer.status != 200 else { return answer.body }
        throw (try? CallFailure.refusal(body: answer.body)) ?? Refusal(.unavailable)
    }

    public func fetch(_ path: String, limit: Int) async throws -> [UInt8] {
        try await place.scheduler.outside {
            guard let life else { throw SourceFault.unreachable("the ledger is down") }
            return try await life.fetch(path, limit: limit)
        }
    }

    // MARK: For those who look on

    public var size: UInt64 { life?.ledger.sequencer.head.size ?? 0 }

    public var leaves: [[UInt8]] {
        get async throws {
            try await place.scheduler.outside {
                guard let life else { throw SourceFault.unreachable("the ledger is down") }
                let bytes = try await life.store.leaves(0..<(try await life.store.head().size))
                return stride(from: 0, to: bytes.count, by: LedgerLeaf.byteCount).map { at in
                    Array(bytes[at..<(at + LedgerLeaf.byteCount)])
                }
            }
        }
    }

    public func proves(_ index: UInt64) async -> Bool {
        await place.scheduler.outside {
            guard let life, let signed = life.ledger.publisher.published, index < signed.size else { return false }
            do {
                let leaf = try await life.store.leaves(index..<(index + 1))
                let proof = try await life.ledger.tree.inclusion(index, under: signed)
                try proof.verify(entry: leaf, policy: policy, log: log)
                return true
            } catch { return false }
        }
    }
}

/// A witness that can be silenced.
private struct SilencedWitness: WitnessClient {
    struct Silent: Error {}
    let inner: LocalWitness
    let isSilent: @Sendable () -> Bool

    func add(_ request: AddCheckpoint) async throws -> WitnessAnswer {
        guard !isSilent() else { throw Silent() }
        return try await inner.add(request)
    }
    func latest(origin: String) async throws -> [UInt8]? {
        guard !isSilent() else { throw Silent() }
        return try await inner.latest(origin: origin)
    }
}

/// The order inside a flush, from the country's seed.
private struct Numbers: RandomNumberGenerator, Sendable {
    let source: SeededRandom
    mutating func next() -> UInt64 { source.bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
