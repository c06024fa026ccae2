import Crypto
import Foundation
import Ristretto255

@testable import Polymorphic

/// AES-GCM does not commit to its key: with two keys in hand anyone makes one ciphertext that opens under both, to two
/// different texts. This is that attack, for the one-chunk body of an Envelope.
///
/// The tag is a polynomial over GF(2^128) in a secret H of each key, linear in each block of the ciphertext. One block
/// is left free and solved for so that the two tags agree.
struct TwoKeyBody {
    /// The body: 256 bytes and a tag.
    let body: [UInt8]
    /// What it is under each of the two keys, without padding.
    let texts: [[UInt8]]

    /// - Parameters:
    ///   - keys: the two record keys.
    ///   - hash: `hh` of the header, which both readers see.
    ///   - visible: what stands first in either text, 96 bytes each.
    /// - Returns: nil for pairs of keys whose key streams do not agree in the last byte: one pair in 256 does.
    init?(keys: [RecordKey], hash: Bytes32, visible: [[UInt8]]) throws {
        let sides = try keys.map { try Side($0, hash) }
        // The last byte of both is the marker 0x80, so the text has 255 bytes.
        guard sides[0].stream[255] == sides[1].stream[255] else { return nil }
        var cipher = [UInt8](repeating: 0, count: 256)
        for index in 0..<96 {
            cipher[index] = visible[0][index] ^ sides[0].stream[index]
            cipher[96 + index] = visible[1][index] ^ sides[1].stream[96 + index]
        }
        cipher[255] = 0x80 ^ sides[0].stream[255]
        // Block 13 (of 16) is the free one: H1^e*X + t1 = H2^e*X + t2.
        let place = 13
        let base = try sides.map { try $0.tag(of: cipher, hash) }
        let slopes = sides.map { $0.h.power(16 - place + 1) }
        guard let inverse = (slopes[0] + slopes[1]).inverse else { return nil }
        let block = (base[0] + base[1]) * inverse
        cipher.replaceSubrange(16 * place..<16 * place + 16, with: block.bytes)
        body = cipher + (base[0] + block * slopes[0]).bytes
        texts = sides.map { side in zip(cipher, side.stream).map { $0 ^ $1 }.dropLast() }
    }

    /// What one key makes of chunk 0.
    private struct Side {
        let stream: [UInt8]
        let h: Field
        let dek: SymmetricKey
        let nonce: AES.GCM.Nonce

        init(_ key: RecordKey, _ hash: Bytes32) throws {
            let bytes = key.encoding.withBytes { ikm in
                hkdf(.envelope, ikm: ikm, info: Wire.lengthPrefixed(hash.bytes), count: 71).withBytes { [UInt8]($0) }
            }
            dek = SymmetricKey(data: bytes[..<32])
            nonce = try AES.GCM.Nonce(data: bytes[32..<39] + [0, 0, 0, 0, 1])  // chunk 0, the last
            let zeros = [UInt8](repeating: 0, count: 256)
            stream = [UInt8](try AES.GCM.seal(zeros, using: dek, nonce: nonce).ciphertext)
            // tag(no data) = E(J); tag(one zero block of associated data) = len*H + E(J).
            let none = try Field(Self.tag([], [], dek, nonce))
            let one = try Field(Self.tag([], [UInt8](repeating: 0, count: 16), dek, nonce))
            let length = Field(UInt64(128).bigEndianBytes + UInt64(0).bigEndianBytes)
            guard let inverse = length.inverse else { throw Refusal(.open) }
            h = (none + one) * inverse
        }

        /// The tag of a ciphertext under this key: that of the text it decrypts to.
        func tag(of cipher: [UInt8], _ hash: Bytes32) throws -> Field {
            let text = zip(cipher, stream).map { $0 ^ $1 }
            return try Field(Self.tag(text, hash.bytes, dek, nonce))
        }

        private static func tag(
            _ text: [UInt8], _ data: [UInt8], _ key: SymmetricKey, _ nonce: AES.GCM.Nonce
        ) throws -> [UInt8] {
            [UInt8](try AES.GCM.seal(text, using: key, nonce: nonce, authenticating: data).tag)
        }
    }

    /// GF(2^128) as GCM writes it: the first bit is the constant term.
    struct Field: Equatable {
        let value: UInt128

        init(_ bytes: [UInt8]) { value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
        private init(value: UInt128) { self.value = value }
        static let one = Field(value: 1 << 127)

        var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: value >> UInt128(8 * (15 - $0))) } }

        static func + (a: Field, b: Field) -> Field { Field(value: a.value ^ b.value) }

        static func * (a: Field, b: Field) -> Field {
            var (product, factor) = (UInt128(0), b.value)
            for bit in 0..<128 {
                if a.value >> UInt128(127 - bit) & 1 == 1 { product ^= factor }
                let carry = factor & 1 == 1
                factor >>= 1
                if carry { factor ^= UInt128(0xe1) << 120 }  // x^128 = 1 + x + x^2 + x^7
            }
            return Field(value: product)
        }

        func power(_ exponent: Int) -> Field { (0..<exponent).reduce(Field.one) { product, _ in product * self } }

        /// `a^(2^128 - 2)`; nil for zero.
        var inverse: Field? {
            guard value != 0 else { return nil }
            var (result, square) = (Field.one, self)
            for _ in 1..<128 {
                square = square * square
                result = result * square
            }
            return result
        }
    }
}
