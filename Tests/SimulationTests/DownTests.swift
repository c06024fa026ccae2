import DataCentre
import Device
import Exchanges
import Gateway
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing

@testable import Transcryptor

/// With one transcryptor down exchanges go on; with two down all are refused, and nothing is half done.
@Suite struct DownTests {
    /// Everything that a party or a person does, each once.
    private struct Day {
        let country: Country
        let patient: Patient
        let names: Country.Names

        init(_ country: Country) async throws {
            (self.country, names) = (country, country.names)
            patient = try await country.patient()
            // A third transcryptor gives its Ticket only to who has its token.
            try await settle()
            let terms = try country.terms(to: names.medical, purpose: .research)
            _ = try await patient.resident.phone.give(terms)
            try await country.deposit([country.record("before")], of: patient)
            try await settle()
        }

        func settle() async throws {
            for id in [names.hospitalA, names.hospitalB] {
                let owed = try await country.gateway(id).requester.settle()
                #expect(owed == 0)
            }
            let owed = try await country.medical().requester.settle()
            #expect(owed == 0)
        }

        /// Who does not know yet that one is down asks in vain once: the person is presented again.
        func identify() async throws -> Pseudonym {
            func once() async throws -> Pseudonym {
                try await country.gateway(names.hospitalA).identify(
                    try await country.present(patient.resident, at: names.hospitalA), for: country.use(),
                    by: try country.doctor(names.hospitalA))
            }
            do { return try await once() } catch ExchangeFailure.noAnswer { return try await once() }
        }

        func readAtB() async throws -> [String?] {
            do { return try await country.readAtB(patient) } catch ExchangeFailure.noAnswer {
                return try await country.readAtB(patient)
            }
        }

        func study() async throws -> [Bool] {
            let medical = try country.medical()
            let persons = try await medical.persons(limit: 10)
            return try await medical.study(
                persons, with: names.anonymiser, for: country.use(.anonymisationOfficer, purpose: .research),
                by: try country.person(0, of: names.medical))
        }

        func link() async throws -> [Bool] {
            try await country.gateway(names.hospitalA).link(
                [patient.atA], to: names.hospitalB, for: country.use(), by: try country.doctor(names.hospitalA))
        }

        func fetch(_ found: [FoundRecord]) async throws -> [ReadRecord] {
            try await country.gateway(names.hospitalA).fetch(
                found, of: patient.atA, for: country.use(), by: try country.doctor(names.hospitalA))
        }
    }

    @Test(arguments: 0..<3) func withOneDownExchangesGoOn(_ down: Int) async throws {
        try await Country.run(seed: 221, services: Service.proof) { country in
            let day = try await Day(country)
            let id = country.names.transcryptors[down]
            country.network.setDown(id, true)
            let atA = try await day.identify()
            #expect(atA == day.patient.atA)
            let kept = try await country.deposit([country.record("while down", minute: 29_000_001)], of: day.patient)
            #expect(kept.count == 1)
            let found = try await country.found(of: day.patient)
            #expect(found.count == 2)
            let read = try await day.fetch(found)
            #expect(read.allSatisfy { $0.content != nil })
            let moved = try await day.readAtB()
            #expect(moved == ["before", "while down"])
            let linked = try await day.link()
            #expect(linked == [true])
            let studied = try await day.study()
            #expect(studied == [true])
            // Consent is given and withdrawn at the two that are there.
            let phone = day.patient.resident.phone
            let give = try await phone.give(try country.terms(to: country.names.hospitalB))
            #expect(give.countersigned == Set([1, 2, 3]).subtracting([UInt8(down + 1)]))
            let withdrawn = try await phone.withdraw(give)
            #expect(withdrawn != nil)
            await country.wait(seconds: 3)
            let history = try await phone.history()
            #expect(history.doubts == [.silent(UInt8(down + 1))])
            // A person is enrolled at all n or not at all (PROTOCOL 5).
            let refused = await refusal { _ = try await country.enrol("somebody else") }
            #expect(refused == Refusal(.unavailable, at: down + 1))

            country.network.setDown(id, false)
            await country.wait(seconds: 61)
            _ = try await country.enrol("somebody else")
            try await day.settle()
            // The one that was away helps again, when another one is.
            country.network.setDown(country.names.transcryptors[(down + 1) % 3], true)
            let later = try await day.fetch([found[0]])
            #expect(later.map { $0.content != nil } == [true])
        }
    }

