import Device
import Exchanges
import Gateway
import Policy
import Polymorphic
import Portal
import Ristretto255
import Simulation
import Testing

/// Through the portal a phone learns what it learns without it.
@Suite struct PortalTests {
    @Test func aHistoryThroughThePortalIsTheSame() async throws {
        try await Country.run(seed: 701) { country in
            let portal = try await country.startPortal(MemoryNodeStore())
            let resident = try await country.enrol("one")
            _ = try await resident.phone.give(try country.terms(to: country.names.hospitalA))
            let person = try await country.visit(resident)
            try await country.search(person)
            await country.wait(seconds: 3)
            let through = try await country.copy(of: resident.phone, throughPortal: true)
            let direct = try await country.copy(of: resident.phone, throughPortal: false)
            let (told, expected) = (Told(try await through.history()), Told(try await direct.history()))
            #expect(told == expected && told.doubts == [] && told.uses == 2)
            // And from where each of them stopped.
            try await country.search(person)
            await country.wait(seconds: 3)
            let (more, expectedMore) = (Told(try await through.history()), Told(try await direct.history()))
            #expect(more == expectedMore && more.doubts == [] && more.uses == 3)
            #expect(portal.counts.kept == 0 && portal.counts.passedOn >= 6 && portal.counts.wentBack.isEmpty)
        }
    }

    @Test func consentsAndStopsReachEachTranscryptorThroughThePortal() async throws {
        try await Country.run(seed: 702) { country in
            _ = try await country.startPortal(MemoryNodeStore())
            let resident = try await country.enrol("one")
            let phone = try await country.copy(of: resident.phone, throughPortal: true)
            let give = try await phone.give(try country.terms(to: country.names.hospitalA))
            #expect(give.countersigned == [1, 2, 3])
            let person = try await country.visit(resident)
            try await country.search(person)
            let stopped = try await phone.withdraw(give)
            #expect(stopped != nil)
            await #expect(throws: ExchangeFailure.notPermitted) { try await country.search(person) }
            _ = try await phone.denyAll()
            let left = try await phone.activeGives()
            #expect(left.isEmpty)
        }
    }

    @Test func whatIsNoCallOfAPhoneIsRefused() async throws {
        try await Country.run(seed: 703) { country in
            let portal = try await country.startPortal(MemoryNodeStore())
            let stranger = Wire.list([Array("hospital-a".utf8), []])
            await #expect(throws: Refusal(.peer)) { try await portal.answer(.consent, stranger, from: nil) }
            for call in Call.allCases where !PortalNode.calls.contains(call) {
                await #expect(throws: Refusal(.peer)) { try await portal.answer(call, [], from: nil) }
            }
            await #expect(throws: Refusal(.length)) {
                try await portal.answer(.head, [UInt8](repeating: 0, count: Call.head.bodyMax + 1), from: nil)
            }
        }
    }

    @Test func withATranscryptorAwayTheKeptHeadIsGivenAndJudgedByItsAge() async throws {
        try await Country.run(seed: 704) { country in
            let t1 = country.names.transcryptors[0]
            let portal = try await country.startPortal(MemoryNodeStore())
            let (resident, other) = (try await country.enrol("one"), try await country.enrol("two"))
            _ = try await resident.phone.give(try country.terms(to: country.names.hospitalA))
            try await country.search(try await country.visit(resident))
            await country.wait(seconds: 3)
            let phone = try await country.copy(of: resident.phone, throughPortal: true)
            let before = Told(try await phone.history())
            country.network.setDown(t1, true)
            let again = Told(try await phone.history())
            #expect(again == before && again.doubts == [] && portal.counts.kept == 1)
            // A phone that has read nothing yet is told as much.
            let fresh = try await country.copy(of: resident.phone, throughPortal: true)
            let told = Told(try await fresh.history())
            #expect(told == before && portal.counts.kept == 2)
            // One who asks for more than is kept gets no answer.
            let direct = try await country.copy(of: resident.phone, throughPortal: false)
            let silent = try await direct.history().doubts
            #expect(silent == [.silent(1)])
            // The Ledger goes on, and the kept head gets old.
            _ = try await other.phone.give(try country.terms(to: country.names.hospitalA))
            await country.wait(seconds: 3)
            let stillGood = try await phone.history()
            #expect(stillGood.doubts == [])
            await country.wait(seconds: 601)
            let late = try await phone.history()
            #expect(late.doubts == [.silent(1)])
        }
    }

    /// Otherwise whoever uses the portal at times would accuse a transcryptor that is only away.
    @Test func anOlderWordThatWasKeptAccusesNobody() async throws {
        try await Country.run(seed: 705) { country in
            let t1 = country.names.transcryptors[0]
            _ = try await country.startPortal(MemoryNodeStore())
            let resident = try await country.enrol("one")
            await country.wait(seconds: 3)
            let once = try await country.copy(of: resident.phone, throughPortal: true)
            _ = try await once.history()
            // The phone itself goes past the portal and learns of a larger tree, with nothing new for it.
            _ = try await country.enrol("two")
            await country.wait(seconds: 3)
            let direct = try await resident.phone.history()
            #expect(direct.doubts == [])
            country.network.setDown(t1, true)
            let mixed = try await country.copy(of: resident.phone, throughPortal: true)
            let history = try await mixed.history()
            #expect(history.doubts == [.silent(1)])
        }
    }
}
