import Dispatch
import Foundation
import Ledger
import LedgerServer
import PostgresStore
import SQLiteStore
import Serving
import Synchronization
import TransparencyLog

/// The ledger under load, beside what the machine and the bare databases can do in the same run. Everything is durable.
enum LedgerBench {
    /// Seconds of each long run; `LEDGER_SECONDS` shortens them for trying out.
    static let seconds = Double(ProcessInfo.processInfo.environment["LEDGER_SECONDS"] ?? "") ?? 60

    static func run(_ report: inout Report) throws { try collect(&report) { try await measure($0) } }
    static func runLarge(_ report: inout Report) throws { try collect(&report) { try await LedgerLarge.measure($0) } }

    /// Waits for asynchronous work and adds its figures.
    static func collect(
        _ report: inout Report, _ body: @escaping @Sendable (@escaping @Sendable (Figure) -> Void) async throws -> Void
    ) throws {
        let figures = Mutex<[Figure]>([])
        let failure = Mutex<(any Error)?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                try await body { figure in figures.withLock { $0.append(figure) } }
            } catch { failure.withLock { $0 = error } }
            done.signal()
        }
        done.wait()
        for figure in figures.withLock({ $0 }) {
            report.add(figure.id, figure.value, figure.unit, figure.runs, figure.note)
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private static func measure(_ add: @escaping @Sendable (Figure) -> Void) async throws {
        let scratch = try LedgerScratch()
        defer { scratch.remove() }
        try LedgerFloors.machine(scratch, add)
        try await LedgerAppendBench.sqlite(scratch, add)
        if let server = try? LedgerPostgres(scratch) {
            defer { server.stop() }
            try await LedgerAppendBench.postgres(server, add)
        }
        try await LedgerHTTPBench.appends(scratch, add)
        try await LedgerLatencyBench.acknowledged(scratch, add)
        try await LedgerLatencyBench.witnessed(scratch, add)
    }
}

/// A directory on the disk that is measured: the current one's, not a file system in memory.
final class LedgerScratch: Sendable {
    let path: String
    private let next = Mutex(0)

    init() throws {
        path = FileManager.default.currentDirectoryPath + "/.build/ledger-bench-\(getpid())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    func fresh(_ name: String) -> String {
        path + "/" + name + "-\(next.withLock { $0 += 1; return $0 })"
    }
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Resident memory of this process in MiB.
func residentMiB() -> Double {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return Double(pages?.dropFirst().first ?? "0").map { $0 * 4_096 / 1_048_576 } ?? 0
}

func secondsSince(_ start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }

/// The value below which `share` of the values lie.
func percentile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}

/// Leaves that differ: a counter through a mixing function, from a seed.
struct LeafSource: Sendable {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x1_0000_0001 }

    mutating func next() throws -> LeafSubmission {
        var bytes: [UInt8] = [1, 1]
        bytes.reserveCapacity(LedgerLeaf.byteCount)
        for _ in 0..<12 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            z ^= z >> 31
            withUnsafeBytes(of: z) { bytes.append(contentsOf: $0) }
        }
        return try LeafSubmission(LedgerLeaf(parsing: bytes))
    }
}

/// A ledger with its keys, and as many witnesses as asked for, over HTTP on loopback.
struct BenchLedger {
    let ledger: RunningLedger
    let policy: WitnessPolicy

    static func start(
        _ store: any LedgerStore, flush: Duration,
        witnesses: [String: (key: NoteVerifierKey, client: any WitnessClient)] = [:]
    ) async throws -> BenchLedger {
        let signer = try self.signer()
        var text = "log \(signer.key)\n"
        for (name, witness) in witnesses { text += "witness \(name) \(witness.key)\n" }
        text += witnesses.isEmpty ? "quorum none\n" : "group g all \(witnesses.keys.joined(separator: " "))\nquorum g\n"
        let policy = try WitnessPolicy(parsing: Array(text.utf8))
        var configuration = LedgerConfiguration(origin: signer.key.name)
        configuration.flushInterval = flush
        let parts = RunningLedger.Parts(
            store: store, signer: signer, policy: policy, witnesses: witnesses.mapValues(\.client),
            time: Timekeeping(
                now: { UInt64(Date().timeIntervalSince1970) }, sleep: { try await Task.sleep(for: $0) }),
            random: SystemRandomNumberGenerator(),
            // The reason to stop here: no figure is better than one from a ledger that failed.
            onFatal: { fatalError("commit failed: \($0)") })  // a benchmark that lost a commit has no figure
        return BenchLedger(ledger: try await RunningLedger.start(configuration, parts), policy: policy)
    }

    static func signer() throws -> NoteSigner {
        try NoteSigner(name: "ledger.example/bench", signer: SeedSigner(seed: [UInt8](repeating: 1, count: 32)))
    }

    /// Runs the ledger around `body`; then audits all of it.
    func during<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
        let running = Task { await ledger.run() }
        let result = try await body()
        ledger.stop()
        await running.value
        try await audit()
        return result
    }

    /// Derives everything again from the leaves; a run that does not pass has no figures.
    func audit() async throws {
        let head = ledger.sequencer.head
        _ = try await Audit(LocalSource(ledger.tree) { head }, parallel: 4).run(head.checkpoint)
    }
}

/// A value that tasks share.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>
    init(_ value: Value) { state = Mutex(value) }
    var value: Value { state.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { state.withLock { body(&$0) } }
}
