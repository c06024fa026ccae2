import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Attacks on Shares, their boxes and what is combined from them.
@Suite struct AttackShareTests {
    private struct Scene {
        let world: World
        let chain: VerifiedChain
        let bases: [Point]
        let permits: [Bool]
        var party: Party { world.medical }

        init(_ name: String, m: Int = 2) throws {
            let world = try World(name)
            let bases = (0..<m).map { _ in world.random.point() }
            let held = try bases.map { try world.encrypt(world.at($0, world.hospital.domain), as: AtParty.self) }
            chain = try world.verified(world.chain(held, from: world.hospital, to: world.medical))
            (self.world, self.bases, permits) = (world, bases, [Bool](repeating: true, count: m))
        }

        func shares() throws -> [SealedShare] {
            try [UInt8(1), 2].map { try world.share(chain, permits, to: party, by: $0) }
        }
        func known(_ item: Int) -> Point { world.at(bases[item], world.medical.domain) }
    }

    /// `sum lambda_i * U_ij` of {1, 2} as whoever reads the bodies of both Shares computes it.
    private static func sum(_ bodies: [[UInt8]], _ item: Int) throws -> Point {
        let points = try bodies.map { body in
            try need(body.count >= 40 + 32 * item, .length)
            return try Element(wire: body[8 + 32 * item..<40 + 32 * item]).point
        }
        return MultiScalar.small(2, points[0]) - points[1]
    }

    @Test func whoSeesAllSharesLearnsNothingSinceTheyAreSealed() throws {
        /// From the wire alone: the difference of two pseudonyms, and all others from one that is known.
        func eavesdrop(_ round: Int) throws -> (scene: Scene, difference: Point, second: Point) {
            let scene = try Scene("eavesdropper \(round)")
            let seen = try scene.shares().map(\.bytes)
            let sums = try [0, 1].map { try Self.sum(seen, $0) }
            let c = scene.chain.outputs.map(\.pair.c.point)
            let mask = sums[0] + scene.known(0) - c[0]  // z*Y, by the one pseudonym it knows
            return (scene, (c[0] - sums[0]) - (c[1] - sums[1]), c[1] - sums[1] + mask)
        }
        // In force: what it takes for points is ciphertext, mostly no points at all, and never the difference.
        for round in 0..<20 {
            guard let guess = try? eavesdrop(round) else { continue }
            #expect(guess.difference != guess.scene.known(0) - guess.scene.known(1))
        }
        let (scene, difference, second) = try Guards.withOff("guard:share.sealed") { try eavesdrop(0) }
        #expect(difference == scene.known(0) - scene.known(1))
        #expect(second == scene.known(1))
    }

    @Test func aLyingTranscryptorDoesNotMakeTheRecipientCombineWhatItChooses() throws {
        let scene = try Scene("lying share")
        let world = scene.world
        let mallory = world.at(world.random.point(), world.medical.domain)
        let honest = try world.open(
            world.share(scene.chain, scene.permits, to: scene.party, by: 2), scene.chain, scene.permits,
            at: scene.party,
            from: 2)
        // T1 knows both pseudonyms from the medical centre's own clerk: Alice shall be Mallory.
        let shift = scene.known(0) - mallory
        let half = try #require(Scalar(2).inverse)  // lambda_1 = 2
        let lie = try LyingShare(world: world, index: 1, party: scene.party).share(scene.chain, scene.permits) {
            $0[0] = try Element($0[0].point + MultiScalar.publicSum([half], [shift]))
        }
        func combined() throws -> [Bytes32] {
            let share = try world.open(lie, scene.chain, scene.permits, at: scene.party, from: 1)
            return try scene.party.key.unmasking(world.psn.key).pseudonyms(
                scene.chain, permits: scene.permits, [share, honest], participants: [1, 2]
            ).map(\.encoding)
        }
        expectRefusal(.equality) { _ = try combined() }
        let expected = [mallory.encoding, scene.known(1).encoding]
        let withoutProof = try Guards.withOff("guard:share.equality") { try combined() }
        #expect(withoutProof == expected)
        let withoutChallenge = try Guards.withOff("guard:equality.challenge") { try combined() }
        #expect(withoutChallenge == expected)
    }

