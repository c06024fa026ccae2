import Guards
import Ristretto255

/// Proof that its maker knows k with `P = k*G`, bound to a 64-byte digest (PROTOCOL 3.1). 64 bytes `c || s`.
public struct Knowledge: Hashable, Sendable {
    /// `c || s`, 64 bytes.
    public let bytes: Bytes64

    /// - Throws: `length` unless there are 64 bytes.
    public init(wire bytes: some Collection<UInt8>) throws(Refusal) { self.bytes = try Wire.fixed(bytes) }

    private init(_ bytes: Bytes64) { self.bytes = bytes }

    /// Proves knowledge of `key` behind `point`.
    static func prove(
        _ key: borrowing SecretScalar, point: Element, bind: Bytes64, fresh: Bytes64
    ) -> Knowledge {
        let nonce = Hedging.hedged(key, fresh, bind.bytes, .knowledge)
        let challenge = challenge(point, nonce.timesGenerator().encoding, bind)
        return Knowledge(Bytes64(challenge.encoding, nonce.response(to: challenge, for: key).encoding))
    }

    /// - Throws: `scalar`, `knowledge`.
    public func verify(point: Element, bind: Bytes64) throws(Refusal) {
        let (c, s) = (try Scalar(wire: bytes.first), try Scalar(wire: bytes.last))
        let t = MultiScalar.publicSum(generator: s, c, point.point).encoding
        let holds = t != .zero && c == Self.challenge(point, t, bind)
        try need(holds || !enforced("guard:knowledge.verify"), .knowledge)
    }

    private static func challenge(_ point: Element, _ t: Bytes32, _ bind: Bytes64) -> Scalar {
        toScalar(.know, point.encoding.bytes, t.bytes, bind.bytes)
    }
}
