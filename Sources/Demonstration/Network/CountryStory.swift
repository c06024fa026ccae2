import DataCentre
import Deployment
import Device
import Exchanges
import FHIR
import Foundation
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import SQLiteStore
import TransparencyLog

/// The story in a country that runs: everything goes over the network, as programs of outsiders would drive it.
struct CountryStory {
    let run: CountryRun
    let teller: CountryTeller
    let log: DemoLog
    let a: DemoHospital
    let b: DemoHospital
    let pinned: PinnedCountry
    let office: ([SoftwareAuthenticator]) -> OfficeClient
    let posting: Posting
    /// In which the person reads what is agreed to.
    let language: Language
    typealias Said = DemoTeller.Said
    var watch: CountryWatch { teller.watch }

    /// Where the story stands when she has moved.
    struct Moved {
        let open: OpenPhone
        let bundle: DemoBundle
        /// Her ids as a patient.
        let atA: String
        let atB: String
        let giveB: KeptGive
    }

    static let (hospitalA, hospitalB) = ("hospital-a", "hospital-b")

    // MARK: The country

    /// What the country needed to begin.
    func founding(since start: DemoCost) async throws {
        let ceremony = pinned.pins.ceremony
        try teller.check(ceremony.t > 1 && ceremony.t < ceremony.n, "founded.threshold")
        try await teller.emit(
            .everybody, Said(.founded, [.count: .count(Int(ceremony.n)), .uses: .count(Int(ceremony.t))]),
            teller.now() - start, nil, [])
        let officers = try run.home.officers().map { try $0.load() }
        _ = try await teller.step(.authority) {
            try await refusal { try await office(Array(officers.prefix(1))).suspend(try PartyID(Self.hospitalB)) }
        } say: { code, _ in
            try teller.check(code == Refusal.Code.policy.rawValue, "admitted.one-officer")
            let parties = try await office([]).inForce(pinned.pins)
            let wanted = Set(CountryRun.nodes.filter { $0.kind.role != nil }.map(\.id))
            try teller.check(Set(parties.map(\.id)) == wanted, "admitted.all")
            return Said(.admitted, [.count: .count(parties.count), .reason: .text(code)])
        }
    }

    /// The code with which a node refuses.
    func refusal(_ body: () async throws -> Void) async throws -> String {
        do { try await body() } catch DeploymentFault.refused(_, let code) { return code }
        throw DemoFault(check: "refused")
    }

    // MARK: One person

    /// She is enrolled, treated at A, moves, and is treated at B.
    func move(_ bundle: DemoBundle, _ open: OpenPhone) async throws -> Moved {
        watch.seek(.identity, bundle.names)
        watch.seek(.content, bundle.marks)
        try await enrol(bundle.identity, open)
        let atA = try await send(bundle)
        _ = try await agree(open, to: Self.hospitalA, .hospitalA)
        try await identify(open, atA)
        try await deposit(atA, open)
        let giveB = try await agree(open, to: Self.hospitalB, .hospitalB)
        let atB = try await openAtB(open, atA)
        try await readAtB(atB, bundle)
        try await lookBack(open)
        return Moved(open: open, bundle: bundle, atA: atA, atB: atB, giveB: giveB)
    }

    private func enrol(_ identity: String, _ open: OpenPhone) async throws {
        let officials = try run.home.officials().map { try $0.load() }
        _ = try await teller.step(.officials, of: open.phone, leaves: 3) {
            try await open.enrol(identity, by: officials)
        } say: { number, _ in
            watch.seek(.number, [Array(number.utf8)])
            // With one official nothing begins.
            let code = try await refusal { try await offer(identity, Array(officials.prefix(1))) }
            try teller.check(code == Refusal.Code.policy.rawValue, "enrolled.two-officials")
            return Said(.enrolled, [.reason: .text(code)])
        }
    }

    /// Asks for an enrolment as a counter does.
    private func offer(_ identity: String, _ officials: [SoftwareAuthenticator]) async throws {
        let (name, hash) = (Array(identity.utf8), Bytes64.zero)
        let act = OfficialAct(
            party: pinned.numberCentre, verb: "enrol", subject: NumberCentreNode.enrolmentSubject(name, hash),
            time: SystemClock().now())
        let approvals = Approval.wire(officials.map { $0.approve(act) })
        _ = try await posting.send(
            CounterAPI.prefix + "offer", Wire.list([name, hash.bytes, act.time.bigEndianBytes, approvals]),
            to: pinned.numberCentre)
    }

