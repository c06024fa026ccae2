import Exchanges
import Foundation
import Guards
import Polymorphic
import Ristretto255
import SQLiteStore
import Testing

@testable import FHIR
@testable import GatewayServer

/// The contract of `ResourceStore`, for the one in memory and for the durable one over every driver.
@Suite struct RecordStoreTests {
    enum Kind: String, CaseIterable, Sendable { case memory, nodeMemory, sqliteInMemory, sqliteFile }

    static let now: UInt64 = 1_767_571_200

    static func records(_ store: any NodeStore) throws -> RecordStore {
        RecordStore(store, key: try identityKey(), now: { now })
    }

    private func with(_ kind: Kind, _ body: (any ResourceStore) async throws -> Void) async throws {
        switch kind {
        case .memory: try await body(MemoryStore())
        case .nodeMemory: try await body(try Self.records(MemoryNodeStore()))
        case .sqliteInMemory: try await body(try Self.records(SQLiteNodeStore(inMemory: sealer())))
        case .sqliteFile:
            try await Folder.with { folder in
                let store = try SQLiteNodeStore(path: folder + "/node.sqlite", sealer: sealer())
                try await body(try Self.records(store))
                try await store.close()
            }
        }
    }

    /// A write of an Observation about patients.
    private func write(
        _ id: String, _ version: Int = 1, type: String = "Observation", about patients: [String] = ["p"],
        keys: [IndexKey] = [], size: Int = 1, deleted: Bool = false
    ) throws -> Write {
        let text = String(repeating: "x", count: size)
        let resource = try Resource(
            Array(#"{"resourceType":"\#(type)","id":"\#(id)","n":1.10,"v":\#(version),"t":"\#(text)"}"#.utf8))
        let key = try key(id, type)
        let stored = StoredVersion(
            key: key, version: version, lastUpdated: FHIRInstant(milliseconds: Int64(version) * 1_000 + 7),
            resource: deleted ? nil : resource, patients: patients)
        return Write(stored: stored, keys: deleted ? [] : Set(patients.map(IndexKey.patient) + keys))
    }

    private func same(_ a: StoredVersion?, _ b: StoredVersion?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return a.key == b.key && a.version == b.version && a.lastUpdated == b.lastUpdated && a.patients == b.patients
            && a.resource?.bytes == b.resource?.bytes
    }

    private func key(_ id: String, _ type: String = "Observation") throws -> ResourceKey {
        let known = try #require(ResourceType(type))
        return try #require(ResourceKey(known, id))
    }

    @Test(arguments: Kind.allCases) func whatWasCommittedIsRead(_ kind: Kind) async throws {
        try await with(kind) { store in
            let writes = [
                try write("a"), try write("b", about: ["p", "q"], keys: [IndexKey("identifier", "77")]),
                try write("c", type: "Organization", about: []),
            ]
            try await store.commit(writes)
            try await store.commit([])
            for write in writes {
                let found = try await store.current([write.stored.key])
                #expect(same(found[write.stored.key], write.stored))
            }
            #expect(try await store.current([key("z")]).isEmpty)
            func ids(_ type: String?, _ keys: Set<IndexKey>?) async throws -> [String] {
                try await store.candidates(type.flatMap { ResourceType($0) }, keys).map(\.key.id)
            }
            #expect(try await ids(nil, nil) == ["a", "b", "c"])
            #expect(try await ids("Observation", nil) == ["a", "b"])
            #expect(try await ids(nil, [.patient("p")]) == ["a", "b"])
            #expect(try await ids(nil, [.patient("q"), IndexKey("identifier", "77")]) == ["b"])
            #expect(try await ids("Organization", [.patient("p")]) == [])
            #expect(try await ids("Patient", nil) == [])
            #expect(try await ids(nil, []) == [])
            #expect(try await store.history(key("b")).map(\.version) == [1])
            #expect(try await store.history(key("z")).isEmpty)
        }
    }

    @Test(arguments: Kind.allCases) func versionsFollowOneAnother(_ kind: Kind) async throws {
        try await with(kind) { store in
            let (first, second) = (try write("a", keys: [IndexKey("x", "1")]), try write("a", 2, about: ["q"]))
            try await store.commit([first, try write("b")])
            try await store.commit([second])
            let read = try await store.current([key("a")])
            #expect(same(read[try key("a")], second.stored))
            #expect(try await store.candidates(nil, [.patient("p")]).map(\.key.id) == ["b"])
            #expect(try await store.candidates(nil, [IndexKey("x", "1")]).isEmpty)
            try await store.commit([try write("a", 3, about: ["q"], deleted: true)])
            #expect(try await store.candidates(nil, nil).map(\.key.id) == ["b"])
            let history = try await store.history(key("a"))
            #expect(history.map(\.version) == [3, 2, 1] && history[0].resource == nil)
            #expect(same(history[2], first.stored) && same(history[1], second.stored))
            // What was deleted comes back under the next number.
            try await store.commit([try write("a", 4)])
            #expect(try await store.candidates(nil, [.patient("p")]).map(\.key.id) == ["a", "b"])
        }
    }

    @Test(arguments: Kind.allCases) func aCommitIsAllOrNothing(_ kind: Kind) async throws {
        try await with(kind) { store in
            try await store.commit([try write("a")])
            for stale in [[try write("b"), try write("a")], [try write("c"), try write("a", 3)]] {
                await #expect(throws: Problem(.conflict)) { try await store.commit(stale) }
            }
            #expect(try await store.candidates(nil, nil).map(\.key.id) == ["a"])
            #expect(try await store.history(key("a")).count == 1)
            #expect(try await store.current([key("b"), key("c")]).isEmpty)
        }
    }

    @Test(arguments: Kind.allCases) func ofTwoAtTheSameTimeOneWins(_ kind: Kind) async throws {
        try await with(kind) { store in
            let write = try write("a")
            let wins = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { (try? await store.commit([write])) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
        }
    }

    @Test(arguments: Kind.allCases) func valuesMayBeLarge(_ kind: Kind) async throws {
        try await with(kind) { store in
            let large = try write("a", size: 3 << 20)
            try await store.commit([large])
            let found = try await store.current([key("a")])
            #expect(same(found[try key("a")], large.stored))
        }
    }

    @Test func whatWasCommittedOutlivesTheProgram() async throws {
        try await Folder.with { folder in
            let path = folder + "/node.sqlite"
            let store = try SQLiteNodeStore(path: path, sealer: sealer())
            let written = try write("a-name-of-somebody", keys: [IndexKey("identifier", "1234-secret-value")])
            try await Self.records(store).commit([written])
            try await store.close()
            // On the disk there is nothing of it in the clear.
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let data = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
                for secret in ["a-name-of-somebody", "1234-secret-value", "Observation", "1.10"] {
                    #expect(data.range(of: Data(secret.utf8)) == nil, "\(secret)")
                }
            }
            let again = try SQLiteNodeStore(path: path, sealer: sealer())
            let found = try await Self.records(again).candidates(nil, [IndexKey("identifier", "1234-secret-value")])
            #expect(found.count == 1 && same(found.first, written.stored))
            try await again.close()
        }
    }

    /// An entry for each resource and one for each thing that it is found by would be ten times as many.
    @Test func aBundleIsFewEntries() async throws {
        let store = MemoryNodeStore()
        let records = try Self.records(store)
        let writes = try (0..<700).map { try write("r\($0)", keys: [IndexKey("encounter", "e\($0 / 10)")]) }
        try await records.commit(writes)
        let entries = store.contents.values.reduce(0) { $0 + $1.count }
        #expect(entries == 700 + 70 + 3 + 1)
    }

    @Test func aFailingDiskIsToldAsUnavailable() async throws {
        let store = MemoryNodeStore()
        let records = try Self.records(store)
        store.schedule([.failed])
        let write = try write("a")
        await #expect(throws: Problem(.unavailable)) { try await records.commit([write]) }
        #expect(try await records.current([key("a")]).isEmpty)
        try await records.commit([write])
    }

    /// Of a patient who is linked every write leaves a mark in its own transaction, of others none.
    @Test func writesAboutKnownPatientsLeaveAMark() async throws {
        let store = MemoryNodeStore()
        let records = try Self.records(store)
        try await store.transaction { try $0.put(LinkTable.byPatient, Array("p".utf8), try Self.somebody()) }
        try await records.commit([try write("a", about: ["q"]), try write("e", type: "AuditEvent")])
        #expect(store.contents[DepositMarks.table] == nil)
        try await records.commit([try write("b")])
        #expect(store.contents[DepositMarks.table]?.count == 1)
        let first = try await store.read { try records.marks.get("p", $0) }
        #expect(first?.number == 1 && first?.notBefore == Self.now + DepositMarks.settleSeconds)
        // A resource that is put right, from one patient to another: both are owed a deposit.
        try await records.commit([try write("b", 2, about: ["q"])])
        let mark = try #require(try await store.read { try records.marks.get("p", $0) })
        #expect(mark.number == 2)
        // A write that comes in meanwhile keeps the mark.
        try await store.transaction { try records.marks.end(try #require(first), $0) }
        #expect(store.contents[DepositMarks.table]?.count == 1)
        try await store.transaction { try records.marks.end(mark, $0) }
        #expect(store.contents[DepositMarks.table]?.isEmpty == true)
        // And a commit that is not done leaves none.
        await #expect(throws: Problem(.conflict)) { try await records.commit([try write("c", 7)]) }
        #expect(store.contents[DepositMarks.table]?.isEmpty == true)
    }

    /// An encoding of a point.
    static func somebody() throws -> [UInt8] { Element.generator.encoding.bytes }
}
