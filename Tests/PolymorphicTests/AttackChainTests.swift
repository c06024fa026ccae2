import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Attacks on routes, chains and the secrets of steps.
@Suite struct AttackChainTests {
    /// `P@to` from `P@from` by the secrets of some steps alone.
    private static func convert(_ world: World, _ point: Point, by names: [String], from: Party, to: Party) throws
        -> Point
    {
        var point = point
        for name in names {
            let box = world.secret(try Name(name))
            let t = box.secret.factor(for: to.domain).times(box.secret.factor(for: from.domain).inverse())
            point = t.times(point)
        }
        return point
    }

    /// The holder of the step that a chain convicts of a lie; nil where only the sender is at fault.
    private static func convicted(_ chain: ChainRequest, _ steps: [Step], _ keys: [UInt8: VerifyingKey]) throws
        -> UInt8?
    {
        do {
            _ = try chain.verify(steps, keys: keys)
            throw Refusal(.conflict)
        } catch let refusal as Refusal where refusal.code == .reshuffle {
            return steps[try #require(refusal.index) - 1].bytes[1]
        } catch let refusal as Refusal where refusal.code == .signature {
            return nil
        }
    }

    @Test func aHalfDoneChainHasNoShareSinceOneTranscryptorCouldLinkItsPseudonyms() throws {
        let world = try World("half done")
        let person = try world.person()
        func half(_ party: Party) throws -> Point {
            let chain = try world.chain(person, to: party)
            let verified = try chain.verify(Array(world.steps(chain, by: [1, 2]).prefix(2)), keys: world.keys)
            let pseudonym = try world.pseudonyms(verified, at: party)[0]
            return try Element(decoding: pseudonym.encoding).point
        }
        expectRefusal(.chainIncomplete) { _ = try half(world.hospital) }
        try Guards.withOff("guard:chain.complete") {
            let (hospital, medical) = (try half(world.hospital), try half(world.medical))
            // T1 alone links what two parties hold.
            #expect(
                try Self.convert(world, hospital, by: ["v12", "v13"], from: world.hospital, to: world.medical)
                    == medical)
        }
    }

    @Test func noStepAtAllHasNoShareSinceItWouldGiveAwayTheSourcesPseudonym() throws {
        let world = try World("no step")
        let base = world.random.point()
        let atHospital = world.at(base, world.hospital.domain)
        let chain = try world.chain(
            [world.encrypt(atHospital, as: AtParty.self)], from: world.hospital, to: world.medical)
        expectRefusal(.chainIncomplete) { _ = try chain.verify([], keys: world.keys) }
        try Guards.withOff("guard:chain.complete") {
            let verified = try chain.verify([], keys: world.keys)
            #expect(try world.pseudonyms(verified, at: world.medical)[0].encoding == atHospital.encoding)
        }
    }

    @Test func onlyAHolderMakesAStepSoAThiefOfItsSecretDoesNot() throws {
        let world = try World("holder")
        let person = try world.person()
        let chain = try world.chain(person, to: world.medical)
        // T1 has stolen v23 and runs the whole route alone.
        var steps = Array(try world.steps(chain, by: [1, 2]).prefix(2))
        let forge = Forge(world: world, chain: chain, k: 3)
        let inputs = try chain.inputs(of: 3, steps)
        let (t, r) = (try forge.factor(), world.random.scalar())
        let outputs = [try forge.output(inputs[0], t, r)]
        steps.append(
            forge.step(
                inputs, outputs, try forge.proof(inputs, outputs, factor: t, [r]), holder: 1,
                signer: world.transcryptor(1).maker.signer))
        expectRefusal(.route) { _ = try world.step(chain, after: Array(steps.prefix(2)), by: [1]) }
        expectRefusal(.signature, at: 3) { _ = try chain.verify(steps, keys: world.keys) }
        try Guards.withOff("guard:chain.order") {
            let verified = try chain.verify(steps, keys: world.keys)
            #expect(steps.allSatisfy { $0.bytes[1] == 1 })
            let expected = try world.pseudonym(person.base, at: world.medical.domain)
            #expect(try world.pseudonyms(verified, at: world.medical)[0].encoding == expected)
        }
    }

