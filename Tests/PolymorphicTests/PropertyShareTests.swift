import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Shares and what their recipient makes of them.
@Suite struct PropertyShareTests {
    private struct Exchange {
        let world: World
        let chain: VerifiedChain
        let bases: [Point]
        var permits: [Bool] { [Bool](repeating: true, count: bases.count) }
        var party: Party { world.medical }
        var expected: [Bytes32] { get throws { try bases.map { try world.pseudonym($0, at: world.medical.domain) } } }

        init(_ name: String, m: Int) throws {
            world = try World(name)
            bases = (0..<m).map { [world] _ in world.random.point() }
            let held = try bases.map { [world] in
                try world.encrypt(world.at($0, world.hospital.domain), as: AtParty.self)
            }
            chain = try world.verified(world.chain(held, from: world.hospital, to: world.medical))
        }
    }

    @Test(arguments: [1, 2, 3]) func everySingleBitOfASealedShareCounts(_ m: Int) throws {
        let exchange = try Exchange("sealed share \(m)", m: m)
        let sealed = try exchange.world.share(exchange.chain, exchange.permits, to: exchange.party, by: 1)
        #expect(sealed.bytes.count == 140 + (32 + 45) * m + 48)
        let expectation = try exchange.world.expectation(exchange.chain, exchange.permits, at: exchange.party, from: 1)
        for bit in 0..<8 * sealed.bytes.count {
            expectRefusal(oneOf: [.seal, .point], "bit \(bit)") {
                _ = try expectation.open(
                    SealedShare(bytes: sealed.bytes.flipping(bit: bit)), with: exchange.party.key,
                    forbidden: exchange.world.forbidden)
            }
        }
    }

    @Test func everySingleBitInsideAShareIsSignedAndEveryBitOfItsProofCounts() throws {
        let exchange = try Exchange("share body", m: 2)
        let world = exchange.world
        let expectation = try world.expectation(exchange.chain, exchange.permits, at: exchange.party, from: 2)
        // Unsealed, so that the inside can be changed.
        try Guards.withOff("guard:share.sealed") {
            let body = try world.share(exchange.chain, exchange.permits, to: exchange.party, by: 2).bytes
            for bit in 0..<8 * body.count {
                expectRefusal(oneOf: [.signature, .share, .length], "bit \(bit)") {
                    _ = try expectation.open(
                        SealedShare(bytes: body.flipping(bit: bit)), with: exchange.party.key,
                        forbidden: world.forbidden)
                }
            }
            for bit in 0..<512 {
                let proof = Array(body[72..<136]).flipping(bit: bit)
                let lie = try LyingShare(world: world, index: 2, party: exchange.party)
                    .share(exchange.chain, exchange.permits, proof: proof, like: body)
                expectRefusal(oneOf: [.equality, .scalar], "bit \(bit)") {
                    _ = try expectation.open(lie, with: exchange.party.key, forbidden: world.forbidden)
                }
            }
        }
    }

    @Test(arguments: [1, 2, 5, 40]) func oneWrongAnswerAtAnyIndexIsFoundThoughTheLiarProvesAndSignsIt(_ m: Int) throws {
        let exchange = try Exchange("lying share \(m)", m: m)
        let world = exchange.world
        let liar = LyingShare(world: world, index: 1, party: exchange.party)
        let expectation = try world.expectation(exchange.chain, exchange.permits, at: exchange.party, from: 1)
        _ = try expectation.open(
            liar.share(exchange.chain, exchange.permits) { _ in }, with: exchange.party.key, forbidden: world.forbidden)
        for index in 0..<m {
            let lie = try liar.share(exchange.chain, exchange.permits) { answers in
                answers[index] = try Element(answers[index].point + world.random.point())
            }
            expectRefusal(.equality) {
                _ = try expectation.open(lie, with: exchange.party.key, forbidden: world.forbidden)
            }
            guard index > 0 else { continue }
            let swapped = try liar.share(exchange.chain, exchange.permits) { $0.swapAt(index - 1, index) }
            expectRefusal(.equality) {
                _ = try expectation.open(swapped, with: exchange.party.key, forbidden: world.forbidden)
            }
        }
    }

