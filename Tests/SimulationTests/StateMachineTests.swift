import Device
import Exchanges
import Foundation
import Gateway
import Guards
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing
import Transcryptor

/// The calls of one exchange at one transcryptor, with the bytes of a real run.
struct Letters: Sendable {
    struct Letter: Sendable, Hashable {
        let name: String
        let call: Call
        let body: [UInt8]
        /// What its bytes are compared with: calls of one slot share one stored answer.
        let slot: String
        /// Whether its signatures are true.
        var isTrue = true
    }
    var all: [Letter] = []
    let peer: PartyID
    let takesPart: Bool

    /// Every call of a run, and for each one with a forged signature under the same exchange.
    /// - Parameter start: what the node held before the exchange.
    init(_ messages: [Tapped.Message], at id: PartyID, as requester: Requester) throws {
        peer = requester.secrets.id
        var decide: DecideCall?
        var intents: [SignedIntent] = []
        var chains: [[Step]] = []
        var seen = Set<[UInt8]>()
        for message in messages where seen.insert(message.body).inserted {
            switch message.call {
            case .decide: decide = try DecideCall(body: message.body)
            case .adopt:
                let call = try AdoptCall(body: message.body)
                (decide, intents, chains) = (call.decide, call.intents, call.chains)
            case .release:
                let call = try ReleaseCall(body: message.body)
                (intents, chains) = (call.intents, call.chains)
                let added = try message.answer.bytes.map { try ReleaseCall.Answer(wire: $0).added } ?? []
                for (target, steps) in added.enumerated() { chains[target] += steps }
            default: continue
            }
        }
        guard let decide else { throw Refusal(.intent) }
        let request = decide.request
        takesPart = try ExchangeRequest(wire: request.request, peer: peer, now: nil, roll: requester.pins.roll)
            .content.participants.contains(id)
        add(decide, intents, chains)
        let digest = sha512(request.request)
        for (name, outcome) in [("delivered", Receipt.Outcome.delivered), ("given up", .givenUp)] {
            let receipt = Receipt(requestDigest: digest, outcome: outcome, count: 1, time: requester.clock.now())
            let body = Wire.list([receipt.bytes, requester.secrets.signer.sign(receipt.bytes)])
            all.append(Letter(name: name, call: .receipt, body: body, slot: "receipt"))
        }
    }

    private mutating func add(_ decide: DecideCall, _ intents: [SignedIntent], _ chains: [[Step]]) {
        let real = decide.request
        var person = real.person
        person[person.count - 1] ^= 1
        let forged = SignedRequest(request: real.request, gateway: real.gateway, person: person)
        for (request, isTrue) in [(real, true), (forged, false)] {
            let call = DecideCall(request: request, origins: decide.origins, records: decide.records, ties: decide.ties)
            func add(_ name: String, _ kind: Call, _ body: [UInt8]) {
                all.append(
                    Letter(name: isTrue ? name : "forged \(name)", call: kind, body: body, slot: name, isTrue: isTrue))
            }
            add("decide", .decide, call.body)
            for target in 0..<max(chains.count, 1) {
                let body = ReshuffleCall(request: request, target: UInt16(target), steps: []).body
                add("reshuffle \(target)", .reshuffle, body)
            }
            add("release", .release, ReleaseCall(request: request, intents: intents, chains: chains).body)
            add("adopt", .adopt, AdoptCall(decide: call, intents: intents, chains: chains).body)
        }
    }

    subscript(_ name: String) -> Letter? { all.first { $0.name == name } }
}

/// The states of an exchange as PROTOCOL 8 lists them, written from the text and not from the code.
struct ExchangeModel: Hashable {
    enum State { case new, decided, released, receipted, aborted, adopted }
    var state = State.new
    /// The bytes that were answered, by slot.
    var answered: [String: String] = [:]
    let takesPart: Bool
    let hasChain: Bool
    /// Whether a transcryptor holds the first step of the route.
    let holdsFirst: Bool

    /// What a call is answered with: nil for an answer, else the code. Changes the state where it is answered.
    mutating func take(_ letter: Letters.Letter) -> Refusal.Code? {
        if letter.call != .receipt, let known = answered[letter.slot] { return known == letter.name ? nil : .conflict }
        guard letter.isTrue else { return .signature }
        if letter.call == .receipt, let known = answered[letter.slot] { return known == letter.name ? nil : .conflict }
        if let code = refusal(letter) { return code }
        answered[letter.slot] = letter.name
        switch letter.call {
        case .decide: state = .decided
        case .release: state = .released
        case .adopt: state = .adopted
        case .receipt: state = state == .decided ? .aborted : .receipted
        default: break
        }
        return nil
    }

