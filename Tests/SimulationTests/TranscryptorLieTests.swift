import Device
import Exchanges
import Gateway
import Guards
import Policy
import Ristretto255
import Simulation
import Testing

@testable import Polymorphic
@testable import Transcryptor

/// A transcryptor that answers falsely: it has all its own secrets, and none of another.
final class LyingNode: Node {
    /// - Parameter honest: what the node would have answered.
    typealias Lie =
        @Sendable (
            _ node: TranscryptorNode, _ call: Call, _ body: [UInt8], _ peer: PartyID, _ honest: [UInt8]
        ) async throws -> [UInt8]?

    let id: PartyID
    private let inner: TranscryptorNode
    private let lie: Lie

    init(_ inner: TranscryptorNode, _ lie: @escaping Lie) { (id, self.inner, self.lie) = (inner.id, inner, lie) }

    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        let honest = try await inner.answer(call, body, from: peer)
        guard let peer else { return honest }
        do { return try await lie(inner, call, body, peer, honest) ?? honest } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
    }
}

extension Country {
    func lie(_ id: PartyID, _ lie: @escaping LyingNode.Lie) async throws {
        guard let node = network.node(id) as? TranscryptorNode, let store = network.store(of: id) else {
            throw Refusal(.unavailable)
        }
        try await network.add(id, store: store) { (_, _) in LyingNode(node, lie) }
    }
}

extension TranscryptorNode {
    /// The steps of a call with a false first one, and honest ones behind it.
    func turned(
        _ body: [UInt8], _ peer: PartyID, first: (LeggedChain) throws -> Step
    ) async throws -> [UInt8] {
        let call = try ReshuffleCall(body: body)
        let chain = try self.chain(try await incoming(call.request, from: peer, .later), Int(call.target))
        let lie = try first(chain)
        return ReshuffleCall.answer([lie] + (try nextSteps(chain, after: call.steps + [lie])))
    }

    /// A first step that is well made and signed, with another factor than the published one.
    func step(_ chain: LeggedChain, secret: Name, to destination: Domain) throws -> Step {
        guard let held = secrets.steps[secret] else { throw Refusal(.route) }
        let factor = try Guards.withOff("guard:step.ownfactor") {
            try StepFactor(held.secret, from: chain.source, to: destination, leg: chain.legs[0])
        }
        return try secrets.maker.step(chain.request, after: [], holder: index, factor: factor, fresh: fresh())
    }

    /// The honest first step, its persons in the opposite order, signed again.
    func swapped(_ chain: LeggedChain, _ honest: Step) -> Step {
        var body = Array(honest.bytes.dropLast(64))
        let m = Int(body[3])
        let items = (0..<m).map { Array(body[(4 + 64 * $0)..<(68 + 64 * $0)]) }
        body.replaceSubrange(4..<(4 + 64 * m), with: items.reversed().flatMap(\.self))
        let signed = Step.signed(chain.request.statement(1).digest, chain.request.inputs, body)
        return Step(bytes: body + secrets.signer.sign(signed))
    }
}

/// Every lie of a transcryptor is refused and the liar named; with the check off it comes true.
@Suite struct TranscryptorLieTests {
    private static func expectNamed(
        _ failure: ExchangeFailure?, _ index: UInt8, _ code: Refusal.Code, hasEvidence: Bool = true,
        _ place: SourceLocation = #_sourceLocation
    ) {
        guard case .lied(let liar)? = failure else {
            Issue.record("not named: \(String(describing: failure))", sourceLocation: place)
            return
        }
        #expect(liar.index == index && liar.refusal.code == code, "\(liar)", sourceLocation: place)
        #expect(liar.evidence.isEmpty != hasEvidence, sourceLocation: place)
    }

    /// Steps that lead somewhere else: with the secret of another step, or to the pseudonym of another party.
    @Test(arguments: [true, false]) func aWrongFactorIsRefusedAndNamed(_ otherStep: Bool) async throws {
        try await Country.run(seed: otherStep ? 231 : 232) { country in
            let (names, lies) = (country.names, Shared(false))
            let patient = try await country.patient()
            try await country.deposit([country.record("one")], of: patient)
            try await country.lie(names.transcryptors[0]) { node, call, body, peer, _ in
                guard call == .reshuffle, lies.value else { return nil }
                return try await node.turned(body, peer) { chain in
                    let other = Domain.party(names.hospitalB, epoch: 1)
                    let (mine, next) = (chain.legs[0].step.id, chain.legs[1].step.id)
                    return try node.step(
                        chain, secret: otherStep ? next : mine, to: otherStep ? chain.destination : other)
                }
            }
            let before = try await country.found(of: patient)
            #expect(before.count == 1)
            lies.change { $0 = true }
            let named = await failure { _ = try await country.found(of: patient) }
            Self.expectNamed(named, 1, .reshuffle)
            // The store looks under the pseudonym of nobody.
            let misled = try await Guards.withOff("guard:reshuffle.challenge") { try await country.found(of: patient) }
            #expect(misled.isEmpty)
        }
    }