    @Test func aShareIsForItsRequestChainPermitsPartyKeyIndexAndEpochOnly() throws {
        let exchange = try Exchange("share context", m: 3)
        let (world, chain, party) = (exchange.world, exchange.chain, exchange.party)
        let permits = [true, false, true]
        let sealed = try world.share(chain, permits, to: party, by: 1)
        func open(
            _ chain: VerifiedChain, _ permits: [Bool], index: UInt8 = 1, epoch: UInt32 = 1, signer: UInt8 = 1,
            with key: borrowing OpeningKey, as party: Party
        ) throws {
            _ = try ShareExpectation<PSN>(
                chain, permits: permits, from: index, in: world.psn, shareEpoch: epoch, recipient: key, party: party.id,
                signer: world.transcryptor(signer).verifyingKey
            ).open(sealed, with: key, forbidden: world.forbidden)
        }
        try open(chain, permits, with: party.key, as: party)
        expectRefusal(.seal) { try open(chain, permits, index: 2, signer: 2, with: party.key, as: party) }
        expectRefusal(.share) { try open(chain, permits, epoch: 2, with: party.key, as: party) }
        expectRefusal(.signature) { try open(chain, permits, signer: 2, with: party.key, as: party) }
        expectRefusal(.signature) { try open(chain, [false, true, true], with: party.key, as: party) }
        expectRefusal(.share) { try open(chain, [true, true, true], with: party.key, as: party) }
        expectRefusal(.share) { try open(chain, [true, false, false], with: party.key, as: party) }
        expectRefusal(.length) { try open(chain, [true, true], with: party.key, as: party) }
        expectRefusal(.target) { try open(chain, permits, with: world.pharmacy.key, as: world.pharmacy) }
        expectRefusal(.seal) { try open(chain, permits, with: world.pharmacy.key, as: party) }
        // The same items again, by other steps: another chain.
        let held = try exchange.bases.map { try world.encrypt(world.at($0, world.hospital.domain), as: AtParty.self) }
        let request = try world.chain(held, from: world.hospital, to: party, chain.requestDigest)
        let again = try world.verified(request, by: [1, 3])
        expectRefusal(.signature) { try open(again, permits, with: party.key, as: party) }
        let foreign = try world.verified(world.chain(held, from: world.hospital, to: party))
        expectRefusal(.seal) { try open(foreign, permits, with: party.key, as: party) }
    }

    @Test func everyQuorumCombinesAndNothingLess() throws {
        let exchange = try Exchange("quorums", m: 4)
        let (world, chain, permits, party) = (exchange.world, exchange.chain, exchange.permits, exchange.party)
        let expected = try exchange.expected
        let shares = try (1...3).map { index in
            try world.open(
                world.share(chain, permits, to: party, by: UInt8(index)), chain, permits, at: party, from: UInt8(index))
        }
        let unmasking = party.key.unmasking(world.psn.key)
        for quorum: [Int] in [[1, 2], [1, 3], [2, 3], [2, 1], [3, 1], [1, 2, 3]] {
            let indexes = quorum.map { UInt8($0) }
            let result = try unmasking.pseudonyms(
                chain, permits: permits, quorum.map { shares[$0 - 1] }, participants: indexes)
            #expect(result.map(\.encoding) == expected)
        }
        for alone in 1...3 {  // one Share is as good as a random point
            let result = try unmasking.pseudonyms(
                chain, permits: permits, [shares[alone - 1]], participants: [UInt8(alone)])
            #expect(Set(result.map(\.encoding)).isDisjoint(with: expected))
        }
        for (given, participants) in [
            ([0], [1, 2]), ([0, 0], [1, 2]), ([0, 1], [1, 3]), ([0, 1, 2], [1, 2]), ([0, 0], [1, 1]),
        ] {
            expectRefusal(.participants) {
                _ = try unmasking.pseudonyms(
                    chain, permits: permits, given.map { shares[$0] }, participants: participants.map { UInt8($0) })
            }
        }
        expectRefusal(.participants) { _ = try unmasking.pseudonyms(chain, permits: permits, [], participants: []) }
        expectRefusal(.length) {
            _ = try unmasking.pseudonyms(
                chain, permits: [true, true, true, false], [shares[0], shares[1]], participants: [1, 2])
        }
    }

