import AsyncHTTPClient
import Foundation
import Ledger
import LedgerServer
import SQLiteStore
import Serving
import Synchronization
import TransparencyLog

/// How long one waits, at a rate that is offered whatever the answers do (open loop).
enum LedgerLatencyBench {
    static var seconds: Double { LedgerBench.seconds / 3 }

    static func acknowledged(_ scratch: LedgerScratch, _ add: @escaping @Sendable (Figure) -> Void) async throws {
        let store = try SQLiteLedgerStore(path: scratch.fresh("ack"))
        let bench = try await BenchLedger.start(store, flush: .milliseconds(5))
        let times = try await bench.during {
            try await offer(2_000) { _ = try await bench.ledger.sequencer.append([$0]) }
        }
        for (name, share, target) in [("p50", 0.5, 15), ("p99", 0.99, 50)] {
            add(
                Figure(
                    id: "ledger.ack.\(name)_ms", value: percentile(times, share), unit: "ms", runs: times.count,
                    note: "2000/s offered, 5 ms flush, SQLite; target <= \(target)"))
        }
        await store.close()
    }

    static func witnessed(_ scratch: LedgerScratch, _ add: @escaping @Sendable (Figure) -> Void) async throws {
        for (id, rate, witnesses, target) in [
            ("ledger.witnessed.p99_ms", 2_000, 2, 500), ("ledger.witnessed_local.p99_ms", 200, 1, 40),
        ] {
            let store = try SQLiteLedgerStore(path: scratch.fresh("witnessed"))
            let times = try await withWitnesses(witnesses, scratch, [:]) { clients in
                let bench = try await BenchLedger.start(store, flush: .milliseconds(5), witnesses: clients)
                return try await bench.during {
                    try await offer(rate) { _ = try await bench.ledger.appendWitnessed([$0]) }
                }
            }
            add(
                Figure(
                    id: id, value: percentile(times, 0.99), unit: "ms", runs: times.count,
                    note: String(
                        format:
                            "append to proof under the quorum, %d/s offered, 5 ms flush, %d witness over HTTP here, p50 %.1f; target <= %d",
                        rate, witnesses, percentile(times, 0.5), target)))
            await store.close()
        }
    }

    /// Witnesses with their state on the disk, each behind a server on loopback.
    private static func withWitnesses<R: Sendable>(
        _ count: Int, _ scratch: LedgerScratch, _ clients: [String: (key: NoteVerifierKey, client: any WitnessClient)],
        _ body: ([String: (key: NoteVerifierKey, client: any WitnessClient)]) async throws -> R
    ) async throws -> R {
        guard clients.count < count else { return try await body(clients) }
        let name = "w\(clients.count).example"
        let directory = scratch.fresh("witness")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let key = try NoteSigner(
            name: name, algorithm: .cosignature,
            signer: SeedSigner(seed: [UInt8](repeating: UInt8(50 + clients.count), count: 32)))
        let witness = try Witness(
            signer: key, logs: [try BenchLedger.signer().key], state: WitnessDirectory(directory),
            now: { UInt64(Date().timeIntervalSince1970) },
            // The reason to stop here: no figure is better than one with a witness that failed.
            onFatal: { fatalError("witness: \($0)") })  // a benchmark of a witness that failed has no figure
        let client = makeLedgerHTTPClient()
        var result: R?
        try await withServer(WitnessAPI(witness).answer) { port in
            var more = clients
            more[name] = (key.key, HTTPWitness(client, url: "http://127.0.0.1:\(port)/"))
            result = try await withWitnesses(count, scratch, more, body)
            try await client.shutdown()
        }
        guard let result else { throw CancellationError() }
        return result
    }

    /// Milliseconds of each call, `rate` begun each second.
    private static func offer(
        _ rate: Int, _ call: @escaping @Sendable (LeafSubmission) async throws -> Void
    ) async throws -> [Double] {
        let times = Shared([Double]())
        var source = LeafSource(9)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            var begun = 0
            while secondsSince(start) < seconds {
                let due = Int(secondsSince(start) * Double(rate))
                while begun < due {
                    let leaf = try source.next()
                    // Counted from the moment it was due, so that a late start counts as waiting.
                    let from = start + .seconds(Double(begun) / Double(rate))
                    group.addTask {
                        try await call(leaf)
                        let waited = (ContinuousClock.now - from) / .milliseconds(1)
                        times.change { $0.append(waited) }
                    }
                    begun += 1
                }
                try await Task.sleep(for: .milliseconds(1))
            }
            try await group.waitForAll()
        }
        return times.value
    }
}
