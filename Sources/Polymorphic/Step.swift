import Guards
import Ristretto255

/// What a chain of steps is to do: which persons, under which Request, from which domain to which (PROTOCOL 8).
public struct ChainRequest: Sendable {
    /// `rd`, the digest of the Request; it stands in every proof.
    public let requestDigest: Bytes64
    /// Where the inputs hold: base, or a party in an epoch.
    public let source: Domain
    /// Where the outputs are to hold.
    public let destination: Domain
    let legs: [RouteLeg]
    let key: ClassKey<PSN>
    let inputs: [Pair]

    /// From base: the presented pseudonym of one person.
    /// - Parameter legs: the pinned route, with the published factor points of the two domains.
    public init(
        requestDigest: Bytes64, presented: PolymorphicPseudonym, to destination: Domain, legs: [RouteLeg],
        key: ClassKey<PSN>
    ) {
        self.init(requestDigest, .base, destination, legs, key, [presented.pair])
    }

    /// From a party's own domain: the pairs that it holds tokens for.
    public init(
        requestDigest: Bytes64, held: [EncryptedPseudonym], at source: Domain, to destination: Domain,
        legs: [RouteLeg], key: ClassKey<PSN>
    ) {
        self.init(requestDigest, source, destination, legs, key, held.map(\.pair))
    }

    init(
        _ requestDigest: Bytes64, _ source: Domain, _ destination: Domain, _ legs: [RouteLeg], _ key: ClassKey<PSN>,
        _ inputs: [Pair]
    ) {
        (self.requestDigest, self.source, self.destination) = (requestDigest, source, destination)
        (self.legs, self.key, self.inputs) = (legs, key, inputs)
    }

    /// `stmt = digest("step", rd, u8(k), step_id, src, u32(epoch), dst, u32(epoch))`, k from 1.
    func statement(_ k: Int) -> ReshuffleProof.Statement {
        let leg = legs[k - 1]
        let statement = digest(
            .step, requestDigest.bytes, [UInt8(k)], leg.step.id.bytes, source.partyBytes,
            source.epoch.bigEndianBytes, destination.partyBytes, destination.epoch.bigEndianBytes)
        return ReshuffleProof.Statement(
            key: key, source: leg.source, destination: leg.destination, digest: statement)
    }
}

/// One signed step: `u8 k || u8 i || u16 m || m x (B'||C') || proof 96 || sig 64`. 164 + 64m bytes.
public struct Step: Hashable, Sendable {
    /// The bytes of the wire.
    public let bytes: [UInt8]

    /// Bytes from another transcryptor; nothing is claimed of them.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Makes step k of a chain: reshuffles the outputs of the step before (which are not verified here: a step on a
    /// wrong input shows nothing, PROTOCOL 12.5) and signs.
    /// - Parameters:
    ///   - before: the steps so far, in order.
    ///   - holder: the index of the maker.
    ///   - factor: of this leg and these domains.
    /// - Throws: `chain incomplete`, `route`, `length`, `point`.
    public init(
        _ chain: ChainRequest, after before: [Step], holder: UInt8, factor: StepFactor,
        signer: borrowing SigningKey, fresh: Bytes64
    ) throws(Refusal) {
        let k = before.count + 1
        try need(chain.legs.count <= Route.stepsMax, .route)
        try need(k <= chain.legs.count, .chainIncomplete)
        let leg = chain.legs[k - 1]
        try need(leg == factor.leg && leg.step.holders.contains(holder), .route)
        let inputs = try before.last.map { (step) throws(Refusal) in try step.parts().decodedOutputs() } ?? chain.inputs
        try need(inputs.count == chain.inputs.count, .length)
        let statement = chain.statement(k)
        let (outputs, proof) = try ReshuffleProof.reshuffle(inputs, by: factor.t, statement, fresh: fresh)
        let head = [UInt8(k), holder] + UInt16(outputs.count).bigEndianBytes
        let body = head + Pair.flat(outputs) + proof.bytes
        bytes = body + signer.sign(Self.signed(statement.digest, inputs, body))
    }

    /// `pack("step-out", stmt, digest("inputs", all B||C), everything before sig)`.
    static func signed(_ statement: Bytes64, _ inputs: [Pair], _ body: [UInt8]) -> [UInt8] {
        pack(.stepOut, statement.bytes, digest(.inputs, Pair.flat(inputs)).bytes, body)
    }

    struct Parts {
        let k: UInt8
        let holder: UInt8
        let outputs: ArraySlice<UInt8>
        let proof: ArraySlice<UInt8>
        let body: [UInt8]
        let signature: ArraySlice<UInt8>

        func decodedOutputs() throws(Refusal) -> [Pair] {
            var pairs: [Pair] = []
            pairs.reserveCapacity(outputs.count / 64)
            for start in Swift.stride(from: outputs.startIndex, to: outputs.endIndex, by: 64) {
                do { pairs.append(try Pair(wire: outputs[start..<start + 64])) } catch { throw error.at(pairs.count) }
            }
            return pairs
        }
    }

    /// - Throws: `length` unless there are exactly 164 + 64m bytes, 1...256 items.
    func parts() throws(Refusal) -> Parts {
        try need(bytes.count >= 4, .length)
        let m = Int(bytes[2]) << 8 | Int(bytes[3])
        try need((1...ReshuffleProof.itemsMax).contains(m) && bytes.count == 164 + 64 * m, .length)
        let (end, body) = (4 + 64 * m, 100 + 64 * m)
        return Parts(
            k: bytes[0], holder: bytes[1], outputs: bytes[4..<end], proof: bytes[end..<body],
            body: Array(bytes[..<body]), signature: bytes[body...])
    }
}