    @Test func swappedPersonsAreRefusedAndNamed() async throws {
        try await Country.run(seed: 233) { country in
            let (names, lies) = (country.names, Shared(false))
            let (one, two) = (try await country.patient("one"), try await country.patient("two"))
            try await country.lie(names.transcryptors[0]) { node, call, body, peer, honest in
                guard call == .reshuffle, lies.value else { return nil }
                let first = try ReshuffleCall.steps(answer: honest)[0]
                return try await node.turned(body, peer) { node.swapped($0, first) }
            }
            func deposit(_ name: String) async throws {
                let records = [one, two].enumerated().map { item, _ in
                    var record = country.record("\(name) of person \(item)", minute: 29_000_000)
                    record.item = item
                    return record
                }
                let draft = ExchangeDraft(
                    .held([one.atA, two.atA]), for: country.use(), to: [names.medical], deposits: records)
                _ = try await country.gateway(names.hospitalA).requester.run(
                    draft, by: try country.doctor(names.hospitalA))
            }
            func ids(_ patient: Patient) async throws -> Set<Bytes16> {
                Set(try await country.found(of: patient).map(\.header.recordID))
            }
            func id(_ text: String) -> Bytes16 { country.random("record \(text)").draw() }
            try await deposit("honest")
            lies.change { $0 = true }
            let named = await failure { try await deposit("refused") }
            Self.expectNamed(named, 1, .reshuffle)
            // The record of one person would be filed under the other.
            try await Guards.withOff("guard:reshuffle.challenge") { try await deposit("swapped") }
            lies.change { $0 = false }
            let (ofOne, ofTwo) = (try await ids(one), try await ids(two))
            #expect(ofOne == [id("honest of person 0"), id("swapped of person 1")])
            #expect(ofTwo == [id("honest of person 1"), id("swapped of person 0")])
        }
    }

    /// Steps of an earlier exchange about the same person, given again.
    @Test func aReplayedStepIsTakenOnlyWithoutSignatureAndProof() async throws {
        try await Country.run(seed: 234) { country in
            let caught = Caught()
            let patient = try await country.patient()
            try await country.lie(country.names.transcryptors[0]) { _, call, _, _, honest in
                guard call == .reshuffle else { return nil }
                caught.add(honest)
                return caught.all[0]
            }
            _ = try await country.found(of: patient)
            func replay() async -> ExchangeFailure? { await failure { _ = try await country.found(of: patient) } }
            Self.expectNamed(await replay(), 1, .signature, hasEvidence: false)
            // Its signature names the Request, and so does its proof: it is stopped twice.
            let unsigned = await Guards.withOff("guard:chain.signature") { await replay() }
            Self.expectNamed(unsigned, 1, .reshuffle)
            let taken = await Guards.withOff("guard:chain.signature") {
                await Guards.withOff("guard:reshuffle.challenge") { await replay() }
            }
            #expect(taken == nil)
        }
    }

