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

@testable import Transcryptor

/// `WARIFU_SOAK=1`: a thousand exchanges, some minutes.
private let isSoak = ProcessInfo.processInfo.environment["WARIFU_SOAK"] != nil

/// After a run of many exchanges: what each party holds and saw, searched for everything that it must not have.
@Suite struct WhoCanReadWhatTests {
    private static let exchanges = isSoak ? 1_000 : 40
    /// Every run of twelve bytes of every store is kept at once.
    private static let joinedExchanges = isSoak ? 200 : 40
    private static let persons = isSoak ? 12 : 4

    /// Everything that one party had in its hands: its store, what was sent to it and what it was answered, and what it
    /// opened of that with its keys.
    private final class Hands: Sendable {
        let store = Shared<[[UInt8]]>([])
        let traffic = Shared<[[UInt8]]>([])
        var all: [[UInt8]] { store.value + traffic.value }
    }

    /// A person with what is secret about her.
    private struct Secrets {
        let identity: [UInt8]
        let number: PersonalNumber
        let patient: Patient
        var contents: [[UInt8]] = []
    }

    /// A country after a run, with all hands.
    private struct Run {
        let country: Country
        let hands: [String: Hands]
        var people: [Secrets]
        /// What each reader has read.
        let read: [String: Shared<[[UInt8]]>]
        /// Directory snapshots, which everybody is sent.
        let snapshots = Shared<[[UInt8]]>([])
        /// Tokens that a party ever held, with the index of their maker.
        var tokens: [PartyID: Set<[UInt8]>] = [:]
        var done = 0

        var parties: [PartyID] {
            let names = country.names
            return names.transcryptors + [
                names.authority, names.ledger, names.numberCentre, names.medical, names.hospitalA, names.hospitalB,
                names.anonymiser,
            ]
        }

        init(_ country: Country) async throws {
            self.country = country
            let names = country.names
            let all =
                names.transcryptors + [
                    names.authority, names.ledger, names.numberCentre, names.medical, names.hospitalA, names.hospitalB,
                    names.anonymiser,
                ]
            hands = Dictionary(uniqueKeysWithValues: all.map { ($0.description, Hands()) })
            read = [names.hospitalA.description: Shared([]), names.hospitalB.description: Shared([])]
            people = []
            listen()
        }

        /// Notes what passes between nodes, at both ends.
        private func listen() {
            let (hands, names, snapshots) = (hands, country.names, snapshots)
            for id in parties {
                country.network.setLie(id) { call, body, answer in
                    var ends: Set<String> = [id.description]
                    switch call {
                    case .decide, .reshuffle, .release, .adopt, .deliver, .bodies:
                        let request = try? Wire.elements(of: body).first
                        if let fields = request.flatMap({ try? unpack(.request, $0, 15) }) {
                            ends.insert(String(decoding: fields[1], as: UTF8.self))
                        }
                    case .snapshot:
                        snapshots.change { $0.append(answer) }
                        return nil
                    case .contribute, .enrol, .row: ends.insert(names.numberCentre.description)
                    default: break
                    }
                    for end in ends { hands[end]?.traffic.change { $0 += [body, answer] } }
                    return nil
                }
            }
        }

        mutating func enrol(_ number: Int) async throws {
            let name = "鈴木 \(number) Suzuki-Watanabe-\(number)"
            let patient = try await country.patient(name)
            _ = try await patient.resident.phone.give(
                try country.terms(to: country.names.medical, purpose: .research))
            people.append(
                Secrets(identity: Array(name.utf8), number: patient.resident.number, patient: patient))
        }

