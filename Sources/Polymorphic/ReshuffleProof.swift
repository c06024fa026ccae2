import Guards
import Ristretto255

/// Proof that a whole batch was turned by one factor and rerandomised (PROTOCOL 3.3): there are t and r_j with
/// `S_b = t*S_a`, `B'_j = t*B_j + r_j*G`, `C'_j = t*C_j + r_j*Y`. 96 bytes `c || z1 || z2`.
struct ReshuffleProof: Hashable, Sendable {
    /// A batch has 1 to 256 items.
    static let itemsMax = 256

    let c: Bytes32
    let z1: Bytes32
    let z2: Bytes32

    var bytes: [UInt8] { c.bytes + z1.bytes + z2.bytes }

    private init(_ c: Scalar, _ z1: Scalar, _ z2: Scalar) {
        (self.c, self.z1, self.z2) = (c.encoding, z1.encoding, z2.encoding)
    }

    /// - Throws: `length` unless there are 96 bytes.
    init(wire bytes: some Collection<UInt8>) throws(Refusal) {
        var reader = WireReader(bytes)
        c = try reader.fixed(orRefuse: .length)
        z1 = try reader.fixed(orRefuse: .length)
        z2 = try reader.fixed(orRefuse: .length)
        try need(reader.isAtEnd, .length)
    }

    /// What a step claims, apart from its inputs and outputs.
    struct Statement: Sendable {
        let key: ClassKey<PSN>
        /// `S_a`, the published factor point of the source; G for base.
        let source: Element
        /// `S_b`, that of the destination.
        let destination: Element
        /// `stmt`, which names Request, step and domains.
        let digest: Bytes64

        func seed(_ inputs: [Pair], _ outputs: [Pair]) -> Bytes64 {
            Polymorphic.digest(
                .reshuffle, digest.bytes, key.element.encoding.bytes, source.encoding.bytes,
                destination.encoding.bytes, UInt16(inputs.count).bigEndianBytes, Pair.flat(inputs), Pair.flat(outputs))
        }
    }

    /// Reshuffles a batch by `factor` and proves it.
    /// - Throws: `length` for a count outside 1...256, `point` where an output would be the identity.
    static func reshuffle(
        _ inputs: [Pair], by factor: borrowing SecretScalar, _ statement: Statement, fresh: Bytes64
    ) throws(Refusal) -> (outputs: [Pair], proof: ReshuffleProof) {
        try need((1...itemsMax).contains(inputs.count), .length)
        let common = rerandomisation(inputs, factor, statement, fresh)
        let r = SecretScalars(count: inputs.count) { index in
            var input = common
            input.add(UInt32(index).bigEndianBytes)
            return input.expander
        }
        var outputs: [Pair] = []
        outputs.reserveCapacity(inputs.count)
        for (index, pair) in inputs.enumerated() {
            let b = factor.times(pair.b.point) + r.times(.generator, at: index)
            let c = factor.times(pair.c.point) + r.times(statement.key.base, at: index)
            outputs.append(Pair(b: try Element(computed: b), c: try Element(computed: c)))
        }
        return (outputs, prove(inputs, outputs, factor, r, statement, fresh))
    }

    /// The hash state that all `r_j` share: `toScalar("rerandom", t, rand, stmt, Y, digest("inputs", ..), u32(j))`.
    private static func rerandomisation(
        _ inputs: [Pair], _ factor: borrowing SecretScalar, _ statement: Statement, _ fresh: Bytes64
    ) -> FieldExpander {
        var common = FieldExpander(Label.Scalar.rerandom)
        common.add(factor)
        common.add(fresh)
        common.add(statement.digest)
        common.add(statement.key.element.encoding)
        common.add(digest(.inputs, Pair.flat(inputs)))
        return common
    }

