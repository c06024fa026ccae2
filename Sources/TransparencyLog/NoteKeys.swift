import Crypto
import FoundationEssentials

/// Algorithms of signed-note lines. (C2SP signed-note, tlog-cosignature)
public enum NoteAlgorithm: UInt8, Sendable {
    /// A log's own signature over the text.
    case ed25519 = 0x01
    /// A witness's signature over a time and the text.
    case cosignature = 0x04
    /// ML-DSA-44 cosignatures. Carried through unharmed; this version does not verify them.
    case mlDSA44 = 0x06
}

/// Name and id of a key: what a signature line says about its signer.
public struct NoteKeyID: Hashable, Sendable {
    public let name: String
    /// First four bytes of `SHA-256(name || 0x0a || type || key)`, big-endian.
    public let id: UInt32
}

/// A public key that signs notes, read from and written as `name+hash+base64(type||key)`.
public struct NoteVerifierKey: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of the longest key text that is read.
    public static let textMax = 4_096

    public let id: NoteKeyID
    public let algorithm: NoteAlgorithm
    /// 32 bytes for Ed25519, 1,312 for ML-DSA-44.
    public let publicKey: [UInt8]

    public var name: String { id.name }

    /// - Throws: `LogFault` `malformed` for a name the format does not allow or a key of the wrong size.
    public init(name: String, algorithm: NoteAlgorithm, publicKey: [UInt8]) throws(LogFault) {
        guard Self.isName(name) else { throw LogFault(.malformed, "key name") }
        guard publicKey.count == (algorithm == .mlDSA44 ? 1_312 : 32) else { throw LogFault(.malformed, "key size") }
        self.algorithm = algorithm
        self.publicKey = publicKey
        id = NoteKeyID(name: name, id: Self.hash(name, algorithm.rawValue, publicKey))
    }

    /// Reads the text form.
    /// - Throws: `LogFault` `malformed`, also for an algorithm this version does not know and a wrong key hash.
    public init(parsing text: some StringProtocol) throws(LogFault) {
        guard text.utf8.count <= Self.textMax else { throw LogFault(.limit, "key text too long") }
        let parts = text.split(separator: "+" as Character, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let hash = Hex.decode(parts[1]), hash.count == 4, let key = Base64.decode(parts[2]),
            let type = key.first, let algorithm = NoteAlgorithm(rawValue: type)
        else { throw LogFault(.malformed, "key is not name+hash+base64") }
        try self.init(name: String(parts[0]), algorithm: algorithm, publicKey: Array(key.dropFirst()))
        guard id.id == hash.reduce(0, { $0 << 8 | UInt32($1) }) else { throw LogFault(.malformed, "key hash") }
    }

    public var description: String {
        "\(name)+\(Hex.encode(id.id.bigEndianBytes))+\(Base64.encode([algorithm.rawValue] + publicKey))"
    }

    /// Not empty, no white space, no plus, no control character.
    static func isName(_ name: String) -> Bool {
        (1...256).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 }
    }

    static func hash(_ name: String, _ type: UInt8, _ key: [UInt8]) -> UInt32 {
        SHA256.hash(data: Array(name.utf8) + [0x0a, type] + key).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Checks a signature line's bytes (behind the key id) over a note's text.
    /// - Returns: for a cosignature its time in Unix seconds, else 0; nil if the signature is not by this key.
    func verify(_ signature: [UInt8], over text: [UInt8]) -> UInt64? {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return nil }
        switch algorithm {
        case .ed25519:
            return signature.count == 64 && key.isValidSignature(signature, for: text) ? 0 : nil
        case .cosignature:
            guard signature.count == 72 else { return nil }
            let time = signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard time <= UInt64(Int64.max) else { return nil }
            return key.isValidSignature(signature.suffix(64), for: Self.cosigned(text, at: time)) ? time : nil
        case .mlDSA44:
            return nil
        }
    }

    /// What a cosignature of type 0x04 signs.
    static func cosigned(_ text: [UInt8], at time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}

