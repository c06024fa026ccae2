import PropertySupport
import Ristretto255
import Testing

/// The integers modulo L against libsodium, byte for byte.
@Suite struct OracleScalarTests {
    static let cases = 1_000
    /// L, little-endian.
    static let order = [UInt8](hex: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")

    /// `bytes + delta` as 256-bit integers.
    private static func plus(_ bytes: [UInt8], _ delta: Int) -> [UInt8] {
        var (out, carry) = (bytes, delta)
        for index in out.indices {
            let sum = Int(out[index]) + carry
            out[index] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
        return out
    }

    @Test func valuesBelowTheOrderAreDecodedAndAllOthersRefused() throws {
        for delta in 1...1_000 {
            let below = Self.plus(Self.order, -delta)
            #expect(try Scalar(decoding: below).encoding.bytes == below)
            #expect(throws: EncodingError.scalar) { try Scalar(decoding: Self.plus(Self.order, delta - 1)) }
            #expect(throws: EncodingError.scalar) { _ = try SecretScalar(decoding: Self.plus(Self.order, delta - 1)) }
        }
        let random = Seeded("scalar decoding")
        for _ in 0..<Self.cases {
            let bytes = random.bytes(32)
            let isBelow = zip(bytes, Self.order).reversed().first { $0 != $1 }.map { $0 < $1 } ?? false
            #expect(((try? Scalar(decoding: bytes)) != nil) == isBelow)
        }
        #expect(throws: EncodingError.scalar) { try Scalar(decoding: [UInt8](repeating: 0xff, count: 32)) }
        for count in [0, 1, 31, 33, 64] {
            #expect(throws: EncodingError.scalar) { try Scalar(decoding: [UInt8](repeating: 0, count: count)) }
            #expect(throws: EncodingError.scalar) {
                _ = try SecretScalar(decoding: [UInt8](repeating: 2, count: count))
            }
        }
    }

    @Test func aSecretIsNeverZeroOrOne() throws {
        for value in [UInt64(0), 1] {
            #expect(throws: EncodingError.scalar) { _ = try SecretScalar(decoding: Scalar(value).encoding.bytes) }
        }
        #expect(throws: Never.self) { _ = try SecretScalar(decoding: Scalar(2).encoding.bytes) }
    }

    @Test func reducing64BytesAgreesWithLibsodium() throws {
        let random = Seeded("reduce")
        var wides = (0..<Self.cases).map { _ in random.draw(Bytes64.self) }
        let zero = [UInt8](repeating: 0, count: 32)
        for edge in [
            Self.order + zero, zero + Self.order, Self.order + Self.order, [UInt8](repeating: 0xff, count: 64),
        ] {
            wides.append(try #require(Bytes64(edge)))
        }
        for wide in wides {
            let expected = Sodium.reduce(wide.bytes)
            #expect(Scalar(reducing: wide).encoding.bytes == expected)
            let secret = wide.withBytes { bytes(SecretScalar(reducing: $0)) }
            #expect(secret == expected)
        }
    }

    @Test func sumsDifferencesProductsAndInversesAgreeWithLibsodium() throws {
        let random = Seeded("scalar arithmetic")
        for _ in 0..<Self.cases {
            let (a, b) = (random.scalar(), random.scalar())
            let (x, y) = (a.encoding.bytes, b.encoding.bytes)
            #expect((a + b).encoding.bytes == Sodium.scalarAdd(x, y))
            #expect((a - b).encoding.bytes == Sodium.scalarSubtract(x, y))
            #expect((a * b).encoding.bytes == Sodium.scalarMultiply(x, y))
            #expect(a.inverse?.encoding.bytes == Sodium.scalarInvert(x))
            #expect((-a).encoding.bytes == Sodium.scalarSubtract(Scalar.zero.encoding.bytes, x))
        }
        #expect(Scalar.zero.inverse == nil && Scalar.one.inverse == .one)
        #expect(Scalar(5) * Scalar(7) == Scalar(35) && (-Scalar.one) * (-Scalar.one) == .one)
    }

    @Test func secretArithmeticKeepsTheLawsAndAgreesWithLibsodium() throws {
        let random = Seeded("secret arithmetic")
        for _ in 0..<Self.cases {
            let a = random.secret()
            let b = random.secret()
            let c = random.secret()
            let (x, y) = (bytes(a), bytes(b))
            #expect(bytes(a.plus(b)) == Sodium.scalarAdd(x, y) && bytes(a.plus(b)) == bytes(b.plus(a)))
            #expect(bytes(a.minus(b)) == Sodium.scalarSubtract(x, y))
            #expect(bytes(a.times(b)) == Sodium.scalarMultiply(x, y) && bytes(a.times(b)) == bytes(b.times(a)))
            #expect(bytes(a.inverse()) == Sodium.scalarInvert(x))
            #expect(bytes(a.times(b.plus(c))) == bytes(a.times(b).plus(a.times(c))))
            #expect(bytes(a.times(b).times(c)) == bytes(a.times(b.times(c))))
            #expect(bytes(a.times(a.inverse())) == Scalar.one.encoding.bytes)
            let challenge = random.scalar()
            let response = a.response(to: challenge, for: b)
            #expect(response.encoding.bytes == bytes(a.minus(b.times(challenge))))
            #expect(bytes(a.explicitCopy()) == x)
        }
    }

    private func bytes(_ secret: borrowing SecretScalar) -> [UInt8] { secret.withEncoding { [UInt8]($0) } }

    @Test func aPolynomialOfSecretsIsItsSumOfPowers() throws {
        let random = Seeded("polynomial")
        for count in 1...20 {
            for _ in 0..<50 {
                let coefficients = (0..<count).map { _ in random.scalar() }
                let secrets = try SecretScalars(decoding: coefficients.map(\.encoding.bytes))
                let x = random.scalar()
                var (power, sum) = (Scalar.one, Scalar.zero)
                for coefficient in coefficients {
                    sum = sum + coefficient * power
                    power = power * x
                }
                #expect(bytes(secrets.polynomial(at: x)) == sum.encoding.bytes)
                let weights = (0..<count).map { _ in random.scalar() }
                let weighted = zip(weights, coefficients).reduce(Scalar.zero) { $0 + $1.0 * $1.1 }
                #expect(bytes(secrets.weightedSum(weights)) == weighted.encoding.bytes)
                let index = random.int(in: 0...count - 1)
                #expect(secrets.times(.generator, at: index) == FixedBase.generator.times(coefficients[index]))
            }
        }
    }

    @Test func scalarsOf128BitsAreLittleEndianIntegers() {
        let random = Seeded("weights")
        for _ in 0..<Self.cases {
            let (low, high) = (random.next(), random.next())
            let value = UInt128(high) << 64 | UInt128(low)
            let expected = Scalar(low) + Scalar(high) * Scalar(weight: UInt128(1) << 64)
            #expect(Scalar(weight: value) == expected)
        }
    }
}
