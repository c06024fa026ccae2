import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// What the reshuffles of a chain compute, and which lies in one are found.
@Suite struct PropertyChainTests {
    static let quorums: [[UInt8]] = [[1, 2], [1, 3], [2, 3]]

    @Test func fromBaseOverOnePartyOrStraightThePseudonymIsTheSame() throws {
        let world = try World("base A B")
        for round in 0..<334 {
            let person = try world.person()
            let quorum = Self.quorums[round % 3]
            let toHospital = try world.verified(world.chain(person, to: world.hospital), by: quorum)
            let onward = try world.verified(
                world.chain(toHospital.outputs, from: world.hospital, to: world.medical), by: quorum)
            let straight = try world.verified(world.chain(person, to: world.medical), by: quorum)
            let expected = try world.pseudonym(person.base, at: world.medical.domain)
            let overHospital = try world.pseudonyms(onward, at: world.medical, by: quorum)
            #expect(overHospital.map(\.encoding) == [expected])
            #expect(try world.pseudonyms(straight, at: world.medical, by: quorum) == overHospital)
            #expect(try world.pseudonyms(toHospital, at: world.hospital, by: quorum) != overHospital)
        }
    }

    @Test func aThousandHeldPersonsGoOverAnyPartyToTheSamePseudonymByAnyTwoTranscryptors() throws {
        let world = try World("held batch")
        for round in 0..<25 {
            let bases = (0..<40).map { _ in world.random.point() }
            let held = try bases.map { try world.encrypt(world.at($0, world.hospital.domain), as: AtParty.self) }
            let expected = try bases.map { try world.pseudonym($0, at: world.medical.domain) }
            let quorum = Self.quorums[round % 3]
            let other = Self.quorums[(round + 1) % 3]
            let straight = try world.verified(world.chain(held, from: world.hospital, to: world.medical), by: quorum)
            #expect(try world.pseudonyms(straight, at: world.medical, by: quorum).map(\.encoding) == expected)
            // Over a third party, by other transcryptors in each half.
            let half = try world.verified(world.chain(held, from: world.hospital, to: world.pharmacy), by: other)
            let whole = try world.verified(
                world.chain(half.outputs, from: world.pharmacy, to: world.medical), by: quorum)
            #expect(try world.pseudonyms(whole, at: world.medical, by: other).map(\.encoding) == expected)
        }
    }

    @Test func thereAndBackIsTheSamePersonUnderNewRandomness() throws {
        let world = try World("there and back")
        let bases = (0..<20).map { _ in world.random.point() }
        let held = try bases.map { try world.encrypt(world.at($0, world.hospital.domain), as: AtParty.self) }
        let there = try world.verified(world.chain(held, from: world.hospital, to: world.medical))
        let back = try world.verified(world.chain(there.outputs, from: world.medical, to: world.hospital), by: [2, 3])
        let expected = try bases.map { try world.pseudonym($0, at: world.hospital.domain) }
        #expect(try world.pseudonyms(back, at: world.hospital).map(\.encoding) == expected)
        #expect(Set(back.outputs).isDisjoint(with: held))
    }

    @Test func aRefusedItemIsLeftOutAndTheOthersKeepTheirOrder() throws {
        let world = try World("permits")
        for _ in 0..<20 {
            let bases = (0..<7).map { _ in world.random.point() }
            let held = try bases.map { try world.encrypt(world.at($0, world.hospital.domain), as: AtParty.self) }
            let chain = try world.verified(world.chain(held, from: world.hospital, to: world.medical))
            var permits = (0..<7).map { _ in world.random.int(in: 0...1) == 1 }
            permits[world.random.int(in: 0...6)] = true
            let expected = try zip(bases, permits).filter(\.1).map {
                try world.pseudonym($0.0, at: world.medical.domain)
            }
            #expect(try world.pseudonyms(chain, permits: permits, at: world.medical).map(\.encoding) == expected)
        }
    }

    @Test func aWrongFactorAnywhereIsFoundAndItsStepIsNamed() throws {
        let world = try World("wrong factor")
        for round in 0..<334 {
            let bases = (0..<world.random.pick([1, 1, 1, 2, 5])).map { _ in world.random.point() }
            let held = try bases.map { try world.encrypt($0, as: AtParty.self) }
            let chain = try world.chain(held, from: world.hospital, to: world.medical)
            let quorum = Self.quorums[round % 3]
            let honest = try world.steps(chain, by: quorum)
            _ = try chain.verify(honest, keys: world.keys)
            for k in 1...3 {
                let wrong = StepSecret(SecretBytes(count: 32, from: world.random))
                // The check of one's own secret is off: this transcryptor means to lie.
                let lie = try Guards.withOff("guard:step.ownfactor") {
                    try StepFactor(wrong, from: chain.source, to: chain.destination, leg: chain.legs[k - 1])
                }
                var steps = Array(honest.prefix(k - 1))
                steps.append(try world.step(chain, after: steps, by: quorum, as: lie))
                while steps.count < 3 { steps.append(try world.step(chain, after: steps, by: quorum)) }
                expectRefusal(.reshuffle, at: k) { _ = try chain.verify(steps, keys: world.keys) }
            }
        }
    }