extension UInt32 {
    var bigEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * UInt32($0))) } }
}
extension UInt64 {
    var bigEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * UInt64($0))) } }
}

/// Whatever can put an Ed25519 signature on bytes: a key in memory, in a file, in a token.
///
/// Ed25519 as of RFC 8032 is deterministic, and a ledger relies on it: signing a head again after a crash gives the
/// same bytes.
public protocol Ed25519Signer: Sendable {
    /// 32 bytes.
    var publicKey: [UInt8] { get }
    /// 64 bytes.
    func sign(_ message: [UInt8]) throws -> [UInt8]
}

/// A key that signs notes, under a name.
public struct NoteSigner: Sendable {
    public let key: NoteVerifierKey
    private let signer: any Ed25519Signer

    /// - Throws: `LogFault` `malformed` for a name the format does not allow.
    public init(name: String, algorithm: NoteAlgorithm = .ed25519, signer: any Ed25519Signer) throws(LogFault) {
        guard algorithm != .mlDSA44 else { throw LogFault(.malformed, "no signer for this algorithm") }
        key = try NoteVerifierKey(name: name, algorithm: algorithm, publicKey: signer.publicKey)
        self.signer = signer
    }

    /// A signature line over `text`.
    /// - Parameter time: Unix seconds; goes into a cosignature, otherwise unused.
    public func sign(_ text: String, at time: UInt64 = 0) throws -> NoteSignature {
        let body = Array(text.utf8)
        switch key.algorithm {
        case .cosignature:
            let signature = try signer.sign(NoteVerifierKey.cosigned(body, at: time))
            return NoteSignature(key: key.id, bytes: time.bigEndianBytes + signature)
        default:
            return NoteSignature(key: key.id, bytes: try signer.sign(body))
        }
    }
}

/// An Ed25519 key from a seed in ordinary memory: development, tests, tools.
///
/// Nodes put a signer over locked memory or a token in its place.
public struct SeedSigner: Ed25519Signer {
    private let key: Curve25519.Signing.PrivateKey

    /// - Parameter seed: 32 bytes.
    /// - Throws: `LogFault` `malformed` for any other length.
    public init(seed: [UInt8]) throws(LogFault) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw LogFault(.malformed, "seed is not 32 bytes")
        }
        self.key = key
    }

    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }
    public func sign(_ message: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: message)) }

    /// Reads Go's private form `PRIVATE+KEY+name+hash+base64(type||seed)`.
    /// - Throws: `LogFault` `malformed`; the reason never holds the text.
    public static func parse(privateKey text: some StringProtocol) throws(LogFault) -> NoteSigner {
        let parts = text.split(separator: "+" as Character, maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", let bytes = Base64.decode(parts[4]),
            let algorithm = bytes.first.flatMap(NoteAlgorithm.init(rawValue:))
        else { throw LogFault(.malformed, "private key is not PRIVATE+KEY+name+hash+base64") }
        let signer = try NoteSigner(
            name: String(parts[2]), algorithm: algorithm, signer: SeedSigner(seed: Array(bytes.dropFirst())))
        guard Hex.encode(signer.key.id.id.bigEndianBytes) == parts[3] else { throw LogFault(.malformed, "key hash") }
        return signer
    }

    /// The private form that `parse` reads: a secret, for a file that only its owner can read.
    public static func privateKeyText(name: String, algorithm: NoteAlgorithm, seed: [UInt8]) throws(LogFault) -> String
    {
        let signer = try NoteSigner(name: name, algorithm: algorithm, signer: SeedSigner(seed: seed))
        let hash = Hex.encode(signer.key.id.id.bigEndianBytes)
        return "PRIVATE+KEY+\(name)+\(hash)+\(Base64.encode([algorithm.rawValue] + seed))"
    }
}
