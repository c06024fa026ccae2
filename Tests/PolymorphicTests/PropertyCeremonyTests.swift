import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// The making of keys and their resharing.
@Suite struct PropertyCeremonyTests {
    static let sizes: [(n: UInt8, t: UInt8)] = [(1, 1), (2, 2), (3, 2), (3, 3), (4, 3), (5, 3), (7, 4)]

    /// `sum lambda_i * X_i` over a set.
    private func interpolate(_ key: SharedKey<PSN>, _ set: [UInt8]) throws -> Point {
        try set.reduce(Point.identity) { sum, i in
            let share = try #require(key.share(of: i))
            return sum + SecretScalar(public: Lagrange.coefficient(i, set)).times(share.point)
        }
    }

    @Test(arguments: sizes) func anySetOfTHoldersHasTheKeyAndNoneOfFewer(_ n: UInt8, _ t: UInt8) throws {
        let random = Seeded("sharing \(n) \(t)")
        for _ in 0..<10 {
            let (key, shares): (SharedKey<PSN>, [SecretBox]) = try Ceremony.make(PSN.self, n: n, t: t, random)
            #expect(shares.count == Int(n))
            for (index, share) in shares.enumerated() {
                #expect(share.scalar.timesGenerator() == key.shares[index].point)  // X_i = x_i*G
            }
            for size in 1...n {
                for set in subsets(of: n, size: size) {
                    let holds = try interpolate(key, set.sorted()) == key.key.element.point
                    #expect(holds == (size >= t), "\(set) of \(n), t = \(t)")
                }
            }
        }
    }

    @Test func aThousandResharingsKeepTheKeyWhateverTheDealersAndTheNewThreshold() throws {
        let random = Seeded("resharing")
        var (n, t): (UInt8, UInt8) = (3, 2)
        var (key, shares): (SharedKey<PSN>, [SecretBox]) = try Ceremony.make(PSN.self, n: n, t: t, random)
        let y = key.key.element
        for _ in 0..<1_000 {
            // t holders deal, in a random choice; new n and t.
            let dealers = random.shuffled((1...n).map { $0 }).prefix(Int(t))
            let old = Dictionary(uniqueKeysWithValues: dealers.map { ($0, shares[Int($0) - 1]) })
            let before = key.shares
            let size = random.pick(Self.sizes)
            (key, shares) = try Ceremony.reshare(key, old, n: size.n, t: size.t, random)
            #expect(key.key.element == y)
            // With t = 1 before and after, the share is y itself.
            let isNew = Set(key.shares).isDisjoint(with: before)
            #expect(isNew || (t == 1 && size.t == 1))
            (n, t) = size
            let quorum = random.shuffled((1...n).map { $0 }).prefix(Int(t)).sorted()
            #expect(try interpolate(key, quorum) == y.point)
            if t > 1 { #expect(try interpolate(key, Array(quorum.dropLast())) != y.point) }
        }
    }

    @Test func theSmallLagrangeCoefficientsAreTheTrueOnes() throws {
        for n in UInt8(1)...8 {
            for size in 1...n {
                for set in subsets(of: n, size: size) {
                    let set = set.sorted()
                    var sum = Scalar.zero
                    for i in set {
                        let exact = Lagrange.coefficient(i, set)
                        sum = sum + exact
                        guard let small = Lagrange.small(i, set) else { continue }
                        let scalar = Scalar(UInt64(small.magnitude))
                        #expect((small < 0 ? -scalar : scalar) == exact)
                    }
                    #expect(sum == .one)  // a constant polynomial
                }
            }
        }
        #expect(Lagrange.small(1, [1, 2]) == 2 && Lagrange.small(2, [1, 2]) == -1)
    }

    @Test func threeOfFiveWithTenStepsWorksByEveryThree() throws {
        let steps = try subsets(of: 5, size: 3).map { $0.sorted() }.enumerated().map { index, holders in
            RouteStep(id: try Name("v\(index)"), holders: holders)
        }
        let world = try World("3 of 5", route: Route(steps, n: 5, t: 3))
        let base = world.random.point()
        let held = [try world.encrypt(world.at(base, world.hospital.domain), as: AtParty.self)]
        let expected = try world.pseudonym(base, at: world.medical.domain)
        for quorum in subsets(of: 5, size: 3).map({ $0.sorted() }) {
            let chain = try world.verified(world.chain(held, from: world.hospital, to: world.medical), by: quorum)
            #expect(try world.pseudonyms(chain, at: world.medical, by: quorum).map(\.encoding) == [expected])
            #expect(throws: Refusal.self) {
                _ = try world.steps(
                    world.chain(held, from: world.hospital, to: world.medical), by: Array(quorum.prefix(2)))
            }
        }
    }