        /// One exchange, by turns of every kind and with every person.
        /// - Parameter links: whether A tells B about persons; then both have the Request.
        mutating func exchange(_ number: Int, links: Bool) async throws {
            let names = country.names
            let place = number / 8 % people.count
            let patient = people[place].patient
            let gateway = try country.gateway(names.hospitalA)
            let (use, doctor) = (country.use(), try country.doctor(names.hospitalA))
            switch number % 8 {
            case 0, 4:
                let text = "finding \(number) of person \(place): haemoglobin A1c 6.\(number) %"
                people[place].contents.append(Array(text.utf8))
                try await country.deposit([country.record(text, minute: 29_000_000 + UInt64(number))], of: patient)
            case 1, 5: _ = try await country.found(of: patient)
            case 2:
                let recent = country.use(data: (29_000_000 + UInt64(number) - 8)...Country.dataEnd)
                let contents = try await country.readAtB(patient, use: recent)
                done += 1
                read[names.hospitalB.description]?.change { $0 += contents.compactMap { $0.map { Array($0.utf8) } } }
            case 3:
                let shown = try await country.present(patient.resident, at: names.hospitalA)
                _ = try await gateway.identify(shown, for: use, by: doctor)
            case 6 where links: _ = try await gateway.link([patient.atA], to: names.hospitalB, for: use, by: doctor)
            case 6: try await country.deposit([country.record("note \(number)")], of: patient)
            default:
                let medical = try country.medical()
                _ = try await medical.study(
                    try await medical.persons(limit: 100), with: names.anonymiser,
                    for: country.use(.anonymisationOfficer, purpose: .research),
                    by: try country.person(0, of: names.medical))
            }
            done += 1
            try noteTokens()
        }

        private mutating func noteTokens() throws {
            let names = country.names
            for id in [names.medical, names.hospitalA, names.hospitalB, names.anonymiser] {
                for value in (country.network.store(of: id)?.contents[Table("person")] ?? [:]).values {
                    for (index, token) in try Wire.elements(of: try Wire.elements(of: value)[2]).enumerated()
                    where !token.isEmpty { tokens[id, default: []].insert([UInt8(index)] + token) }
                }
            }
        }

        /// Everybody pays what is owed; then the stores are read.
        func finish() async throws {
            let names = country.names
            for id in [names.hospitalA, names.hospitalB] {
                let owed = try await country.gateway(id).requester.settle()
                #expect(owed == 0)
            }
            let owed = try await country.medical().requester.settle()
            #expect(owed == 0)
            for id in parties { readStore(of: id) }
            let leaves = try await country.ledger.leaves
            hands[names.ledger.description]?.store.change { $0 += leaves }
            try openBoxes()
        }

        func readStore(of id: PartyID) {
            let contents = country.network.store(of: id)?.contents ?? [:]
            // Whatever is in one row belongs together; keys and values are searched apart and joined.
            let rows = contents.values.flatMap { $0.flatMap { [$0.key, $0.value, $0.key + $0.value] } }
            hands[id.description]?.store.change { $0 = rows }
        }

        /// What transcryptors opened of what they were sent: presentations and entries of rows.
        private func openBoxes() throws {
            for (place, id) in country.names.transcryptors.enumerated() {
                guard let node = country.network.node(id) as? TranscryptorNode, let hands = hands[id.description] else {
                    continue
                }
                let index = UInt8(place + 1)
                var opened: [[UInt8]] = []
                for body in hands.traffic.value {
                    for origin in (try? DecideCall(body: body).origins) ?? [] where origin.count == 568 {
                        let fields = try unpack(.request, try Wire.elements(of: body)[0], 15)
                        let info = PresentationBox.info(try Wire.fixed(fields[0]), index)
                        opened.append(
                            try node.secrets.opening.open(
                                Array(origin[8...]), info: info, forbidden: country.pins.forbidden))
                    }
                    guard let fields = try? Wire.fields(of: body, 2), let enrolID = Bytes16(fields[0]) else { continue }
                    let entry = try? node.secrets.opening.open(
                        fields[1], info: RowEntryInfo.consent(enrolID, index), forbidden: country.pins.forbidden)
                    if let entry { opened.append(entry) }
                }
                #expect(opened.count > people.count, "\(id) opened nothing")
                hands.traffic.change { $0 += opened }
            }
        }
    }

    private static func run(
        _ exchanges: Int, links: Bool, _ body: @escaping @Sendable (sending Run) async throws -> Void
    ) async throws {
        try await Country.run(seed: 261, services: Service.proof) { country in
            var run = try await Run(country)
            for number in 0..<persons { try await run.enrol(number) }
            for number in 0..<exchanges where run.done < exchanges {
                // One physician has a quota for each hour.
                if number % 200 == 199 { await country.wait(seconds: 3_600) }
                try await run.exchange(number, links: links)
            }
            try await run.finish()
            #expect(run.done >= exchanges)
            try await body(run)
        }
    }

    // MARK: What is looked for, and who may have it