    private func refusal(_ letter: Letters.Letter) -> Refusal.Code? {
        switch letter.call {
        case .decide: takesPart ? nil : .participants
        case .adopt: takesPart ? .participants : nil
        case .reshuffle where !hasChain: .target
        case .reshuffle: state != .decided ? .intent : holdsFirst ? nil : .route
        case .release: state == .decided ? nil : .intent
        case .receipt:
            state == .released || (state == .decided && letter.name == "given up") ? nil : .intent
        default: nil
        }
    }
}

/// `WARIFU_SOAK=1`: longer sequences.
private let isSoak = ProcessInfo.processInfo.environment["WARIFU_SOAK"] != nil

/// Every order of the calls of an exchange, at the real node, with the bytes of a real exchange.
@Suite struct StateMachineTests {
    enum Kind: String, CaseIterable, Sendable { case identify, identifyAndFind, find, deposit, fetch, link }

    /// Runs one exchange and says how each transcryptor stood before it, and what was sent to it.
    private static func run(
        _ kind: Kind, in country: Country, _ body: (Replay, Letters, ExchangeModel) async throws -> Void
    ) async throws {
        let names = country.names
        let patient = try await country.patient()
        let found = kind == .fetch ? try await country.deposit([country.record("one")], of: patient) : []
        let presented = try await country.present(patient.resident, at: names.hospitalA)
        var before: [Replay] = []
        var taps: [Shared<[Tapped.Message]>] = []
        for id in names.transcryptors {
            before.append(try Replay(id, in: country))
            taps.append(try await country.tap(id))
        }
        try await exchange(kind, country, patient, presented, found)
        let requester = try country.gateway(names.hospitalA).requester
        if kind != .fetch {
            let owed = try await requester.settle()
            #expect(owed == 0)
        }
        for (place, replay) in before.enumerated() {
            let messages = taps[place].value
            // Without a target there is nothing to adopt: who does not take part gets no call.
            guard messages.contains(where: { $0.call == .decide || $0.call == .adopt }) else { continue }
            let letters = try Letters(messages, at: names.transcryptors[place], as: requester)
            let model = ExchangeModel(
                takesPart: letters.takesPart, hasChain: kind != .fetch, holdsFirst: place < 2)
            try await body(replay, letters, model)
        }
    }

    private static func exchange(
        _ kind: Kind, _ country: Country, _ patient: Patient, _ presented: Presented, _ found: [FoundRecord]
    ) async throws {
        let names = country.names
        let gateway = try country.gateway(names.hospitalA)
        let (use, doctor) = (country.use(), try country.doctor(names.hospitalA))
        switch kind {
        case .identify: _ = try await gateway.identify(presented, for: use, by: doctor)
        case .identifyAndFind:
            _ = try await gateway.identify(presented, findingAt: names.medical, for: use, by: doctor)
        case .find: _ = try await country.found(of: patient)
        case .deposit: try await country.deposit([country.record("two")], of: patient)
        case .fetch: _ = try await gateway.fetch(found, of: patient.atA, for: use, by: doctor)
        case .link: _ = try await gateway.link([patient.atA], to: names.hospitalB, for: use, by: doctor)
        }
    }

