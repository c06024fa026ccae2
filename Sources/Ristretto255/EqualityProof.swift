import Crypto
import Guards

/// The batched proof of RFC 9497, 2.2 that `U_j = k*Q_j` for all j and `X = k*G`, with A = G.
///
/// The RFC's weight of an item depends on that item only. The caller must therefore put a digest of the whole statement
/// into `context`; otherwise a prover that chooses its errors together forges a batch (PROTOCOL 12.2).
public struct EqualityProof: Sendable, Hashable {
    /// `c || s`, 64 bytes.
    public let bytes: Bytes64

    /// - Parameter bytes: 64 bytes; the scalars inside are decoded by `verify`.
    public init(bytes: Bytes64) { self.bytes = bytes }

    /// Proves that `key` turns every `queries[j]` into the matching answer.
    /// - Parameters:
    ///   - x: `X = key * G`.
    ///   - queries: 1...65,535 points.
    ///   - answers: as many.
    ///   - context: at most 242 bytes, which bind the proof.
    ///   - nonce: fresh for every statement; a repeated one reveals the key.
    /// - Throws: `Failure.length` for other counts or a longer context.
    public static func prove(
        key: borrowing SecretScalar, public x: Element, queries: [Element], answers: [Element], context: [UInt8],
        nonce: borrowing SecretScalar
    ) throws(Failure) -> EqualityProof {
        try check(queries, answers, context)
        let weights = Weights(public: x, queries: queries, answers: answers, context: context)
        let m = MultiScalar.publicSum(weights.scalars, queries.map(\.point))
        let z = key.times(m)
        let t2 = nonce.timesGenerator().encoding
        let t3 = nonce.times(m).encoding
        let challenge = weights.challenge(public: x, m: m.encoding, z: z.encoding, t2: t2, t3: t3)
        return EqualityProof(bytes: Bytes64(challenge.encoding, nonce.response(to: challenge, for: key).encoding))
    }

    /// Verifies the proof. All of it is public, so it runs in variable time.
    /// - Parameters: as of `prove`.
    /// - Throws: `Failure`: why the proof is refused.
    public func verify(
        public x: Element, queries: [Element], answers: [Element], context: [UInt8]
    ) throws(Failure) {
        try Self.check(queries, answers, context)
        let (c, s): (Scalar, Scalar)
        do { (c, s) = (try Scalar(decoding: bytes.first), try Scalar(decoding: bytes.last)) } catch { throw .scalar }
        let weights = Weights(public: x, queries: queries, answers: answers, context: context)
        let digits = Digits(weights.scalars, bits: 253)
        let m = MultiScalar.publicSum(digits, count: queries.count) { queries[$0].point }
        let z = MultiScalar.publicSum(digits, count: answers.count) { answers[$0].point }
        let t2 = MultiScalar.publicSum(generator: s, c, x.point)
        let t3 = MultiScalar.publicSum([s, c], [m, z])
        let sums = [m, z, t2, t3].map(\.encoding)
        if enforced("guard:equality.identity"), sums.contains(.zero) { throw .equality }
        let expected = weights.challenge(public: x, m: sums[0], z: sums[1], t2: sums[2], t3: sums[3])
        if enforced("guard:equality.challenge"), c != expected { throw .equality }
    }

    /// Counts and lengths are two bytes and a tag of at most 255 bytes inside the proof.
    private static func check(_ queries: [Element], _ answers: [Element], _ context: [UInt8]) throws(Failure) {
        guard (1...65_535).contains(queries.count), queries.count == answers.count, context.count <= contextMax else {
            throw .length
        }
    }

    /// So many bytes of a context at most.
    private static let contextMax = 255 - scalarTag.utf8.count
    private static let scalarTag = "HashToScalar-"

    /// Why a proof is refused.
    public enum Failure: Error, Sendable, Hashable {
        /// No item, more than 65,535, not as many answers as queries, or a context of more than 242 bytes.
        case length
        /// A part of the proof is no scalar.
        case scalar
        /// The proof does not hold.
        case equality
    }

    /// ComputeComposites and the challenge: lengths of two bytes, as in the RFC.
    private struct Weights {
        let scalars: [Scalar]
        private let domain: [UInt8]

        init(public x: Element, queries: [Element], answers: [Element], context: [UInt8]) {
            domain = Array(scalarTag.utf8) + context
            var hasher = SHA512()
            hasher.update(data: length(32))
            x.encoding.withBytes { hasher.update(bufferPointer: $0) }
            let seedTag = Array("Seed-".utf8) + context
            hasher.update(data: length(seedTag.count) + seedTag)
            let prefix = length(64) + Array(hasher.finalize())
            var start = MessageExpander(domain: domain)
            start.update(prefix)
            let tail = Array("Composite".utf8)
            scalars = zip(queries, answers).enumerated().map { index, pair in
                var expander = start
                expander.update(length(index) + [0, 32])
                pair.0.encoding.withBytes { expander.update($0) }
                expander.update([0, 32])
                pair.1.encoding.withBytes { expander.update($0) }
                expander.update(tail)
                return expander.scalar()
            }
        }

        func challenge(public x: Element, m: Bytes32, z: Bytes32, t2: Bytes32, t3: Bytes32) -> Scalar {
            var expander = MessageExpander(domain: domain)
            for point in [x.encoding, m, z, t2, t3] {
                expander.update([0, 32])
                point.withBytes { expander.update($0) }
            }
            expander.update(Array("Challenge".utf8))
            return expander.scalar()
        }
    }
}

/// I2OSP(n, 2).
private func length(_ n: Int) -> [UInt8] { [UInt8(n >> 8), UInt8(n & 255)] }
