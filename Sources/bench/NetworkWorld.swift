import AsyncHTTPClient
import Deployment
import Device
import Exchanges
import Foundation
import Gateway
import Ledger
import Logging
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Simulation

/// A country on its stores and over its network, with persons who have records at the Medical Centre.
struct NetworkWorld: Sendable {
    let country: CountryRun
    /// Asks nodes with the certificate of a hospital.
    let known: HTTPClient
    let medical: PartyID
    let physicians: [SoftwareAuthenticator]
    let people: [NetworkPerson]
    /// Those of them that have 100 records.
    let chronic: [NetworkPerson]

    /// How many persons are enrolled. One in eight, at most 60, has 100 records; the others have 10.
    static let size = max(4, Int(ProcessInfo.processInfo.environment["NETWORK_PERSONS"] ?? "") ?? 500)
    /// One physician may do 600 exchanges an hour.
    static let physicianCount = 48
    /// A minute far ahead: the end of a period that is open.
    static let dataEnd: UInt64 = 40_000_000

    /// The hospital as it runs now.
    var hospital: GatewayNode {
        get throws {
            guard let node = country.node("hospital-a")?.node as? GatewayNode else { throw Refusal(.unavailable) }
            return node
        }
    }

    static func quiet(_ label: String) -> Logger {
        var logger = Logger(label: label)
        logger.logLevel = .critical
        return logger
    }

    /// Runs a body with physicians who are accredited and persons who are enrolled; that takes about a minute for 500.
    static func run(
        _ country: CountryRun, size: Int = size, _ body: (NetworkWorld) async throws -> Void
    ) async throws {
        let root = try String(contentsOfFile: country.home.country + "/ca.pem", encoding: .utf8)
        let client = try country.addresses.client(nil, root: root)
        let known = try country.addresses.client(try country.home.node("hospital-a").identity(), root: root)
        do {
            try await body(try await make(country, size, client, known))
        } catch {
            for client in [client, known] { try await client.shutdown() }
            throw error
        }
        for client in [client, known] { try await client.shutdown() }
    }

    private static func make(
        _ country: CountryRun, _ size: Int, _ client: HTTPClient, _ known: HTTPClient
    ) async throws -> NetworkWorld {
        guard let hospital = country.node("hospital-a")?.node as? GatewayNode,
            let centre = country.node("number-centre")?.node as? NumberCentreNode
        else { throw Refusal(.directory) }
        let physicians = try await hire(country, client)
        let pinned = try PinnedCountry(folder: country.home.country)
        let desk = try await NetworkDesk(country, pinned, client, hospital, centre)
        let (names, chronicCount) = (Array(0..<size), max(1, min(60, size / 8)))
        let people = try await inParallel(names, workers: min(16, NetworkLoad.workers)) { number in
            let count = number < chronicCount ? 100 : 10
            return try await desk.person(number, records: count, physicians[number % physicians.count])
        }
        let world = NetworkWorld(
            country: country, known: known, medical: pinned.medicalCentre, physicians: physicians, people: people,
            chronic: people.filter { $0.records.count == 100 })
        try await world.settle()
        return world
    }

    private static func hire(_ country: CountryRun, _ client: HTTPClient) async throws -> [SoftwareAuthenticator] {
        let office = OfficeClient(
            client, addresses: country.addresses, authority: try PartyID("authority"),
            officers: try country.home.officers().map { try $0.load() })
        var people: [SoftwareAuthenticator] = []
        for number in 0..<physicianCount {
            let file = try country.home.makeStaff(
                "bench-\(number)", of: try PartyID("hospital-a"), roles: [Role.physician.name], from: SystemRandom())
            try await office.accredit(try file.credential())
            people.append(try file.load())
        }
        // A snapshot has whole seconds: one of the next second is newer than what nodes know.
        try await Task.sleep(for: .milliseconds(1_100))
        for making in CountryRun.nodes { await country.node(making.id)?.renewDirectory() }
        return people
    }

    /// Pays what exchanges still owe: receipts, and what the absent transcryptor adopts.
    func settle() async throws {
        while try await hospital.requester.settle() > 0 {}
    }

    /// For what a physician asks.
    static var use: DataUse {
        DataUse(
            role: Role.physician.name, purpose: PurposeOfUse.treatment.name,
            categories: [.general, .laboratory, .medication].map(\Policy.Category.name), dataFrom: 0,
            dataTo: dataEnd)
    }

    /// One exchange; `number` picks the person and the physician.
    func exchange(_ kind: NetworkKind, _ number: Int) async throws {
        let physician = physicians[number % physicians.count]
        let person = people[number % people.count]
        switch kind {
        case .identify:
            let (text, signature) = try hospital.terminal(PurposeOfUse.treatment.name)
            let shown = Presented(text, try await person.phone.present(text, signature))
            _ = try await hospital.identify(shown, for: Self.use, by: physician)
        case .fetch1: try await fetch(person, 1, physician)
        case .fetch10: try await fetch(person, 10, physician)
        case .fetch100: try await fetch(chronic[number % chronic.count], 100, physician)
        case .deposit:
            _ = try await hospital.deposit(
                NetworkDesk.records(10), of: person.known, at: medical, for: Self.use, by: physician)
        }
    }