    @Test func sharesOfTwoEpochsNeverMix() throws {
        let exchange = try Exchange("two epochs", m: 2)
        let (world, chain, permits, party) = (exchange.world, exchange.chain, exchange.permits, exchange.party)
        let old: [UInt8: SecretBox] = [
            1: SecretBox(world.transcryptor(1).psn.x.explicitCopy()),
            3: SecretBox(world.transcryptor(3).psn.x.explicitCopy()),
        ]
        let (key, secrets) = try Ceremony.reshare(world.psn, old, n: 3, t: 2, world.random)
        #expect(key.key.element == world.psn.key.element && Set(key.shares).isDisjoint(with: world.psn.shares))
        let new = try (1...3).map { index -> VerifiedShare<PSN> in
            let t = world.transcryptor(UInt8(index))
            let share = try ClassShare<PSN>(
                index: UInt8(index), shareEpoch: 2, secret: secrets[index - 1].scalar.explicitCopy())
            let sealed = try t.maker.share(
                chain, permits: permits, with: share, to: party.partyKey,
                tokens: world.tokens(chain, permits, at: party, by: UInt8(index)), tickets: [],
                fresh: (world.random.draw(), world.random.draw()))
            return try ShareExpectation<PSN>(
                chain, permits: permits, from: UInt8(index), in: key, shareEpoch: 2, recipient: party.key,
                party: party.id, signer: t.verifyingKey
            ).open(sealed, with: party.key, forbidden: world.forbidden)
        }
        let before = try (1...3).map { index in
            try world.open(
                world.share(chain, permits, to: party, by: UInt8(index)), chain, permits, at: party, from: UInt8(index))
        }
        let unmasking = party.key.unmasking(world.psn.key)
        let expected = try exchange.expected
        for pair in [[1, 2], [1, 3], [2, 3]] {
            let indexes = pair.map { UInt8($0) }
            let made = try unmasking.pseudonyms(
                chain, permits: permits, pair.map { new[$0 - 1] }, participants: indexes)
            #expect(made.map(\.encoding) == expected)
            for mix in [[new[pair[0] - 1], before[pair[1] - 1]], [before[pair[0] - 1], new[pair[1] - 1]]] {
                expectRefusal(.share) {
                    _ = try unmasking.pseudonyms(chain, permits: permits, mix, participants: indexes)
                }
            }
        }
        // An old share under the new public values has no proof.
        let t = world.transcryptor(1)
        let stale = try ClassShare<PSN>(index: 1, shareEpoch: 2, secret: t.psn.x.explicitCopy())
        let sealed = try t.maker.share(
            chain, permits: permits, with: stale, to: party.partyKey,
            tokens: world.tokens(chain, permits, at: party, by: 1),
            tickets: [], fresh: (world.random.draw(), world.random.draw()))
        expectRefusal(oneOf: [.signature, .equality]) {
            _ = try ShareExpectation<PSN>(
                chain, permits: permits, from: 1, in: key, shareEpoch: 2, recipient: party.key, party: party.id,
                signer: t.verifyingKey
            ).open(sealed, with: party.key, forbidden: world.forbidden)
        }
    }

