import PropertySupport
import Ristretto255
import Testing

/// The engine against libsodium, byte for byte.
@Suite struct OracleGroupTests {
    static let cases = 1_000

    @Test func decodingAcceptsWhatLibsodiumAcceptsAndEncodesItBack() throws {
        let random = Seeded("decode")
        var (accepted, refused) = (0, 0)
        for index in 0..<4 * Self.cases {
            var bytes = random.bytes(32)
            switch index % 4 {
            case 0: bytes = try #require(Sodium.fromHash(random.bytes(64)))  // a point
            case 1: bytes = try #require(Sodium.fromHash(random.bytes(64))).flipping(bit: random.int(in: 0...254))
            case 2: bytes[0] &= 0xfe  // not negative
            default: break
            }
            bytes[31] &= 0x7f
            let ours = try? Element(decoding: bytes)
            #expect((ours != nil) == (Sodium.isValid(bytes) && bytes != [UInt8](repeating: 0, count: 32)))
            if let ours {
                accepted += 1
                #expect(ours.point.encoding.bytes == bytes && ours.encoding.bytes == bytes)
            } else {
                refused += 1
            }
        }
        #expect(accepted > Self.cases && refused > Self.cases)
    }

    @Test func anEncodingWithBit255SetIsRefusedThoughLibsodium1018AcceptsIt() throws {
        let random = Seeded("bit 255")
        var acceptedBySodium = 0
        for _ in 0..<Self.cases {
            let point = try #require(Sodium.fromHash(random.bytes(64)))
            let high = point.flipping(bit: 255)
            if Sodium.isValid(high) { acceptedBySodium += 1 }
            #expect(throws: EncodingError.point) { try Element(decoding: high) }
            #expect(throws: Never.self) { try Element(decoding: point) }
        }
        // If a later libsodium refuses them, this line says so and our own refusal stays.
        print("libsodium accepted \(acceptedBySodium) of \(Self.cases) encodings with bit 255 set")
    }

    @Test func multiplicationByAVariableBaseAgreesWithLibsodium() throws {
        let random = Seeded("variable base")
        for _ in 0..<Self.cases {
            let (k, p) = (random.scalar(), random.point())
            let expected = try #require(Sodium.multiply(k.encoding.bytes, p.encoding.bytes))
            let secret = SecretScalar(public: k)
            #expect(secret.times(p).encoding.bytes == expected)
            #expect(secret.secretProduct(with: p).reveal().encoding.bytes == expected)
            #expect(secret.sharedSecret(with: p).withBytes { [UInt8]($0) } == expected)
        }
    }

    @Test func multiplicationByTheGeneratorAgreesWithLibsodium() throws {
        let random = Seeded("base")
        for _ in 0..<Self.cases {
            let k = random.scalar()
            let expected = try #require(Sodium.multiplyBase(k.encoding.bytes))
            #expect(FixedBase.generator.times(k).encoding.bytes == expected)
            #expect(SecretScalar(public: k).timesGenerator().encoding.bytes == expected)
        }
    }

    @Test func multiplicationWithATableAgreesWithLibsodium() throws {
        let random = Seeded("table")
        for _ in 0..<50 {
            let base = FixedBase(try Element(random.point()))
            for _ in 0..<20 {
                let k = random.scalar()
                let expected = try #require(Sodium.multiply(k.encoding.bytes, base.element.encoding.bytes))
                #expect(base.times(k).encoding.bytes == expected)
                #expect(SecretScalar(public: k).times(base).encoding.bytes == expected)
            }
        }
    }

    @Test func additionAndSubtractionAgreeWithLibsodium() throws {
        let random = Seeded("addition")
        for _ in 0..<Self.cases {
            let (p, q) = (random.point(), random.point())
            let (a, b) = (p.encoding.bytes, q.encoding.bytes)
            #expect((p + q).encoding.bytes == Sodium.add(a, b))
            #expect((p - q).encoding.bytes == Sodium.subtract(a, b))
        }
        let p = random.point()
        #expect((p + p).encoding.bytes == Sodium.add(p.encoding.bytes, p.encoding.bytes))
        #expect((p - p).isIdentity && (p - p).encoding == .zero)
        #expect((p + .identity) == p && (Point.identity - p) + p == .identity)
    }

    @Test func theMapOf64BytesAgreesWithLibsodium() throws {
        let random = Seeded("map")
        for _ in 0..<Self.cases {
            let wide = random.draw(Bytes64.self)
            #expect(Point(uniform: wide).encoding.bytes == Sodium.fromHash(wide.bytes))
        }
        for byte in [UInt8(0), 0xff, 0x7f, 0x80, 1] {
            let wide = try #require(Bytes64([UInt8](repeating: byte, count: 64)))
            #expect(Point(uniform: wide).encoding.bytes == Sodium.fromHash(wide.bytes))
        }
    }

    @Test func hashingToPointsAndScalarsAgreesWithRFC9380WrittenOverLibsodium() throws {
        let random = Seeded("hash to group")
        for _ in 0..<Self.cases {
            let message = random.bytes(random.int(in: 0...300))
            let domain = random.bytes(random.int(in: 1...255))
            var expander = MessageExpander(domain: domain)
            let cut = random.int(in: 0...message.count)
            expander.update(message[..<cut])
            expander.update(message[cut...])
            let expected = Self.expand(message, domain)
            #expect(expander.bytes().bytes == expected)
            #expect(expander.point().encoding.bytes == Sodium.fromHash(expected))
            #expect(expander.scalar().encoding.bytes == Sodium.reduce(expected))
            #expect(expander.secretScalar().withEncoding { [UInt8]($0) } == Sodium.reduce(expected))
        }
    }

    /// RFC 9380, 5.3.1, for 64 bytes.
    private static func expand(_ message: [UInt8], _ domain: [UInt8]) -> [UInt8] {
        let tag = domain + [UInt8(domain.count)]
        let first = Sodium.expandedHash([UInt8](repeating: 0, count: 128) + message + [0, 64, 0] + tag)
        return Sodium.expandedHash(first + [1] + tag)
    }

    @Test func twoPointsAreEqualExactlyWhenTheirEncodingsAre() throws {
        let random = Seeded("equal")
        for _ in 0..<Self.cases {
            let (p, q) = (random.point(), random.point())
            // The same element by another way: other coordinates, the same encoding.
            let again = (p + q) - q
            #expect(again == p && again.encoding == p.encoding)
            #expect(p != q && p.encoding != q.encoding)
            #expect(try Element(again) == Element(p))
        }
    }

    @Test func theIdentityIsNoElement() {
        #expect(throws: EncodingError.point) { try Element(.identity) }
        #expect(throws: EncodingError.point) { try Element(decoding: Bytes32.zero) }
        #expect(Point.identity.isIdentity && Point.identity.encoding == .zero)
    }

    @Test func aBatchIsDecodedWholeOrItsFirstBadItemIsNamed() throws {
        let random = Seeded("batch")
        for count in 0...20 {
            let elements = try (0..<count).map { _ in try Element(random.point()) }
            let bytes = Element.encode(batch: elements)
            #expect(try Element.decode(batch: bytes) == elements)
            for bad in 0..<count {
                var broken = bytes
                broken[32 * bad + 31] |= 0x80
                let error = #expect(throws: BatchError.self) { try Element.decode(batch: broken) }
                #expect(error?.index == bad && error?.reason == .point)
            }
            if count > 0 {
                let error = #expect(throws: BatchError.self) { try Element.decode(batch: bytes.dropLast()) }
                #expect(error?.index == count - 1)
            }
        }
    }
}