    /// From every state that can be reached, every call: a refusal leaves the store byte for byte as it was, an answer
    /// that was given before is given again. What a call does hangs on the store alone, so this is every order of every
    /// length.
    @Test(arguments: Kind.allCases) func inEveryStateEveryCallIsAnsweredAsTheProtocolSays(_ kind: Kind) async throws {
        try await Country.run(seed: 201, services: Service.proof) { country in
            var orders: [PartyID: Set<[String]>] = [:]
            try await Self.run(kind, in: country) { start, letters, model in
                var seen: Set<ExchangeModel> = [model]
                var open: [(Replay, ExchangeModel, [String], [String: [UInt8]])] = [(start, model, [], [:])]
                while let (replay, model, path, answers) = open.popLast() {
                    orders[start.original.id, default: []].insert(path)
                    for letter in letters.all {
                        var next = model
                        let code = next.take(letter)
                        let (answer, after) = await replay.answer(letter.call, letter.body, from: letters.peer)
                        let what = "\(kind) at \(start.original.id): \(letter.name) after \(path)"
                        #expect(answer.code == code, "\(what)")
                        let isSame = after.contents == replay.contents
                        #expect(isSame == (next == model), "\(what): state")
                        if let known = answers[letter.name] { #expect(answer.bytes == known, "\(what): other answer") }
                        guard let bytes = answer.bytes, seen.insert(next).inserted else { continue }
                        var answers = answers
                        answers[letter.name] = bytes
                        open.append((after, next, path + [letter.name], answers))
                    }
                }
            }
            for (id, paths) in orders {
                let delivered = paths.filter { $0.last == "delivered" || $0.last == "adopt" }
                #expect(!delivered.isEmpty, "\(kind) at \(id): \(paths)")
            }
        }
    }

    /// The same without any shortcut: every sequence of the five calls, repetitions included.
    @Test func everySequenceIsAnsweredAsTheProtocolSays() async throws {
        let length = isSoak ? 5 : 4
        try await Country.run(seed: 202) { country in
            try await Self.run(.find, in: country) { start, letters, model in
                // One participant is enough: the other is the same node.
                guard start.original.id == country.names.transcryptors[0] else { return }
                let names = ["decide", "reshuffle 0", "release", "delivered", "given up"]
                let calls = try names.map { try #require(letters[$0]) }
                var (level, tried, whole) = ([(start, model, [String]())], 0, [[String]]())
                for step in 1...length {
                    var next: [(Replay, ExchangeModel, [String])] = []
                    for (replay, model, path) in level {
                        for letter in calls {
                            var model = model
                            let code = model.take(letter)
                            let (answer, after) = await replay.answer(letter.call, letter.body, from: letters.peer)
                            tried += 1
                            #expect(answer.code == code, "\(letter.name) after \(path)")
                            let taken = path + [answer.code == nil ? letter.name : "-"]
                            if step == 4, Set(taken) == Set(names.prefix(4)) { whole.append(taken) }
                            next.append((after, model, taken))
                        }
                    }
                    level = next
                }
                #expect(tried == (1...length).reduce(0) { $0 + Int(pow(5, Double($1))) })
                // Of all orders of the four calls exactly one is accepted.
                #expect(whole == [["decide", "reshuffle 0", "release", "delivered"]])
            }
        }
    }

    @Test func whatWasDecidedLapsesAfterTenMinutes() async throws {
        try await Country.run(seed: 203) { country in
            try await Self.run(.find, in: country) { start, letters, _ in
                guard start.original.id == country.names.transcryptors[0], let decide = letters["decide"] else {
                    return
                }
                let (answer, decided) = await start.answer(.decide, decide.body, from: letters.peer)
                #expect(answer.code == nil)
                await country.wait(seconds: 601)
                for name in ["reshuffle 0", "release", "delivered"] {
                    let letter = try #require(letters[name])
                    let (late, after) = await decided.answer(letter.call, letter.body, from: letters.peer)
                    #expect(late.code == .intent, "\(name)")
                    #expect(after.contents == decided.contents, "\(name)")
                }
                let (again, _) = await decided.answer(.decide, decide.body, from: letters.peer)
                #expect(again.bytes == answer.bytes)
                let (late, _) = await start.answer(.decide, decide.body, from: letters.peer)
                #expect(late.code == .time)
            }
        }
    }

    /// A question that no device of the row has signed leaves nothing behind, not even a look at the Ledger.
    @Test func aStrangerWhoAsksForAHistoryMovesNothing() async throws {
        try await Country.run(seed: 205) { country in
            let (names, t1) = (country.names, country.names.transcryptors[0])
            let patient = try await country.patient()
            _ = try await patient.resident.phone.give(try country.terms(to: names.hospitalA))
            await country.wait(seconds: 3)
            let behind = try Replay(t1, in: country)
            let messages = try await country.tap(t1)
            _ = try await patient.resident.phone.history()
            let query = try #require(messages.value.last { $0.call == .head }).body
            let unsigned = Wire.list([try Wire.fields(of: query, 2)[0], [UInt8](repeating: 0, count: 64)])
            let (refused, same) = await behind.answer(.head, unsigned, from: names.hospitalA)
            #expect(refused.code == .signature && same.contents == behind.contents)
            let (answered, ahead) = await behind.answer(.head, query, from: names.hospitalA)
            #expect(answered.code == nil && ahead.contents != behind.contents)
        }
    }

    @Test func aParticipantDoesNotAdopt() async throws {
        try await Country.run(seed: 204) { country in
            try await Self.run(.find, in: country) { start, letters, _ in
                guard letters.takesPart, let adopt = letters["adopt"] else { return }
                let (refused, _) = await start.answer(.adopt, adopt.body, from: letters.peer)
                #expect(refused.code == .participants)
                // A token of a participant without its leaf.
                let (given, _) = await Guards.withOff("guard:adopt.outsider") {
                    await start.answer(.adopt, adopt.body, from: letters.peer)
                }
                let shares = try ReleaseCall.Answer(wire: try #require(given.bytes)).shares
                #expect(shares.first?.isEmpty == false)
            }
        }
    }
}