    private static func prove(
        _ inputs: [Pair], _ outputs: [Pair], _ factor: borrowing SecretScalar, _ r: borrowing SecretScalars,
        _ statement: Statement, _ fresh: Bytes64
    ) -> ReshuffleProof {
        let seed = statement.seed(inputs, outputs)
        let weights = weights(seed, inputs, outputs)
        let digits = Digits(weights, bits: weightBits)
        let mb = MultiScalar.publicSum(digits, count: inputs.count) { inputs[$0].b.point }
        let mc = MultiScalar.publicSum(digits, count: inputs.count) { inputs[$0].c.point }
        let k1 = Hedging.hedged(factor, fresh, seed.bytes, .reshuffleFactor)
        let k2 = Hedging.hedged(factor, fresh, seed.bytes, .reshuffleBlinding)
        let t1 = k1.times(statement.source.point)
        let t2 = k1.times(mb) + k2.timesGenerator()
        let t3 = k1.times(mc) + k2.times(statement.key.base)
        let c = challenge(seed, [t1, t2, t3].map(\.encoding))
        return ReshuffleProof(c, k1.response(to: c, for: factor), k2.response(to: c, for: r.weightedSum(weights)))
    }

    /// Verifies a batch whose points are already decoded.
    /// - Returns: the seed, by which later structures name this batch.
    /// - Throws: `length`, `scalar`, `same domain`, `reshuffle`.
    func verify(_ inputs: [Pair], _ outputs: [Pair], _ statement: Statement) throws(Refusal) -> Bytes64 {
        try need((1...Self.itemsMax).contains(inputs.count) && inputs.count == outputs.count, .length)
        let (c, z1, z2) = (try Scalar(wire: c), try Scalar(wire: z1), try Scalar(wire: z2))
        try need(statement.source != statement.destination || !enforced("guard:reshuffle.samedomain"), .sameDomain)
        let seed = statement.seed(inputs, outputs)
        let digits = Digits(Self.weights(seed, inputs, outputs), bits: Self.weightBits)
        let count = inputs.count
        let mb = MultiScalar.publicSum(digits, count: count) { inputs[$0].b.point }
        let mc = MultiScalar.publicSum(digits, count: count) { inputs[$0].c.point }
        let nb = MultiScalar.publicSum(digits, count: count) { outputs[$0].b.point }
        let nc = MultiScalar.publicSum(digits, count: count) { outputs[$0].c.point }
        let t1 = MultiScalar.publicSum([z1, c], [statement.source.point, statement.destination.point])
        let t2 = MultiScalar.publicSum([z1, c], [mb, nb]) + FixedBase.generator.times(z2)
        let t3 = MultiScalar.publicSum([z1, c], [mc, nc]) + statement.key.base.times(z2)
        let sums = [t1, t2, t3].map(\.encoding)
        let nothing = [mb, mc, nb, nc].contains(where: \.isIdentity) || sums.contains(.zero)
        try need(!nothing || !enforced("guard:reshuffle.identity"), .reshuffle)
        try need(c == Self.challenge(seed, sums) || !enforced("guard:reshuffle.challenge"), .reshuffle)
        return seed
    }

    private static let weightBits = 128

    /// `d_0 = 1`, `d_j` of 128 bits from the whole statement: were they from item j alone, a prover could choose its
    /// errors together so that they cancel (PROTOCOL 12.2).
    static func weights(_ seed: Bytes64, _ inputs: [Pair], _ outputs: [Pair]) -> [Scalar] {
        (0..<inputs.count).map { index in
            guard index > 0 else { return .one }
            var source = seed.bytes
            if !enforced("guard:reshuffle.weights") { source = Pair.flat([inputs[index], outputs[index]]) }
            let hash = digest(.weight, source, UInt32(index).bigEndianBytes)
            return Scalar(weight: hash.withBytes { $0.loadUnaligned(as: UInt128.self) }.littleEndian)
        }
    }

    private static func challenge(_ seed: Bytes64, _ sums: [Bytes32]) -> Scalar {
        toScalar(.challenge, seed.bytes, sums[0].bytes, sums[1].bytes, sums[2].bytes)
    }
}
