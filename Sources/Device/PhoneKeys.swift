import Crypto
import Exchanges
import Polymorphic
import Ristretto255

/// How a phone signs.
public enum PhoneAlgorithm: UInt8, Sendable {
    case ed25519 = 0
    case es256 = 1
}

/// The keys of a phone. Its person's row hangs on them; they leave it only for another phone of the same person.
final class PhoneKeys: Sendable {
    let algorithm: PhoneAlgorithm
    /// The Ed25519 seed or the P-256 key, 32 bytes.
    private let seed: SecretBytes
    private let ed25519: Ed25519?
    private let es256: P256.Signing.PrivateKey?
    /// `z_d`.
    let audit: OpeningKey
    let deviceID: Bytes16
    /// `w_device`, `w_row`.
    let deviceStopKey: Bytes32
    let rowStopKey: Bytes32
    /// `h_i`, in index order.
    let handles: [Bytes16]
    /// `v_i` in index order, 32 bytes each.
    private let tagKeys: SecretBytes

    /// A key by reference, because an optional one cannot be borrowed.
    private final class Ed25519: Sendable {
        let key: SigningKey
        init(_ key: consuming SigningKey) { self.key = key }
    }

    /// What all phones of a person share.
    struct Row {
        let audit: [UInt8]
        let stopKey: Bytes32
        let tagKeys: [UInt8]
    }

    /// New keys.
    /// - Parameter row: of a further phone: what belongs to the row.
    convenience init(
        _ algorithm: PhoneAlgorithm, n: UInt8, row: Row?, from random: some RandomSource
    ) throws(Refusal) {
        var seed = SecretBytes(count: 32, from: random)
        // One draw in 2^32 is no key of the curve.
        while algorithm == .es256, seed.withBytes({ try? P256.Signing.PrivateKey(rawRepresentation: $0) }) == nil {
            seed = SecretBytes(count: 32, from: random)
        }
        let fresh = SecretScalar(from: random).withEncoding { [UInt8]($0) }
        let fields = [
            row?.audit ?? fresh, random.bytes(16), random.bytes(32),
            row?.stopKey.bytes ?? random.bytes(32), random.bytes(16 * Int(n)),
            row?.tagKeys ?? random.bytes(32 * Int(n)),
        ]
        try self.init(algorithm, seed: seed, fields)
    }

    private init(_ algorithm: PhoneAlgorithm, seed: consuming SecretBytes, _ fields: [[UInt8]]) throws(Refusal) {
        self.algorithm = algorithm
        switch algorithm {
        case .ed25519:
            ed25519 = Ed25519(SigningKey(seed: seed))
            es256 = nil
        case .es256:
            ed25519 = nil
            es256 = seed.withBytes { try? P256.Signing.PrivateKey(rawRepresentation: $0) }
        }
        do { audit = OpeningKey(try SecretScalar(decoding: fields[0])) } catch { throw Refusal(.scalar) }
        deviceID = try Wire.fixed(fields[1])
        deviceStopKey = try Wire.fixed(fields[2])
        rowStopKey = try Wire.fixed(fields[3])
        handles = try stride(from: 0, to: fields[4].count, by: 16).map { (at) throws(Refusal) in
            try Wire.fixed(fields[4][at..<min(at + 16, fields[4].count)])
        }
        tagKeys = SecretBytes(copying: fields[5])
        self.seed = seed
    }

    /// For the phone's own store, which seals what it keeps.
    var bytes: [UInt8] {
        Wire.list(
            [[algorithm.rawValue], seed.withBytes { [UInt8]($0) }] + [
                audit.secretCopy().withEncoding { [UInt8]($0) }, deviceID.bytes, deviceStopKey.bytes,
                rowStopKey.bytes, handles.flatMap(\.bytes), tagKeys.withBytes { [UInt8]($0) },
            ])
    }

    convenience init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 8)
        guard let algorithm = fields[0].first.flatMap(PhoneAlgorithm.init(rawValue:)) else { throw Refusal(.length) }
        try self.init(algorithm, seed: SecretBytes(copying: fields[1]), Array(fields[2...]))
    }

    /// What a further phone of the same person gets.
    var row: Row {
        Row(
            audit: audit.secretCopy().withEncoding { [UInt8]($0) }, stopKey: rowStopKey,
            tagKeys: tagKeys.withBytes { [UInt8]($0) })
    }

    /// The public key that stands in the rows.
    func credentialKey() throws(Refusal) -> CredentialKey {
        if let ed25519 { return .ed25519(ed25519.key.verifyingKey) }
        guard let es256 else { throw Refusal(.signature) }
        return try CredentialKey(alg: PhoneAlgorithm.es256.rawValue, key: Array(es256.publicKey.x963Representation))
    }

    /// Signs: 64 bytes.
    func sign(_ message: [UInt8]) throws(Refusal) -> [UInt8] {
        if let ed25519 { return ed25519.key.sign(message) }
        do {
            guard let es256 else { throw Refusal(.signature) }
            return Array(try es256.signature(for: message).rawRepresentation)
        } catch { throw Refusal(.signature) }
    }

    /// `v_i`.
    func tagKey(_ index: UInt8) -> SecretBytes {
        tagKeys.withBytes { raw in
            SecretBytes(copying: UnsafeRawBufferPointer(rebasing: raw[(32 * (Int(index) - 1))..<(32 * Int(index))]))
        }
    }
}