    @Test func anAdopterGivesTokensAndNoShare() throws {
        let exchange = try Exchange("adopt", m: 3)
        let (world, chain, party) = (exchange.world, exchange.chain, exchange.party)
        let permits = [true, false, true]
        let rows: [Bytes16] = [world.random.draw(), world.random.draw()]
        let t = world.transcryptor(3)
        let tokens = try world.tokens(chain, permits, at: party, rows: rows, by: 3)
        let sealed = try t.maker.adopt(
            chain, permits: permits, holder: t.psn.element, index: 3, shareEpoch: 1, to: party.partyKey, tokens: tokens,
            tickets: [], fresh: world.random.draw())
        let expectation = try ShareExpectation<PSN>(
            adopted: chain, permits: permits, from: 3, in: world.psn, shareEpoch: 1, recipient: party.key,
            party: party.id, signer: t.verifyingKey)
        let opened = try expectation.open(sealed, with: party.key, forbidden: world.forbidden)
        #expect(opened.tokens == tokens && opened.answers.isEmpty)
        let place = HeldToken.Place(party: party.id, epoch: 1, yGeneration: 1)
        let outputs = try chain.permitted(permits)
        #expect(try zip(opened.tokens, outputs).map { try t.tokens.row(of: $0, $1, at: place) } == rows)
        expectRefusal(.seal) {
            _ = try world.open(sealed, chain, permits, at: party, from: 3)  // not as a Share
        }
        expectRefusal(.target) {
            _ = try t.maker.adopt(
                chain, permits: permits, holder: t.psn.element, index: 3, shareEpoch: 1, to: world.pharmacy.partyKey,
                tokens: tokens, tickets: [], fresh: world.random.draw())
        }
        let participant = try world.open(
            world.share(chain, permits, to: party, by: 1), chain, permits, at: party, from: 1)
        expectRefusal(.length) {
            _ = try party.key.unmasking(world.psn.key).pseudonyms(
                chain, permits: permits, [participant, opened], participants: [1, 3])
        }
    }
}

/// A transcryptor that makes Shares as it likes, with its real share and signature.
struct LyingShare {
    let world: World
    let index: UInt8
    let party: Party

    func statement(_ chain: VerifiedChain, _ permits: [Bool]) throws -> ShareStatement {
        ShareStatement(
            requestDigest: chain.requestDigest, keyClass: PSN.byte, shareEpoch: 1, index: index,
            holder: world.transcryptor(index).psn.element, destination: party.id, recipient: party.key.element,
            origin: chain.origin, permits: permits, points: try chain.permitted(permits).map(\.pair.b))
    }

    /// A proved and signed Share whose answers `change` has changed before.
    func share(
        _ chain: VerifiedChain, _ permits: [Bool], change: (inout [Element]) throws -> Void
    ) throws -> SealedShare {
        let t = world.transcryptor(index)
        let statement = try statement(chain, permits)
        let queries = try statement.queries()
        var answers = try queries.map { try Element(t.psn.x.times($0.point)) }
        try change(&answers)
        let encoded = Element.encode(batch: answers)
        let context = equalityContext(statement.digest(encoded))
        let proof = try EqualityProof.prove(
            key: t.psn.x, public: t.psn.element, queries: queries, answers: answers, context: context,
            nonce: world.random.secret())
        let tokens = try world.tokens(chain, permits, at: party, by: index)
        return try finish(statement, encoded, ShareBody.unsigned(statement, encoded, proof.bytes.bytes, tokens, []))
    }

    /// An unsealed Share body with another proof, signed again.
    func share(_ chain: VerifiedChain, _ permits: [Bool], proof: [UInt8], like body: [UInt8]) throws -> SealedShare {
        let statement = try statement(chain, permits)
        let m = statement.points.count
        let answers = Array(body[8..<8 + 32 * m])
        let unsigned = Array(body[..<(8 + 32 * m)]) + proof + body[(72 + 32 * m)..<(body.count - 64)]
        return try finish(statement, answers, unsigned)
    }

    func finish(_ statement: ShareStatement, _ answers: [UInt8], _ unsigned: [UInt8]) throws -> SealedShare {
        let t = world.transcryptor(index)
        let whole = unsigned + t.maker.signer.sign(pack(.shareOut, statement.digest(answers).bytes, unsigned))
        guard enforced("guard:share.sealed") else { return SealedShare(bytes: whole) }
        return SealedShare(
            bytes: try Seal.seal(
                whole, to: party.key.element, info: statement.info, sender: world.random.secret(),
                fresh: world.random.draw()))
    }
}