    @Test(arguments: [1, 2, 5, 40]) func oneBadItemAtAnyIndexIsFoundAndItsStepIsNamed(_ m: Int) throws {
        let world = try World("bad item \(m)")
        let held = try (0..<m).map { _ in try world.encrypt(world.random.point(), as: AtParty.self) }
        let chain = try world.chain(held, from: world.hospital, to: world.medical)
        let steps = try world.steps(chain, by: [1, 2])
        for index in 0..<m {
            let k = world.random.int(in: 1...3)
            let forge = Forge(world: world, chain: chain, k: k)
            let inputs = try chain.inputs(of: k, steps)
            for half in 0...1 {  // B' or C'
                let other = world.random.point().encoding.bytes
                let at = 4 + 64 * index + 32 * half
                let lie = forge.resigned(steps[k - 1], inputs) { $0.replaceSubrange(at..<at + 32, with: other) }
                expectRefusal(.reshuffle, at: k) { _ = try chain.verify(replacing(steps, k, lie), keys: world.keys) }
            }
            // A liar who proves anew, over the outputs with the wrong item in their place.
            let t = try forge.factor()
            let r = (0..<m).map { _ in world.random.scalar() }
            var outputs = try zip(inputs, r).map { try forge.output($0, t, $1) }
            outputs[index] = Pair(b: outputs[index].b, c: try Element(outputs[index].c.point + world.random.point()))
            let proof = try forge.proof(inputs, outputs, factor: t, r)
            let holder = steps[k - 1].bytes[1]
            let lie = forge.step(
                inputs, outputs, proof, holder: holder, signer: world.transcryptor(holder).maker.signer)
            expectRefusal(.reshuffle, at: k) { _ = try chain.verify(replacing(steps, k, lie), keys: world.keys) }
        }
    }

    @Test func theForgeIsARealProver() throws {
        // Without a lie its steps are accepted: what is refused above is the lie, not the form.
        let world = try World("forge")
        for m in [1, 2, 5] {
            let held = try (0..<m).map { _ in try world.encrypt(world.random.point(), as: AtParty.self) }
            let chain = try world.chain(held, from: world.hospital, to: world.medical)
            let steps = try world.steps(chain, by: [1, 2])
            for k in 1...3 {
                let forge = Forge(world: world, chain: chain, k: k)
                let inputs = try chain.inputs(of: k, steps)
                let t = try forge.factor()
                let r = (0..<m).map { _ in world.random.scalar() }
                let outputs = try zip(inputs, r).map { try forge.output($0, t, $1) }
                let holder = steps[k - 1].bytes[1]
                var mixed = Array(steps.prefix(k - 1))
                mixed.append(
                    forge.step(
                        inputs, outputs, try forge.proof(inputs, outputs, factor: t, r), holder: holder,
                        signer: world.transcryptor(holder).maker.signer))
                while mixed.count < 3 { mixed.append(try world.step(chain, after: mixed, by: [1, 2])) }
                _ = try chain.verify(mixed, keys: world.keys)
            }
        }
    }

    @Test(arguments: [2, 5, 40]) func swappedItemsAreFound(_ m: Int) throws {
        let world = try World("swapped \(m)")
        let held = try (0..<m).map { _ in try world.encrypt(world.random.point(), as: AtParty.self) }
        let chain = try world.chain(held, from: world.hospital, to: world.medical)
        let steps = try world.steps(chain, by: [2, 3])
        for index in 1..<m {
            let k = world.random.int(in: 1...3)
            let forge = Forge(world: world, chain: chain, k: k)
            let inputs = try chain.inputs(of: k, steps)
            let t = try forge.factor()
            var r = (0..<m).map { _ in world.random.scalar() }
            var outputs = try zip(inputs, r).map { try forge.output($0, t, $1) }
            outputs.swapAt(index - 1, index)
            r.swapAt(index - 1, index)
            let holder = steps[k - 1].bytes[1]
            let lie = forge.step(
                inputs, outputs, try forge.proof(inputs, outputs, factor: t, r), holder: holder,
                signer: world.transcryptor(holder).maker.signer)
            expectRefusal(.reshuffle, at: k) { _ = try chain.verify(replacing(steps, k, lie), keys: world.keys) }
        }
    }

    private func replacing(_ steps: [Step], _ k: Int, _ step: Step) -> [Step] {
        var out = steps
        out[k - 1] = step
        return out
    }

    @Test func everySingleBitOfAProofCounts() throws {
        let world = try World("proof bits")
        let held = try (0..<2).map { _ in try world.encrypt(world.random.point(), as: AtParty.self) }
        let chain = try world.chain(held, from: world.hospital, to: world.medical)
        let steps = try world.steps(chain, by: [1, 2])
        let forge = Forge(world: world, chain: chain, k: 1)
        for bit in 0..<768 {
            let lie = forge.resigned(steps[0], chain.inputs) { $0[4 + 128 + bit >> 3] ^= 1 << UInt8(bit & 7) }
            expectRefusal(oneOf: [.reshuffle, .scalar], "bit \(bit)") {
                _ = try chain.verify(replacing(steps, 1, lie), keys: world.keys)
            }
        }
    }

