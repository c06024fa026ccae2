import Guards
import Polymorphic
import Ristretto255

/// One transcryptor's part of a new person's pseudonym: an encryption of a point that it forgets (PROTOCOL 5, step 1).
public struct EnrolmentContribution: Hashable, Sendable {
    public let ciphertext: PolymorphicPseudonym
    public let proof: Knowledge

    static func bind(_ enrolID: Bytes16, _ transcryptor: PartyID, _ c: Element) -> Bytes64 {
        digest(.enrol, enrolID.bytes, transcryptor.bytes, c.encoding.bytes)
    }

    /// Draws a contribution; the point and its randomness are gone when this returns.
    /// - Parameters:
    ///   - z: the transcryptor's own.
    ///   - fresh: 64 random bytes each for the point, the encryption and the proof.
    public init(
        enrolID: Bytes16, transcryptor: PartyID, z: borrowing SecretScalar, key: ClassKey<PSN>,
        fresh: (Bytes64, Bytes64, Bytes64)
    ) throws(Refusal) {
        let made = try key.contribution(enrolID: enrolID, z: z, fresh: (fresh.0, fresh.1))
        let sum = made.ciphertext
        ciphertext = sum
        proof = made.prove(bind: Self.bind(enrolID, transcryptor, sum.pair.c), fresh: fresh.2)
    }

    public init(ciphertext: PolymorphicPseudonym, proof: Knowledge) {
        (self.ciphertext, self.proof) = (ciphertext, proof)
    }

    /// - Throws: `knowledge`, `scalar`.
    public func verify(enrolID: Bytes16, transcryptor: PartyID) throws(Refusal) {
        guard enforced("guard:enrolment.contribution") else { return }
        let pair = ciphertext.pair
        try proof.verify(point: pair.b, bind: Self.bind(enrolID, transcryptor, pair.c))
    }
}

/// The pseudonym of a new person and the first device's key, signed by every transcryptor (PROTOCOL 5, step 2).
public struct Enrolment: Hashable, Sendable {
    public let enrolID: Bytes16
    public let pseudonym: PolymorphicPseudonym
    /// SHA-512 of the signing key that the first device made.
    public let keyHash: Bytes64

    public init(enrolID: Bytes16, pseudonym: PolymorphicPseudonym, keyHash: Bytes64) {
        (self.enrolID, self.pseudonym, self.keyHash) = (enrolID, pseudonym, keyHash)
    }

    /// - Throws: `label`, `length`, `trailing`, `point`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.enrolment, bytes, 3)
        enrolID = try Wire.fixed(fields[0])
        pseudonym = try PolymorphicPseudonym(wire: fields[1])
        keyHash = try Wire.fixed(fields[2])
    }

    /// Verifies all contributions and adds them up.
    /// - Parameter transcryptors: in index order.
    /// - Throws: `participants` unless there is one of each; `knowledge` with the index.
    public init(
        enrolID: Bytes16, contributions: [EnrolmentContribution], by transcryptors: [PartyID], keyHash: Bytes64
    ) throws(Refusal) {
        try need(contributions.count == transcryptors.count, .participants)
        var (b, c) = (Point.identity, Point.identity)
        for (index, contribution) in contributions.enumerated() {
            do {
                try contribution.verify(enrolID: enrolID, transcryptor: transcryptors[index])
            } catch { throw Refusal(error.code, at: index + 1) }
            b = b + contribution.ciphertext.pair.b.point
            c = c + contribution.ciphertext.pair.c.point
        }
        let pair: Pair
        do { pair = Pair(b: try Element(b), c: try Element(c)) } catch { throw Refusal(.point) }
        self.init(enrolID: enrolID, pseudonym: try PolymorphicPseudonym(wire: pair.bytes), keyHash: keyHash)
    }

    public var bytes: [UInt8] { pack(.enrolment, enrolID.bytes, pseudonym.bytes, keyHash.bytes) }
}
