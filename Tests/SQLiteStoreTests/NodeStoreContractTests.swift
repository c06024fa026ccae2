import Exchanges
import Foundation
import Polymorphic
import Ristretto255
import SQLiteStore
import Testing

/// The contract of `NodeStore`, for every driver.
@Suite struct NodeStoreContractTests {
    enum Driver: String, CaseIterable, Sendable { case memory, sqliteInMemory, sqliteFile }

    static let open = Table("open")
    static let prefixed = Table("prefixed", keys: .hidden(first: 4))
    static let hidden = Table("hidden", keys: .hidden)

    static func sealer(_ first: UInt8 = 1) throws -> StoreSealer {
        try StoreSealer(key: SecretBytes(copying: [first] + [UInt8](repeating: 7, count: 31)))
    }

    /// Runs `body` over a new store.
    private func with(_ driver: Driver, _ body: (any NodeStore) async throws -> Void) async throws {
        switch driver {
        case .memory: try await body(MemoryNodeStore())
        case .sqliteInMemory: try await body(SQLiteNodeStore(inMemory: Self.sealer()))
        case .sqliteFile:
            try await Folder.with { folder in
                try await body(SQLiteNodeStore(path: folder + "/node.sqlite", sealer: Self.sealer()))
            }
        }
    }

    @Test(arguments: Driver.allCases) func whatWasPutIsThereAndWhatWasRemovedIsNot(_ driver: Driver) async throws {
        try await with(driver) { store in
            for table in [Self.open, Self.prefixed, Self.hidden] {
                for key in [[], [1], [1, 2, 3, 4], [1, 2, 3, 4, 5], [255, 255, 255, 255, 0]] as [[UInt8]] {
                    let before = try await store.read { try $0.get(table, key) }
                    #expect(before == nil)
                    try await store.transaction { try $0.put(table, key, key + [9]) }
                    try await store.transaction { transaction in
                        #expect(try transaction.get(table, key) == key + [9])
                        try transaction.put(table, key, [])
                        #expect(try transaction.get(table, key) == [])
                    }
                    let empty = try await store.read { try $0.get(table, key) }
                    #expect(empty == [])
                    try await store.transaction { try $0.remove(table, key) }
                    let after = try await store.read { try $0.get(table, key) }
                    #expect(after == nil)
                }
            }
        }
    }

    @Test(arguments: Driver.allCases) func aTransactionThatThrowsLeavesNothing(_ driver: Driver) async throws {
        struct Stop: Error {}
        try await with(driver) { store in
            try await store.transaction { try $0.put(Self.open, [1], [1]) }
            await #expect(throws: Stop.self) {
                try await store.transaction { transaction in
                    try transaction.put(Self.open, [1], [2])
                    try transaction.put(Self.open, [2], [2])
                    throw Stop()
                }
            }
            let kept = try await store.read { (try $0.get(Self.open, [1]), try $0.get(Self.open, [2])) }
            #expect(kept.0 == [1] && kept.1 == nil)
        }
    }

    @Test(arguments: Driver.allCases) func scansComeInOrderAndGoOnBehindACursor(_ driver: Driver) async throws {
        let keys = (0..<300).map { (number: Int) -> [UInt8] in
            let last = UInt8(truncatingIfNeeded: number * 7)
            return [1, 2, 3, UInt8(number % 3), last, UInt8(number / 37)]
        }
        try await with(driver) { store in
            try await store.transaction { transaction in
                for key in keys.shuffled() {
                    try transaction.put(Self.open, key, key)
                    try transaction.put(Self.prefixed, key, key)
                    try transaction.put(Self.hidden, key, key)
                }
                try transaction.put(Self.open, [255, 255], [])
            }
            for table in [Self.open, Self.prefixed] {
                let found = try await pages(store, table, prefix: [1, 2, 3, 1], limit: 7)
                let wanted = keys.filter { $0[3] == 1 }.sorted { $0.lexicographicallyPrecedes($1) }
                #expect(found == wanted)
            }
            for table in [Self.prefixed, Self.hidden] {
                let found = try await pages(store, table, prefix: [], limit: 11)
                #expect(found.count == keys.count && Set(found) == Set(keys))
                #expect(try await pages(store, table, prefix: [], limit: 300) == found)
            }
            let last = try await pages(store, Self.open, prefix: [255], limit: 3)
            #expect(last == [[255, 255]])
            let none = try await store.read { try $0.scan(Self.open, prefix: [], after: nil, limit: 0) }
            #expect(none.isEmpty)
        }
    }

    private func pages(_ store: any NodeStore, _ table: Table, prefix: [UInt8], limit: Int) async throws -> [[UInt8]] {
        var (out, after) = ([[UInt8]](), [UInt8]?.none)
        while true {
            let page = try await store.read { [after] in
                try $0.scan(table, prefix: prefix, after: after, limit: limit)
            }
            #expect(page.allSatisfy { $0.key == $0.value || $0.value.isEmpty } && page.count <= limit)
            out += page.map(\.key)
            guard let last = page.last else { return out }
            after = last.key
        }
    }

    @Test(arguments: Driver.allCases) func aScanSeesWhatItsOwnTransactionWrote(_ driver: Driver) async throws {
        try await with(driver) { store in
            try await store.transaction { transaction in
                try transaction.put(Self.open, [1, 1], [1])
                try transaction.put(Self.open, [1, 2], [2])
            }
            try await store.transaction { transaction in
                try transaction.put(Self.open, [1, 3], [3])
                try transaction.put(Self.open, [1, 2], [4])
                let found = try transaction.scan(Self.open, prefix: [1], after: nil, limit: 9).map(\.value)
                #expect(found == [[1], [4], [3]])
            }
        }
    }

    @Test(arguments: Driver.allCases) func transactionsOfManyTasksAreSerial(_ driver: Driver) async throws {
        try await with(driver) { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try await store.transaction { transaction in
                            let count = try transaction.get(Self.open, [0]).map { try Wire.u64($0) } ?? 0
                            try transaction.put(Self.open, [0], (count + 1).bigEndianBytes)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let count = try await store.read { try $0.get(Self.open, [0]) }
            #expect(count == UInt64(200).bigEndianBytes)
        }
    }
}

/// A folder that is gone afterwards.
enum Folder {
    static func with<R>(_ body: (String) async throws -> R) async throws -> R {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("warifu-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(url.path)
    }
}