    /// As for a step: a proof made without nonces holds, and hands the share of the key to its reader.
    @Test func aShareProvedWithoutNoncesIsRefusedSinceItPublishesTheKey() throws {
        let scene = try Scene("share without nonces")
        let world = scene.world
        let liar = LyingShare(world: world, index: 1, party: scene.party)
        let t = world.transcryptor(1)
        let statement = try liar.statement(scene.chain, scene.permits)
        let queries = try statement.queries()
        let answers = try queries.map { try Element(t.psn.x.times($0.point)) }
        let encoded = Element.encode(batch: answers)
        let proof = try EqualityProof.prove(
            key: t.psn.x, public: t.psn.element, queries: queries, answers: answers,
            context: equalityContext(statement.digest(encoded)), nonce: SecretScalar(public: .zero))
        let tokens = try world.tokens(scene.chain, scene.permits, at: scene.party, by: 1)
        let share = try liar.finish(
            statement, encoded, ShareBody.unsigned(statement, encoded, proof.bytes.bytes, tokens, []))
        func opened() throws -> Element {
            _ = try world.open(share, scene.chain, scene.permits, at: scene.party, from: 1)
            let (c, s) = (try Scalar(decoding: proof.bytes.first), try Scalar(decoding: proof.bytes.last))
            let x = -(s * (try #require(c.inverse)))  // its reader's arithmetic
            return try Element(FixedBase.generator.times(x))
        }
        expectRefusal(.equality) { _ = try opened() }
        let stolen = try Guards.withOff("guard:equality.identity") { try opened() }
        #expect(stolen == t.psn.element)
    }

    /// An adoption has no proof: only the signature tells it from what anyone could seal to the party.
    @Test func anOutsiderCannotAdoptInTheNameOfATranscryptor() throws {
        let scene = try Scene("forged adoption")
        let (world, party) = (scene.world, scene.party)
        let junk = try (0..<2).map { _ in try HeldToken(wire: world.random.bytes(45)) }
        let statement = ShareStatement(
            requestDigest: scene.chain.requestDigest, keyClass: ShareBody.adoptClass, shareEpoch: 1, index: 3,
            holder: world.transcryptor(3).psn.element, destination: party.id, recipient: party.key.element,
            origin: scene.chain.origin, permits: scene.permits, points: [])
        let body = ShareBody.unsigned(statement, [], [], junk, []) + world.random.bytes(64)
        let forged = SealedShare(
            bytes: try Seal.seal(
                body, to: party.key.element, info: statement.info, sender: world.random.secret(),
                fresh: world.random.draw()))
        let expectation = try ShareExpectation<PSN>(
            adopted: scene.chain, permits: scene.permits, from: 3, in: world.psn, shareEpoch: 1, recipient: party.key,
            party: party.id, signer: world.transcryptor(3).verifyingKey)
        func kept() throws -> [HeldToken] {
            try expectation.open(forged, with: party.key, forbidden: world.forbidden).tokens
        }
        expectRefusal(.signature) { _ = try kept() }
        // The party keeps them, shows the persons as stored everywhere, and T3 will know none of them.
        let tokens = try Guards.withOff("guard:share.signature") { try kept() }
        #expect(tokens == junk)
        let place = HeldToken.Place(party: party.id, epoch: 1, yGeneration: 1)
        expectRefusal(.row) {
            _ = try world.transcryptor(3).tokens.row(of: tokens[0], scene.chain.outputs[0], at: place)
        }
    }

    @Test func sharesOfTwoSharingsOfTheKeyMakeNobodysPseudonym() throws {
        let scene = try Scene("two sharings", m: 1)
        let (world, party) = (scene.world, scene.party)
        let old = try world.open(
            world.share(scene.chain, scene.permits, to: party, by: 1), scene.chain, scene.permits, at: party, from: 1)
        let holders: [UInt8: SecretBox] = [
            1: SecretBox(world.transcryptor(1).psn.x.explicitCopy()),
            2: SecretBox(world.transcryptor(2).psn.x.explicitCopy()),
        ]
        let (key, secrets) = try Ceremony.reshare(world.psn, holders, n: 3, t: 2, world.random)
        let t = world.transcryptor(2)
        let sealed = try t.maker.share(
            scene.chain, permits: scene.permits,
            with: ClassShare<PSN>(index: 2, shareEpoch: 2, secret: secrets[1].scalar.explicitCopy()),
            to: party.partyKey,
            tokens: world.tokens(scene.chain, scene.permits, at: party, by: 2), tickets: [],
            fresh: (world.random.draw(), world.random.draw()))
        let new = try ShareExpectation<PSN>(
            scene.chain, permits: scene.permits, from: 2, in: key, shareEpoch: 2, recipient: party.key, party: party.id,
            signer: t.verifyingKey
        ).open(sealed, with: party.key, forbidden: world.forbidden)
        func stored() throws -> Bytes32 {
            try party.key.unmasking(world.psn.key)
                .pseudonyms(scene.chain, permits: scene.permits, [old, new], participants: [1, 2])[0].encoding
        }
        expectRefusal(.share) { _ = try stored() }
        let wrong = try Guards.withOff("guard:combine.epoch") { try stored() }
        #expect(wrong != scene.known(0).encoding)  // kept as if it were that person's
    }

    @Test func baseReceivesNoShareSoThePointOfAPersonStaysUnknown() throws {
        let world = try World("share to base")
        let base = world.random.point()
        let held = [try world.encrypt(world.at(base, world.hospital.domain), as: AtParty.self)]
        // A chain back to base is made when a lost PP is rebuilt; the pharmacy asks for Shares of it.
        let request = ChainRequest(
            requestDigest: world.requestDigest(), held: held, at: world.hospital.domain, to: .base,
            legs: try world.legs(world.hospital.domain, .base), key: world.psn.key)
        let toBase = try world.verified(request)
        let toMedical = try world.verified(world.chain(held, from: world.hospital, to: world.medical))
        func learned(_ chain: VerifiedChain) throws -> Point {
            let thief = world.pharmacy
            let bodies = try [UInt8(1), 2].map { index in
                let sealed = try world.share(chain, [true], to: world.pharmacy, by: index)
                let info = pack(.sealedShare, chain.requestDigest.bytes, [1], [index], world.pharmacy.id.bytes)
                return try thief.key.open(sealed.bytes, info: info, forbidden: world.forbidden)
            }
            return try chain.outputs[0].pair.c.point - Self.sum(bodies, 0)
                + thief.key.z.times(world.psn.key.element.point)
        }
        expectRefusal(.target) { _ = try learned(toBase) }
        expectRefusal(.target) { _ = try learned(toMedical) }
        let (atBase, atMedical) = try Guards.withOff("guard:share.base") {
            (try learned(toBase), try learned(toMedical))
        }
        #expect(atBase == base)
        #expect(atMedical == world.at(base, world.medical.domain))
    }

    /// Opening a box with `E = Y` computes the mask `z*Y`: whether such a box opens tells if a guess of the mask is
    /// right.
    @Test func theRecipientIsNoOracleForItsMask() throws {
        let scene = try Scene("oracle", m: 1)
        let (world, party) = (scene.world, scene.party)
        let info = pack(.sealedShare, [1])
        let y = world.psn.key.element
        // The attacker has seen the bodies of the Shares of one item, and has a list of pseudonyms of which one is its.
        let bodies = try Guards.withOff("guard:share.sealed") { try scene.shares().map(\.bytes) }
        let sum = try Self.sum(bodies, 0)
        let candidates = world.random.shuffled([scene.known(0)] + (0..<7).map { _ in world.random.point() })
        func found() throws -> Point {
            var last = Refusal(.seal)
            for candidate in candidates {
                let mask = candidate - scene.chain.outputs[0].pair.c.point + sum
                let keys = Seal.keys(SecretBytes(copying: mask.encoding.bytes), y, party.key.element, info)
                let box = try BoxReader.seal([1], ephemeral: y, keys, info)
                do {
                    _ = try party.key.open(box, info: info, forbidden: world.forbidden)
                    return candidate
                } catch { last = error }
            }
            throw last
        }
        expectRefusal(.seal) { _ = try found() }
        let person = try Guards.withOff("guard:seal.oracle") { try found() }
        #expect(person == scene.known(0))
    }

    /// A box with `E = G` has Z itself as its shared secret: whoever knows the public key reads it.
    @Test func aBoxThatEverybodyCanReadIsNotOpened() throws {
        let random = Seeded("E = G")
        let key = OpeningKey(from: random)
        let info = pack(.sealedHalf, [1])
        let keys = Seal.keys(SecretBytes(copying: key.element.encoding.bytes), .generator, key.element, info)
        let box = try BoxReader.seal([42], ephemeral: .generator, keys, info)
        expectRefusal(.seal) { _ = try key.open(box, info: info) }
        let taken = try Guards.withOff("guard:seal.oracle") { try key.open(box, info: info) }
        #expect(taken == [42])
    }
}
