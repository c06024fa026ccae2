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

/// One bad record at each place of a batch: it is refused alone, and all others go through.
@Suite struct BatchTests {
    private static let count = 8

    /// What is wrong with a record.
    enum Fault: CaseIterable, Sendable {
        /// The author's signature, as all transcryptors get it.
        case signature
        /// The proof that the author knows the key, as one transcryptor alone gets it.
        case knowledgeAtOne
        /// A category that the Request does not name.
        case category
        /// Data of a time that the consent does not cover.
        case period
    }

    /// Changes one record of a deposit on its way.
    private static func spoiled(_ body: [UInt8], _ place: Int, _ fault: Fault) throws -> [UInt8] {
        let call = try DecideCall(body: body)
        var records = call.records
        guard records.count == count, case .deposit(let deposit) = records[place] else { return body }
        var (knowledge, signature) = (deposit.prefix.knowledge.bytes.bytes, deposit.prefix.signature.bytes)
        // The low byte of a scalar: still a scalar.
        if fault == .knowledgeAtOne { knowledge[0] ^= 1 } else { signature[0] ^= 1 }
        let prefix = EnvelopePrefix(
            deposit.prefix.header, try Knowledge(wire: knowledge), deposit.prefix.commitment,
            try Wire.fixed(signature))
        records[place] = .deposit(
            RecordSubmission.Deposit(prefix: prefix, bodyHash: deposit.bodyHash, previous: deposit.previous))
        return DecideCall(request: call.request, origins: call.origins, records: records, ties: call.ties).body
    }

    private static func batch(_ country: Country, _ name: String, bad: Int, _ fault: Fault) -> [NewRecord] {
        (0..<count).map { place in
            let isBad = place == bad
            return country.record(
                "\(name) record \(place)", isBad && fault == .category ? .imaging : .laboratory,
                minute: isBad && fault == .period ? 1_000 : 29_000_000 + UInt64(place))
        }
    }

    @Test(arguments: Fault.allCases) func oneBadRecordOfADepositIsRefusedAlone(_ fault: Fault) async throws {
        try await Country.run(seed: 211) { country in
            let names = country.names
            let resident = try await country.enrol("patient")
            let give = try await resident.phone.give(
                try country.terms(to: names.hospitalA, data: 2_000...Country.dataEnd))
            let atA = try await country.gateway(names.hospitalA).identify(
                try await country.present(resident, at: names.hospitalA), for: country.use(),
                by: try country.doctor(names.hospitalA))
            let patient = Patient(resident: resident, atA: atA, giveA: give, giveB: give)
            let bad = Shared(0)
            let inTheWay: [PartyID] =
                switch fault {
                case .signature: names.transcryptors
                case .knowledgeAtOne: [names.transcryptors[1]]
                case .category, .period: []
                }
            for id in inTheWay {
                try await country.intercept(id) { (call, body) in
                    call == .decide ? try Self.spoiled(body, bad.value, fault) : nil
                }
            }
            var stored = 0
            for place in 0..<Self.count {
                bad.change { $0 = place }
                let records = Self.batch(country, "\(fault) \(place)", bad: place, fault)
                let kept = try await country.deposit(records, of: patient)
                let ids = Set(kept.map(\.header.recordID))
                let good = records.enumerated().filter { $0.offset != place }.map(\.element.recordID)
                #expect(kept.count == Self.count - 1 && ids == Set(good), "\(fault) at \(place)")
                stored += kept.count
            }
            // And all that was kept is found: nothing of the bad ones, everything of the others.
            let there = try await country.found(of: patient)
            #expect(there.count == stored && stored == Self.count * (Self.count - 1))
        }
    }

    /// A Ticket that is false, and a Ticket of another person.
    @Test(arguments: [false, true]) func oneBadRecordOfAFetchIsRefusedAlone(_ ofAnother: Bool) async throws {
        try await Country.run(seed: 212) { country in
            let (names, t2) = (country.names, country.names.transcryptors[1])
            let (patient, other) = (try await country.patient("one"), try await country.patient("two"))
            let records = (0..<Self.count).map { country.record("record \($0)", minute: 29_000_000 + UInt64($0)) }
            let found = try await country.deposit(records, of: patient)
            let foreign = try await country.deposit([country.record("of another")], of: other)[0]
            let bad = Shared(0)
            if !ofAnother {
                try await country.intercept(t2) { (call, body) in
                    guard call == .decide else { return nil }
                    let call = try DecideCall(body: body)
                    var records = call.records
                    guard case .fetch(let header, let ticket) = records[bad.value] else { return nil }
                    var bytes = ticket.bytes
                    bytes[5] ^= 1
                    records[bad.value] = .fetch(header: header, ticket: try Ticket(wire: bytes))
                    return DecideCall(
                        request: call.request, origins: call.origins, records: records, ties: call.ties
                    ).body
                }
            }
            for place in 0..<Self.count {
                bad.change { $0 = place }
                var asked = found
                if ofAnother { asked[place] = foreign }
                let read = try await country.gateway(names.hospitalA).fetch(
                    asked, of: patient.atA, for: country.use(), by: try country.doctor(names.hospitalA))
                for (number, record) in read.enumerated() {
                    let content = record.content.map { String(decoding: $0, as: UTF8.self) }
                    #expect(content == (number == place ? nil : "record \(number)"), "\(place): \(number)")
                }
            }
        }
    }

    /// Persons without consent among persons with one: each is refused alone.
    @Test func oneRefusedPersonOfALinkIsRefusedAlone() async throws {
        try await Country.run(seed: 213, services: Service.proof) { country in
            let names = country.names
            var patients: [Patient] = []
            for number in 0..<4 { patients.append(try await country.patient("patient \(number)")) }
            func link() async throws -> [Bool] {
                try await country.gateway(names.hospitalA).link(
                    patients.map(\.atA), to: names.hospitalB, for: country.use(),
                    by: try country.doctor(names.hospitalA))
            }
            for place in patients.indices {
                let give = try await patients[place].resident.phone.give(
                    try country.terms(to: names.hospitalA, uses: 500))
                _ = try await patients[place].resident.phone.withdraw(patients[place].giveA)
                _ = try await patients[place].resident.phone.withdraw(give)
                let permitted = try await refusedFrom(place, link)
                #expect(permitted == patients.indices.map { $0 > place }, "\(place)")
            }
        }
    }

    /// When nobody is left, the whole Request is.
    private func refusedFrom(_ place: Int, _ link: () async throws -> [Bool]) async throws -> [Bool] {
        do { return try await link() } catch ExchangeFailure.notPermitted where place == 3 {
            return .init(repeating: false, count: 4)
        }
    }
}
