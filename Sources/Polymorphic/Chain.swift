import Guards
import Ristretto255

/// A whole chain, every step verified: its outputs are encryptions of the destination's own pseudonyms. Only `verify`
/// makes one, and only this type has Shares.
public struct VerifiedChain: Sendable {
    /// `rd` of the Request, 64 bytes.
    public let requestDigest: Bytes64
    /// Where the inputs held.
    public let source: Domain
    /// Where the outputs hold.
    public let destination: Domain
    /// One for each input, in order.
    public let outputs: [EncryptedPseudonym]
    /// The seed of the last step, by which Shares name this chain.
    public let origin: Bytes64
    /// `Y_psn`, under which the outputs are encrypted.
    let key: Element

    init(_ chain: ChainRequest, _ outputs: [Pair], _ origin: Bytes64) {
        (requestDigest, source, destination) = (chain.requestDigest, chain.source, chain.destination)
        (self.outputs, self.origin, key) = (outputs.map(EncryptedPseudonym.init), origin, chain.key.element)
    }

    /// The outputs of the items that are permitted.
    func permitted(_ permits: [Bool]) throws(Refusal) -> [EncryptedPseudonym] {
        try need(permits.count == outputs.count, .length)
        return zip(outputs, permits).filter(\.1).map(\.0)
    }
}

extension ChainRequest {
    /// `chainVerify` of PROTOCOL 8.
    /// - Parameter keys: the signing key of each transcryptor by index.
    /// - Throws: with the number of the step: `route`, `chain incomplete`, `length`, `signature` (the sender is at
    ///   fault: also another order or holder), `point`, `scalar`, `same domain`, `reshuffle` (the signer of the step
    ///   lied).
    public func verify(_ steps: [Step], keys: [UInt8: VerifyingKey]) throws(Refusal) -> VerifiedChain {
        try need((1...Route.stepsMax).contains(legs.count), .route)
        let isWhole = steps.count == legs.count || !enforced("guard:chain.complete")
        try need(isWhole && steps.count <= legs.count, .chainIncomplete)
        var (inputs, origin) = (self.inputs, Bytes64.zero)
        for (offset, step) in steps.enumerated() {
            do { (inputs, origin) = try verify(step, offset + 1, inputs, keys) } catch {
                throw Refusal(error.code, at: offset + 1)
            }
        }
        return VerifiedChain(self, inputs, origin)
    }

    private func verify(
        _ step: Step, _ k: Int, _ inputs: [Pair], _ keys: [UInt8: VerifyingKey]
    ) throws(Refusal) -> ([Pair], Bytes64) {
        let parts = try step.parts()
        let leg = legs[k - 1]
        let inOrder = Int(parts.k) == k && leg.step.holders.contains(parts.holder)
        try need(inOrder || !enforced("guard:chain.order"), .signature)
        let statement = statement(k)
        if enforced("guard:chain.signature") {
            guard let key = keys[parts.holder] else { throw Refusal(.signature) }
            try key.verify(parts.signature, over: Step.signed(statement.digest, inputs, parts.body))
        }
        try need(Int(parts.outputs.count) == 64 * inputs.count, .length)
        let outputs = try parts.decodedOutputs()
        let seed = try ReshuffleProof(wire: parts.proof).verify(inputs, outputs, statement)
        return (outputs, seed)
    }
}
