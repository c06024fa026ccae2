import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Lies in the proofs of a reshuffle. Each is refused, and works with its one guard off.
@Suite struct AttackProofTests {
    /// Alice and Bob at the hospital, on their way to the medical centre. T2, who makes the last step, lies.
    private struct Scene {
        let world: World
        let chain: ChainRequest
        /// The honest steps.
        let steps: [Step]
        let alice: Point
        let bob: Point
        /// An accomplice whose ciphertext at the hospital T2 has seen.
        let mallory: Point
        let malloryHeld: EncryptedPseudonym

        init(_ name: String) throws {
            let world = try World(name)
            (alice, bob, mallory) = (world.random.point(), world.random.point(), world.random.point())
            let held = try [alice, bob].map { try world.encrypt(world.at($0, world.hospital.domain), as: AtParty.self) }
            malloryHeld = try world.encrypt(world.at(mallory, world.hospital.domain), as: AtParty.self)
            chain = try world.chain(held, from: world.hospital, to: world.medical)
            steps = try world.steps(chain, by: [1, 2])
            self.world = world
        }

        var last: Forge { Forge(world: world, chain: chain, k: 3) }
        func inputs() throws -> [Pair] { try chain.inputs(of: 3, steps) }

        func sign(_ outputs: [Pair], _ proof: [UInt8]) throws -> [Step] {
            let lie = last.step(
                try inputs(), outputs, proof, holder: 2, signer: world.transcryptor(2).maker.signer)
            return [steps[0], steps[1], lie]
        }

        /// What the medical centre takes the two for, once the chain is verified and shared.
        func received(_ steps: [Step], _ chain: ChainRequest? = nil) throws -> [Bytes32] {
            let verified = try (chain ?? self.chain).verify(steps, keys: world.keys)
            return try world.pseudonyms(verified, at: world.medical).map(\.encoding)
        }

        func known(_ person: Point) throws -> Bytes32 { try world.pseudonym(person, at: world.medical.domain) }
    }

    @Test func aTranscryptorCannotPutAnotherPersonIntoTheChain() throws {
        let scene = try Scene("another person")
        let world = scene.world
        let outputs = try [scene.mallory, scene.bob].map {
            try world.encrypt(world.at($0, world.medical.domain), as: AtParty.self).pair
        }
        let proof = world.random.scalar().encoding.bytes + world.random.scalar().encoding.bytes
        let lie = try scene.sign(outputs, proof + world.random.scalar().encoding.bytes)
        expectRefusal(.reshuffle, at: 3) { _ = try scene.received(lie) }
        let received = try Guards.withOff("guard:reshuffle.challenge") { try scene.received(lie) }
        // What is about Alice goes to Mallory.
        #expect(try received == [scene.known(scene.mallory), scene.known(scene.bob)])
    }

    /// PROTOCOL 12.2: the first weight is 1, so where the others depend on their own item alone, one item's error is
    /// chosen, its weight read off, and the first item takes the opposite of it.
    @Test func errorsThatCancelEachOtherAreFoundBecauseTheWeightsComeFromTheWholeBatch() throws {
        func forged() throws -> (Scene, [Bytes32]) {
            let scene = try Scene("weights")  // the honest provers have the same weights as the verifier
            let (world, forge) = (scene.world, scene.last)
            let inputs = try scene.inputs()
            // The accomplice's ciphertext goes through the honest steps 1 and 2 in a Request of its own.
            let other = try world.chain([scene.malloryHeld], from: world.hospital, to: world.medical)
            let stolen = try other.inputs(of: 3, world.steps(other, by: [1, 2]))[0]
            let t = try forge.factor()
            let (r0, r1) = (world.random.scalar(), world.random.scalar())
            let second = try forge.output(stolen, t, r1)  // Bob becomes Mallory
            let weight = Forge.weight(inputs[1].bytes + second.bytes, 1)
            /// What item 0 must take so that the two errors cancel.
            func opposite(_ honest: Element, _ put: Element, _ real: Element) throws -> Element {
                let error = MultiScalar.publicSum([weight * t, -(weight * t)], [put.point, real.point])
                return try Element(honest.point - error)
            }
            let honest = try forge.output(inputs[0], t, r0)
            let first = Pair(
                b: try opposite(honest.b, stolen.b, inputs[1].b), c: try opposite(honest.c, stolen.c, inputs[1].c))
            let outputs = [first, second]
            let proof = try forge.proof(inputs, outputs, factor: t, sum: r0 + weight * r1, weights: [.one, weight])
            return (scene, try scene.received(scene.sign(outputs, proof)))
        }
        expectRefusal(.reshuffle, at: 3) { _ = try forged() }
        let (scene, received) = try Guards.withOff("guard:reshuffle.weights") { try forged() }
        #expect(try received[1] == scene.known(scene.mallory))
        #expect(try received[0] != scene.known(scene.alice))
    }

