import Deployment
import Exchanges
import Foundation
import Ledger
import Ristretto255
import SQLiteStore
import TransparencyLog

/// Puts persons into the stores of nodes that stand still: entries of the same tables and sizes as those that real
/// persons have there, under random keys, in bulk.
enum NetworkFill {
    /// Tables that grow with the number of persons, by node.
    static let tables: [String: [Table]] = {
        let row: [Table] = ["rows", "handles", "enrolments", "device-keys", "contributions", "watched"].map {
            Table($0, keys: .hidden)
        }
        let held = [Table("person", keys: .hidden), Table("person-pair", keys: .hidden)]
        let shelf = [
            Table("record"), Table("envelope"), Table("record-person", keys: .hidden(first: 32)),
            Table("record-author"),
        ]
        return ["t1": row, "t2": row, "t3": row, "hospital-a": held, "medical-centre": held + shelf]
    }()
    /// A record or two each, beside the persons: what is measured are the lookups, not the disk.
    private static let records: Set<String> = ["record", "envelope", "record-person", "record-author"]
    /// Entries of one transaction.
    private static let batch = 20_000

    /// - Parameters:
    ///   - real: so many persons are there.
    ///   - wanted: so many are there afterwards.
    static func persons(_ home: CountryHome, real: Int, to wanted: Int) async throws {
        let nodes = tables.sorted { $0.key < $1.key }
        _ = try await inParallel(nodes, workers: 2) { id, tables in
            let folder = home.node(id)
            let sealer = try folder.storeSealer()
            let store = try SQLiteNodeStore(path: folder.path + "/store.sqlite", sealer: sealer)
            for table in tables {
                let examples = try await store.read {
                    try $0.scan(table, prefix: [], after: nil, limit: 10 * real)
                }
                guard let example = examples.first else { continue }
                let each = records.contains(table.name) ? 1 : max(1, (examples.count + real / 2) / real)
                try await fill(store, sealer, table, example, each * (wanted - real))
            }
            try await store.close()
        }
    }

    /// In the order in which they are stored: the tree of the database grows at many places otherwise, which takes
    /// hours and is no different afterwards.
    private static func fill(
        _ store: SQLiteNodeStore, _ sealer: StoreSealer, _ table: Table, _ example: (key: [UInt8], value: [UInt8]),
        _ count: Int
    ) async throws {
        let random = SystemRandom()
        var keys: [(order: UInt64, key: [UInt8])] = []
        keys.reserveCapacity(count)
        for _ in 0..<count {
            // Names at the beginning of a key stay, so that what belongs together stands together.
            let fixed = table.name == "record-author" ? example.key.count - 16 : 0
            let key = Array(example.key.prefix(fixed)) + random.bytes(example.key.count - fixed)
            let order = sealer.stored(key, in: table).dropFirst(fixed).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            keys.append((order, key))
        }
        keys.sort { $0.order < $1.order }
        let value = example.value
        for first in stride(from: 0, to: count, by: batch) {
            let part = keys[first..<min(count, first + batch)]
            try await store.transaction { transaction in
                for (_, key) in part { try transaction.put(table, key, value) }
            }
        }
    }

    /// Leaves of other persons, behind those that are there.
    static func leaves(_ home: CountryHome, to wanted: Int) async throws {
        let store = try SQLiteLedgerStore(path: home.node("ledger").path + "/ledger.sqlite")
        var edge = try await LogTree.open(store).edge
        var source = LeafSource(7)
        while edge.size < UInt64(wanted) {
            var batch = LedgerBatch()
            for _ in 0..<min(65_536, wanted - Int(edge.size)) {
                let submission = try source.next()
                batch.leaves += submission.leaf.bytes
                batch.appenders.append(0)
                edge.append(submission.hash) { batch.fullTiles.append(($0, Tile.encode($1))) }
            }
            (batch.size, batch.root, batch.frontier) = (edge.size, edge.root, edge.frontier)
            batch.time = UInt64(Date().timeIntervalSince1970)
            let written = batch
            try await store.transaction { try $0.append(written) }
        }
        await store.close()
    }
}