    @Test(arguments: 0..<3) func withTwoDownNothingIsDoneByHalves(_ up: Int) async throws {
        try await Country.run(seed: 222, services: Service.proof) { country in
            let day = try await Day(country)
            let names = country.names
            let found = try await country.found(of: day.patient)
            try await day.settle()
            let stored = [names.medical, names.anonymiser, names.hospitalB].map {
                country.network.store(of: $0)?.contents
            }
            let person = try await Self.holdings(country, day.patient.atA)
            let other = names.transcryptors.indices.filter { $0 != up }.map { names.transcryptors[$0] }
            for id in other { country.network.setDown(id, true) }

            let attempts: [(String, () async throws -> Void)] = [
                ("identify", { _ = try await day.identify() }),
                ("deposit", { _ = try await country.deposit([country.record("lost")], of: day.patient) }),
                ("find", { _ = try await country.found(of: day.patient) }),
                ("fetch", { _ = try await day.fetch(found) }),
                ("identify and find", { _ = try await day.readAtB() }),
                ("link", { _ = try await day.link() }),
                ("study", { _ = try await day.study() }),
            ]
            for (what, attempt) in attempts {
                let refused = await failure(attempt)
                guard case .noAnswer(let node)? = refused, other.contains(node) else {
                    Issue.record("\(what): \(String(describing: refused))")
                    continue
                }
            }
            let enrolment = await refusal { _ = try await country.enrol("somebody else") }
            #expect(enrolment?.code == .unavailable)

            // Consent is each transcryptor's own: what it was told holds in exchanges in which it takes part.
            let phone = day.patient.resident.phone
            let give = try await phone.give(try country.terms(to: names.hospitalB))
            #expect(give.countersigned == [UInt8(up + 1)])
            let stopped = try await phone.withdraw(give)
            #expect(stopped?.index == UInt8(up + 1))
            await country.wait(seconds: 3)
            let doubts = try await phone.history().doubts
            #expect(Set(doubts) == Set([1, 2, 3].filter { $0 != UInt8(up + 1) }.map(Doubt.silent)))

            let after = [names.medical, names.anonymiser, names.hospitalB].map {
                country.network.store(of: $0)?.contents
            }
            // Parties that ask keep what they owe; nobody has anything new about a person.
            #expect(after[1] == stored[1])
            #expect(Self.records(after[0]) == Self.records(stored[0]))
            let now = try await Self.holdings(country, day.patient.atA)
            #expect(now == person)

            for id in other { country.network.setDown(id, false) }
            await country.wait(seconds: 61)
            try await day.settle()
            try Self.expectNothingOpen(country)
            let read = try await day.readAtB()
            #expect(read == ["before"])
            _ = try await country.enrol("somebody else")
        }
    }

    private static func holdings(_ country: Country, _ person: Pseudonym) async throws -> [UInt8]? {
        let requester = try country.gateway(country.names.hospitalA).requester
        return try await requester.store.read { try requester.holdings.get(person, $0)?.pair.bytes }
    }

    private static func records(_ contents: Contents?) -> [Contents.Value?] {
        ["record", "envelope", "record-person", "person", "delivery"].map { contents?[Table($0)] }
    }

    /// No exchange at any transcryptor is between decision and release.
    private static func expectNothingOpen(_ country: Country) throws {
        for id in country.names.transcryptors {
            let exchanges = country.network.store(of: id)?.contents[.exchanges] ?? [:]
            #expect(!exchanges.isEmpty)
            for value in exchanges.values {
                let record = try ExchangeRecord(bytes: value)
                #expect(record.state != .decided, "\(id)")
                #expect(record.state != .released, "\(id)")
            }
        }
    }
}
