import Crypto
import Exchanges
import Foundation
import Polymorphic
import Ristretto255

/// A WebAuthn authenticator in software (Ed25519): of a clinician, of an official, for development and for systems
/// that act in the name of their hospital.
public final class SoftwareAuthenticator: ActingPerson {
    private let signer: SigningKey
    /// The seed of the signing key, 32 bytes; for its key file.
    private let seed: SecretBytes
    public let relyingParty: RelyingParty
    public let key: WebAuthnKey
    public let personID: Bytes16
    /// SHA-256 of the credential under which it acts.
    public let credential: Bytes32

    /// - Parameter credential: made from the key; nil for an officer, who has none in the Directory.
    /// - Throws: `length`.
    public convenience init(
        relyingParty: RelyingParty, from random: some RandomSource,
        credential: (WebAuthnKey, Bytes16) throws(Refusal) -> Bytes32
    ) throws(Refusal) {
        try self.init(
            relyingParty: relyingParty, seed: SecretBytes(count: 32, from: random), personID: random.draw(),
            credential: credential)
    }

    /// One that was made before.
    /// - Parameter seed: 32 bytes.
    /// - Throws: `length`.
    public init(
        relyingParty: RelyingParty, seed: consuming SecretBytes, personID: Bytes16,
        credential: (WebAuthnKey, Bytes16) throws(Refusal) -> Bytes32
    ) throws(Refusal) {
        let signer = SigningKey(seed: seed)
        let key = try WebAuthnKey(wire: [0] + signer.verifyingKey.bytes.bytes)
        self.credential = try credential(key, personID)
        (self.relyingParty, self.key, self.personID) = (relyingParty, key, personID)
        self.signer = signer
        self.seed = seed
    }

    /// Lends the seed, for the key file.
    public func withSeed<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { try seed.withBytes(body) }

    /// As an officer of dual control.
    public var officer: Officer { Officer(id: personID, key: key, relyingParty: relyingParty) }

    public func sign(_ request: [UInt8]) async throws(Refusal) -> [UInt8] { signature(over: request) }

    /// `list(authenticatorData, clientDataJSON, signature)`.
    public func signature(over message: [UInt8]) -> [UInt8] {
        // UP and UV; the counter of a key that may be synchronised stays 0.
        let data = Array(SHA256.hash(data: relyingParty.id)) + [5, 0, 0, 0, 0]
        let challenge = Data(SHA256.hash(data: message)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let origin = String(decoding: relyingParty.origin, as: UTF8.self)
        let client = Array(
            #"{"type":"webauthn.get","challenge":"\#(challenge)","origin":"\#(origin)","crossOrigin":false}"#.utf8)
        return Wire.list([data, client, signer.sign(data + Array(SHA256.hash(data: client)))])
    }

    /// Approves an act.
    public func approve(_ act: OfficialAct) -> Approval {
        Approval(officer: personID, signature: signature(over: act.bytes))
    }
}
