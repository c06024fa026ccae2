import Foundation
import Testing
import TransparencyLog

@testable import Ledger

/// The storage contract, on every store.
struct StoreContractTests {
    static func batch(_ numbers: Range<Int>, _ edge: inout TreeEdge, time: UInt64 = 1) -> LedgerBatch {
        var batch = LedgerBatch()
        for number in numbers {
            batch.leaves += leaf(number).bytes
            batch.appenders.append(UInt16(number % 65_536))
            edge.append(leaf(number).hash) { batch.fullTiles.append(($0, Tile.encode($1))) }
        }
        (batch.size, batch.root, batch.frontier, batch.time) = (edge.size, edge.root, edge.frontier, time)
        return batch
    }

    @Test(arguments: StoreKind.allCases) func whatATransactionWroteIsReadBack(_ kind: StoreKind) async throws {
        let scratch = try Scratch()
        let store = try await open(kind, scratch)
        #expect(try await store.head() == .empty)
        var edge = TreeEdge()
        var at = 0
        for count in [1, 3, 252, 1, 255, 256, 257, 700, 1, 4_096] {
            let batch = Self.batch(at..<(at + count), &edge, time: UInt64(at + 1))
            try await store.transaction { try $0.append(batch) }
            at += count
        }
        let head = try await store.head()
        #expect(head.size == UInt64(at) && head.root == edge.root && head.frontier == edge.frontier)
        for range in [0..<1, 0..<256, 255..<257, 300..<1_300, 0..<UInt64(at), (UInt64(at) - 1)..<UInt64(at)] {
            #expect(try await store.leaves(range) == range.flatMap { leaf(Int($0)).bytes })
        }
        let tiles = try await store.fullTiles(level: 0, first: 0, count: 1_000)
        #expect(tiles.count == at / 256)
        #expect(tiles[3] == Tile.encode((768..<1_024).map { leaf($0).hash }))
        #expect(try await store.fullTiles(level: 0, first: 5, count: 2) == Array(tiles[5..<7]))
        #expect(try await store.fullTiles(level: 1, first: 0, count: 1) == [])
        #expect(try await store.firstIndex(since: 0) == 0)
        #expect(try await store.firstIndex(since: 258) == 257)
        #expect(try await store.firstIndex(since: .max) == UInt64(at))
        await store.close()
    }

    @Test(arguments: StoreKind.allCases) func aTransactionThatThrowsWritesNothing(_ kind: StoreKind) async throws {
        struct Stop: Error {}
        let scratch = try Scratch()
        let store = try await open(kind, scratch)
        await #expect(throws: Stop.self) {
            try await store.transaction { transaction in
                var edge = TreeEdge()
                var batch = Self.batch(0..<300, &edge)
                batch.records = [([UInt8](repeating: 1, count: 32), [1])]
                try transaction.append(batch)
                try transaction.publish([1, 2, 3])
                throw Stop()
            }
        }
        #expect(try await store.head() == .empty)
        #expect(try await store.published() == nil)
        #expect(try await store.record([UInt8](repeating: 1, count: 32)) == nil)
        #expect(try await store.fullTiles(level: 0, first: 0, count: 1) == [])
        await #expect(throws: (any Error).self) { try await store.leaves(0..<1) }
        await store.close()
    }

    @Test(arguments: StoreKind.allCases) func recordsSignedRootsFenceAndPublishedNoteAreKept(_ kind: StoreKind)
        async throws
    {
        let scratch = try Scratch()
        let store = try await open(kind, scratch)
        let hash = [UInt8](repeating: 5, count: 32)
        let root = try await store.transaction { transaction in
            var edge = TreeEdge()
            var batch = Self.batch(0..<2, &edge)
            batch.records = [(hash, [9, 9])]
            try transaction.append(batch)
            try transaction.publish([4])
            try transaction.publish([5])
            return edge.root
        }
        #expect(try await store.record(hash) == [9, 9])
        #expect(try await store.published() == [5])
        #expect(try await store.transaction { try $0.signedRoot(at: 2) } == root)
        #expect(try await store.transaction { try $0.signedRoot(at: 1) } == nil)
        #expect(try await store.transaction { try $0.fence() } == 2)
        #expect(try await store.head().fence == 2)
        #expect(try await store.head().size == 2)
        await store.close()
    }

    @Test(arguments: StoreKind.allCases) func aBatchThatDoesNotFitTheHeadIsRefused(_ kind: StoreKind) async throws {
        let scratch = try Scratch()
        let store = try await open(kind, scratch)
        var edge = TreeEdge()
        _ = Self.batch(0..<5, &edge)
        let batch = Self.batch(5..<9, &edge)
        await #expect(throws: StoreFault.self) { try await store.transaction { try $0.append(batch) } }
        #expect(try await store.head() == .empty)
        await store.close()
    }

    @Test(arguments: StoreKind.allCases) func competingTransactionsLeaveNoGap(_ kind: StoreKind) async throws {
        let scratch = try Scratch()
        let store = try await open(kind, scratch)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<40 {
                group.addTask {
                    try await store.transaction { transaction in
                        var edge = TreeEdge()
                        for hash in LogTree.leafHashes(try transaction.leaves(0..<transaction.head.size)) {
                            edge.append(hash)
                        }
                        let numbers = (writer * 10)..<(writer * 10 + 7)
                        try transaction.append(Self.batch(numbers, &edge))
                    }
                }
            }
            try await group.waitForAll()
        }
        let found = try await rehash(store)
        let head = try await store.head()
        #expect(found.size == 280 && found.root == head.root)
        await store.close()
    }
}
