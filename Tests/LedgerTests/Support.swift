import Crypto
import Foundation
import Guards
import Synchronization
import Testing
import TransparencyLog

@testable import Ledger
@testable import PostgresStore
@testable import SQLiteStore

struct Seeded: RandomNumberGenerator, Sendable {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A leaf that differs for every number.
func leaf(_ number: Int, tag: [UInt8]? = nil) -> LedgerLeaf {
    func field(_ name: String) -> [UInt8] { Array(SHA256.hash(data: Array("\(name) \(number)".utf8))) }
    return LedgerLeaf(commit: field("commit"), tag: tag ?? field("tag"), detailHash: field("detail"))
}

func submission(_ number: Int) throws -> LeafSubmission { try LeafSubmission(leaf(number)) }

/// A directory of its own that goes when the test ends.
final class Scratch: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    /// A schema of the same name, for PostgreSQL.
    var schema: String { "s" + path.suffix(36).lowercased().replacingOccurrences(of: "-", with: "_") }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Witness state in memory; can be set back, as a restored backup would be.
final class MemoryWitnessState: WitnessState {
    let notes = Mutex<[String: [UInt8]]>([:])
    func load(_ originHash: String) throws -> [UInt8]? { notes.withLock { $0[originHash] } }
    func save(_ originHash: String, _ note: [UInt8]) throws { notes.withLock { $0[originHash] = note } }
}

/// A witness that cannot be reached.
struct SilentWitness: WitnessClient {
    struct Unreachable: Error {}
    func add(_ request: AddCheckpoint) async throws -> WitnessAnswer { throw Unreachable() }
    func latest(origin: String) async throws -> [UInt8]? { throw Unreachable() }
}

/// Keys, three witnesses in memory, a policy of two of three.
struct World {
    static let origin = "ledger.example/exchange-2026"
    let signer: NoteSigner
    let policy: WitnessPolicy
    let witnesses: [String: Witness]
    let states: [String: MemoryWitnessState]
    var log: WitnessPolicy.Log { policy.logs[0] }

    init() throws {
        signer = try NoteSigner(name: Self.origin, signer: SeedSigner(seed: [UInt8](repeating: 1, count: 32)))
        var text = "log \(signer.key)\n"
        var witnesses = [String: Witness]()
        var states = [String: MemoryWitnessState]()
        for number in UInt8(2)...4 {
            let name = "w\(number).example"
            let key = try NoteSigner(
                name: name, algorithm: .cosignature, signer: SeedSigner(seed: [UInt8](repeating: number, count: 32)))
            let state = MemoryWitnessState()
            witnesses[name] = try Witness(
                signer: key, logs: [signer.key], state: state, now: { 1_800_000_000 }, onFatal: { _ in })
            states[name] = state
            text += "witness \(name) \(key.key)\n"
        }
        text += "group two 2 w2.example w3.example w4.example\nquorum two\n"
        policy = try WitnessPolicy(parsing: Array(text.utf8))
        (self.witnesses, self.states) = (witnesses, states)
    }

    var clients: [String: any WitnessClient] { witnesses.mapValues { LocalWitness($0) } }

    /// A ledger over `store`; every argument has the value of a quiet day.
    func ledger(
        _ store: any LedgerStore, clients: [String: any WitnessClient]? = nil, seed: UInt64 = 7,
        now: UInt64 = 1_800_000_000,
        configure: (inout LedgerConfiguration) -> Void = { _ in }, failpoints: @escaping Failpoints = { _ in },
        takingOver: Bool = false, onFatal: @escaping @Sendable (any Error) -> Void = { _ in }
    ) async throws -> RunningLedger {
        var configuration = LedgerConfiguration(origin: Self.origin)
        configuration.flushInterval = .milliseconds(5)
        // Bounds that only end what hangs: a machine under load must not fail a test.
        (configuration.witnessTimeout, configuration.witnessedTimeout) = (.seconds(10), .seconds(120))
        configure(&configuration)
        let parts = RunningLedger.Parts(
            store: store, signer: signer, policy: policy, witnesses: clients ?? self.clients,
            time: Timekeeping(now: { now }, sleep: { try await Task.sleep(for: $0) }), random: Seeded(seed),
            failpoints: failpoints, onFatal: onFatal)
        return try await RunningLedger.start(configuration, parts, takingOver: takingOver)
    }

    /// Runs `body` while the ledger flushes and publishes; stops it cleanly.
    func running<R: Sendable>(_ ledger: RunningLedger, _ body: @Sendable () async throws -> R) async throws -> R {
        let task = Task { await ledger.run() }
        do {
            let result = try await body()
            ledger.stop()
            await task.value
            return result
        } catch {
            ledger.stop()
            await task.value
            throw error
        }
    }
}

/// Appends numbered leaves one request each, and gives their indices.
func append(_ numbers: Range<Int>, to ledger: RunningLedger) async throws -> [UInt64] {
    try await withThrowingTaskGroup(of: (Int, UInt64).self) { group in
        for number in numbers {
            group.addTask { (number, try await ledger.sequencer.append([submission(number)])[0]) }
        }
        var out = [UInt64](repeating: 0, count: numbers.count)
        for try await (number, index) in group { out[number - numbers.lowerBound] = index }
        return out
    }
}

/// The refusal that `body` throws, nil if it does not.
func refusal(_ body: () async throws -> some Any) async -> LedgerRefusal? {
    do { _ = try await body() } catch let refusal as LedgerRefusal { return refusal } catch { Issue.record("\(error)") }
    return nil
}

func startFault(_ body: () async throws -> some Any) async -> StartFault? {
    do { _ = try await body() } catch let fault as StartFault { return fault } catch { Issue.record("\(error)") }
    return nil
}

/// Which store a contract test runs on.
enum StoreKind: String, CaseIterable, Sendable {
    case memory, sqlite, postgres
}

/// Opens a store of a kind; the same scratch directory gives the same store again.
func open(_ kind: StoreKind, _ scratch: Scratch) async throws -> any LedgerStore {
    switch kind {
    case .memory: MemoryLedgerStore()
    case .sqlite: try SQLiteLedgerStore(path: scratch.path + "/ledger.sqlite")
    case .postgres: try await PostgresLedgerStore(try PostgresServer.shared.get().conninfo, schema: scratch.schema)
    }
}

/// What an auditor finds: every leaf hashed again from the store, and the root that they give.
func rehash(_ store: any LedgerStore) async throws -> (size: UInt64, root: TreeHash) {
    let head = try await store.head()
    var edge = TreeEdge()
    var at: UInt64 = 0
    while at < head.size {
        let end = min(head.size, at + 4_096)
        for hash in LogTree.leafHashes(try await store.leaves(at..<end)) { edge.append(hash) }
        at = end
    }
    return (edge.size, edge.root)
}
