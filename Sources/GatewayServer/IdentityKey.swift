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
