import Polymorphic
import Ristretto255

/// A public key of a device, as it stands in its entry: `u8 alg` and the key (PROTOCOL 6).
public struct DeviceKey: Hashable, Comparable, Sendable {
    /// 0 Ed25519, 1 ES256, 2 WebAuthn, 3 card.
    public let algorithm: UInt8
    /// 32 bytes (Ed25519) to 66 (WebAuthn with ES256).
    public let bytes: [UInt8]

    /// - Throws: `length` for no bytes or more than `bytesMax`.
    public init(algorithm: UInt8, bytes: [UInt8]) throws(Refusal) {
        try need((1...Self.bytesMax).contains(bytes.count), .length)
        (self.algorithm, self.bytes) = (algorithm, bytes)
    }

    /// An Ed25519 key.
    public init(_ key: VerifyingKey) { (algorithm, bytes) = (0, key.bytes.bytes) }

    static let bytesMax = 66

    public static func < (a: DeviceKey, b: DeviceKey) -> Bool {
        a.algorithm != b.algorithm ? a.algorithm < b.algorithm : a.bytes.lexicographicallyPrecedes(b.bytes)
    }
}

/// Verifies what devices sign. The rules of consent take it as an argument: which algorithms a device may have is
/// decided where devices are enrolled.
public protocol SignatureCheck: Sendable {
    /// Whether `signature` is that of `key` over `message`. Any doubt is no.
    func accepts(_ signature: [UInt8], over message: [UInt8], by key: DeviceKey) -> Bool
}

/// Knows algorithm 0 alone.
public struct Ed25519Check: SignatureCheck {
    public init() {}
    public func accepts(_ signature: [UInt8], over message: [UInt8], by key: DeviceKey) -> Bool {
        guard key.algorithm == 0, let bytes = Bytes32(key.bytes) else { return false }
        do {
            try VerifyingKey(bytes).verify(signature, over: message)
            return true
        } catch { return false }
    }
}

/// An entry with its signatures: `list(pack, list(signatures))`, as it travels sealed to a Transcryptor.
public struct SignedEntry: Hashable, Sendable {
    public let bytes: [UInt8]
    public let signatures: [[UInt8]]
    /// So many at most: an entry has one or two.
    static let signaturesMax = 4

    public init(_ bytes: [UInt8], signatures: [[UInt8]]) { (self.bytes, self.signatures) = (bytes, signatures) }

    /// - Throws: `length`, `trailing`.
    public init(wire: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: wire, 2)
        bytes = fields[0]
        signatures = try Wire.elements(of: fields[1], maximum: Self.signaturesMax)
    }

    public var wire: [UInt8] { Wire.list([bytes, Wire.list(signatures)]) }

    /// The one signature of an entry that has one.
    /// - Throws: `length` for none or more.
    func onlySignature() throws(Refusal) -> [UInt8] {
        try need(signatures.count == 1, .length)
        return signatures[0]
    }
}
