import DataCentre
import Device
import Exchanges
import Gateway
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Simulation

/// The story itself.
struct DemoStory: Sendable {
    let country: Country
    let teller: DemoTeller
    let records: DemoRecords
    typealias Said = DemoTeller.Said
    var names: Country.Names { country.names }
    var watch: DemoWatch { teller.watch }

    /// The register's entry of the person, made up.
    static let identity = "Mihon Hanako, 1961-04-17, Sumida-ku Tokyo"
    static let neighbour = "Tonari Jiro, 1958-09-02, Sumida-ku Tokyo"
    /// The time that the records are about: 2025-02-20.
    static let dataMinute: UInt64 = 29_000_000

    /// Where the story stands when she has moved.
    struct Moved: Sendable {
        let resident: Resident
        let atA: Pseudonym
        let atB: Pseudonym
        let giveB: KeptGive
        /// An answer of transcryptor 1 to Hospital B: true when it was given.
        let oldVerdict: [UInt8]
        let found: Int
    }

    func doctor(_ party: PartyID) throws -> SoftwareAuthenticator { try country.person(0, of: party) }

    /// What the country needed to begin.
    func founding(since start: DemoCost) async throws {
        let ceremony = country.pins.ceremony
        try teller.check(ceremony.t > 1 && ceremony.t < ceremony.n, "founded.threshold")
        try teller.check(names.transcryptors.count == Int(ceremony.n), "founded.transcryptors")
        try await teller.emit(
            .everybody, nil,
            Said(.founded, [.count: .count(Int(ceremony.n)), .uses: .count(Int(ceremony.t))]),
            teller.now() - start, DemoWatch.Glimpse(passages: [], hands: []))
    }

    /// She is enrolled, treated at A, moves, and is treated at B.
    func move() async throws -> Moved {
        let resident = try await enrol()
        _ = try await agree(resident, to: names.hospitalA, .hospitalA)
        let atA = try await identifyAtA(resident)
        try await deposit(of: atA, resident)
        let giveB = try await agree(resident, to: names.hospitalB, .hospitalB)
        let (atB, found) = try await findAtB(resident, not: atA)
        let verdict = watch.verdict
        try await readAtB(resident, atB, found)
        try await lookBack(resident)
        return Moved(
            resident: resident, atA: atA, atB: atB, giveB: giveB, oldVerdict: verdict, found: found.count)
    }

    private func enrol() async throws -> Resident {
        watch.seek(.identity, [Array(Self.identity.utf8)])
        watch.seek(.content, records.marks)
        return try await teller.step(.officials, of: { $0.phone }) {
            try await country.enrol(Self.identity)
        } say: { resident, _ in
            // With one official nothing begins.
            let (centre, name) = (try country.numberCentre(), Array(Self.identity.utf8))
            let act = centre.enrolmentAct(identity: name, keyHash: .zero)
            var refusal: Refusal?
            do {
                _ = try await centre.enrol(
                    identity: name, keyHash: .zero, act, Array(country.officially(act).prefix(1)))
            } catch let refused as Refusal { refusal = refused }
            try teller.check(refusal?.code == .policy, "enrolled.two-officials")
            watch.seek(.number, [Array(resident.number.revealedDigits.utf8)])
            watch.hold(names.numberCentre, resident.identity + Array(resident.number.revealedDigits.utf8))
            return Said(.enrolled, [.reason: .text(refusal?.code.rawValue ?? "")])
        }
    }

    /// She agrees that a hospital uses her records for treatment.
    func agree(_ resident: Resident, to id: PartyID, _ party: DemoParty, again: Bool = false) async throws -> KeptGive {
        let terms = try country.terms(to: id)
        return try await teller.step(.patient, of: { _ in resident.phone }) {
            try await resident.phone.give(terms)
        } say: { (give: KeptGive, _) in
            try teller.check(give.countersigned.count == Int(country.pins.ceremony.n), "agreed.everywhere")
            let purpose = try purpose(of: give)
            if again { return Said(.agreedAgain, [.party: .key(.demoParty(party)), .purpose: purpose]) }
            return Said(
                .agreed,
                [
                    .party: .key(.demoParty(party)), .purpose: purpose, .until: .day(give.give.dates.notAfter),
                    .count: .count(give.countersigned.count),
                ]
            )
        }
    }

    private func purpose(of give: KeptGive) throws -> DemoValue {
        try teller.check(give.give.purposes.count == 1, "agreed.purpose")
        guard let purpose = give.give.purposes.first.flatMap({ PurposeOfUse($0) }) else {
            throw DemoFault(check: "agreed.purpose")
        }
        return .key(purpose.key)
    }

