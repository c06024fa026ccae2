import PropertySupport
import Ristretto255
import Testing

/// Sums of products over public data against the sum made one by one.
@Suite struct PropertyMultiScalarTests {
    /// One product after another, by the constant-time multiplication that is compared with libsodium elsewhere.
    private static func naive(_ scalars: [Scalar], _ points: [Point]) -> Point {
        zip(scalars, points).reduce(Point.identity) { $0 + SecretScalar(public: $1.0).times($1.1) }
    }

    private static func weight(_ random: Seeded) -> Scalar {
        Scalar(weight: UInt128(random.next()) << 64 | UInt128(random.next()))
    }

    @Test(arguments: [128, 253]) func theSumIsThatOfTheSingleProductsForEveryCount(_ bits: Int) throws {
        let random = Seeded("multiscalar \(bits)")
        for count in Array(0...40) + [63, 64, 65, 100, 127, 128, 129, 200, 255, 256] {
            for _ in 0..<(count <= 40 ? 4 : 1) {
                let scalars = (0..<count).map { _ in bits == 128 ? Self.weight(random) : random.scalar() }
                let points = (0..<count).map { _ in random.point() }
                #expect(MultiScalar.publicSum(scalars, points, bits: bits) == Self.naive(scalars, points), "\(count)")
            }
        }
    }

    @Test(arguments: [128, 253]) func zeroScalarsTheIdentityEqualAndOppositePointsAreSummedRightly(_ bits: Int) throws {
        let random = Seeded("degenerate \(bits)")
        for round in 0..<200 {
            let count = random.int(in: 1...40)
            let some = random.point()
            let pool = [some, Point.identity - some, .identity, some + some, .generator, random.point()]
            let edges: [Scalar] = [
                .zero, .one, Scalar(2), Scalar(15), Scalar(16), Scalar(17), Scalar(31), Scalar(32),
                Scalar(weight: .max),
                Scalar(weight: 1 << 127), bits == 128 ? Scalar(weight: (1 << 127) - 1) : -Scalar.one,
                bits == 128 ? Self.weight(random) : random.scalar(),
            ]
            let points = (0..<count).map { _ in random.pick(pool) }
            let scalars = (0..<count).map { _ in random.pick(edges) }
            #expect(MultiScalar.publicSum(scalars, points, bits: bits) == Self.naive(scalars, points), "round \(round)")
            let zeroes = [Scalar](repeating: .zero, count: count)
            #expect(MultiScalar.publicSum(zeroes, points, bits: bits).isIdentity)
            let identities = [Point](repeating: .identity, count: count)
            #expect(MultiScalar.publicSum(scalars, identities, bits: bits).isIdentity)
        }
        // A sum that cancels in the end.
        let (k, p) = (bits == 128 ? Self.weight(random) : random.scalar(), random.point())
        #expect(MultiScalar.publicSum([k, k], [p, Point.identity - p], bits: bits).isIdentity)
    }

    @Test func edgesOfTheSignedWindowsAreRecodedRightly() throws {
        let random = Seeded("windows")
        let p = random.point()
        var edges = [Scalar(weight: .max), -Scalar.one, -Scalar(2), Scalar.zero, .one]
        for shift in 0..<128 {
            edges.append(Scalar(weight: 1 << UInt128(shift)))
            edges.append(Scalar(weight: (1 << UInt128(shift)) - 1))
            edges.append(Scalar(weight: UInt128.max - (1 << UInt128(shift))))
        }
        for edge in edges {
            let expected = SecretScalar(public: edge).times(p)
            #expect(MultiScalar.publicSum([edge], [p], bits: 253) == expected)
            let is128 = edge.encoding.bytes[16...].allSatisfy { $0 == 0 }
            if is128 { #expect(MultiScalar.publicSum([edge], [p], bits: 128) == expected) }
            // Powers of two up to L, and one less than them.
            let wide = edge * Scalar(weight: 1 << 124)
            #expect(
                MultiScalar.publicSum([wide, wide - .one], [p, p]) == SecretScalar(public: wide + wide - .one).times(p))
        }
    }

    @Test func smallMultiplesOfEitherSignAreRight() throws {
        let random = Seeded("small")
        for _ in 0..<10 {
            let p = random.point()
            var expected = Point.identity
            for factor in 0...64 {
                #expect(MultiScalar.small(factor, p) == expected)
                #expect(MultiScalar.small(-factor, p) == Point.identity - expected)
                expected = expected + p
            }
        }
        #expect(MultiScalar.small(5, .identity).isIdentity)
    }
}