    @Test func aDealingIsRefusedForEveryChangedPart() throws {
        let random = Seeded("dealing")
        let context = DealingContext(ceremony: random.draw(), keyClass: 1)
        for index in UInt8(1)...3 {
            let dealer = try Dealer(
                context, index: index, coefficients: SecretScalars(count: 2, from: random), fresh: random.draw())
            let (commitments, pop, opening) = (dealer.commitments, dealer.pop, dealer.opening)
            let bytes = commitments.bytes
            try commitments.verify(context, index: index, pop: Knowledge(wire: pop))
            try context.verify(opening: opening, index: index, commitments: bytes, pop: pop)
            let others = [
                DealingContext(ceremony: random.draw(), keyClass: 1),
                DealingContext(ceremony: context.ceremony, keyClass: 2),
            ]
            for other in others {
                expectRefusal(.knowledge) { try commitments.verify(other, index: index, pop: Knowledge(wire: pop)) }
                expectRefusal(.opening) {
                    try other.verify(opening: opening, index: index, commitments: bytes, pop: pop)
                }
            }
            expectRefusal(.knowledge) { try commitments.verify(context, index: index + 1, pop: Knowledge(wire: pop)) }
            expectRefusal(.opening) {
                try context.verify(opening: opening, index: index + 1, commitments: bytes, pop: pop)
            }
            for bit in 0..<512 {
                expectRefusal(oneOf: [.knowledge, .scalar]) {
                    try commitments.verify(context, index: index, pop: Knowledge(wire: pop.flipping(bit: bit)))
                }
                expectRefusal(.opening) {
                    try context.verify(
                        opening: opening, index: index, commitments: bytes, pop: pop.flipping(bit: bit))
                }
                expectRefusal(.opening) {
                    try context.verify(
                        opening: opening.flipping(bit: bit), index: index, commitments: bytes, pop: pop)
                }
            }
            let other = Commitments([commitments.points[0], try Element(random.point())])
            expectRefusal(.opening) {
                try context.verify(opening: opening, index: index, commitments: other.bytes, pop: pop)
            }
            expectRefusal(.knowledge) { try other.verify(context, index: index, pop: Knowledge(wire: pop)) }
            let encodings = commitments.points.map(\.encoding.bytes)
            for t in [1, 3] { expectRefusal(.degree) { _ = try Commitments(wire: encodings, threshold: t) } }
            expectRefusal(.point) {
                _ = try Commitments(wire: [encodings[0], [UInt8](repeating: 0, count: 32)], threshold: 2)
            }
            for j in UInt8(1)...5 {
                try commitments.verify(subshare: dealer.subshare(for: j), for: j)
                expectRefusal(.subshare) { try commitments.verify(subshare: dealer.subshare(for: j), for: j + 1) }
                expectRefusal(.subshare) { try commitments.verify(subshare: random.secret(), for: j) }
            }
        }
    }

    @Test func aResharingOfAnotherSecretIsRefused() throws {
        let random = Seeded("constant term")
        let (key, shares): (SharedKey<PSN>, [SecretBox]) = try Ceremony.make(PSN.self, n: 3, t: 2, random)
        let context = DealingContext(ceremony: random.draw(), keyClass: 1)
        for (dealers, i) in [([1, 2], 1), ([1, 3], 3), ([2, 3], 2)] as [([UInt8], UInt8)] {
            let share = try ClassShare<PSN>(index: i, shareEpoch: 1, secret: shares[Int(i) - 1].scalar.explicitCopy())
            let dealer = try share.reshare(
                context, dealers: dealers, coefficients: SecretScalars(count: 2, from: random))
            let x = try #require(key.share(of: i))
            try dealer.commitments.verify(reshares: x, of: i, by: dealers)
            #expect(dealer.pop.isEmpty)
            let others: [[UInt8]] = [[1, 2], [1, 3], [2, 3], [1, 2, 3]].filter { $0 != dealers && $0.contains(i) }
            for other in others {
                expectRefusal(.constantTerm) { try dealer.commitments.verify(reshares: x, of: i, by: other) }
            }
            let y = try #require(key.share(of: i % 3 + 1))
            expectRefusal(.constantTerm) { try dealer.commitments.verify(reshares: y, of: i, by: dealers) }
            let wrong = try ClassShare<PSN>(index: i, shareEpoch: 1, secret: random.secret())
            let lie = try wrong.reshare(context, dealers: dealers, coefficients: SecretScalars(count: 2, from: random))
            expectRefusal(.constantTerm) { try lie.commitments.verify(reshares: x, of: i, by: dealers) }
        }
    }

    @Test func theRecordOfACeremonyKeepsTheTwoClassesApart() throws {
        let world = try World("record")
        let record = try CeremonyRecord(
            ceremony: world.random.draw(), yGeneration: 1, shareEpoch: 1, n: 3, t: 2, pseudonyms: world.psn,
            recordKeys: world.kem, route: world.route)
        let fields = try unpack(.ceremony, record.packed, 10)
        #expect(fields[5] == world.psn.key.element.encoding.bytes && fields[8].count == 96)
        expectRefusal(.conflict) {
            _ = try CeremonyRecord(
                ceremony: world.random.draw(), yGeneration: 1, shareEpoch: 1, n: 3, t: 2, pseudonyms: world.psn,
                recordKeys: SharedKey(key: ClassKey(world.psn.key.element), shares: world.kem.shares),
                route: world.route)
        }
    }

    @Test func halvesOfAStepSecretAreBoundToTheirOpenings() throws {
        let random = Seeded("halves")
        let (ceremony, step): (Bytes16, Name) = (random.draw(), try Name("v12"))
        let half = random.bytes(32)
        let opening = StepHalf.opening(half, ceremony: ceremony, step: step, index: 1)
        try StepHalf.verify(half, opening: opening, ceremony: ceremony, step: step, index: 1)
        for bit in 0..<256 {
            expectRefusal(.opening) {
                try StepHalf.verify(half.flipping(bit: bit), opening: opening, ceremony: ceremony, step: step, index: 1)
            }
        }
        expectRefusal(.opening) {
            try StepHalf.verify(half, opening: opening, ceremony: ceremony, step: step, index: 2)
        }
        expectRefusal(.opening) {
            try StepHalf.verify(half, opening: opening, ceremony: random.draw(), step: step, index: 1)
        }
        expectRefusal(.opening) {
            try StepHalf.verify(half, opening: opening, ceremony: ceremony, step: Name("v13"), index: 1)
        }
    }
}