    private func identifyAtA(_ resident: Resident) async throws -> Pseudonym {
        asks(names.hospitalA)
        return try await teller.step(.hospitalA, of: { _ in resident.phone }) {
            try await country.gateway(names.hospitalA).identify(
                try await country.present(resident, at: names.hospitalA), for: country.use(),
                by: try doctor(names.hospitalA))
        } say: { atA, _ in
            watch.seek(.pseudonymA, [atA.encoding.bytes])
            watch.hold(names.hospitalA, atA.encoding.bytes)
            return Said(.identified, [.mark: .text(Self.short(atA))])
        }
    }

    private func deposit(of atA: Pseudonym, _ resident: Resident) async throws {
        let parts = try records.parts(country.random("record ids"), minute: Self.dataMinute)
        _ = try await teller.step(.hospitalA, of: { _ in resident.phone }) {
            try await country.gateway(names.hospitalA).deposit(
                parts, of: atA, at: names.medical, for: country.use(), by: try doctor(names.hospitalA))
        } say: { deposited, glimpse in
            for part in parts { watch.hold(names.hospitalA, part.content) }
            try teller.check(Set(deposited.map(\.header.recordID)) == Set(parts.map(\.recordID)), "deposited.all")
            watch.seek(.header, deposited.map(\.header.bytes))
            let persons = try await country.medical().persons(limit: 2)
            try teller.check(persons.count == 1, "deposited.one-person")
            guard let atCentre = persons.first else { throw DemoFault(check: "deposited.one-person") }
            try teller.check(atCentre.encoding != atA.encoding, "deposited.other-pseudonym")
            watch.seek(.pseudonymCentre, [atCentre.encoding.bytes])
            // Nobody has decided who will read: the reader stands in none of the calls.
            let calls = glimpse.passages.filter { $0.call != .snapshot }
            let reader = [names.hospitalB.bytes]
            let named = calls.contains {
                DemoWatch.contains($0.body, reader) || DemoWatch.contains($0.answer, reader)
            }
            try teller.check(!calls.isEmpty && !named, "deposited.no-reader")
            return Said(
                .deposited,
                [
                    .records: .count(deposited.count), .bytes: .count(records.content.count),
                    .count: .count(calls.count),
                ]
            )
        }
    }

    private func findAtB(_ resident: Resident, not atA: Pseudonym) async throws -> (Pseudonym, [FoundRecord]) {
        asks(names.hospitalB)
        return try await teller.step(.hospitalB, of: { _ in resident.phone }) {
            try await country.gateway(names.hospitalB).identify(
                try await country.present(resident, at: names.hospitalB), findingAt: names.medical,
                for: country.use(), by: try doctor(names.hospitalB))
        } say: { result, _ in
            let (atB, found) = result
            try teller.check(atB.encoding != atA.encoding, "found.other-pseudonym")
            try teller.check(!found.isEmpty, "found.records")
            watch.seek(.pseudonymB, [atB.encoding.bytes])
            watch.hold(names.hospitalB, atB.encoding.bytes)
            return Said(.found, [.mark: .text(Self.short(atB)), .records: .count(found.count)])
        }
    }

    private func readAtB(_ resident: Resident, _ atB: Pseudonym, _ found: [FoundRecord]) async throws {
        _ = try await teller.step(.hospitalB, of: { _ in resident.phone }) {
            try await country.gateway(names.hospitalB).fetch(
                found, of: atB, for: country.use(), by: try doctor(names.hospitalB))
        } say: { read, _ in
            let opened = read.compactMap { record in record.content.map { (record.header.recordID, $0) } }
            try teller.check(opened.count == found.count, "read.all")
            for (_, content) in opened { watch.hold(names.hospitalB, content) }
            try teller.check(DemoRecords.join(opened) == records.content, "read.bytes")
            return Said(
                .read,
                [.records: .count(opened.count), .bytes: .count(opened.reduce(0) { $0 + $1.1.count })]
            )
        }
    }

    private func lookBack(_ resident: Resident) async throws {
        _ = try await teller.step(.patient, of: { _ in nil }) {
            try await resident.phone.history()
        } say: { history, _ in
            // Identify and deposit at A; identify with find, and fetch, at B.
            let asked = history.uses.map(\.requester)
            let (a, b) = (names.hospitalA, names.hospitalB)
            try teller.check(asked == [a, a, b, b], "history.uses")
            try teller.check(history.uses.allSatisfy { $0.isDelivered(country.pins) }, "history.delivered")
            try teller.check(history.doubts.isEmpty, "history.doubts")
            return Said(.history, [.uses: .count(history.uses.count), .count: .count(history.doubts.count)])
        }
    }

    /// Who asks now, and what for: what the search looks for in calls.
    func asks(_ party: PartyID, for purpose: PurposeOfUse = .treatment) {
        watch.seek(.asker, only: party.bytes)
        watch.seek(.purposeOfUse, only: purpose.name.bytes)
    }

    /// The first bytes of a pseudonym, of a person who is made up.
    static func short(_ pseudonym: Pseudonym) -> String {
        let digits = Array("0123456789abcdef")
        return String(pseudonym.encoding.bytes.prefix(4).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
            + ".."
    }
}
