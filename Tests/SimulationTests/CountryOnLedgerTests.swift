import Device
import Exchanges
import Foundation
import Gateway
import Ledger
import Polymorphic
import SQLiteStore
import Simulation
import SimulationLedger
import Synchronization
import Testing
import TransparencyLog

/// A country on the ledger as it runs in earnest: SQLite, and three witnesses of which two must sign.
@Suite struct CountryOnLedgerTests {
    /// Runs a country on SQLite with a patient who has one record.
    private static func run(
        _ seed: UInt64, _ body: @escaping @Sendable (Country, DurableLedger, Patient) async throws -> Void
    ) async throws {
        try await Country.run(seed: seed, on: .sqlite) { country in
            let ledger = try #require(country.ledger as? DurableLedger)
            let patient = try await country.patient()
            try await country.deposit([country.record("one")], of: patient)
            try await body(country, ledger, patient)
        }
    }

    /// The code with which an exchange was refused, by whomever.
    private static func code(_ body: () async throws -> Void) async -> Refusal.Code? {
        guard case .refused(_, let refusal)? = await failure(body) else { return nil }
        return refusal.code
    }

    @Test func oneWitnessMayBeSilent() async throws {
        try await Self.run(81) { country, ledger, patient in
            ledger.setSilent(witness: 1, true)
            try await country.deposit([country.record("two", minute: 29_000_001)], of: patient)
            #expect(Set(try await country.readAtB(patient)) == ["one", "two"])
            let history = try await patient.resident.phone.history()
            #expect(history.doubts == [])
            for index in 0..<ledger.size { #expect(await ledger.proves(index)) }
        }
    }

    @Test func withoutTheQuorumNothingMoves() async throws {
        try await Self.run(82) { country, ledger, patient in
            for number in [0, 2] { ledger.setSilent(witness: number, true) }
            let two = country.record("two", minute: 29_000_001)
            #expect(await Self.code { try await country.deposit([two], of: patient) } == .ledger)
            #expect(await Self.code { _ = try await country.found(of: patient) } == .ledger)
            #expect(await Self.code { _ = try await country.readAtB(patient) } == .ledger)
            for number in [0, 2] { ledger.setSilent(witness: number, false) }
            await country.wait(seconds: 60)
            #expect(try await country.found(of: patient).count == 1)
            try await country.deposit([country.record("three", minute: 29_000_002)], of: patient)
            #expect(try await country.found(of: patient).count == 2)
        }
    }

    /// Where it is about to write, and where it has written and told nobody.
    @Test(arguments: [Failpoint.sequenced, .written, .committed])
    func aLedgerThatDiesInTheMiddleLosesNothing(_ point: Failpoint) async throws {
        try await Self.run(83) { country, ledger, patient in
            let id = country.names.ledger
            let before = try await ledger.leaves
            ledger.setDeath(point)
            country.scheduler.spawn {
                await country.wait(seconds: 3)
                country.network.crash(id, forMilliseconds: 1_000)
            }
            try await country.deposit([country.record("two", minute: 29_000_001)], of: patient)
            #expect(country.network.lives(of: id) == 2 && country.network.node(id) != nil)
            let after = try await ledger.leaves
            #expect(after.count > before.count && Array(after.prefix(before.count)) == before)
            #expect(Set(after).count == after.count)
            #expect(Set(try await country.readAtB(patient)) == ["one", "two"])
            await country.wait(seconds: 3)
            #expect(try await patient.resident.phone.history().doubts == [])
        }
    }

    @Test func anOldCopyOfTheStoreDoesNotStart() async throws {
        let folder = try Folder()
        let name = Shared("ledger")
        let maker = LedgerMaker { place in
            try await DurableLedger(place, folder: folder.path) {
                try SQLiteLedgerStore(path: "\(folder.path)/\(name.value).sqlite")
            }
        }
        try await Country.run(seed: 84, ledger: maker) { country in
            let patient = try await country.patient()
            for end in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: "\(folder.path)/ledger.sqlite\(end)", toPath: "\(folder.path)/copy.sqlite\(end)")
            }
            let size = country.ledger.size
            try await country.deposit([country.record("one")], of: patient)
            let now = country.ledger.size
            name.change { $0 = "copy" }
            await #expect {
                try await country.ledger.restart()
            } throws: { fault in
                guard case .behindWitness(_, now, size)? = fault as? StartFault else { return false }
                return true
            }
            #expect(await Self.code { _ = try await country.found(of: patient) } != nil)
            name.change { $0 = "ledger" }
            try await country.ledger.restart()
            #expect(country.ledger.size >= now)
            #expect(try await country.found(of: patient).count == 1)
        }
    }

    /// The log and its witnesses collude, and show one transcryptor another history.
    @Test func aForkIsNoticedAndProved() async throws {
        let folder = try Folder()
        try await Self.run(85) { country, ledger, patient in
            let twin = try await country.twinLedger(.sqlite(folder.path))
            let (t1, size) = (country.names.transcryptors[0], Int(ledger.size))
            for start in stride(from: 0, through: size, by: 256) {
                _ = try await twin.answer(.append, appendBody((start..<(start + 256)).map(exchangeLeaf)), from: t1)
            }
            country.setServed { reader, path in
                country.names.transcryptors.contains(reader) ? try await twin.fetch(path, limit: .max) : nil
            }
            #expect(await Self.code { _ = try await country.found(of: patient) } == .ledger)
            let (reader, fault) = try #require(country.evidence.first)
            #expect(country.names.transcryptors.contains(reader))
            guard case .inconsistent(let old, let new) = fault else {
                Issue.record("\(fault)")
                return
            }
            let notes = try [old, new].map { try ledger.policy.verify($0, log: ledger.log) }
            #expect(notes[0].root != notes[1].root && notes[1].size == twin.size)
            country.setServed(nil)
            #expect(try await country.found(of: patient).count == 1)
            await twin.close()
        }
        withExtendedLifetime(folder) {}
    }

    @Test func aHiddenHeadIsNoticed() async throws {
        try await Self.run(86) { country, ledger, patient in
            let old = try await ledger.fetch("checkpoint", limit: Note.byteMax)
            let transcryptors = country.names.transcryptors
            country.setServed { reader, path in path == "checkpoint" && transcryptors.contains(reader) ? old : nil }
            #expect(await Self.code { _ = try await country.found(of: patient) } == .ledger)
            // From the person alone it is hidden as well; the signed heads of the transcryptors say more.
            country.setServed { reader, path in path == "checkpoint" && !transcryptors.contains(reader) ? old : nil }
            await country.wait(seconds: 61)
            _ = try await country.found(of: patient)
            await country.wait(seconds: 660)
            #expect(try await patient.resident.phone.history().mayBeIncomplete)
            country.setServed(nil)
            #expect(try await patient.resident.phone.history().doubts == [])
        }
    }
}
