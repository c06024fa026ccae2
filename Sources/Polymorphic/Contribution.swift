import Ristretto255

/// A contribution to a new person's pseudonym with its randomness, which is wiped with it.
public struct MadeContribution: ~Copyable {
    /// `(B_i, C_i)`, 64 bytes.
    public let ciphertext: PolymorphicPseudonym
    private let encrypted: Encrypted

    init(_ encrypted: consuming Encrypted) {
        ciphertext = PolymorphicPseudonym(encrypted.pair)
        self.encrypted = encrypted
    }

    /// Proves that its maker knows what it encrypted with; from here on nobody does.
    public consuming func prove(bind: Bytes64, fresh: Bytes64) -> Knowledge {
        Knowledge.prove(encrypted.r, point: encrypted.pair.b, bind: bind, fresh: fresh)
    }
}

extension ClassKey where Class == PSN {
    /// `R = toPoint("base", z, rand, enrol_id)`, encrypted (PROTOCOL 5, step 1).
    /// - Throws: `point` where a result is the identity.
    public func contribution(
        enrolID: Bytes16, z: borrowing SecretScalar, fresh: (Bytes64, Bytes64)
    ) throws(Refusal) -> MadeContribution {
        var input = FieldExpander(Label.Point.base)
        input.add(z)
        input.add(fresh.0)
        input.add(enrolID)
        return MadeContribution(try encrypt(input.expander.point(), key: z, fresh: fresh.1))
    }
}
