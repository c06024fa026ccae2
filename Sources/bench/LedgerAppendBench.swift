import AsyncHTTPClient
import Foundation
import Ledger
import LedgerServer
import Logging
import PostgresStore
import SQLiteStore
import Serving
import Synchronization
import TransparencyLog

/// Appends within the process, as fast as they are taken.
enum LedgerAppendBench {
    static func sqlite(_ scratch: LedgerScratch, _ add: @escaping @Sendable (Figure) -> Void) async throws {
        let before = try LedgerFloors.sqlite(scratch.fresh("floor"), seconds: LedgerBench.seconds / 12)
        let store = try SQLiteLedgerStore(path: scratch.fresh("ledger"))
        let bench = try await BenchLedger.start(store, flush: .milliseconds(5))
        let (rate, note) = try await load(bench)
        let after = try LedgerFloors.sqlite(scratch.fresh("floor"), seconds: LedgerBench.seconds / 12)
        figures("sqlite", rate, (before + after) / 2, note, add)
        try await follower(bench, add)
        await store.close()
        try await withBodies(scratch, add)
    }

    static func postgres(_ server: LedgerPostgres, _ add: @escaping @Sendable (Figure) -> Void) async throws {
        let store = try await PostgresLedgerStore(server.conninfo)
        let bench = try await BenchLedger.start(store, flush: .milliseconds(5))
        let (rate, note) = try await load(bench)
        let floor = try LedgerFloors.postgres(server.conninfo, seconds: LedgerBench.seconds / 6)
        figures("postgres", rate, floor, note, add)
        await store.close()
    }

    private static func figures(
        _ name: String, _ rate: Double, _ floor: Double, _ note: String, _ add: (Figure) -> Void
    ) {
        add(
            Figure(
                id: "ledger.floor.\(name)_rows_per_s", value: floor, unit: "rows/s", runs: 1,
                note: "bare database, one row of 98 bytes for each leaf, \(LedgerFloors.batch) in a transaction"))
        add(Figure(id: "ledger.append.\(name).per_s", value: rate, unit: "leaves/s", runs: 1, note: note))
        add(
            Figure(
                id: "ledger.append.\(name).floor_ratio", value: rate / floor, unit: "x", runs: 1,
                note: "target >= 0.4; more than 1 is possible: 256 leaves share a row"))
    }

    /// Sixteen callers with requests of 256 leaves each, for the whole time; then the audit.
    private static func load(_ bench: BenchLedger) async throws -> (rate: Double, note: String) {
        let memory = Shared((0.0, 0.0))
        let (count, seconds) = try await bench.during {
            let start = ContinuousClock.now
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for caller in 0..<24 {
                    group.addTask {
                        var source = LeafSource(UInt64(caller + 1))
                        var count = 0
                        while secondsSince(start) < LedgerBench.seconds {
                            let leaves = try (0..<256).map { _ in try source.next() }
                            count += try await bench.ledger.sequencer.append(leaves).count
                            if caller == 0, secondsSince(start) < LedgerBench.seconds / 4 {
                                memory.change { $0.0 = residentMiB() }
                            }
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            memory.change { $0.1 = residentMiB() }
            return (total, secondsSince(start))
        }
        let (early, late) = memory.value
        let format =
            "%.0f s, %d leaves, audited; memory %.0f MiB after a quarter, %.0f at the end (%.0f bytes a remembered leaf)"
        let grown = (late - early) * 1_048_576 / (Double(count) * 0.75)
        return (Double(count) / seconds, String(format: format, seconds, count, early, late, max(0, grown)))
    }

    /// A body of 600 bytes beside each leaf: for comparison with logs that keep them.
    private static func withBodies(_ scratch: LedgerScratch, _ add: @escaping @Sendable (Figure) -> Void) async throws {
        let store = try SQLiteLedgerStore(path: scratch.fresh("bodies"))
        let bench = try await BenchLedger.start(store, flush: .milliseconds(5))
        let seconds = LedgerBench.seconds / 6
        let rate = try await bench.during {
            let start = ContinuousClock.now
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for caller in 0..<24 {
                    group.addTask {
                        var (number, count) = (UInt64(caller) << 40, 0)
                        while secondsSince(start) < seconds {
                            let leaves = try (0..<256).map { _ in
                                number += 1
                                let body = withUnsafeBytes(of: number) { Array($0) } + [UInt8](repeating: 5, count: 592)
                                return try LeafSubmission(LedgerLeaf(record: body), record: body)
                            }
                            count += try await bench.ledger.sequencer.append(leaves).count
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            return Double(total) / secondsSince(start)
        }
        add(
            Figure(
                id: "ledger.append.sqlite_600_bytes.per_s", value: rate, unit: "leaves/s", runs: 1,
                note: "comparison only: a public record of 600 bytes with each leaf"))
        await store.close()
    }

    /// Reads the log that was just written, over HTTP on loopback, checking every leaf.
    private static func follower(_ bench: BenchLedger, _ add: @escaping @Sendable (Figure) -> Void) async throws {
        let head = bench.ledger.sequencer.head
        let source = LocalSource(bench.ledger.tree) { head }
        try await withServer({ request in
            guard let bytes = try? await source.fetch(String(request.path.dropFirst()), limit: .max) else {
                return ServedAnswer(404)
            }
            return ServedAnswer(200, bytes, type: "application/octet-stream")
        }) { port in
            let client = makeLedgerHTTPClient()
            let follower = try Follower(
                policy: bench.policy, log: bench.policy.logs[0],
                source: HTTPSource(client, url: "http://127.0.0.1:\(port)/"), state: BenchState(), now: { 0 })
            let start = ContinuousClock.now
            try await follower.update()
            var count = 0
            while secondsSince(start) < 10, let run = try await follower.next() {
                count += run.count
                try await follower.acknowledge(run)
            }
            add(
                Figure(
                    id: "ledger.follower.per_s", value: Double(count) / secondsSince(start), unit: "leaves/s", runs: 1,
                    note: "over HTTP from a server in the same process, \(count) leaves, each checked; target >= 200000"
                ))
            try await client.shutdown()
        }
    }
}

/// State that is not kept.
final class BenchState: FollowerState {
    func load() throws -> [UInt8]? { nil }
    func save(_ bytes: [UInt8]) throws {}
}
