import Crypto
import Foundation
import Guards
import Polymorphic
import Ristretto255

/// A public key with its algorithm: of a device, of an acting person, of a card (PROTOCOL 6).
public enum CredentialKey: Hashable, Sendable {
    /// alg 0: Ed25519, 32 bytes.
    case ed25519(VerifyingKey)
    /// alg 1: ES256, 65 bytes, uncompressed.
    case es256([UInt8])
    /// alg 2: WebAuthn over one of the two.
    case webAuthn(WebAuthnKey)

    /// - Throws: `presentation` for another algorithm; `point`, `length` for a key that is none.
    public init(alg: UInt8, key: [UInt8]) throws(Refusal) {
        switch alg {
        case 0: self = .ed25519(VerifyingKey(try Wire.fixed(key)))
        case 1:
            try ES256.check(key)
            self = .es256(key)
        case 2: self = .webAuthn(try WebAuthnKey(wire: key))
        default: throw Refusal(.presentation)
        }
    }

    public var alg: UInt8 {
        switch self {
        case .ed25519: 0
        case .es256: 1
        case .webAuthn: 2
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .ed25519(let key): key.bytes.bytes
        case .es256(let key): key
        case .webAuthn(let key): key.bytes
        }
    }

    /// - Parameter relyingParty: for WebAuthn: whose pages the person was on.
    /// - Throws: `signature`.
    public func verify(
        _ signature: [UInt8], over message: [UInt8], relyingParty: RelyingParty?
    ) throws(Refusal) {
        switch self {
        case .ed25519(let key): try key.verify(signature, over: message)
        case .es256(let key): try ES256.verify(signature, over: message, key: key)
        case .webAuthn(let key):
            guard let relyingParty else { throw Refusal(.signature) }
            try key.verify(signature, over: message, relyingParty: relyingParty)
        }
    }
}

/// Whose pages a WebAuthn signature was made on.
public struct RelyingParty: Hashable, Sendable {
    /// The RP id, ASCII.
    public let id: [UInt8]
    /// The origin, ASCII.
    public let origin: [UInt8]
    public init(id: [UInt8], origin: [UInt8]) { (self.id, self.origin) = (id, origin) }
}

/// ECDSA on P-256 with SHA-256, `r || s`.
public enum ES256 {
    /// - Throws: `point` unless the key is 65 bytes of a point on the curve.
    static func check(_ key: [UInt8]) throws(Refusal) {
        guard key.count == 65, (try? P256.Signing.PublicKey(x963Representation: key)) != nil else {
            throw Refusal(.point)
        }
    }

    /// - Throws: `signature`, `point`.
    public static func verify(_ signature: [UInt8], over message: [UInt8], key: [UInt8]) throws(Refusal) {
        guard signature.count == 64, let parsed = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { throw Refusal(.signature) }
        guard key.count == 65, let publicKey = try? P256.Signing.PublicKey(x963Representation: key) else {
            throw Refusal(inRange(signature) ? .point : .signature)
        }
        try need(publicKey.isValidSignature(parsed, for: message), .signature)
    }

    /// 0 < r, s: a signature of zeros is refused before its key is looked at.
    private static func inRange(_ signature: [UInt8]) -> Bool {
        signature[..<32].contains { $0 != 0 } && signature[32...].contains { $0 != 0 }
    }
}

/// A key that signs as WebAuthn: `u8 (0 Ed25519 or 1 ES256) || key`.
public struct WebAuthnKey: Hashable, Sendable {
    public let bytes: [UInt8]

    /// - Throws: `length`, `point`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        switch (bytes.first, bytes.count) {
        case (0, 33): break
        case (1, 66): try ES256.check(Array(bytes[1...]))
        default: throw Refusal(.length)
        }
        self.bytes = bytes
    }

    /// Verifies `list(authenticatorData, clientDataJSON, signature)` in the fixed serialisation of WebAuthn 5.8.1.1.
    /// - Throws: `signature`.
    public func verify(
        _ signature: [UInt8], over message: [UInt8], relyingParty: RelyingParty
    ) throws(Refusal) {
        guard let fields = try? Wire.elements(of: signature, maximum: 3), fields.count == 3 else {
            throw Refusal(.signature)
        }
        let (authenticator, client) = (fields[0], fields[1])
        let idHash = Array(SHA256.hash(data: relyingParty.id))
        // UP and UV: the person was there, and proved to be the person.
        let present =
            authenticator.count >= 37 && authenticator[..<32].elementsEqual(idHash) && authenticator[32] & 5 == 5
        try need(present || !enforced("guard:webauthn.presence"), .signature)
        let challenge = Self.base64url(Array(SHA256.hash(data: message)))
        let start =
            Array(#"{"type":"webauthn.get","challenge":""#.utf8) + challenge + Array(#"","origin":""#.utf8)
            + relyingParty.origin + Array(#"","crossOrigin":false"#.utf8)
        try need(client.starts(with: start) || !enforced("guard:webauthn.origin"), .signature)
        let signed = authenticator + Array(SHA256.hash(data: client))
        switch bytes[0] {
        case 0: try VerifyingKey(try Wire.fixed(bytes[1...])).verify(fields[2], over: signed)
        default: try ES256.verify(fields[2], over: signed, key: Array(bytes[1...]))
        }
    }

    /// base64url without padding.
    static func base64url(_ bytes: [UInt8]) -> [UInt8] {
        Data(bytes).base64EncodedString().utf8.compactMap { character in
            switch character {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: character
            }
        }
    }
}
