@testable import Polymorphic
import Ristretto255

/// Keys that every input meets. Nothing secret about them.
enum Fixture {
    static let bytes32 = [UInt8](repeating: 7, count: 31) + [1]
    static func scalar() -> SecretScalar {
        guard let scalar = try? SecretScalar(decoding: bytes32) else { fatalError("the fixture is no scalar") }
        return scalar
    }
    static func openingKey() -> OpeningKey { OpeningKey(scalar()) }
    static let party: PartyID = {
        guard let id = try? PartyID("fuzz") else { fatalError("the fixture is no id") }
        return id
    }()
    static let pair = Pair(b: .generator, c: .generator)
    static func ring() -> KeyRing { KeyRing(id: 1, key: SecretBytes(copying: bytes32)) }
    static let place = HeldToken.Place(party: party, epoch: 1, yGeneration: 1)
}

func fuzzPair(_ bytes: [UInt8]) {
    guard let pair = try? Pair(wire: bytes) else { return }
    expect(pair.bytes == bytes, "a pair encodes to what it came from")
}

/// One step, read alone and then as a chain of one leg, with the checks off that no fuzzer gets past.
func fuzzStep(_ bytes: [UInt8]) {
    let step = Step(bytes: bytes)
    guard let parts = try? step.parts() else { return }
    expect(parts.body + parts.signature == bytes, "the parts of a step are all of it")
    let count = parts.outputs.count / 64
    guard let id = try? Name("v12") else { return }
    let leg = RouteLeg(step: RouteStep(id: id, holders: [1, 2]), source: .generator, destination: .generator)
    let chain = ChainRequest(
        .zero, .base, .party(Fixture.party, epoch: 1), [leg], ClassKey(.generator),
        [Pair](repeating: Fixture.pair, count: count))
    expect((try? chain.verify([step], keys: [1: VerifyingKey(.zero)])) == nil, "no fuzzer signs a step")
    let unsigned: Set = ["guard:chain.signature", "guard:chain.order", "guard:reshuffle.samedomain"]
    withOff(unsigned) { _ = try? chain.verify([step], keys: [:]) }
    withOff(unsigned.union(["guard:reshuffle.identity", "guard:reshuffle.challenge"])) {
        guard let verified = try? chain.verify([step], keys: [:]) else { return }
        expect(
            verified.outputs.map(\.bytes)
                == stride(from: 4, to: 4 + 64 * count, by: 64).map {
                    Array(bytes[$0..<$0 + 64])
                }, "the outputs of a chain are those of its last step")
    }
}

/// The body of a Share, expected as it announces itself.
func fuzzShare(_ bytes: [UInt8]) {
    guard bytes.count >= 8, let party = try? PartyID("fuzz") else { return }
    let m = Int(bytes[6]) << 8 | Int(bytes[7])
    guard m <= 16 else { return }
    let statement = ShareStatement(
        requestDigest: .zero, keyClass: bytes[0], shareEpoch: bytes[1..<5].reduce(0) { $0 << 8 | UInt32($1) },
        index: bytes[5], holder: .generator, destination: party, recipient: .generator, origin: .zero, permits: [],
        points: [Element](repeating: .generator, count: m))
    let proofEnd = 8 + (bytes[0] == ShareBody.adoptClass ? 0 : 32 * m + 64)
    let tokens = bytes.count >= proofEnd + 2 ? Int(bytes[proofEnd]) << 8 | Int(bytes[proofEnd + 1]) : 0
    let ticketsAt = proofEnd + 2 + tokens * HeldToken.byteCount
    let tickets = bytes.count >= ticketsAt + 2 ? Int(bytes[ticketsAt]) << 8 | Int(bytes[ticketsAt + 1]) : 0
    guard let body = try? ShareBody(bytes, statement, tokens: tokens, tickets: tickets) else { return }
    let again = ShareBody.unsigned(statement, Array(body.answers), Array(body.proof), body.tokens, body.tickets)
    expect(again + body.signature == bytes, "a Share encodes to what it came from")
    let expectation = ShareExpectation<KEM>(
        statement: statement, signer: VerifyingKey(.zero), tokens: tokens, tickets: tickets)
    withOff(["guard:share.sealed", "guard:share.signature"]) {
        _ = try? expectation.open(SealedShare(bytes: bytes), with: Fixture.openingKey(), forbidden: [])
    }
}

func fuzzHeldToken(_ bytes: [UInt8]) {
    guard let token = try? HeldToken(wire: bytes) else { return }
    let keys = HeldTokenKeys(Fixture.ring())
    let row = try? keys.row(of: token, EncryptedPseudonym(Fixture.pair), at: Fixture.place)
    expect(row == nil, "no fuzzer makes a token")
}

func fuzzTicket(_ bytes: [UInt8]) {
    guard let ticket = try? Ticket(wire: bytes) else { return }
    expect((try? TicketKeys(Fixture.ring()).verify(ticket, for: .zero, of: .zero)) == nil, "no fuzzer makes a Ticket")
}

/// Any bytes as a box, then as the message of one.
func fuzzSealedBox(_ bytes: [UInt8]) {
    let key = Fixture.openingKey()
    _ = try? key.open(bytes, info: [1])
    guard let box = try? Seal.seal(bytes, to: key.element, info: [1], sender: Fixture.scalar(), fresh: .zero) else {
        fatalError("every message can be sealed")
    }
    expect(box.count == bytes.count + Seal.overhead, "a box is 48 bytes longer")
    expect((try? key.open(box, info: [1])) == bytes, "what was sealed is opened")
    expect((try? key.open(box, info: [2])) == nil, "for another use it is not")
}
