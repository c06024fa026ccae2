import CSodium
import Guards
import Ristretto255

/// A public Ed25519 key, 32 bytes.
public struct VerifyingKey: Hashable, Sendable {
    /// The encoding of A, 32 bytes.
    public let bytes: Bytes32

    /// Any 32 bytes; those that are no key verify nothing.
    public init(_ bytes: Bytes32) { self.bytes = bytes }

    /// Verifies RFC 8032, pure, as PROTOCOL 2.6 says: s < L, A and R canonical and not of small order, no cofactor.
    /// - Throws: `signature`; that includes a signature of another size than 64.
    public func verify(_ signature: some Collection<UInt8>, over message: [UInt8]) throws(Refusal) {
        let signature = Array(signature)
        try need(signature.count == 64, .signature)
        // libsodium makes all the checks of PROTOCOL 2.6 but those of the sizes.
        let valid = bytes.withBytes { key in
            crypto_sign_verify_detached(
                signature, message, UInt64(message.count),
                key.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)) == 0
        }
        try need(valid || !enforced("guard:signature.verify"), .signature)
    }
}

/// A secret Ed25519 key, in locked memory. Signatures are deterministic.
public struct SigningKey: ~Copyable, Sendable {
    private let secret: SecretBytes
    /// The public half.
    public let verifyingKey: VerifyingKey

    /// - Parameter seed: 32 secret bytes (RFC 8032, 5.1.5).
    public init(seed: borrowing SecretBytes) {
        precondition(seed.count == 32, "an Ed25519 seed has 32 bytes")
        var publicKey = Bytes32.zero
        secret = SecretBytes(count: 64) { out in
            seed.withBytes { seed in
                withUnsafeMutableBytes(of: &publicKey) { key in
                    _ = crypto_sign_seed_keypair(
                        key.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self),
                        out.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self),
                        seed.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self))
                }
            }
        }
        verifyingKey = VerifyingKey(publicKey)
    }

    /// A second copy, for another object of the same node.
    public init(copying other: borrowing SigningKey) {
        secret = other.secret.explicitCopy()
        verifyingKey = other.verifyingKey
    }

    /// A fresh key.
    public init(from random: some RandomSource) { self.init(seed: SecretBytes(count: 32, from: random)) }

    /// Signs `message`: 64 bytes.
    public borrowing func sign(_ message: [UInt8]) -> [UInt8] {
        secret.withBytes { key in
            [UInt8](unsafeUninitializedCapacity: 64) { out, count in
                _ = crypto_sign_detached(
                    out.baseAddress.unsafelyUnwrapped, nil, message, UInt64(message.count),
                    key.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self))
                count = 64
            }
        }
    }
}
