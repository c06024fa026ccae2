import Ristretto255

/// Values that must never repeat and never be predictable, from a secret, 64 fresh random bytes and the statement
/// (PROTOCOL 2.4). A broken generator repeats one only for an identical statement; a predictable one reveals nothing
/// without the secret.
enum Hedging {
    /// The last field of `hedged`: one number for each use.
    enum Use: UInt32 {
        case knowledge = 0
        case reshuffleFactor = 1
        case reshuffleBlinding = 2
        case share = 3
        case samePerson = 4
        case seal = 6
        case encryption = 7
        case blinding = 8
    }

    /// `hedged(k, rand, T, i) = toScalar("nonce", k, rand, T, u32(i))`.
    static func hedged(
        _ key: borrowing SecretScalar, _ fresh: Bytes64, _ transcript: some Collection<UInt8>, _ use: Use
    ) -> SecretScalar {
        var input = FieldExpander(Label.Scalar.nonce)
        input.add(key)
        input.add(fresh)
        input.add(transcript)
        input.add(use.rawValue.bigEndianBytes)
        return input.expander.secretScalar()
    }

    /// `ephemeral(k, rand, i, f1..fn) = hedged(k, rand, digest("ephemeral", f1..fn), i)`.
    static func ephemeral(
        _ key: borrowing SecretScalar, _ fresh: Bytes64, _ use: Use, _ fields: [[UInt8]]
    ) -> SecretScalar {
        hedged(key, fresh, digest(.ephemeral, fields: fields).bytes, use)
    }

    /// e of a seal: the fields are Z, info and the message, which is not copied.
    static func sealEphemeral(
        _ key: borrowing SecretScalar, _ fresh: Bytes64, _ z: Element, _ info: [UInt8],
        _ message: UnsafeRawBufferPointer
    ) -> SecretScalar {
        var statement = FieldDigest(.ephemeral)
        statement.add(z.encoding.bytes)
        statement.add(info)
        statement.add(message)
        return hedged(key, fresh, statement.finish().bytes, .seal)
    }
}