    @Test func nobodyIsFramedByAChangedByteOfAStep() throws {
        let world = try World("framed")
        let chain = try world.chain(world.person(), to: world.medical)
        let honest = try world.steps(chain, by: [1, 2])
        // T2 lies in v23 and names T3, the other holder, as the maker.
        let inputs = try chain.inputs(of: 3, honest)
        let forge = Forge(world: world, chain: chain, k: 3)
        let outputs = [try world.encrypt(world.random.point(), as: AtParty.self).pair]
        let proof = Array(honest[2].bytes[68..<164])
        let lie = forge.step(inputs, outputs, proof, holder: 3, signer: world.transcryptor(2).maker.signer)
        let steps = [honest[0], honest[1], lie]
        #expect(try Self.convicted(chain, steps, world.keys) == nil)
        let framed = try Guards.withOff("guard:chain.signature") { try Self.convicted(chain, steps, world.keys) }
        #expect(framed == 3)
        // Under its own name the lie convicts the liar.
        let named = forge.step(inputs, outputs, proof, holder: 2, signer: world.transcryptor(2).maker.signer)
        #expect(try Self.convicted(chain, [honest[0], honest[1], named], world.keys) == 2)
    }

    @Test func aRouteThatOneTranscryptorRunsAloneIsRefused() throws {
        func linked() throws -> Bool {
            let steps = [
                RouteStep(id: try Name("v12"), holders: [1, 2]), RouteStep(id: try Name("v13"), holders: [1, 3]),
            ]
            let world = try World("route", route: Route(steps, n: 3, t: 2))
            let person = try world.person()
            let received = try [world.hospital, world.medical].map { party in
                let chain = try world.chain(person, to: party)
                return try world.pseudonyms(chain.verify(world.steps(chain, by: [1, 2]), keys: world.keys), at: party)[
                    0]
            }
            let hospital = try Element(decoding: received[0].encoding).point
            let alone = try Self.convert(world, hospital, by: ["v12", "v13"], from: world.hospital, to: world.medical)
            return alone.encoding == received[1].encoding
        }
        expectRefusal(.route) { _ = try linked() }
        let isLinked = try Guards.withOff("guard:route.rules") { try linked() }
        #expect(isLinked)
    }

    @Test func anHonestHolderDoesNotSignAStepThatWouldConvictIt() throws {
        let world = try World("own factor")
        let person = try world.person()
        let chain = try world.chain(person, to: world.medical)
        // Somebody shows T1 false factor points for the medical centre; the verifiers have the true ones.
        let leg = chain.legs[0]
        let false0 = RouteLeg(step: leg.step, source: leg.source, destination: try Element(world.random.point()))
        let shown = ChainRequest(
            requestDigest: chain.requestDigest, presented: person.pp, to: world.medical.domain,
            legs: [false0, chain.legs[1], chain.legs[2]], key: world.psn.key)
        func framed() throws -> UInt8? {
            let factor = try StepFactor(
                world.secret(leg.step.id).secret, from: .base, to: world.medical.domain, leg: false0)
            var steps = [try world.step(shown, after: [], by: [1], as: factor)]
            while steps.count < 3 { steps.append(try world.step(chain, after: steps, by: [1, 2])) }
            return try Self.convicted(chain, steps, world.keys)
        }
        expectRefusal(.route) { _ = try framed() }
        let convicted = try Guards.withOff("guard:step.ownfactor") { try framed() }
        #expect(convicted == 1)
    }

    @Test func aHalfThatWasChosenAfterTheOtherIsRefused() throws {
        let random = Seeded("halves chosen late")
        let (ceremony, step): (Bytes16, Name) = (random.draw(), try Name("v12"))
        // Both have published the hashes of their halves; T2 then waits for T1's half.
        let published = StepHalf.opening(random.bytes(32), ceremony: ceremony, step: step, index: 2)
        let first = random.bytes(32)
        var second = random.bytes(32)
        while digest(.stepKey, first, second).bytes[0] != 0 { second = random.bytes(32) }  // 8 bits of its choice
        func accepted() throws -> UInt8 {
            try StepHalf.verify(second, opening: published, ceremony: ceremony, step: step, index: 2)
            return digest(.stepKey, first, second).bytes[0]
        }
        expectRefusal(.opening) { _ = try accepted() }
        let first8Bits = try Guards.withOff("guard:stephalf.opening") { try accepted() }
        #expect(first8Bits == 0)
    }
}