    private func fetch(_ person: NetworkPerson, _ count: Int, _ physician: SoftwareAuthenticator) async throws {
        let records = Array(person.records.prefix(count))
        let read = try await hospital.fetch(records, of: person.known, for: Self.use, by: physician)
        guard read.count == count, read.allSatisfy({ $0.content != nil }) else { throw Refusal(.record) }
    }
}

/// A person with a phone and records.
struct NetworkPerson: Sendable {
    let phone: Phone
    /// Under the hospital's own pseudonyms.
    let known: Pseudonym
    let records: [FoundRecord]
}

/// The kinds of exchange that are measured over the network.
enum NetworkKind: String, CaseIterable, Sendable {
    case identify, fetch1, fetch10, fetch100, deposit
}

/// Where persons are enrolled. All phones share what they know of the country, each has keys and a store of its own.
struct NetworkDesk: Sendable {
    private let pinned: PinnedCountry
    private let directory: DirectoryKeeper
    private let ledger: SharedLedger
    private let transport: any Transport
    private let hospital: GatewayNode
    private let centre: NumberCentreNode
    private let officials: [SoftwareAuthenticator]

    init(
        _ country: CountryRun, _ pinned: PinnedCountry, _ client: HTTPClient, _ hospital: GatewayNode,
        _ centre: NumberCentreNode
    ) async throws {
        (self.pinned, self.hospital, self.centre) = (pinned, hospital, centre)
        transport = country.addresses.transport(client, own: nil)
        officials = try country.home.officials().map { try $0.load() }
        directory = DirectoryKeeper(
            pinned.pins.anchors, own: nil, authority: pinned.pins.anchors.authority, transport: transport,
            clock: SystemClock(), store: MemoryNodeStore())
        try await directory.refresh()
        let follower = try Follower(
            policy: pinned.policy, log: pinned.log,
            source: AddressedLog(client: client, addresses: country.addresses, ledger: pinned.ledger),
            state: MemoryFollowerState(), now: { SystemClock().now() })
        ledger = SharedLedger(
            LedgerReader(
                follower, policy: pinned.policy, courier: Courier(transport, caller: nil, patience: .network),
                ledger: pinned.ledger, onFault: { _ in }))
    }

    /// Enrols a person, who agrees to treatment, is identified, and has records deposited.
    func person(_ number: Int, records: Int, _ physician: SoftwareAuthenticator) async throws -> NetworkPerson {
        let phone = try await Phone.open(
            Phone.Parts(
                pins: pinned.pins, directory: directory, ledger: ledger,
                courier: Courier(transport, caller: nil, patience: .network), store: MemoryNodeStore(),
                clock: SystemClock(), random: SystemRandom()))
        let identity = Array("person of the bench, \(number)".utf8)
        let keyHash = try phone.keyHash()
        let act = centre.enrolmentAct(identity: identity, keyHash: keyHash)
        let offer = try await centre.enrol(
            identity: identity, keyHash: keyHash, act, officials.map { $0.approve(act) })
        try await phone.accept(try await centre.makeRows(try await phone.papers(for: offer)))
        _ = try await phone.give(try terms())
        let (text, signature) = hospital.terminal(PurposeOfUse.treatment.name)
        let known = try await hospital.identify(
            Presented(text, try await phone.present(text, signature)), for: NetworkWorld.use, by: physician)
        let found = try await hospital.deposit(
            Self.records(records), of: known, at: pinned.medicalCentre, for: NetworkWorld.use, by: physician)
        return NetworkPerson(phone: phone, known: known, records: found)
    }

    /// Records of a KiB each.
    static func records(_ count: Int) -> [NewRecord] {
        let random = SystemRandom()
        return (0..<count).map { number in
            NewRecord(
                recordID: random.draw(), category: Policy.Category.laboratory.name,
                dataMinute: 29_000_000 + UInt64(number), content: random.bytes(1_024))
        }
    }

    private func terms() throws -> GiveTerms {
        let categories: [Policy.Category] = [.general, .laboratory, .medication]
        let from = Instant(Int64(SystemClock().now()) - 60)
        let until = from + 29 * 86_400
        let notice = try ConsentNotice(
            Service.all[0],
            NoticeTerms(
                grantees: [hospital.id.description], purpose: .treatment, categories: categories, dataFrom: 0,
                dataTo: NetworkWorld.dataEnd, until: until, maxUses: 1_000_000), in: .ja)
        return GiveTerms(
            grantees: [.party(hospital.id)], purposes: [PurposeOfUse.treatment.name],
            categories: categories.map(\.name), dataFrom: 0, dataTo: NetworkWorld.dataEnd,
            dates: Validity(notBefore: from, notAfter: until), maxUses: 1_000_000, notice: notice.noticeDigest,
            refusal: notice.refusalDigest)
    }
}