    /// The table "who can read what", as far as the parties of this country go.
    private static func expected(_ run: Run) async throws -> (Needles, [String: Set<String>]) {
        var needles = Needles()
        var may: [String: Set<String>] = [:]
        for (number, person) in run.people.enumerated() {
            // Numbers and names stand nowhere: of both the registry has keyed tags.
            needles.add("number of \(number)", Array(person.number.revealedDigits.utf8))
            needles.add("number of \(number), as written", written(person.number))
            needles.add("number of \(number), without check digit", person.number.oprfInput)
            needles.add("name of \(number)", person.identity)
            for (place, content) in person.contents.enumerated() {
                needles.add("record \(place) of \(number)", content)
            }
        }
        let names = run.country.names
        for id in [names.medical, names.hospitalA, names.hospitalB, names.anonymiser] {
            let store = run.country.network.store(of: id)
            let holdings = store?.contents[Table("person")] ?? [:]
            #expect(holdings.count == run.people.count, "\(id) knows \(holdings.count)")
            for (place, entry) in holdings.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }).enumerated() {
                let name = "pseudonym \(place) at \(id)"
                needles.add(name, entry.key)
                may[name] = [id.description]
            }
            let tokens = (run.tokens[id] ?? []).sorted { $0.lexicographicallyPrecedes($1) }
            for (place, token) in tokens.enumerated() {
                let maker = names.transcryptors[Int(token[0])]
                let name = "token \(place) of \(maker) at \(id)"
                needles.add(name, Array(token.dropFirst()))
                // Its holder has it; its maker sees it again when it is used.
                may[name] = [id.description, maker.description]
            }
        }
        return (needles, may)
    }

    /// `1234-5678-9012-3`.
    private static func written(_ number: PersonalNumber) -> [UInt8] {
        let digits = Array(number.revealedDigits.utf8)
        return Array([digits[0..<4], digits[4..<8], digits[8..<12], digits[12...]].joined(separator: Array("-".utf8)))
    }

    private static func hits(_ run: Run, _ needles: Needles) -> [String: Set<String>] {
        run.hands.mapValues { hands in hands.all.reduce(into: Set()) { $0.formUnion(needles.found(in: $1)) } }
    }

    @Test func nobodyHoldsWhatOthersHold() async throws {
        try await Self.run(Self.exchanges, links: true) { run in
            let (needles, may) = try await Self.expected(run)
            #expect(needles.names.count > 80)
            let hits = Self.hits(run, needles)
            for (party, found) in hits {
                let wrong = found.filter { may[$0]?.contains(party) != true }
                #expect(wrong.isEmpty, "\(party) has \(wrong.sorted())")
            }
            // A search that finds nothing proves nothing: whoever holds a thing has it, in its own form.
            for (name, holders) in may {
                let holder = name.components(separatedBy: " at ").last ?? ""
                // Old tokens are forgotten with their pair, unless they were used.
                guard name.hasPrefix("pseudonym") else { continue }
                #expect(holders == [holder] && hits[holder]?.contains(name) == true, "\(name) is not found")
            }
            for (party, found) in hits where may.values.contains(where: { $0.contains(party) }) {
                #expect(found.contains { $0.hasPrefix("token") }, "\(party) has no token")
            }
            // Whoever may read a record has read it; it stands in no store and in no message.
            let read = run.read.values.flatMap(\.value)
            let readable = read.reduce(into: Set<String>()) { $0.formUnion(needles.found(in: $1)) }
            #expect(!readable.isEmpty && readable.allSatisfy { $0.hasPrefix("record ") })
            // The log of the network names parties and sizes alone.
            let log = Array(run.country.network.trace.joined(separator: "\n").utf8)
            #expect(log.count > 1_000 && needles.found(in: log).isEmpty)

            try await Self.plant(run, needles, may)
        }
    }

    /// The negative control: one leak at one party, in every form, is found.
    private static func plant(_ run: Run, _ needles: Needles, _ may: [String: Set<String>]) async throws {
        let (country, names) = (run.country, run.country.names)
        let foreign = try #require(country.network.store(of: names.hospitalA)?.contents[Table("person")]?.keys.first)
        let person = run.people[1]
        let leaks: [(PartyID, [UInt8], String)] = [
            (names.hospitalB, foreign, "pseudonym"),
            (names.medical, Array(Data(foreign).base64EncodedString().utf8), "pseudonym"),
            (names.transcryptors[2], foreign.flatMap { Array(String(format: "%02X", $0).utf8) }, "pseudonym"),
            (names.numberCentre, written(person.number), "number"),
            (names.authority, person.identity, "name"), (names.medical, person.contents[0], "record"),
        ]
        for (id, secret, what) in leaks {
            let store = try #require(country.network.store(of: id))
            let key = Array("planted".utf8)
            try await store.transaction { try $0.put(Table("planted"), key, Wire.list([[1], [2, 3] + secret + [4]])) }
            run.readStore(of: id)
            let found = run.hands[id.description]?.all.reduce(into: Set<String>()) {
                $0.formUnion(needles.found(in: $1))
            }
            let wrong = found?.filter { may[$0]?.contains(id.description) != true } ?? []
            #expect(
                wrong.count >= 1 && wrong.allSatisfy { $0.hasPrefix(what) }, "\(id): \(what) is not found: \(wrong)")
            try await store.transaction { try $0.remove(Table("planted"), key) }
            run.readStore(of: id)
        }
    }

    // MARK: Two parties together

    /// Pairs that have something of one person in common by the protocol, with the reason (PROTOCOL, annex A).
    private static func known(_ names: Country.Names) -> [Set<String>: String] {
        var known: [Set<String>: String] = [:]
        let transcryptors = names.transcryptors.map(\.description)
        for (place, one) in transcryptors.enumerated() {
            for other in transcryptors[(place + 1)...] {
                known[[one, other]] = "answer the same Requests (rd, Intents, Steps); t of them can do everything"
            }
            for party in [names.medical, names.hospitalA, names.hospitalB, names.anonymiser] {
                known[[one, party.description]] = "T1 + A: the Requests of A, and the pairs that A holds"
            }
            known[[one, names.numberCentre.description]] = "T1 + registry: enrol_id and first key"
            known[[one, names.ledger.description]] = "a transcryptor's own leaves, and the stop tags that it watches"
        }
        for party in [names.hospitalA, names.hospitalB, names.anonymiser] {
            known[[party.description, names.medical.description]] = "A + store: rd and items of what was sent there"
        }
        return known
    }

    /// Where every node keeps the Directory, which is the same for all.
    private static let directory: Set<String> = ["directory", "directory-known", "snapshot"]

    @Test func twoPartiesTogetherHaveNothingOfOnePersonInCommon() async throws {
        try await Self.run(Self.joinedExchanges, links: false) { run in
            let (names, network) = (run.country.names, run.country.network)
            func join() throws -> [Set<String>: Int] {
                var join = Join()
                // What everybody has: the Directory with policy, points and credentials, and the pinned ceremony.
                let authority = network.store(of: names.authority)?.everything() ?? []
                for text in authority + run.snapshots.value + [run.country.pins.ceremony.packed] { join.publish(text) }
                for id in run.parties {
                    for (table, rows) in network.store(of: id)?.contents ?? [:]
                    where Self.directory.contains(table.name) {
                        for (key, value) in rows { join.publish(key + value) }
                    }
                }
                for id in run.parties where id != names.authority {
                    join.add(id.description, run.hands[id.description]?.store.value ?? [])
                }
                return join.matches()
            }
            let known = Self.known(names)
            let matches = try join()
            let unexplained = matches.filter { known[$0.key] == nil }
            #expect(unexplained.isEmpty, "\(unexplained.map { ($0.key.sorted(), $0.value) })")
            // It finds what two have in common by the protocol.
            for pair in [
                [names.transcryptors[0], names.transcryptors[1]], [names.hospitalA, names.medical],
                [names.transcryptors[0], names.numberCentre], [names.transcryptors[1], names.hospitalB],
            ] { #expect(matches[Set(pair.map(\.description))] ?? 0 > run.people.count) }

            // The negative control: one half of one pseudonym of A at B.
            let foreign = try #require(network.store(of: names.hospitalA)?.contents[Table("person")]?.keys.first)
            let store = try #require(network.store(of: names.hospitalB))
            try await store.transaction { try $0.put(Table("planted"), Array(foreign.suffix(16)), [1]) }
            run.readStore(of: names.hospitalB)
            let planted = try join()
            #expect(planted[[names.hospitalA.description, names.hospitalB.description]] == 5)
        }
    }
}
