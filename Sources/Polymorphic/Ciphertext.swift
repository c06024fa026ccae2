import Ristretto255

/// Which of the two class keys something is encrypted under.
public protocol KeyClass: Sendable {
    /// The byte of the class on the wire.
    static var byte: UInt8 { get }
}
/// Pseudonyms: can be reshuffled, one party's into another's.
public enum PSN: KeyClass { public static let byte: UInt8 = 1 }
/// Record keys: cannot be reshuffled, so that data never turns into an identifier.
public enum KEM: KeyClass { public static let byte: UInt8 = 2 }

/// Where the plaintext of a ciphertext belongs.
public protocol Scope: Sendable {}
/// The base point P of a person, which nobody knows.
public enum AtBase: Scope {}
/// The pseudonym `s_X * P` of a person at one party.
public enum AtParty: Scope {}
/// The key of one record.
public enum OfRecord: Scope {}

/// Two group elements on the wire, `B || C`, 64 bytes. Without a claim of what they encrypt.
public struct Pair: Hashable, Sendable, BitwiseCopyable {
    /// `B = r*G`.
    public let b: Element
    /// `C = M + r*Y`.
    public let c: Element

    /// Joins two decoded points.
    public init(b: Element, c: Element) { (self.b, self.c) = (b, c) }

    /// Decodes 64 bytes.
    /// - Throws: `length`, then `point`.
    public init(wire bytes: some Collection<UInt8>) throws(Refusal) {
        try need(bytes.count == 64, .length)
        b = try Element(wire: bytes.prefix(32))
        c = try Element(wire: bytes.dropFirst(32))
    }

    /// `B || C`.
    public var bytes: [UInt8] { Element.encode(batch: [b, c]) }

    /// All `B || C` one after another.
    static func flat(_ pairs: [Pair]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(64 * pairs.count)
        for pair in pairs {
            pair.b.encoding.withBytes { out.append(contentsOf: $0) }
            pair.c.encoding.withBytes { out.append(contentsOf: $0) }
        }
        return out
    }

    /// `blind((B,C), d) = (B + d*G, C + d*Y)`.
    /// - Throws: `point` where a sum is the identity.
    func blinded(by d: borrowing SecretScalar, _ y: FixedBase) throws(Refusal) -> Pair {
        Pair(
            b: try Element(computed: b.point + d.timesGenerator()), c: try Element(computed: c.point + d.times(y)))
    }
}

/// An ElGamal encryption `(r*G, M + r*Y)` of class `Class` whose plaintext belongs to `S` (PROTOCOL 2.1).
///
/// The compiler keeps apart what the algebra would mix: a record key has no reshuffle, a base ciphertext is not a
/// party's.
public struct Ciphertext<Class: KeyClass, S: Scope>: Hashable, Sendable {
    /// `(B, C)`, without the claim of the type.
    public let pair: Pair

    /// A pair that is already decoded. The type is the caller's claim; proofs decide whether it holds.
    public init(_ pair: Pair) { self.pair = pair }

    /// Decodes `B || C`, 64 bytes. The type is the caller's claim; proofs decide whether it holds.
    /// - Throws: `length`, `point`.
    public init(wire bytes: some Collection<UInt8>) throws(Refusal) { pair = try Pair(wire: bytes) }

    /// `B || C`, 64 bytes.
    public var bytes: [UInt8] { pair.bytes }
}

/// `PP`: the base point of a person, encrypted. What a device and a registry hold.
public typealias PolymorphicPseudonym = Ciphertext<PSN, AtBase>
/// The pseudonym of a person at one party, encrypted.
public typealias EncryptedPseudonym = Ciphertext<PSN, AtParty>
/// The key of a record, encrypted.
public typealias EncryptedRecordKey = Ciphertext<KEM, OfRecord>

/// The public key of one class, with its table.
public struct ClassKey<Class: KeyClass>: Sendable {
    /// `Y = y*G`.
    public let element: Element
    let base: FixedBase

    /// Makes the table of Y, 9 KiB.
    public init(_ element: Element) { (self.element, base) = (element, FixedBase(element)) }

    /// Encrypts `point` with r by PROTOCOL 2.4 from `key` (the maker's own z).
    /// - Throws: `point` where a result is the identity.
    func encrypt(_ point: Point, key: borrowing SecretScalar, fresh: Bytes64) throws(Refusal) -> Encrypted {
        let r = Hedging.ephemeral(key, fresh, .encryption, [element.encoding.bytes, point.encoding.bytes])
        let b = try Element(computed: r.timesGenerator())
        let c = try Element(computed: point + r.times(base))
        return Encrypted(pair: Pair(b: b, c: c), r: r)
    }
}

/// A fresh encryption and its randomness, which its maker needs for a proof.
struct Encrypted: ~Copyable {
    let pair: Pair
    let r: SecretScalar
}

extension Ciphertext where Class == PSN {
    /// The same plaintext, blinded again by a d that its maker kept.
    /// - Throws: `point` where a sum is the identity.
    public func blinded(under y: ClassKey<PSN>, by d: borrowing SecretScalar) throws(Refusal) -> Self {
        Self(try pair.blinded(by: d, y.base))
    }

    /// The same plaintext under other randomness, `blind`, with d by PROTOCOL 2.4.
    /// - Parameters:
    ///   - key: the maker's own z.
    ///   - use: the exchange id, or enrol id and index for the pairs of a row.
    /// - Throws: `point` where a sum is the identity.
    public func blinded(
        under y: ClassKey<PSN>, key: borrowing SecretScalar, fresh: Bytes64, use: [UInt8]
    ) throws(Refusal) -> Blinded<S> {
        let d = Hedging.ephemeral(key, fresh, .blinding, [y.element.encoding.bytes, bytes, use])
        return Blinded(ciphertext: Self(try pair.blinded(by: d, y.base)), blinding: d)
    }
}

/// A blinded pseudonym and d, which its maker needs for the same-person proof.
public struct Blinded<S: Scope>: ~Copyable, Sendable {
    /// The blinded pair.
    public let ciphertext: Ciphertext<PSN, S>
    /// d, secret: with it the two pairs are linked.
    public let blinding: SecretScalar
}

/// A person as one party knows the person: one group element, different at every party. Not printable, not `Codable`.
public struct Pseudonym: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// 32 bytes, for the party's own store.
    public let encoding: Bytes32

    init(_ element: Element) { encoding = element.encoding }

    /// A pseudonym as the party's own store kept it.
    /// - Throws: `point`.
    public init(stored encoding: Bytes32) throws(Refusal) { self.init(try Element(wire: encoding.bytes)) }

    /// The name of the type: a pseudonym is not printed by accident.
    public var description: String { "Pseudonym" }
    /// Empty, for the same reason.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
