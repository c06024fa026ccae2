import Foundation
import GRDB
import Guards
import Testing
import TransparencyLog

@testable import Ledger
@testable import PostgresStore
@testable import SQLiteStore

/// What is special to each store.
struct StoreTests {
    @Test func theWriterOfSQLiteRunsInWALWithFullSync() async throws {
        let scratch = try Scratch()
        let store = try SQLiteLedgerStore(path: scratch.path + "/ledger.sqlite")
        let settings = try await store.settings()
        #expect(settings.journalMode == "wal" && settings.synchronous == 2)
        await store.close()
    }

    @Test func theReadersOfSQLiteNeitherWriteNorRunCheckpoints() async throws {
        let scratch = try Scratch()
        let store = try SQLiteLedgerStore(path: scratch.path + "/ledger.sqlite")
        try await store.pool.read { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "PRAGMA query_only") == 1)
            #expect(try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint") == 0)
            #expect(throws: DatabaseError.self) { try db.execute(sql: "UPDATE head SET fence = 9") }
        }
        await store.close()
    }

    @Test func aSecondProcessCannotOpenTheSameFile() async throws {
        let scratch = try Scratch()
        let store = try SQLiteLedgerStore(path: scratch.path + "/ledger.sqlite")
        #expect(throws: StoreFault.inUse) { try SQLiteLedgerStore(path: scratch.path + "/ledger.sqlite") }
        await store.close()
    }

    @Test func aFullDiskRefusesAndReadsGoOnAndItRecovers() async throws {
        let scratch = try Scratch()
        let world = try World()
        let store = try SQLiteLedgerStore(path: scratch.path + "/ledger.sqlite")
        let ledger = try await world.ledger(store)
        try await world.running(ledger) {
            let first = try await append(0..<300, to: ledger)
            // SQLite's own quota gives the error a full disk gives; the test with a real full disk is in CrashTests.
            try await store.pool.writeWithoutTransaction { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages)")
            }
            let many = try (1_000..<3_000).map { try submission($0) }
            #expect(await refusal { try await ledger.sequencer.append(many) } == .storeFull)
            #expect(try await store.leaves(first[7]..<(first[7] + 1)) == leaf(7).bytes)
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
            #expect(try await ledger.sequencer.append(many).count == 2_000)
        }
        let found = try await rehash(store)
        #expect(found.size == 2_300 && found.root == ledger.sequencer.head.root)
        await store.close()
    }

    @Test func twoSequencersOnOnePostgresLeaveNoGapAndCountALeafOnce() async throws {
        let scratch = try Scratch()
        let world = try World()
        let stores = [try await open(.postgres, scratch), try await open(.postgres, scratch)]
        let ledgers = [
            try await world.ledger(stores[0], seed: 1), try await world.ledger(stores[1], seed: 2),
        ]
        let tasks = ledgers.map { ledger in Task { await ledger.run() } }
        async let left = append(0..<1_500, to: ledgers[0])
        async let right = append(1_000..<2_500, to: ledgers[1])
        let (a, b) = try await (left, right)
        #expect(a[1_000...].elementsEqual(b[..<500]))
        #expect(Set(a + b) == Set(0..<2_500))
        for ledger in ledgers { ledger.stop() }
        for task in tasks { await task.value }
        let found = try await rehash(stores[0])
        let head = try await stores[1].head()
        #expect(found.size == 2_500 && found.root == head.root)
        for store in stores { await store.close() }
    }

    @Test func aServerWithoutFsyncIsRefused() async throws {
        let scratch = try Scratch()
        let server = try PostgresServer()
        defer { server.remove() }
        try server.kill()
        try PostgresServer.shell("echo 'fsync = off' >> \(server.directory)/data/postgresql.conf")
        try server.start()
        await #expect(throws: StoreFault.self) {
            try await PostgresLedgerStore(server.conninfo, schema: scratch.schema)
        }
    }

    @Test(arguments: ["", "A", "a b", "a;drop", "ä", String(repeating: "a", count: 49)])
    func otherSchemaNamesAreRefused(
        _ name: String
    ) async throws {
        await #expect(throws: StoreFault.self) { try await PostgresLedgerStore("host=/nowhere", schema: name) }
    }
}
