import DataCentre
import Device
import Exchanges
import Gateway
import Policy
import Polymorphic
import Ristretto255
import Testing

@testable import Simulation

/// What persons and parties do beside the main job.
@Suite struct PersonStoryTests {
    private static func find(_ country: Country, _ patient: Patient, _ categories: [Policy.Category]) async
        -> ExchangeFailure?
    {
        await failure { _ = try await country.found(of: patient, for: country.use(.physician, categories)) }
    }

    @Test func aNarrowerConsentTakesThePlaceOfTheWiderOne() async throws {
        try await Country.run(seed: 251) { country in
            let patient = try await country.patient()
            let before = await Self.find(country, patient, [.laboratory, .medication])
            #expect(before == nil)
            let terms = try country.terms(to: country.names.hospitalA, [.laboratory])
            let narrow = try await patient.resident.phone.narrow(patient.giveA, to: terms)
            #expect(narrow.countersigned == [1, 2, 3])
            let wide = await Self.find(country, patient, [.laboratory, .medication])
            #expect(wide == .notPermitted)
            // Who was not told of the end of the old one reads it in the Ledger.
            await country.wait(seconds: 3)
            _ = try await patient.resident.phone.history()
            let within = await Self.find(country, patient, [.laboratory])
            #expect(within == nil)
            let active = try await patient.resident.phone.activeGives().map(\.give.id)
            #expect(Set(active) == [narrow.give.id, patient.giveB.give.id])
        }
    }

    @Test func afterDenyAllNothingGoesUntilThePersonGivesAgain() async throws {
        try await Country.run(seed: 252) { country in
            let patient = try await country.patient()
            let phone = patient.resident.phone
            for round in 0..<3 {
                let before = await Self.find(country, patient, [.laboratory])
                #expect(before == nil, "\(round)")
                let denial = try await phone.denyAll()
                #expect(denial.effectiveFrom >= country.scheduler.now())
                let denied = await Self.find(country, patient, [.laboratory])
                #expect(denied == .notPermitted, "\(round)")
                let read = await failure { _ = try await country.readAtB(patient) }
                #expect(read == .notPermitted, "\(round)")
                let active = try await phone.activeGives()
                #expect(active.isEmpty)
                _ = try await phone.give(try country.terms(to: country.names.hospitalA))
                _ = try await phone.give(try country.terms(to: country.names.hospitalB))
            }
            await country.wait(seconds: 3)
            let history = try await phone.history()
            #expect(history.doubts == [])
            // What was refused is shown, too.
            #expect(history.uses.count { !$0.isDelivered(country.pins) } == 6)
        }
    }

    @Test func aSecondPhoneIsAsGoodAsTheFirst() async throws {
        try await Country.run(seed: 253) { country in
            let names = country.names
            let patient = try await country.patient()
            let first = patient.resident.phone
            let second = try await country.secondPhone(first, "second")
            // It presents the same person.
            let resident = Resident(
                identity: patient.resident.identity, enrolID: patient.resident.enrolID,
                number: patient.resident.number, phone: second)
            let again = try await country.gateway(names.hospitalA).identify(
                try await country.present(resident, at: names.hospitalA), for: country.use(),
                by: try country.doctor(names.hospitalA))
            #expect(again == patient.atA)
            // It sees the same history.
            await country.wait(seconds: 3)
            let (mine, theirs) = (try await first.history(), try await second.history())
            #expect(mine.doubts == [] && theirs.doubts == [])
            #expect(mine.uses.map(\.requestDigest) == theirs.uses.map(\.requestDigest))
            #expect(mine.entries.map(\.leafIndex) == theirs.entries.map(\.leafIndex))
            // It ends what the first one gave.
            _ = try await second.withdraw(patient.giveA)
            let ended = await Self.find(country, patient, [.laboratory])
            #expect(ended == .notPermitted)
        }
    }

