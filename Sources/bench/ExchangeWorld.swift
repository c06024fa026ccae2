import DataCentre
import Device
import Exchanges
import Gateway
import Policy
import Polymorphic
import Ristretto255
import Simulation

/// A country with patients who have records, ready for exchanges of every kind.
struct ExchangeWorld: Sendable {
    let country: Country
    /// With 10 records, and under which pseudonym the hospitals know the person.
    let patient: Person
    /// With 100 records.
    let chronic: Person
    /// About whom 245 records are deposited again and again.
    let newcomer: Person
    /// Persons of a study, under the pseudonyms of the Medical Centre.
    let cohort: [Pseudonym]

    struct Person: Sendable {
        let resident: Resident
        let atA: Pseudonym
        let records: [FoundRecord]
    }

    /// Persons in one batch of a study.
    static let cohortSize = 256

    static func make(_ country: Country) async throws -> ExchangeWorld {
        let patient = try await person("patient", records: 10, country)
        let chronic = try await person("chronic", records: 100, country)
        let newcomer = try await person("newcomer", records: 0, country)
        return ExchangeWorld(
            country: country, patient: patient, chronic: chronic, newcomer: newcomer,
            cohort: ExchangeBench.kinds.contains(.study256) ? try await cohort(country) : [])
    }

    private static func person(_ name: String, records: Int, _ country: Country) async throws -> Person {
        let names = country.names
        let resident = try await country.enrol(name)
        for hospital in [names.hospitalA, names.hospitalB] {
            _ = try await resident.phone.give(try country.terms(to: hospital, uses: 1_000_000))
        }
        let hospital = try country.gateway(names.hospitalA)
        let doctor = try country.person(0, of: names.hospitalA)
        let atA = try await hospital.identify(
            try await country.present(resident, at: names.hospitalA), for: country.use(), by: doctor)
        let found =
            records == 0
            ? []
            : try await hospital.deposit(
                self.records(records, country.random("records of \(name)")), of: atA, at: names.medical,
                for: country.use(), by: doctor)
        return Person(resident: resident, atA: atA, records: found)
    }

    /// Small records: what counts is their number.
    static func records(_ count: Int, _ random: some RandomSource) -> [NewRecord] {
        (0..<count).map { number in
            NewRecord(
                recordID: random.draw(), category: Policy.Category.laboratory.name,
                dataMinute: 29_000_000 + UInt64(number), content: random.bytes(200))
        }
    }

    /// Enrols persons who agree to a study, and lets the centre know them.
    private static func cohort(_ country: Country) async throws -> [Pseudonym] {
        let names = country.names
        let hospital = try country.gateway(names.hospitalA)
        let doctor = try country.person(0, of: names.hospitalA)
        let before = Set(try await country.medical().persons(limit: 10 * cohortSize))
        var persons: [Pseudonym] = []
        for number in 0..<cohortSize {
            let resident = try await country.enrol("member \(number)")
            _ = try await resident.phone.give(try country.terms(to: names.hospitalA))
            _ = try await resident.phone.give(
                try country.terms(to: names.medical, purpose: .research, uses: 1_000_000))
            persons.append(
                try await hospital.identify(
                    try await country.present(resident, at: names.hospitalA), for: country.use(), by: doctor))
        }
        await country.wait(seconds: 3_600)  // quotas of an hour
        _ = try await hospital.link(persons, to: names.medical, for: country.use(), by: doctor)
        return try await country.medical().persons(limit: 10 * cohortSize).filter { !before.contains($0) }
    }

    /// One exchange.
    func exchange(_ kind: ExchangeKindMeasured, _ random: SeededRandom) async throws {
        let names = country.names
        let (a, b) = (try country.gateway(names.hospitalA), try country.gateway(names.hospitalB))
        let doctor = try country.person(0, of: names.hospitalA)
        switch kind {
        case .identify:
            _ = try await a.identify(
                try await country.present(patient.resident, at: names.hospitalA), for: country.use(), by: doctor)
        case .identifyFind:
            _ = try await b.identify(
                try await country.present(patient.resident, at: names.hospitalB), findingAt: names.medical,
                for: country.use(), by: try country.person(0, of: names.hospitalB))
        case .find: _ = try await a.find(patient.atA, at: names.medical, for: country.use(), by: doctor)
        case .fetch1: try await fetch(Array(patient.records.prefix(1)), of: patient)
        case .fetch10: try await fetch(patient.records, of: patient)
        case .fetch100: try await fetch(chronic.records, of: chronic)
        case .deposit245:
            _ = try await a.deposit(
                Self.records(245, random), of: newcomer.atA, at: names.medical, for: country.use(), by: doctor)
        case .study256:
            let permitted = try await country.medical().study(
                cohort, with: names.anonymiser, for: country.use(.anonymisationOfficer, purpose: .research),
                by: try country.person(0, of: names.medical))
            guard permitted.count(where: { $0 }) == cohort.count else { throw Refusal(.consent) }
        }
    }

    private func fetch(_ records: [FoundRecord], of person: Person) async throws {
        let read = try await country.gateway(country.names.hospitalA).fetch(
            records, of: person.atA, for: country.use(), by: try country.person(0, of: country.names.hospitalA))
        guard read.count == records.count, read.allSatisfy({ $0.content != nil }) else { throw Refusal(.record) }
    }

    /// Pays what exchanges still owe: receipts, and what the absent transcryptor adopts.
    func settle() async throws {
        for id in [country.names.hospitalA, country.names.hospitalB] {
            _ = try await country.gateway(id).requester.settle()
        }
        _ = try await country.medical().requester.settle()
    }
}