    /// A well signed, well sealed Share with another point: it would make another person.
    @Test func aWrongShareIsRefusedAndNamed() async throws {
        try await Country.run(seed: 235) { country in
            let names = country.names
            let patient = try await country.patient()
            let recipient = try country.gateway(names.hospitalA).requester.secrets
            try await country.lie(names.transcryptors[1]) { node, call, body, peer, honest in
                guard call == .release else { return nil }
                var answer = try ReleaseCall.Answer(wire: honest)
                let release = try ReleaseCall(body: body)
                let incoming = try await node.incoming(release.request, from: peer, .later)
                let chain = try node.chain(incoming, 0).request.verify(
                    release.chains[0] + answer.added[0], keys: node.stepKeys(incoming.directory))
                let statement = try ShareExpectation<PSN>(
                    chain, permits: [true], from: 2, in: country.pins.ceremony.pseudonyms,
                    shareEpoch: country.pins.ceremony.shareEpoch, recipient: recipient.opening, party: peer,
                    signer: node.secrets.verifyingKey
                ).statement
                let plain = try recipient.opening.open(
                    answer.shares[0], info: statement.info, forbidden: country.pins.forbidden)
                let answers = Array(country.pins.ceremony.recordKeys.shares[0].encoding.bytes)
                let unsigned = Array(plain[..<8]) + answers + Array(plain[40...].dropLast(64))
                let signed = pack(.shareOut, statement.digest(answers).bytes, unsigned)
                answer.shares[0] = try Seal.seal(
                    unsigned + node.secrets.signer.sign(signed), to: statement.recipient, info: statement.info,
                    sender: node.secrets.z, fresh: node.fresh())
                return answer.bytes
            }
            func identify() async throws -> Pseudonym {
                try await country.gateway(names.hospitalA).identify(
                    try await country.present(patient.resident, at: names.hospitalA), for: country.use(),
                    by: try country.doctor(names.hospitalA))
            }
            let named = await failure { _ = try await identify() }
            Self.expectNamed(named, 2, .equality)
            let stranger = try await Guards.withOff("guard:share.equality") { try await identify() }
            #expect(stranger != patient.atA)
        }
    }

    /// A Share of the right persons for another party than the one to which the chain leads.
    @Test func aShareForAnotherPartyIsRefusedAndItsMakerNamed() async throws {
        try await Country.run(seed: 239) { country in
            let (names, lies) = (country.names, Shared(false))
            let patient = try await country.patient()
            try await country.deposit([country.record("one")], of: patient)
            try await country.lie(names.transcryptors[1]) { node, call, body, peer, honest in
                guard call == .release, lies.value else { return nil }
                var answer = try ReleaseCall.Answer(wire: honest)
                let release = try ReleaseCall(body: body)
                let incoming = try await node.incoming(release.request, from: peer, .later)
                let chain = try node.chain(incoming, 0).request.verify(
                    release.chains[0] + answer.added[0], keys: node.stepKeys(incoming.directory))
                let other = try node.inForce(names.hospitalB, incoming.directory, nil)
                let token = try node.secrets.tokens.token(
                    for: .zero, chain.outputs[0], at: HeldToken.Place(party: names.medical, epoch: 1, yGeneration: 1),
                    fresh: node.fresh())
                answer.shares[0] = try Guards.withOff("guard:share.base") {
                    try node.secrets.maker.share(
                        chain, permits: [true], with: node.secrets.psn, to: other.key, tokens: [token], tickets: [],
                        fresh: (node.fresh(), node.fresh())
                    ).bytes
                }
                return answer.bytes
            }
            let before = try await country.found(of: patient)
            #expect(before.count == 1)
            lies.change { $0 = true }
            let named = await failure { _ = try await country.found(of: patient) }
            #expect(named == .refused(by: names.medical, Refusal(.seal, at: 2)))
            // It is sealed, signed and proved for one party: it is stopped three times.
            let misled = try await Guards.withOff("guard:share.sealed") {
                let signed = await failure { _ = try await country.found(of: patient) }
                #expect(signed == .refused(by: names.medical, Refusal(.signature, at: 2)))
                return try await Guards.withOff("guard:share.signature") {
                    let proved = await failure { _ = try await country.found(of: patient) }
                    #expect(proved == .refused(by: names.medical, Refusal(.equality, at: 2)))
                    return try await Guards.withOff("guard:share.equality") { try await country.found(of: patient) }
                }
            }
            #expect(misled.isEmpty)
        }
    }

    @Test func whoIsSilentIsNamedAndOthersAreAsked() async throws {
        try await Country.run(seed: 236) { country in
            let (names, t2) = (country.names, country.names.transcryptors[1])
            let patient = try await country.patient()
            let phone = patient.resident.phone
            try await country.lie(t2) { _, call, _, _, _ in
                // It decides, and says no more.
                if call == .release { country.network.crash(t2) }
                return nil
            }
            func identify() async throws -> Pseudonym {
                try await country.gateway(names.hospitalA).identify(
                    try await country.present(patient.resident, at: names.hospitalA), for: country.use(),
                    by: try country.doctor(names.hospitalA))
            }
            let silent = await failure { _ = try await identify() }
            #expect(silent == .noAnswer(from: t2))
            let again = try await identify()
            #expect(again == patient.atA)
            await country.wait(seconds: 3)
            let history = try await phone.history()
            #expect(history.doubts == [.silent(2)])
        }
    }