    @Test func everySingleBitOfAStepCounts() throws {
        let world = try World("step bits")
        let chain = try world.chain(world.person(), to: world.medical)
        let steps = try world.steps(chain, by: [1, 2])
        for bit in 0..<8 * steps[0].bytes.count {
            let lie = Step(bytes: steps[0].bytes.flipping(bit: bit))
            expectRefusal(oneOf: [.signature, .length], "bit \(bit)") {
                _ = try chain.verify(replacing(steps, 1, lie), keys: world.keys)
            }
        }
    }

    @Test func anotherRequestDomainOrderOrNumberOfStepsIsRefused() throws {
        let world = try World("other chain")
        let rd = world.requestDigest()
        let held = try (0..<3).map { _ in try world.encrypt(world.random.point(), as: AtParty.self) }
        let chain = try world.chain(held, from: world.hospital, to: world.medical, rd)
        let steps = try world.steps(chain, by: [1, 2])
        let others = [
            try world.chain(held, from: world.hospital, to: world.medical),  // another Request
            try world.chain(held, from: world.hospital, to: world.pharmacy, rd),
            try world.chain(held, from: world.pharmacy, to: world.medical, rd),
            try world.chain(Array(held.reversed()), from: world.hospital, to: world.medical, rd),
            try world.chain(Array(held.dropLast()), from: world.hospital, to: world.medical, rd),
        ]
        for other in others { expectRefusal(.signature, at: 1) { _ = try other.verify(steps, keys: world.keys) } }
        for order in [[0, 2, 1], [1, 0, 2], [2, 1, 0], [0, 0, 1], [1, 1, 1]] {
            expectRefusal(.signature) { _ = try chain.verify(order.map { steps[$0] }, keys: world.keys) }
        }
        for count in [0, 1, 2] {
            expectRefusal(.chainIncomplete) { _ = try chain.verify(Array(steps.prefix(count)), keys: world.keys) }
        }
        expectRefusal(.chainIncomplete) { _ = try chain.verify(steps + [steps[2]], keys: world.keys) }
        expectRefusal(.signature, at: 1) { _ = try chain.verify(steps, keys: [:]) }
        for cut in [0, 1, 3, 4, 100, 163, 164, steps[1].bytes.count - 1] {
            let short = Step(bytes: Array(steps[1].bytes.prefix(cut)))
            expectRefusal(.length, at: 2) { _ = try chain.verify(replacing(steps, 2, short), keys: world.keys) }
        }
        let long = Step(bytes: steps[1].bytes + [0])
        expectRefusal(.length, at: 2) { _ = try chain.verify(replacing(steps, 2, long), keys: world.keys) }
    }

    @Test func aBatchHasBetween1And256Items() throws {
        let world = try World("sizes")
        let one = try world.encrypt(world.random.point(), as: AtParty.self)
        let empty = try world.chain([], from: world.hospital, to: world.medical)
        expectRefusal(.length) { _ = try world.step(empty, after: [], by: [1, 2]) }
        let many = [EncryptedPseudonym](repeating: one, count: 257)
        let large = try world.chain(many, from: world.hospital, to: world.medical)
        expectRefusal(.length) { _ = try world.step(large, after: [], by: [1, 2]) }
        let full = try world.chain(Array(many.dropLast()), from: world.hospital, to: world.medical)
        #expect(try world.verified(full).outputs.count == 256)
    }

    @Test func aStepWithABrokenGeneratorStillHidesEqualPersons() throws {
        // The same fresh bytes for all: r depends on inputs and number, so equal inputs get different outputs.
        let world = try World("broken generator")
        let one = try world.encrypt(world.random.point(), as: AtParty.self)
        let chain = try world.chain([one, one], from: world.hospital, to: world.medical)
        let factor = try world.factor(chain, 1)
        let signer = world.transcryptor(1)
        let first = try Step(
            chain, after: [], holder: 1, factor: factor, signer: signer.maker.signer, fresh: .zero)
        let outputs = try first.outputs()
        #expect(outputs[0] != outputs[1])
        let again = try Step(
            chain, after: [], holder: 1, factor: factor, signer: signer.maker.signer, fresh: .zero)
        #expect(again == first)
        let other = try world.chain([one, one], from: world.hospital, to: world.medical)
        let third = try Step(other, after: [], holder: 1, factor: factor, signer: signer.maker.signer, fresh: .zero)
        #expect(Set(try third.outputs()).isDisjoint(with: outputs))
    }
}

extension World {
    /// `s_X * P` as a point.
    func at(_ base: Point, _ domain: Domain) -> Point {
        var point = base
        for step in route.steps { point = secret(step.id).secret.factor(for: domain).times(point) }
        return point
    }
}
