import Guards
import Ristretto255

/// The secret of one step, from which the factor of every party follows (PROTOCOL 4.3).
public struct StepSecret: ~Copyable, Sendable {
    private let key: SecretBytes

    /// - Parameter key: 32 secret bytes.
    public init(_ key: consuming SecretBytes) {
        precondition(key.count == 32, "a step secret has 32 bytes")
        self.key = key
    }

    /// Lends k, 32 bytes, for the key file of its holder.
    public borrowing func withSecret<R: ~Copyable>(_ body: (UnsafeRawBufferPointer) -> R) -> R { key.withBytes(body) }

    /// `k = digest("step-key", k', k'')[0:32]`: one half from each of two holders, in the order of their indexes.
    /// - Parameters: 32 secret bytes each.
    public init(halves first: borrowing SecretBytes, _ second: borrowing SecretBytes) {
        key = secretDigest(.stepKey, count: 32) { fields in
            fields.add(first)
            fields.add(second)
        }
    }

    /// `k = digest("step-key", k1 .. kh)[0:32]`: a part from each holder of a step that has more than two.
    init(parts: [StepPart]) {
        key = secretDigest(.stepKey, count: 32) { fields in for part in parts { fields.add(part.bytes) } }
    }

    /// `s = LE(mac(k, "factor", X, u32(e), u8(ctr))) mod L`, ctr from 0 until s > 1; 1 for base.
    public borrowing func factor(for domain: Domain) -> SecretScalar {
        guard case .party(let party, let epoch) = domain else { return SecretScalar(public: .one) }
        for counter in UInt8.min...UInt8.max {
            let wide = secretMAC(key, .factor, count: 64, party.bytes, epoch.bigEndianBytes, [counter])
            let s = wide.withBytes { SecretScalar(reducing: $0) }
            if !s.isZeroOrOne { return s }
        }
        preconditionFailure("256 hashes in a row were 0 or 1")
    }

    /// `S = s*G`, published once for every step, party and epoch.
    public borrowing func factorPoint(for domain: Domain) throws(Refusal) -> Element {
        try Element(computed: factor(for: domain).timesGenerator())
    }
}

/// `t = s_dst / s_src` of one step between two domains, checked against the published points once and then kept.
public final class StepFactor: Sendable {
    /// The step and its published points.
    public let leg: RouteLeg
    let t: SecretScalar

    /// - Throws: `route` where the secret does not give the published points: then it is the wrong secret, or epoch.
    public init(
        _ secret: borrowing StepSecret, from source: Domain, to destination: Domain, leg: RouteLeg
    ) throws(Refusal) {
        let from = secret.factor(for: source)
        let to = secret.factor(for: destination)
        let fits = from.timesGenerator() == leg.source.point && to.timesGenerator() == leg.destination.point
        try need(fits || !enforced("guard:step.ownfactor"), .route)
        self.leg = leg
        t = to.times(from.inverse())
    }
}