    /// Hospital A's own system sends what it has.
    /// - Returns: the id of the patient there.
    private func send(_ bundle: DemoBundle) async throws -> String {
        let nobody = try await a.send(bundle, token: false)
        try teller.check(nobody.status == 401, "sent.token")
        let answer = try await teller.step(.hospitalA) {
            try await a.send(bundle)
        } say: { answer, _ in
            try teller.check(answer.status == 200, "sent.\(answer.status)")
            let entries = try answer.json("sent")["entry"]?.each ?? []
            let isTaken = entries.allSatisfy { $0["response"]?["status"]?.string?.hasPrefix("201") == true }
            try teller.check(isTaken && entries.count == bundle.resources, "sent.all")
            return Said(
                .sent,
                [
                    .records: .count(entries.count), .bytes: .count(bundle.json.count),
                    .reason: .text("\(nobody.status)"),
                ])
        }
        let places = try answer.json("sent")["entry"]?.each.compactMap { $0["response"]?["location"]?.string } ?? []
        let place = places.lazy.map { $0.split(separator: "/") }.first { $0.contains("Patient") }
        let id = place.flatMap { parts in parts.firstIndex(of: "Patient").map { parts.dropFirst($0 + 1).first } }
        return String(try teller.need(id ?? nil, "sent.patient"))
    }

    /// She agrees that a hospital uses her records for treatment.
    func agree(_ open: OpenPhone, to id: String, _ party: DemoParty) async throws -> KeptGive {
        let terms = try terms(to: id)
        return try await teller.step(.patient, of: open.phone, leaves: Int(pinned.pins.ceremony.n)) {
            try await open.phone.give(terms)
        } say: { (give: KeptGive, _) in
            try teller.check(give.countersigned.count == Int(pinned.pins.ceremony.n), "agreed.everywhere")
            return Said(
                .agreed,
                [
                    .party: .key(.demoParty(party)), .purpose: .key(PurposeOfUse.treatment.key),
                    .until: .day(give.give.dates.notAfter), .count: .count(give.countersigned.count),
                ])
        }
    }

    /// All ordinary kinds, for 29 days: a longer consent, or one of sensitive kinds, would wait a day.
    private func terms(to id: String) throws -> GiveTerms {
        let purpose = PurposeOfUse.treatment
        let service = try teller.need(Service.all.first { $0.consentPurposes.contains(purpose) }, "agreed.service")
        let flows = service.flows.filter { $0.purpose == purpose && $0.grounds.contains(.consent) }
        let kinds = flows.reduce(into: Set<Policy.Category>()) { $0.formUnion($1.categories) }
            .filter { !$0.isSensitive }.sorted()
        let now = Instant(Int64(SystemClock().now()))
        let (until, uses) = (now + 29 * Span.day, UInt32(1_000))
        let last = UInt64(clamping: until.seconds) / 60
        let notice = try ConsentNotice(
            service,
            NoticeTerms(
                grantees: [id], purpose: purpose, categories: kinds, dataFrom: 0, dataTo: last, until: until,
                maxUses: uses), in: language)
        return GiveTerms(
            grantees: [.party(try PartyID(id))], purposes: [purpose.name], categories: kinds.map(\.name), dataFrom: 0,
            dataTo: last, dates: Validity(notBefore: now, notAfter: until), maxUses: uses,
            notice: notice.noticeDigest, refusal: notice.refusalDigest)
    }

    /// The pseudonym under which a hospital knows a patient of its own.
    private func pseudonym(of patient: String, at hospital: String) async throws -> [UInt8] {
        let store = try teller.need(run.node(hospital)?.store, "pseudonym.store")
        let links = try await store.read {
            try $0.scan(Table("link-patient", keys: .hidden), prefix: [], after: nil, limit: 10_000)
        }
        return try teller.need(links.first { $0.key == Array(patient.utf8) }?.value, "pseudonym.known")
    }

    private static func short(_ pseudonym: [UInt8]) -> String { Hex.encode(Array(pseudonym.prefix(4))) + ".." }

    private func identify(_ open: OpenPhone, _ patient: String) async throws {
        _ = try await teller.step(.hospitalA, of: open.phone, leaves: 2) {
            try await a.ask("/visits/\(try await a.visit(open))/identify", [("patient", .string(patient))])
        } say: { answer, _ in
            let known = try answer.json("identified")["patient"]?.string
            try teller.check(answer.status == 200 && known == patient, "identified.patient")
            let pseudonym = try await pseudonym(of: patient, at: Self.hospitalA)
            watch.seek(.pseudonymA, [pseudonym])
            return Said(.identified, [.mark: .text(Self.short(pseudonym))])
        }
    }

