import DataCentre
import Device
import Exchanges
import Gateway
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing

/// The main job from beginning to end, without faults.
@Suite struct StoryTests {
    @Test(arguments: LedgerKind.allCases)
    func recordsFollowThePatientWhoMoves(_ kind: LedgerKind) async throws {
        try await Country.run(seed: 1, on: kind) { country in
            let names = country.names
            let resident = try await country.enrol("resident one")
            _ = try await resident.phone.give(try country.terms(to: names.hospitalA))
            let doctorA = try country.person(0, of: names.hospitalA)
            let atA = try await country.gateway(names.hospitalA).identify(
                try await country.present(resident, at: names.hospitalA), for: country.use(), by: doctorA)
            let record = NewRecord(
                recordID: country.random("record").draw(), category: Policy.Category.laboratory.name,
                dataMinute: 29_000_000, content: Array("HbA1c 6.1 %".utf8))
            let deposited = try await country.gateway(names.hospitalA).deposit(
                [record], of: atA, at: names.medical, for: country.use(), by: doctorA)
            #expect(deposited.count == 1)

            _ = try await resident.phone.give(try country.terms(to: names.hospitalB))
            let doctorB = try country.person(0, of: names.hospitalB)
            let (atB, found) = try await country.gateway(names.hospitalB).identify(
                try await country.present(resident, at: names.hospitalB), findingAt: names.medical,
                for: country.use(), by: doctorB)
            #expect(atA != atB)
            #expect(found.map(\.header) == deposited.map(\.header))
            let read = try await country.gateway(names.hospitalB).fetch(
                found, of: atB, for: country.use(), by: doctorB)
            #expect(read.map(\.content) == [Array("HbA1c 6.1 %".utf8)])

            let history = try await resident.phone.history()
            #expect(history.uses.count == 4)
            #expect(history.doubts == [])
            #expect(history.uses.allSatisfy { $0.isDelivered(country.pins) })
        }
    }
}
