import Crypto
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Routes and the factors of their steps.
@Suite struct PropertyRouteTests {
    /// From the text: any two sets of t meet, t transcryptors run every step and t - 1 do not run all.
    private static func isSound(_ steps: [[UInt8]], n: UInt8, t: UInt8) -> Bool {
        guard t >= 1, t <= n, n < 2 * t, !steps.isEmpty else { return false }
        for holders in steps where holders.isEmpty || holders != holders.sorted() || Set(holders).count != holders.count
        {
            return false
        }
        guard steps.joined().allSatisfy({ $0 >= 1 && $0 <= n }) else { return false }
        for bits in 0..<(1 << Int(n)) {
            var coalition = Set<UInt8>()
            for index in 1...n where (bits >> Int(index - 1)) & 1 == 1 { coalition.insert(index) }
            let runsAll = steps.allSatisfy { !coalition.isDisjoint(with: $0) }
            if coalition.count >= Int(t), !runsAll { return false }
            if coalition.count < Int(t), runsAll { return false }
        }
        return true
    }

    private static func isAccepted(_ steps: [[UInt8]], n: UInt8, t: UInt8) throws -> Bool {
        let route = try steps.enumerated().map { RouteStep(id: try Name("v\($0.offset)"), holders: $0.element) }
        do {
            _ = try Route(route, n: n, t: t)
            return true
        } catch {
            #expect(error.code == .route)
            return false
        }
    }

    @Test func everyRouteOfUpToThreeStepsIsAcceptedExactlyWhereItIsSound() throws {
        var (accepted, all) = (0, 0)
        for n in UInt8(1)...4 {
            let sets = (0...n).flatMap { size in subsets(of: n, size: size).map { $0.sorted() } }
            var routes: [[[UInt8]]] = [[]]
            for a in sets {
                routes.append([a])
                for b in sets {
                    routes.append([a, b])
                    if n <= 3 { for c in sets { routes.append([a, b, c]) } }
                }
            }
            for t in UInt8(0)...n + 1 {
                for route in routes {
                    let isAccepted = try Self.isAccepted(route, n: n, t: t)
                    #expect(isAccepted == Self.isSound(route, n: n, t: t), "\(route) n \(n) t \(t)")
                    all += 1
                    if isAccepted { accepted += 1 }
                }
            }
        }
        #expect(accepted > 0 && all > 4_900)
    }

    @Test func randomRoutesAreAcceptedExactlyWhereTheyAreSound() throws {
        let random = Seeded("routes")
        for _ in 0..<1_000 {
            let n = UInt8(random.int(in: 2...5))
            let t = UInt8(random.int(in: Int(n) / 2 + 1...Int(n)))
            // All steps that leave out exactly one set of t - 1, then some changes.
            var steps = subsets(of: n, size: n - t + 1).map { $0.sorted() }
            if random.int(in: 0...1) == 1 { steps.remove(at: random.int(in: 0...steps.count - 1)) }
            if random.int(in: 0...3) == 0, !steps.isEmpty { steps[0].append(n + 1) }
            if random.int(in: 0...3) == 0, !steps.isEmpty { steps[0].reverse() }
            #expect(try Self.isAccepted(steps, n: n, t: t) == Self.isSound(steps, n: n, t: t))
        }
        #expect(try Self.isAccepted([[1, 2], [1, 3], [2, 3]], n: 3, t: 2))
        #expect(try !Self.isAccepted([[1, 2], [1, 3]], n: 3, t: 2))
    }

    @Test func aFactorIsTheKeyedHashOfItsPartyAndEpoch() throws {
        let random = Seeded("factors")
        var seen = Set<[UInt8]>()
        for _ in 0..<1_000 {
            let key = random.bytes(32)
            let secret = StepSecret(SecretBytes(copying: key))
            let party = try PartyID(random.pick(["hospital-a", "medical", "x.y-z0", "ab"]))
            let epoch = UInt32(random.int(in: 1...5))
            // HMAC-SHA512 over the packed fields, counter 0, reduced modulo L: written out.
            var message: [UInt8] = []
            for field in [Array("warifu/v1/factor".utf8), party.bytes, epoch.bigEndianBytes, [0]] {
                message += UInt32(field.count).bigEndianBytes + field
            }
            let code = Array(HMAC<SHA512>.authenticationCode(for: message, using: SymmetricKey(data: key)))
            let expected = Scalar(reducing: try #require(Bytes64(code)))
            let domain = Domain.party(party, epoch: epoch)
            let factor = secret.factor(for: domain).withEncoding { [UInt8]($0) }
            #expect(factor == expected.encoding.bytes && seen.insert(factor).inserted)
            #expect(try secret.factorPoint(for: domain).point == FixedBase.generator.times(expected))
        }
        let secret = StepSecret(SecretBytes(count: 32, from: random))
        #expect(try secret.factorPoint(for: .base) == .generator)
    }

    @Test func aNewSecretGivesFactorsThatTheThiefOfTheOldOneCannotCompute() throws {
        let world = try World("rotation")
        let base = world.random.point()
        let held = [try world.encrypt(world.at(base, world.hospital.domain), as: AtParty.self)]
        // v23 is renewed: the hospital goes from epoch 1 to 2, under the old secret and under the new one.
        let renewed = StepBox(
            StepSecret(
                halves: SecretBytes(count: 32, from: world.random), SecretBytes(count: 32, from: world.random)))
        let next = Domain.party(world.hospital.id, epoch: 2)
        var legs = try world.legs(world.hospital.domain, next)
        let old = world.secret(try Name("v23"))
        legs[2] = RouteLeg(
            step: legs[2].step, source: try old.secret.factorPoint(for: world.hospital.domain),
            destination: try renewed.secret.factorPoint(for: next))
        #expect(try renewed.secret.factorPoint(for: next) != old.secret.factorPoint(for: next))
        let chain = ChainRequest(
            requestDigest: world.requestDigest(), held: held, at: world.hospital.domain, to: next, legs: legs,
            key: world.psn.key)
        // The thief of the old secret cannot make the step: its factor does not fit the published point.
        expectRefusal(.route) {
            _ = try StepFactor(old.secret, from: chain.source, to: chain.destination, leg: legs[2])
        }
    }
}