    private func centre() throws -> DataCentreNode {
        try teller.need(run.node("medical-centre")?.node as? DataCentreNode, "centre")
    }

    /// Sealed records at the centre.
    private func sealed() async throws -> Int {
        let store = try teller.need(run.node("medical-centre")?.store, "centre.store")
        return try await store.read { try $0.scan(Table("record"), prefix: [], after: nil, limit: 1_000_000).count }
    }

    private func deposit(_ patient: String, _ open: OpenPhone) async throws {
        let known = Set(try await centre().persons(limit: 1_000).map { $0.encoding.bytes })
        let before = try await sealed()
        _ = try await teller.step(.hospitalA, of: open.phone, leaves: 2) {
            try await a.ask("/patients/\(patient)/deposit")
        } say: { answer, passages in
            let json = try answer.json("deposited")
            func count(_ name: String) -> Int { json[name]?.numberText.flatMap { Int($0) } ?? -1 }
            try teller.check(answer.status == 200 && count("refused") == 0, "deposited.all")
            let all = try await sealed()
            try teller.check(all > before && all - before == count("records") + count("unchanged"), "deposited.count")
            let new = Set(try await centre().persons(limit: 1_000).map { $0.encoding.bytes }).subtracting(known)
            try teller.check(new.count == 1, "deposited.one-person")
            let atA = try await pseudonym(of: patient, at: Self.hospitalA)
            try teller.check(!new.contains(atA), "deposited.other-pseudonym")
            watch.seek(.pseudonymCentre, Array(new))
            // Nobody has decided who will read: the reader stands in none of the messages.
            let messages = CountryWatch.asked(passages)
            let reader = [Array(Self.hospitalB.utf8)]
            let named = messages.contains { $0.bytes.contains { DemoWatch.contains($0, reader) } }
            try teller.check(!messages.isEmpty && !named, "deposited.no-reader")
            return Said(.deposits, [.records: .count(all - before), .count: .count(messages.count)])
        }
    }

    /// - Returns: her id at B.
    private func openAtB(_ open: OpenPhone, _ atA: String) async throws -> String {
        let sealed = try await sealed()
        let answer = try await teller.step(.hospitalB, of: open.phone, leaves: 6) {
            try await b.ask("/visits/\(try await b.visit(open))/open")
        } say: { answer, _ in
            try teller.check(answer.status == 200, "found.\(answer.status)")
            let json = try answer.json("found")
            let found = json["found"]?.numberText.flatMap { Int($0) } ?? 0
            let patient = try teller.need(json["patient"]?.string, "found.patient")
            let records = json["records"]?.numberText.flatMap { Int($0) }
            try teller.check(found > 0 && found <= sealed && records == found, "found.records")
            let (here, there) = (
                try await pseudonym(of: patient, at: Self.hospitalB), try await pseudonym(of: atA, at: Self.hospitalA)
            )
            try teller.check(here != there && patient != atA, "found.other-pseudonym")
            watch.seek(.pseudonymB, [here])
            return Said(.found, [.mark: .text(Self.short(here)), .records: .count(found)])
        }
        return try teller.need(try answer.json("found")["patient"]?.string, "found.patient")
    }

    private func readAtB(_ patient: String, _ bundle: DemoBundle) async throws {
        _ = try await teller.step(.hospitalB) {
            try await b.everything(patient)
        } say: { read, _ in
            let count = try teller.need(try DemoCompare.same(sent: bundle.json, read: read), "read.same")
            try teller.check(count == bundle.resources, "read.all")
            return Said(.readSame, [.records: .count(count)])
        }
    }

    private func lookBack(_ open: OpenPhone) async throws {
        _ = try await teller.step(.patient) {
            try await teller.history(open.phone)
        } say: { history, _ in
            // Identify and deposit at A; identify, find and fetch at B.
            let asked = history.uses.map(\.requester.description)
            let atA = asked.prefix { $0 == Self.hospitalA }.count
            try teller.check(atA >= 2 && asked.count - atA >= 3, "history.uses")
            try teller.check(asked.dropFirst(atA).allSatisfy { $0 == Self.hospitalB }, "history.order")
            try teller.check(history.uses.allSatisfy { $0.isDelivered(pinned.pins) }, "history.delivered")
            // Each of them has written about her, and none is silent or hides something.
            let heads = Set(history.entries.map(\.index))
            try teller.check(heads.count == Int(pinned.pins.ceremony.n), "history.heads")
            return Said(.looksBack, [.uses: .count(history.uses.count), .count: .count(heads.count)])
        }
    }
}
