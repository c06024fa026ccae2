import PropertySupport
import Ristretto255

@testable import Polymorphic

/// What a lying transcryptor does: the prover of PROTOCOL 3.3 written again from the text, with every value in the
/// hands of the liar. It holds its step secret and its signing key, and nothing of the others.
struct Forge {
    let world: World
    let chain: ChainRequest
    /// The step that lies, from 1.
    let k: Int

    /// `t` of the step, which its holder knows.
    func factor() throws -> Scalar { try world.factor(chain, k).t.withEncoding { try Scalar(decoding: [UInt8]($0)) } }

    var leg: RouteLeg { chain.legs[k - 1] }
    var y: Element { chain.key.element }

    /// `(t*B + r*G, t*C + r*Y)`.
    func output(_ input: Pair, _ t: Scalar, _ r: Scalar) throws -> Pair {
        Pair(
            b: try Element(MultiScalar.publicSum([t, r], [input.b.point, .generator])),
            c: try Element(MultiScalar.publicSum([t, r], [input.c.point, y.point])))
    }

    func seed(_ inputs: [Pair], _ outputs: [Pair]) -> Bytes64 {
        digest(
            .reshuffle, chain.statement(k).digest.bytes, y.encoding.bytes, leg.source.encoding.bytes,
            leg.destination.encoding.bytes, UInt16(inputs.count).bigEndianBytes, inputs.flatMap(\.bytes),
            outputs.flatMap(\.bytes))
    }

    /// The weights of PROTOCOL 3.3: 1, then 128 bits from the seed.
    func weights(_ seed: Bytes64, _ count: Int) -> [Scalar] {
        (0..<count).map { $0 == 0 ? .one : Self.weight(seed.bytes, $0) }
    }

    static func weight(_ source: [UInt8], _ index: Int) -> Scalar {
        let bytes = digest(.weight, source, UInt32(index).bigEndianBytes).bytes.prefix(16)
        return Scalar(weight: bytes.reversed().reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
    }

    /// A proof for these inputs and outputs with a claimed factor and a claimed sum of the r_j. Verifies where the
    /// three equations hold for them, whatever the single items are.
    func proof(
        _ inputs: [Pair], _ outputs: [Pair], factor t: Scalar, sum r: Scalar, weights: [Scalar],
        nonces: (Scalar, Scalar)? = nil
    ) throws -> [UInt8] {
        let seed = seed(inputs, outputs)
        let mb = MultiScalar.publicSum(weights, inputs.map(\.b.point))
        let mc = MultiScalar.publicSum(weights, inputs.map(\.c.point))
        let (k1, k2) = nonces ?? (world.random.scalar(), world.random.scalar())
        let sums = [
            MultiScalar.publicSum([k1], [leg.source.point]), MultiScalar.publicSum([k1, k2], [mb, .generator]),
            MultiScalar.publicSum([k1, k2], [mc, y.point]),
        ].map(\.encoding.bytes)
        let c = toScalar(.challenge, seed.bytes, sums[0], sums[1], sums[2])
        return c.encoding.bytes + (k1 - c * t).encoding.bytes + (k2 - c * r).encoding.bytes
    }

    /// The honest proof of these outputs, for a liar who changes something else.
    func proof(_ inputs: [Pair], _ outputs: [Pair], factor t: Scalar, _ r: [Scalar]) throws -> [UInt8] {
        let weights = weights(seed(inputs, outputs), inputs.count)
        let sum = zip(weights, r).reduce(Scalar.zero) { $0 + $1.0 * $1.1 }
        return try proof(inputs, outputs, factor: t, sum: sum, weights: weights)
    }

    /// A Step of these parts, signed by `signer`, which claims to be from `holder`.
    func step(
        _ inputs: [Pair], _ outputs: [Pair], _ proof: [UInt8], holder: UInt8, signer: borrowing SigningKey,
        number: UInt8? = nil
    ) -> Step {
        let head = [number ?? UInt8(k), holder] + UInt16(outputs.count).bigEndianBytes
        let body = head + outputs.flatMap(\.bytes) + proof
        let signed = pack(
            .stepOut, chain.statement(k).digest.bytes, digest(.inputs, inputs.flatMap(\.bytes)).bytes, body)
        return Step(bytes: body + signer.sign(signed))
    }

    /// The same Step with other bytes, signed again by its maker.
    func resigned(_ step: Step, _ inputs: [Pair], change: (inout [UInt8]) -> Void) -> Step {
        var body = Array(step.bytes.dropLast(64))
        change(&body)
        let signed = pack(
            .stepOut, chain.statement(k).digest.bytes, digest(.inputs, inputs.flatMap(\.bytes)).bytes, body)
        return Step(bytes: body + world.transcryptor(step.bytes[1]).maker.signer.sign(signed))
    }
}

extension Step {
    /// The outputs of a Step.
    func outputs() throws -> [Pair] { try parts().decodedOutputs() }
}

extension ChainRequest {
    /// What the k-th of these steps takes.
    func inputs(of k: Int, _ steps: [Step]) throws -> [Pair] { k == 1 ? inputs : try steps[k - 2].outputs() }
}