    /// A deny-all has a number. A phone that did not see the other's would use one that is spent.
    @Test func twoPhonesDenyAllInTurn() async throws {
        try await Country.run(seed: 254) { country in
            let names = country.names
            let patient = try await country.patient()
            let first = patient.resident.phone
            let second = try await country.secondPhone(first, "second")
            let phones = [first, second]
            for round in 0..<4 {
                let (denier, giver) = (phones[round % 2], phones[(round + 1) % 2])
                _ = try await denier.denyAll()
                let denied = await Self.find(country, patient, [.laboratory])
                #expect(denied == .notPermitted, "\(round)")
                let give = try await giver.give(try country.terms(to: names.hospitalA))
                #expect(give.countersigned == [1, 2, 3] && give.give.denials == UInt64(round + 1))
                let found = await Self.find(country, patient, [.laboratory])
                #expect(found == nil, "\(round)")
            }
            // The one that just gave, and the one that has not heard of it.
            _ = try await first.denyAll()
            let denied = await Self.find(country, patient, [.laboratory])
            #expect(denied == .notPermitted)
            _ = try await second.denyAll()
            await country.wait(seconds: 3)
            _ = try await second.history()
            let rows = try await country.rows(of: patient.resident.enrolID)
            #expect(Set(rows).count == 1 && rows[0].usable.isEmpty)
        }
    }

    @Test func aLinkedPersonIsTheOneWhomTheOtherHospitalMeets() async throws {
        try await Country.run(seed: 255, services: Service.proof) { country in
            let names = country.names
            let (known, other) = (try await country.patient("one"), try await country.patient("two"))
            _ = try await other.resident.phone.withdraw(other.giveA)
            let linked = try await country.gateway(names.hospitalA).link(
                [known.atA, other.atA], to: names.hospitalB, for: country.use(),
                by: try country.doctor(names.hospitalA))
            #expect(linked == [true, false])
            let atB = try country.gateway(names.hospitalB).requester
            let persons = try await atB.store.read { try atB.holdings.all(after: nil, limit: 10, $0) }
            #expect(persons.count == 1 && persons != [known.atA])
            let met = try await country.gateway(names.hospitalB).identify(
                try await country.present(known.resident, at: names.hospitalB), for: country.use(),
                by: try country.doctor(names.hospitalB))
            #expect(persons == [met])
        }
    }

    @Test func aStudyReachesThosePersonsWhoAgreed() async throws {
        try await Country.run(seed: 256, services: Service.proof) { country in
            let names = country.names
            var agreed: Set<Int> = []
            for number in 0..<4 {
                let patient = try await country.patient("patient \(number)")
                try await country.deposit([country.record("of \(number)")], of: patient)
                guard number != 2 else { continue }
                agreed.insert(number)
                _ = try await patient.resident.phone.give(try country.terms(to: names.medical, purpose: .research))
            }
            let medical = try country.medical()
            let persons = try await medical.persons(limit: 10)
            #expect(persons.count == 4)
            let officer = try country.person(0, of: names.medical)
            let use = country.use(.anonymisationOfficer, purpose: .research)
            let permitted = try await medical.study(persons, with: names.anonymiser, for: use, by: officer)
            #expect(permitted.count { $0 } == agreed.count)
            let party = try country.gateway(names.anonymiser).requester
            let there = try await party.store.read { try party.holdings.all(after: nil, limit: 10, $0) }
            #expect(there.count == 3 && Set(there.map(\.encoding)).isDisjoint(with: persons.map(\.encoding)))
            // Nobody else's officer, and not for another purpose.
            let treatment = await failure {
                _ = try await medical.study(
                    persons, with: names.anonymiser, for: country.use(.anonymisationOfficer), by: officer)
            }
            guard case .refused(_, Refusal(.policy))? = treatment else {
                Issue.record("\(String(describing: treatment))")
                return
            }
            // Again: the same persons, under the same pseudonyms.
            _ = try await medical.study(persons, with: names.anonymiser, for: use, by: officer)
            let again = try await party.store.read { try party.holdings.all(after: nil, limit: 10, $0) }
            #expect(again == there)
        }
    }

    @Test func aServiceThatIsNotOfferedIsRefused() async throws {
        try await Country.run(seed: 257) { country in
            let names = country.names
            let patient = try await country.patient()
            try await country.deposit([country.record("one")], of: patient)
            _ = try await patient.resident.phone.give(try country.terms(to: names.medical, purpose: .research))
            let medical = try country.medical()
            let persons = try await medical.persons(limit: 10)
            let refused = await failure {
                _ = try await medical.study(
                    persons, with: names.anonymiser, for: country.use(.anonymisationOfficer, purpose: .research),
                    by: try country.person(0, of: names.medical))
            }
            guard case .refused(_, Refusal(.policy))? = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
        }
    }
}
