import Guards
import Ristretto255

/// `"warifu/v1/dleq-" || digest`: the context of an Equality proof (PROTOCOL 3.2).
public func equalityContext(_ statement: Bytes64) -> [UInt8] { Label.Equality.dleq.bytes + statement.bytes }

extension EqualityProof {
    /// - Throws: `length` unless there are 64 bytes.
    init(wire bytes: some Collection<UInt8>) throws(Refusal) { self.init(bytes: try Wire.fixed(bytes)) }

    /// Verifies with the codes of PROTOCOL 14.
    func check(public x: Element, queries: [Element], answers: [Element], context: [UInt8]) throws(Refusal) {
        do { try verify(public: x, queries: queries, answers: answers, context: context) } catch {
            throw Refusal(error)
        }
    }
}

extension Refusal {
    init(_ failure: EqualityProof.Failure) {
        switch failure {
        case .length: self.init(Code.length)
        case .scalar: self.init(Code.scalar)
        case .equality: self.init(Code.equality)
        }
    }
}

/// Proof that two pairs encrypt the same point: Equality with `X = B' - B`, `Q = Y_psn`, `U = C' - C` (PROTOCOL 3.2).
public struct SamePerson: Hashable, Sendable {
    /// The Equality proof inside.
    public let proof: EqualityProof

    /// - Throws: `length` unless there are 64 bytes.
    public init(wire bytes: some Collection<UInt8>) throws(Refusal) { proof = try EqualityProof(wire: bytes) }

    private init(_ proof: EqualityProof) { self.proof = proof }

    /// 64 bytes.
    public var bytes: [UInt8] { proof.bytes.bytes }

    /// Proves that `to = blind(from, k)`.
    /// - Parameter context: what the proof is bound to; `warifu/v1/dleq-` and a digest of the statement.
    public static func prove(
        blinding k: borrowing SecretScalar, under y: ClassKey<PSN>, context: [UInt8], fresh: Bytes64
    ) throws(Refusal) -> SamePerson {
        let x = try Element(computed: k.timesGenerator())
        let answer = try Element(computed: k.times(y.base))
        let nonce = Hedging.hedged(k, fresh, context, .samePerson)
        do {
            return SamePerson(
                try EqualityProof.prove(
                    key: k, public: x, queries: [y.element], answers: [answer], context: context, nonce: nonce))
        } catch { throw Refusal(error) }
    }

    /// - Throws: `point` where a difference is the identity, `scalar`, `equality`.
    public func verify(from: Pair, to: Pair, under y: Element, context: [UInt8]) throws(Refusal) {
        let x = try Element(computed: to.b.point - from.b.point)
        let answer = try Element(computed: to.c.point - from.c.point)
        guard enforced("guard:sameperson.verify") else { return }
        try proof.check(public: x, queries: [y], answers: [answer], context: context)
    }
}