    /// It releases without an entry. Whoever else took part has one: the person sees the use, and who does not own up
    /// to it; and when it goes on, a gap in what it shows.
    @Test func aHiddenLeafIsAGapInTheHistory() async throws {
        try await Country.run(seed: 237) { country in
            let (names, t1) = (country.names, country.names.transcryptors[0])
            let patient = try await country.patient()
            let (phone, hides) = (patient.resident.phone, Shared(false))
            let ledger = HidingLedger(try #require(country.network.node(names.ledger)), from: t1) { hides.value }
            try await country.network.add(names.ledger) { (_, _) in ledger }
            guard let node = country.network.node(t1), let store = country.network.store(of: t1) else { return }
            try await country.network.add(t1, store: store) { (_, _) in UnloggedNode(node) }

            await country.wait(seconds: 3)
            let before = try await phone.history()
            #expect(before.doubts == [])
            hides.change { $0 = true }
            _ = try await country.found(of: patient)
            hides.change { $0 = false }
            _ = try await country.found(of: patient)
            await country.wait(seconds: 3)
            let seen = try await phone.history()
            #expect(seen.uses.count == before.uses.count + 2)
            await country.wait(seconds: 601)
            let doubts = Set(try await phone.history().doubts)
            let hidden = try #require(seen.uses.first { $0.words[1] == nil && $0.words[2] != nil })
            let counter = UInt64(before.uses.count + before.entries.count / 3)
            let expected: Set<Doubt> = [.missing(hidden.requestDigest, participant: t1), .gap(1, counter: counter)]
            #expect(doubts == expected)
            for (guardName, left) in [
                ("guard:device.missing", Doubt.gap(1, counter: counter)),
                ("guard:device.gap", Doubt.missing(hidden.requestDigest, participant: t1)),
            ] {
                let misled = try await Guards.withOff(guardName) { try await phone.history() }
                #expect(misled.doubts == [left])
            }
        }
    }

    /// It has its leaf in the Ledger, and does not tell the person: its own head, signed, says that there is one more.
    @Test func aLeafThatIsNotShownIsHiding() async throws {
        try await Country.run(seed: 238) { country in
            let patient = try await country.patient()
            await country.wait(seconds: 3)
            country.network.setLie(country.names.transcryptors[0]) { call, _, bytes in
                guard call == .head, let answer = try? HeadAnswer(wire: bytes) else { return nil }
                return HeadAnswer(
                    head: answer.head, signature: answer.signature, details: answer.details.dropLast()
                ).bytes
            }
            let history = try await patient.resident.phone.history()
            #expect(history.doubts == [.hiding(1)])
            let misled = try await Guards.withOff("guard:head.leaves") { try await patient.resident.phone.history() }
            #expect(misled.doubts == [])
        }
    }
}

/// A transcryptor that does not wait for its own leaves.
private final class UnloggedNode: Node {
    let id: PartyID
    private let inner: any Node
    init(_ inner: any Node) { (id, self.inner) = (inner.id, inner) }

    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        let result: Result<[UInt8], Refusal> = await Guards.withOff("guard:transcryptor.logged") {
            do throws(Refusal) { return .success(try await inner.answer(call, body, from: peer)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// A ledger to which one transcryptor does not send certain leaves.
private final class HidingLedger: Node {
    let id: PartyID
    private let inner: any Node
    private let from: PartyID
    private let hides: @Sendable () -> Bool
    private let hidden = Shared<Set<[UInt8]>>([])

    init(_ inner: any Node, from: PartyID, _ hides: @escaping @Sendable () -> Bool) {
        (id, self.inner, self.from, self.hides) = (inner.id, inner, from, hides)
    }

    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        guard call == .append, peer == from else { return try await inner.answer(call, body, from: peer) }
        let fields = try Wire.fields(of: body, 2)
        let leaves = try Wire.elements(of: fields[0])
        if hides() { hidden.change { $0.formUnion(leaves) } }
        let left = leaves.filter { !hidden.value.contains($0) }
        guard !left.isEmpty else { return Wire.list([Wire.list([])]) }
        return try await inner.answer(call, Wire.list([Wire.list(left), Wire.list(left.map { _ in [] })]), from: peer)
    }
}
