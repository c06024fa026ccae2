import Exchanges
import Foundation
import Gateway
import Polymorphic
import Portal
import Ristretto255
import SQLiteStore
import Testing

@testable import Device
@testable import Simulation

/// What somebody has who takes the portal's store.
@Suite struct StolenPortalTests {
    private static let identity = "Hanako of Sendai"

    private struct Loot: Sendable {
        let contents: [Exchanges.Table: [[UInt8]: [UInt8]]]
        let stored: [[UInt8]]
        /// What nobody may read there, by name.
        let personal: [(name: String, bytes: [UInt8])]
        let handle: [UInt8]
    }

    private func loot() async throws -> Loot {
        try await Country.run(seed: 721) { country in
            let names = country.names
            let store = MemoryNodeStore()
            _ = try await country.startPortal(store)
            let resident = try await country.enrol(Self.identity)
            let through = try await country.copy(of: resident.phone, throughPortal: true)
            _ = try await through.give(try country.terms(to: names.hospitalA))
            let person = try await country.visit(resident)
            try await country.search(person)
            await country.wait(seconds: 3)
            let history = try await through.history()
            #expect(history.uses.count == 2 && history.doubts.isEmpty)
            let keys = resident.phone.keys
            let row = try await resident.phone.row()
            let personal: [(String, [UInt8])] = [
                ("who asked", names.hospitalA.bytes), ("where", names.medical.bytes),
                ("what for", Array("treatment".utf8)), ("in which role", Array("physician".utf8)),
                ("the pseudonym at A", person.encoding.bytes), ("the person's ciphertext", row.pseudonym.bytes),
                ("the enrolment", row.enrolID.bytes), ("the identity", Array(Self.identity.utf8)),
                ("the number", Array(resident.number.revealedDigits.utf8)),
                ("the key of the tags", keys.tagKey(1).withBytes { [UInt8]($0) }),
                ("the audit key", keys.audit.secretCopy().withEncoding { [UInt8]($0) }),
            ]
            // The Directory is public, and names every party.
            let own = store.contents.filter { $0.key.name.hasPrefix("portal-") }
            return Loot(
                contents: own, stored: own.values.flatMap { $0.flatMap { [$0.key, $0.value] } }, personal: personal,
                handle: keys.handles[0].bytes)
        }
    }

    private func holds(_ all: [[UInt8]], _ bytes: [UInt8]) -> Bool {
        all.contains { Data($0).range(of: Data(bytes)) != nil }
    }

    @Test func theContentsSayNothingOfAPerson() async throws {
        let loot = try await loot()
        #expect(loot.contents.count == 2 && loot.stored.count > 10)
        // The search finds what is there.
        #expect(holds(loot.stored, loot.handle))
        for (name, bytes) in loot.personal { #expect(!holds(loot.stored, bytes), "\(name)") }
    }

    @Test func onADiskNotEvenAHandleStands() async throws {
        let loot = try await loot()
        let folder = FileManager.default.temporaryDirectory.appending(path: "warifu-portal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sealer = try StoreSealer(key: SecretBytes(copying: [UInt8](repeating: 5, count: StoreSealer.keyBytes)))
        let store = try SQLiteNodeStore(path: folder.appending(path: "store.sqlite").path, sealer: sealer)
        try await store.transaction { transaction in
            for (table, entries) in loot.contents {
                for (key, value) in entries { try transaction.put(table, key, value) }
            }
        }
        try await store.close()
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let disk = try files.map { [UInt8](try Data(contentsOf: $0)) }
        // The names of the tables are there.
        #expect(holds(disk, Array("portal-head".utf8)))
        #expect(!holds(disk, loot.handle))
        for (name, bytes) in loot.personal { #expect(!holds(disk, bytes), "\(name)") }
    }
}
