import Exchanges
import Foundation
import GRDB
import Ledger
import Polymorphic
import Ristretto255
import Testing

@testable import SQLiteStore

/// What a SQLite file tells those who have it, and what they can do with it.
@Suite struct SealedFileTests {
    private typealias Contract = NodeStoreContractTests
    private static let secret = Array("a pseudonym or a record, 32 bytes".utf8)

    private func bytes(in folder: String) throws -> [UInt8] {
        try FileManager.default.contentsOfDirectory(atPath: folder).flatMap { name in
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
        }
    }

    @Test func theFileHoldsNothingInTheClear() async throws {
        try await Folder.with { folder in
            let store = try SQLiteNodeStore(path: folder + "/node.sqlite", sealer: Contract.sealer())
            try await store.transaction { transaction in
                try transaction.put(Contract.hidden, Self.secret, [1])
                try transaction.put(Contract.open, [1], Self.secret)
                try transaction.put(Table("first", keys: .hidden(first: Self.secret.count)), Self.secret + [3], [1])
            }
            #expect(!(try bytes(in: folder)).contains(Self.secret))
            // The same search finds what stands in the clear, or it would prove nothing.
            try await store.transaction { try $0.put(Contract.open, Self.secret, [1]) }
            #expect(try bytes(in: folder).contains(Self.secret))
        }
    }

    @Test func anotherKeyOpensNothing() async throws {
        try await Folder.with { folder in
            let path = folder + "/node.sqlite"
            _ = try SQLiteNodeStore(path: path, sealer: Contract.sealer())
            #expect {
                try SQLiteNodeStore(path: path, sealer: Contract.sealer(2))
            } throws: { error in
                if case .refused(let why)? = error as? StoreFault { why.contains("another key") } else { false }
            }
            _ = try SQLiteNodeStore(path: path, sealer: Contract.sealer())
        }
    }

    @Test func noValueCanTakeThePlaceOfAnother() async throws {
        try await Folder.with { folder in
            let path = folder + "/node.sqlite"
            do {
                let store = try SQLiteNodeStore(path: path, sealer: Contract.sealer())
                try await store.transaction { transaction in
                    try transaction.put(Contract.open, [1], [1])
                    try transaction.put(Contract.open, [2], [2])
                    try transaction.put(Table("else"), [1], [3])
                }
                try await store.close()
            }
            let raw = try DatabaseQueue(path: path)
            for source in ["owner = 'open' AND key = x'02'", "owner = 'else' AND key = x'01'"] {
                try await raw.write { db in
                    try db.execute(
                        sql: """
                            UPDATE entry SET value = (SELECT value FROM entry WHERE \(source))
                            WHERE owner = 'open' AND key = x'01'
                            """)
                }
                let store = try SQLiteNodeStore(path: path, sealer: Contract.sealer())
                await #expect(throws: Refusal(.open)) { try await store.read { try $0.get(Contract.open, [1]) } }
                try await store.close()
            }
        }
    }

    @Test func aFileHasOneProcessAndANewerOneIsLeftAlone() async throws {
        try await Folder.with { folder in
            let path = folder + "/node.sqlite"
            do {
                let store = try SQLiteNodeStore(path: path, sealer: Contract.sealer())
                #expect(throws: StoreFault.inUse) { try SQLiteNodeStore(path: path, sealer: Contract.sealer()) }
                try await store.transaction { try $0.put(Contract.open, [1], [1]) }
                try await store.close()
            }
            do {
                let raw = try DatabaseQueue(path: path)
                try await raw.write { try $0.execute(sql: "PRAGMA user_version = 99") }
            }
            #expect(throws: StoreFault.refused("the file is of a newer version")) {
                try SQLiteNodeStore(path: path, sealer: Contract.sealer())
            }
        }
    }

    @Test func whatWasAcknowledgedIsThereForTheNextProcess() async throws {
        try await Folder.with { folder in
            let path = folder + "/node.sqlite"
            for round in 0..<4 as Range<UInt8> {
                let store = try SQLiteNodeStore(path: path, sealer: Contract.sealer())
                let kept = try await store.read { try $0.scan(Contract.open, prefix: [], after: nil, limit: 100) }
                #expect(kept.map(\.key) == (0..<round).map { [$0] })
                try await store.transaction { try $0.put(Contract.open, [round], [round]) }
                try await store.close()
                await #expect(throws: StoreFailure.self) { try await store.read { try $0.get(Contract.open, [0]) } }
            }
        }
    }

    @Test func theWriterIsDurable() async throws {
        try await Folder.with { folder in
            let store = try SQLiteNodeStore(path: folder + "/node.sqlite", sealer: Contract.sealer())
            let (mode, synchronous) = try await store.settings()
            #expect(mode == "wal" && synchronous == 2)
        }
    }

    @Test func aSealedValueThatWasChangedIsRefused() throws {
        let sealer = try Contract.sealer()
        let sealed = sealer.seal([1, 2, 3], key: [5], in: Contract.open, at: [5])
        #expect(try sealer.open(sealed, in: Contract.open, at: [5]).value == [1, 2, 3])
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: Refusal(.open)) { try sealer.open(changed, in: Contract.open, at: [5]) }
            #expect(throws: Refusal(.open)) { try sealer.open(Array(sealed[..<index]), in: Contract.open, at: [5]) }
        }
        #expect(sealed != sealer.seal([1, 2, 3], key: [5], in: Contract.open, at: [5]))
    }
}

extension [UInt8] {
    fileprivate func contains(_ other: [UInt8]) -> Bool { Data(self).range(of: Data(other)) != nil }
}
