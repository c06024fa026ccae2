import Crypto

/// The verifiable oblivious pseudorandom function of RFC 9497, VOPRF(ristretto255, SHA-512): the server evaluates a
/// keyed hash without seeing its input, and proves that it used its published key.
public enum VOPRF {
    /// `"OPRFV1-" || I2OSP(1, 1) || "-ristretto255-SHA512"`.
    static let context: [UInt8] = Array("OPRFV1-".utf8) + [1] + Array("-ristretto255-SHA512".utf8)

    /// Why an evaluation is refused.
    public enum Failure: Error, Sendable, Hashable {
        /// The input maps to the identity, which nobody can bring about on purpose.
        case input
        /// A message is no point, or is the identity.
        case point
        /// The proof does not hold, or there is not one evaluation for each of 1...65,535 messages.
        case proof
    }

    /// The input of a client, hidden from the server by a factor that only the client knows.
    public struct Blinded: ~Copyable, Sendable {
        /// What the server receives, 32 bytes.
        public let message: Element
        let factor: SecretScalar
        let input: [UInt8]
    }

    /// Derives a key pair from 32 bytes of seed and at most 65,535 bytes of public information (RFC 9497, 3.2.1).
    public static func deriveKey(seed: borrowing SecretBytes, info: [UInt8]) -> SecretScalar {
        precondition(seed.count == 32 && info.count <= 65_535, "a seed has 32 bytes, info at most 65,535")
        for counter in UInt8.min...UInt8.max {
            var expander = MessageExpander(domain: Array("DeriveKeyPair".utf8) + context)
            seed.withBytes { expander.update($0) }
            expander.update(twoBytes(info.count) + info + [counter])
            let key = expander.secretScalar()
            if !key.isZeroOrOne { return key }
        }
        preconditionFailure("256 hashes in a row were 0 or 1")
    }

    /// Blinds an input of at most 65,535 bytes.
    public static func blind(_ input: [UInt8], by factor: consuming SecretScalar) throws(Failure) -> Blinded {
        guard input.count <= 65_535 else { throw .input }
        let point = hashToGroup(input)
        guard !point.isIdentity else { throw .input }
        do { return Blinded(message: try Element(factor.times(point)), factor: factor, input: input) } catch {
            throw .input
        }
    }

    /// Evaluates blinded messages under `key` and proves it (RFC 9497, 3.3.2).
    /// - Parameters:
    ///   - messages: 1...65,535 of them.
    ///   - publicKey: `key * G`.
    ///   - nonce: fresh for every call.
    /// - Throws: `Failure.proof` for another number of messages, `Failure.point` where a result is the identity.
    public static func evaluate(
        _ messages: [Element], key: borrowing SecretScalar, publicKey: Element, nonce: borrowing SecretScalar
    ) throws(Failure) -> (evaluated: [Element], proof: EqualityProof) {
        guard (1...65_535).contains(messages.count) else { throw .proof }
        var evaluated: [Element] = []
        do { for message in messages { evaluated.append(try Element(key.times(message.point))) } } catch {
            throw .point
        }
        do {
            let proof = try EqualityProof.prove(
                key: key, public: publicKey, queries: messages, answers: evaluated, context: context, nonce: nonce)
            return (evaluated, proof)
        } catch { throw .proof }
    }

    /// Verifies the server's proof, then takes the blinding away.
    /// - Returns: the output for one input, 64 bytes.
    public static func finalize(
        _ blinded: borrowing Blinded, evaluated: Element, proof: EqualityProof, publicKey: Element
    ) throws(Failure) -> Bytes64 {
        do {
            try proof.verify(public: publicKey, queries: [blinded.message], answers: [evaluated], context: context)
        } catch { throw .proof }
        return output(blinded.input, blinded.factor.inverse().times(evaluated.point).encoding)
    }

    /// What the holder of the key computes for an input that it knows itself.
    public static func evaluate(input: [UInt8], key: borrowing SecretScalar) throws(Failure) -> Bytes64 {
        guard input.count <= 65_535 else { throw .input }
        let point = hashToGroup(input)
        guard !point.isIdentity else { throw .input }
        return output(input, key.times(point).encoding)
    }

    private static func hashToGroup(_ input: [UInt8]) -> Point {
        var expander = MessageExpander(domain: Array("HashToGroup-".utf8) + context)
        expander.update(input)
        return expander.point()
    }

    private static func output(_ input: [UInt8], _ element: Bytes32) -> Bytes64 {
        var hasher = SHA512()
        hasher.update(data: twoBytes(input.count) + input + [0, 32])
        element.withBytes { hasher.update(bufferPointer: $0) }
        hasher.update(data: Array("Finalize".utf8))
        return hasher.finalize().withUnsafeBytes { raw in Bytes64 { $0.copyMemory(from: raw) } }
    }

    private static func twoBytes(_ n: Int) -> [UInt8] { [UInt8(n >> 8), UInt8(n & 255)] }
}
