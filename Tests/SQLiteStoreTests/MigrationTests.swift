import Exchanges
import Foundation
import GRDB
import Ledger
import Polymorphic
import Ristretto255
import Testing

@testable import SQLiteStore

/// Files of every version that there ever was, opened by this one. Whoever adds a migration adds the file of the new
/// version to `fixtures`, as SQL that never changes.
@Suite struct MigrationTests {
    private typealias Contract = NodeStoreContractTests

    /// By version: how a file of it came to be, and what it holds.
    private struct Fixture {
        let version: Int
        let schema: [String]
        /// Writes an entry as that version did.
        let insert: String?
    }

    private static let fixtures = [
        Fixture(version: 0, schema: [], insert: nil),
        Fixture(
            version: 1,
            schema: [
                "CREATE TABLE entry (owner TEXT, key BLOB, value BLOB NOT NULL, PRIMARY KEY (owner, key)) WITHOUT ROWID"
            ], insert: "INSERT INTO entry VALUES (?, ?, ?)"),
    ]

    private static let entries: [(Exchanges.Table, [UInt8], [UInt8])] = [
        (Contract.open, [1], [1, 2, 3]), (Contract.prefixed, [1, 2, 3, 4, 5], [4]), (Contract.hidden, [7], []),
    ]

    private static func make(_ fixture: Fixture, at path: String) async throws {
        let raw = try DatabaseQueue(path: path)
        let sealer = try Contract.sealer()
        try await raw.write { db in
            for statement in fixture.schema { try db.execute(sql: statement) }
            if let insert = fixture.insert {
                for (table, key, value) in entries + [(Exchanges.Table("store"), [], [1])] {
                    let stored = sealer.stored(key, in: table)
                    let sealed = sealer.seal(value, key: key, in: table, at: stored)
                    try db.execute(sql: insert, arguments: [table.name, Data(stored), Data(sealed)])
                }
            }
            try db.execute(sql: "PRAGMA user_version = \(fixture.version)")
        }
        try raw.close()
    }

    private static func schema(_ path: String) async throws -> (version: Int?, statements: [String]) {
        let raw = try DatabaseQueue(path: path)
        defer { try? raw.close() }
        return try await raw.read { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA user_version"),
                try String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
            )
        }
    }

    @Test func everyVersionHasItsFixture() {
        #expect(Self.fixtures.map(\.version) == Array(0...SQLiteNodeStore.migrations.count))
    }

    @Test func aFileOfEveryVersionIsOpenedAndIsThenLikeANewOne() async throws {
        try await Folder.with { folder in
            let new = folder + "/new.sqlite"
            try await SQLiteNodeStore(path: new, sealer: Contract.sealer()).close()
            let wanted = try await Self.schema(new)
            #expect(wanted.version == SQLiteNodeStore.migrations.count && !wanted.statements.isEmpty)
            for fixture in Self.fixtures {
                let path = folder + "/\(fixture.version).sqlite"
                try await Self.make(fixture, at: path)
                // Opened twice: a file is brought forward once.
                for _ in 0..<2 {
                    let store = try SQLiteNodeStore(path: path, sealer: Contract.sealer())
                    for (table, key, value) in Self.entries {
                        let kept = try await store.read { try $0.get(table, key) }
                        #expect(kept == (fixture.insert == nil ? nil : value), "version \(fixture.version)")
                    }
                    try await store.transaction { try $0.put(Contract.open, [99], [1]) }
                    try await store.close()
                }
                let found = try await Self.schema(path)
                #expect(found == wanted, "version \(fixture.version)")
            }
        }
    }

    @Test func aNewerFileIsRefusedAndLeftAsItWas() async throws {
        try await Folder.with { folder in
            let path = folder + "/newer.sqlite"
            let newest = try #require(Self.fixtures.last)
            let newer = Fixture(
                version: newest.version + 1, schema: newest.schema + ["CREATE TABLE later (a TEXT)"],
                insert: newest.insert)
            try await Self.make(newer, at: path)
            let before = try await Self.schema(path)
            #expect(throws: StoreFault.refused("the file is of a newer version")) {
                try SQLiteNodeStore(path: path, sealer: Contract.sealer())
            }
            let after = try await Self.schema(path)
            #expect(after == before && after.version == newer.version)
        }
    }
}
