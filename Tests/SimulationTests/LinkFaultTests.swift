import DataCentre
import Device
import Exchanges
import Foundation
import Gateway
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing

/// `WARIFU_SOAK=1`: every message.
private let isSoak = ProcessInfo.processInfo.environment["WARIFU_SOAK"] != nil

/// *Link* and *study* with one fault at each message: a retry finishes, and everybody stays who they are.
@Suite struct LinkFaultTests {
    private struct Work {
        let country: Country
        let patients: [Patient]
        let known: [Pseudonym]
        var names: Country.Names { country.names }

        init(_ country: Country) async throws {
            self.country = country
            var patients: [Patient] = []
            for number in 0..<2 {
                let patient = try await country.patient("patient \(number)")
                _ = try await country.gateway(country.names.hospitalA).requester.settle()
                try await country.deposit([country.record("of \(number)")], of: patient)
                _ = try await patient.resident.phone.give(
                    try country.terms(to: country.names.medical, purpose: .research))
                patients.append(patient)
            }
            self.patients = patients
            known = try await country.medical().persons(limit: 10)
        }

        func link() async throws -> [Bool] {
            try await country.gateway(names.hospitalA).link(
                patients.map(\.atA), to: names.hospitalB, for: country.use(), by: try country.doctor(names.hospitalA))
        }

        func study() async throws -> [Bool] {
            try await country.medical().study(
                known, with: names.anonymiser, for: country.use(.anonymisationOfficer, purpose: .research),
                by: try country.person(0, of: names.medical))
        }

        func recover(_ what: String) async throws {
            country.network.setPlan(.none)
            await country.wait(seconds: 40)
            for requester in [
                try country.gateway(names.hospitalA).requester, try country.medical().requester,
            ] {
                let (running, owed) = (try await requester.resume(), try await requester.settle())
                #expect(running == 0 && owed == 0, "\(what): \(running) under way, \(owed) owed")
            }
        }

        /// Who is known at the two targets.
        func targets() async throws -> [Set<Bytes32>] {
            var out: [Set<Bytes32>] = []
            for id in [names.hospitalB, names.anonymiser] {
                let party = try country.gateway(id).requester
                out.append(
                    Set(
                        try await party.store.read { try party.holdings.all(after: nil, limit: 10, $0) }
                            .map(\.encoding)))
            }
            return out
        }
    }

    @Test(arguments: [MessageFault.dropped, .answerDropped, .receiverCrashesAfter(forMilliseconds: 1_000)])
    func oneFaultAtEachMessageOfALinkAndAStudyLosesNobody(_ fault: MessageFault) async throws {
        try await Country.run(seed: 291, services: Service.proof) { country in
            let work = try await Work(country)
            country.network.setPlan(.none)
            _ = try await work.link()
            _ = try await work.study()
            let messages = country.network.messages
            try await work.recover("without faults")
            let persons = try await work.targets()
            #expect(persons.allSatisfy { $0.count == 2 } && messages > 15)
            for number in stride(from: 0, to: messages, by: isSoak ? 1 : 7) {
                let what = "\(fault) at \(number)"
                country.network.setPlan(FaultPlan(messages: [number: fault]))
                _ = try? await work.link()
                _ = try? await work.study()
                try await work.recover(what)
                let (linked, studied) = (try await work.link(), try await work.study())
                #expect(linked == [true, true] && studied == [true, true], "\(what)")
                try await work.recover(what)
                let after = try await work.targets()
                #expect(after == persons, "\(what)")
            }
        }
    }
}
