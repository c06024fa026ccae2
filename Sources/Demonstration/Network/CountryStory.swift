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
}
