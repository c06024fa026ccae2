import CSodium
import Crypto
import Foundation
import Guards
import Ristretto255

/// A message sealed to the key of one party (PROTOCOL 2.5): `E || AES-256-GCM`, 48 bytes longer than the message.
public enum Seal {
    /// How much longer a box is than its message.
    public static let overhead = 48

    /// Seals `message` to Z.
    /// - Parameters:
    ///   - info: the use, a `pack` of `Label.Info`.
    ///   - sender: the sender's own z; who has none passes a fresh scalar.
    ///   - fresh: 64 random bytes.
    /// - Returns: 48 bytes more than the message.
    /// - Throws: `seal` for a message that no box can hold.
    public static func seal(
        _ message: [UInt8], to z: Element, info: [UInt8], sender: borrowing SecretScalar, fresh: Bytes64
    ) throws(Refusal) -> [UInt8] {
        try message.withUnsafeBufferPointer { (raw) throws(Refusal) in
            try seal(UnsafeRawBufferPointer(raw), z, info, sender, fresh)
        }
    }

    /// Seals a secret (a subshare, half of a step secret) from the locked memory where it lies.
    /// - Returns: 48 bytes more than the secret.
    /// - Throws: `seal` for a message that no box can hold.
    public static func seal(
        secret: borrowing SecretBytes, to z: Element, info: [UInt8], sender: borrowing SecretScalar, fresh: Bytes64
    ) throws(Refusal) -> [UInt8] {
        try secret.withBytes { (raw) throws(Refusal) in try seal(raw, z, info, sender, fresh) }
    }

    static func seal(
        _ message: UnsafeRawBufferPointer, _ z: Element, _ info: [UInt8], _ sender: borrowing SecretScalar,
        _ fresh: Bytes64
    ) throws(Refusal) -> [UInt8] {
        let e = Hedging.sealEphemeral(sender, fresh, z, info, message)
        let ephemeral = try Element(computed: e.timesGenerator())
        let keys = keys(e.sharedSecret(with: z.point), ephemeral, z, info)
        do {
            let box = try keys.withBytes { raw in
                try AES.GCM.seal(
                    message, using: SymmetricKey(data: raw[..<32]), nonce: AES.GCM.Nonce(data: Data(raw[32...])),
                    authenticating: info)
            }
            return ephemeral.encoding.bytes + box.ciphertext + box.tag
        } catch { throw Refusal(.seal) }
    }

    /// Key and nonce of a box, 44 bytes.
    static func keys(
        _ shared: borrowing SecretBytes, _ ephemeral: Element, _ z: Element, _ info: [UInt8]
    ) -> SecretBytes {
        let material = SecretBytes(count: 96) { out in
            shared.withBytes { out.copyMemory(from: $0) }
            ephemeral.encoding.withBytes { UnsafeMutableRawBufferPointer(rebasing: out[32..<64]).copyMemory(from: $0) }
            z.encoding.withBytes { UnsafeMutableRawBufferPointer(rebasing: out[64...]).copyMemory(from: $0) }
        }
        return material.withBytes { hkdf(.seal, ikm: $0, info: Wire.lengthPrefixed(info), count: 44) }
    }
}

/// The decryption key pair `(z, Z = z*G)` of a party, device or ceremony.
public struct OpeningKey: ~Copyable, Sendable {
    let z: SecretScalar
    /// `Z`.
    public let element: Element

    /// - Parameter z: secret; neither 0 nor 1.
    public init(_ z: consuming SecretScalar) {
        guard let element = try? Element(z.timesGenerator()) else { preconditionFailure("z is zero") }
        self.element = element
        self.z = z
    }

    /// A fresh key pair.
    public init(from random: some RandomSource) { self.init(SecretScalar(from: random)) }

    /// z itself, for the maker of Shares and records, which hedges its randomness with it.
    public borrowing func secretCopy() -> SecretScalar { z.explicitCopy() }

    /// Opens a box.
    /// - Parameters:
    ///   - info: the use that is expected.
    ///   - forbidden: the class keys, where there are any yet: a box made with one of them would turn this key into an
    ///     oracle for the mask `z*Y` of its Shares (PROTOCOL 12.5).
    /// - Returns: 48 bytes less than the box.
    /// - Throws: `length`, `point`, `seal`, in this order.
    public borrowing func open(
        _ box: [UInt8], info: [UInt8], forbidden: [Element] = []
    ) throws(Refusal) -> [UInt8] { [UInt8](try decrypt(box, info, forbidden)) }

    /// Opens the box of a secret (a subshare, half of a step secret) into locked memory.
    /// - Parameters: as of `open`.
    /// - Throws: `length`, `point`, `seal`, in this order.
    public borrowing func openSecret(
        _ box: [UInt8], info: [UInt8], forbidden: [Element] = []
    ) throws(Refusal) -> SecretBytes {
        var opened = try decrypt(box, info, forbidden)
        return SecretBytes(count: opened.count) { out in
            opened.withUnsafeMutableBytes { raw in
                out.copyMemory(from: UnsafeRawBufferPointer(raw))
                sodium_memzero(raw.baseAddress, raw.count)  // the library's own copy, which nobody else holds
            }
        }
    }

    private borrowing func decrypt(_ box: [UInt8], _ info: [UInt8], _ forbidden: [Element]) throws(Refusal) -> Data {
        try need(box.count >= Seal.overhead, .length)
        let ephemeral = try Element(wire: box[..<32])
        let oracle = ephemeral == .generator || ephemeral == element || forbidden.contains(ephemeral)
        try need(!oracle || !enforced("guard:seal.oracle"), .seal)
        let keys = Seal.keys(z.sharedSecret(with: ephemeral.point), ephemeral, element, info)
        do {
            return try keys.withBytes { raw in
                try AES.GCM.open(
                    AES.GCM.SealedBox(
                        nonce: AES.GCM.Nonce(data: Data(raw[32...])), ciphertext: box[32..<box.count - 16],
                        tag: box[(box.count - 16)...]),
                    using: SymmetricKey(data: raw[..<32]), authenticating: info)
            }
        } catch { throw Refusal(.seal) }
    }
}