    /// A step between two domains of equal factor does nothing: its holders would have left the others alone.
    @Test func aStepThatDoesNothingIsRefusedSinceItWouldLeaveOneTranscryptorAlone() throws {
        let scene = try Scene("same domain")
        let world = scene.world
        let source = scene.chain.legs[2].source
        let lazy = RouteLeg(step: scene.chain.legs[2].step, source: source, destination: source)
        let chain = ChainRequest(
            scene.chain.requestDigest, scene.chain.source, scene.chain.destination,
            [scene.chain.legs[0], scene.chain.legs[1], lazy], scene.chain.key, scene.chain.inputs)
        let steps = try world.steps(scene.chain, by: [1, 2]).prefix(2).map { $0 }
        let forge = Forge(world: world, chain: chain, k: 3)
        let inputs = try chain.inputs(of: 3, steps)
        let r = inputs.map { _ in world.random.scalar() }
        let outputs = try zip(inputs, r).map { try forge.output($0, .one, $1) }
        let proof = try forge.proof(inputs, outputs, factor: .one, r)
        let lie =
            steps + [
                forge.step(inputs, outputs, proof, holder: 2, signer: world.transcryptor(2).maker.signer)
            ]
        expectRefusal(.sameDomain, at: 3) { _ = try scene.received(lie, chain) }
        let received = try Guards.withOff("guard:reshuffle.samedomain") { try scene.received(lie, chain) }
        // T1 holds v12 and v13: it turns the hospital's pseudonym into the medical centre's without anyone.
        var alone = world.at(scene.alice, world.hospital.domain)
        for name in ["v12", "v13"] {
            let secret = world.secret(try Name(name))
            let t = secret.secret.factor(for: world.medical.domain)
            alone = t.times(secret.secret.factor(for: world.hospital.domain).inverse()).times(alone)
        }
        #expect(received[0] == alone.encoding)
    }

    /// A proof whose sums are the identity was made without nonces: it holds, and publishes the factor to whoever sees
    /// it.
    @Test func aProofWithoutNoncesIsRefusedSinceItPublishesTheFactor() throws {
        let scene = try Scene("no nonces")
        let (world, forge) = (scene.world, scene.last)
        let inputs = try scene.inputs()
        let t = try forge.factor()
        let r = inputs.map { _ in world.random.scalar() }
        let outputs = try zip(inputs, r).map { try forge.output($0, t, $1) }
        let weights = forge.weights(forge.seed(inputs, outputs), 2)
        let proof = try forge.proof(
            inputs, outputs, factor: t, sum: weights[0] * r[0] + weights[1] * r[1], weights: weights,
            nonces: (.zero, .zero))
        let leak = try scene.sign(outputs, proof)
        expectRefusal(.reshuffle, at: 3) { _ = try scene.received(leak) }
        let received = try Guards.withOff("guard:reshuffle.identity") { try scene.received(leak) }
        #expect(try received == [scene.known(scene.alice), scene.known(scene.bob)])
        // Any reader of the step: t = -z1/c.
        let (c, z1) = (try Scalar(decoding: proof[..<32]), try Scalar(decoding: proof[32..<64]))
        #expect(-(z1 * (try #require(c.inverse))) == t)
    }

    /// A ciphertext or key that is the identity hides nothing: who registers it makes its Shares readable for all.
    @Test func theIdentityIsNoKeySinceWhatIsSealedToItAnyoneReads() throws {
        let scene = try Scene("identity")
        let world = scene.world
        let party = world.pharmacy.id
        func eavesdrop() throws -> [Bytes32] {
            // The key z = 0 with its true proof of possession.
            let zero = try Element(wire: [UInt8](repeating: 0, count: 32))
            let nothing = SecretScalar(public: .zero)
            let possession = Knowledge.prove(
                nothing, point: zero, bind: PartyKey.bind(party, 1), fresh: world.random.draw())
            let key = try PartyKey(party: party, keyEpoch: 1, element: zero, possession: possession)
            let held = scene.chain.inputs.map { EncryptedPseudonym($0) }
            let chain = try world.verified(world.chain(held, from: world.hospital, to: world.pharmacy))
            let permits = [true, true]
            let everybody = OpeningKey(SecretScalar(public: .zero))  // an eavesdropper's: it holds no secret
            let shares = try [UInt8(1), 2].map { index in
                let t = world.transcryptor(index)
                let sealed = try t.maker.share(
                    chain, permits: permits, with: t.psn, to: key,
                    tokens: world.tokens(chain, permits, at: world.pharmacy, by: index), tickets: [],
                    fresh: (world.random.draw(), world.random.draw()))
                return try ShareExpectation<PSN>(
                    chain, permits: permits, from: index, in: world.psn, shareEpoch: 1, recipient: everybody,
                    party: party, signer: t.verifyingKey
                ).open(sealed, with: everybody, forbidden: world.forbidden)
            }
            return try everybody.unmasking(world.psn.key)
                .pseudonyms(chain, permits: permits, shares, participants: [1, 2]).map(\.encoding)
        }
        expectRefusal(.point) { _ = try eavesdrop() }
        let overheard = try Guards.withOff("guard:point.identity") { try eavesdrop() }
        #expect(try overheard == [scene.alice, scene.bob].map { try world.pseudonym($0, at: world.pharmacy.domain) })
    }
}
