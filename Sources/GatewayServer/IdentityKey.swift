import Crypto
import Polymorphic
import Ristretto255

/// The key with which a gateway makes ids and tags: HMAC-SHA256, for one use each. Whoever has it can tell of an id
/// what it was made of; so it lies where the node's other secrets lie.
public final class IdentityKey: Sendable {
    private let secret: SecretBytes

    /// - Parameter secret: 32 bytes, the same for the life of the gateway: with another one the same person would get
    ///   another id, and nothing that is kept would be found again.
    /// - Throws: `length`.
    public init(_ secret: consuming SecretBytes) throws(Refusal) {
        try need(secret.count == 32, .length)
        self.secret = secret
    }

    /// What a value is made for; two uses never give the same bytes.
    enum Use: String {
        /// Ids of what bundles create.
        case bundle
        /// Where a resource lies in the store.
        case place
        /// What a resource is found by.
        case index
        /// Ids of patients who had none here.
        case patient
        /// Ids of what other institutions wrote.
        case fetched
    }

    /// 32 bytes.
    func tag(_ use: Use, _ fields: [[UInt8]]) -> [UInt8] {
        let message = Wire.list([Array("warifu-gateway-1".utf8), Array(use.rawValue.utf8)] + fields)
        return secret.withBytes { raw in
            Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: raw)))
        }
    }

    /// 128 bits of a tag as an id of FHIR.
    func id(_ use: Use, _ fields: [[UInt8]]) -> String { Hex.text(tag(use, fields).prefix(16)) }
}

/// Bytes as lower-case hexadecimal digits.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// nil for anything but so many pairs of digits.
    static func bytes(_ text: String, count: Int) -> [UInt8]? {
        let digits = Array(text.utf8).map { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        let values = digits.compactMap(\.self)
        guard values.count == digits.count, values.count == 2 * count else { return nil }
        return (0..<count).map { values[2 * $0] << 4 | values[2 * $0 + 1] }
    }
}
