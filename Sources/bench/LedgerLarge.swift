import Foundation
import Ledger
import SQLiteStore
import TransparencyLog

/// Ten million leaves. The generator writes them straight into the store, 65,536 in a transaction, as the sequencer
/// would: rows, tiles, roots, head; the clock is set so that all of them are still remembered, which is the slow case
/// at start.
enum LedgerLarge {
    static let leaves = Int(ProcessInfo.processInfo.environment["LEDGER_LEAVES"] ?? "") ?? 10_000_000

    static func measure(_ add: @escaping @Sendable (Figure) -> Void) async throws {
        let scratch = try LedgerScratch()
        defer { scratch.remove() }
        let path = scratch.fresh("large")
        let start = ContinuousClock.now
        try await fill(path, leaves)
        print("population of \(leaves) written in \(Int(secondsSince(start))) s")
        try await starts(path, add)
        let small = scratch.fresh("million")
        try await fill(small, 1_000_000)
        try await audits(small, add)
    }

    static func fill(_ path: String, _ count: Int) async throws {
        let store = try SQLiteLedgerStore(path: path)
        var source = LeafSource(1)
        var edge = TreeEdge()
        let now = UInt64(Date().timeIntervalSince1970)
        for first in stride(from: 0, to: count, by: 65_536) {
            var batch = LedgerBatch()
            for _ in first..<min(count, first + 65_536) {
                let submission = try source.next()
                batch.leaves += submission.leaf.bytes
                batch.appenders.append(0)
                edge.append(submission.hash) { batch.fullTiles.append(($0, Tile.encode($1))) }
            }
            (batch.size, batch.root, batch.frontier, batch.time) = (edge.size, edge.root, edge.frontier, now)
            let written = batch
            try await store.transaction { try $0.append(written) }
        }
        await store.close()
    }

    private static func starts(_ path: String, _ add: (Figure) -> Void) async throws {
        var times = [Double]()
        for run in 0..<3 {
            let start = ContinuousClock.now
            let store = try SQLiteLedgerStore(path: path)
            let bench = try await BenchLedger.start(store, flush: .milliseconds(5))
            times.append(secondsSince(start))
            if run == 2 { try await proofs(bench.ledger, add) }
            await store.close()
        }
        let note = String(
            format: "warm cache, right edge checked and %d leaves remembered; memory %.0f MiB; target <= 2", leaves,
            residentMiB())
        add(Figure(id: "ledger.start_10m.s", value: percentile(times, 0.5), unit: "s", runs: 3, note: note))
    }

    private static func proofs(_ ledger: RunningLedger, _ add: (Figure) -> Void) async throws {
        let head = ledger.sequencer.head
        var random = SystemRandomNumberGenerator()
        var times = [Double]()
        for number in 0..<6_000 {
            let index = UInt64.random(in: 0..<head.size, using: &random)
            let start = ContinuousClock.now
            let proof = try await ledger.tree.inclusion(index, under: head)
            // The first thousand fill the caches.
            if number >= 1_000 { times.append(secondsSince(start) * 1_000) }
            // A wrong proof would throw here, and a run that throws has no figures.
            let leaf = Merkle.leaf(try await ledger.tree.store.leaves(index..<(index + 1)))
            try Proof.verifyInclusion(
                leaf: leaf, index: index, size: head.size, proof: proof.hashes, root: head.root)
        }
        add(
            Figure(
                id: "ledger.proof_10m.p99_ms", value: percentile(times, 0.99), unit: "ms", runs: times.count,
                note: String(format: "random leaves, warm, p50 %.3f; target <= 1", percentile(times, 0.5))))
    }

    private static func audits(_ path: String, _ add: (Figure) -> Void) async throws {
        let store = try SQLiteLedgerStore(path: path)
        let bench = try await BenchLedger.start(store, flush: .milliseconds(5))
        var times = [Double]()
        for _ in 0..<3 {
            let start = ContinuousClock.now
            try await bench.audit()
            times.append(secondsSince(start))
        }
        add(
            Figure(
                id: "ledger.audit_1m.s", value: percentile(times, 0.5), unit: "s", runs: 3,
                note: "every leaf hashed, every tile compared, two cores, from the store; target <= 10"))
        await store.close()
    }
}
