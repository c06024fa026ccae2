import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// Call 2, while the leaves are being included: one step after another, blind. Earlier steps are not verified here; a
/// step on a wrong input shows nothing (PROTOCOL 12.5), and nothing is released before the whole chain was verified.
extension TranscryptorNode {
    /// - Returns: a list of Steps: all that this holder can make next.
    func reshuffle(_ body: [UInt8], from peer: PartyID) async throws(Refusal) -> [UInt8] {
        let call = try ReshuffleCall(body: body)
        let key = try Self.exchangeKey(call.request, peer)
        let stored = StoredAnswer(
            key, .reshuffle, part: call.target.bigEndianBytes + UInt16(call.steps.count + 1).bigEndianBytes)
        if let answer = try await read({ try stored.find(body, $0) }) { return answer }
        let incoming = try await incoming(call.request, from: peer, .later)
        try need(Int(call.target) < incoming.content.targets.count, .target)
        let record = try await read { [self] in try decided(incoming, $0) }
        let permitted = record.items.contains { $0.verdict }
        try need(permitted || !enforced("guard:transcryptor.own-verdict"), .intent)
        let chain = try chain(incoming, Int(call.target))
        let steps = try nextSteps(chain, after: call.steps)
        try need(!steps.isEmpty, .route)
        let answer = ReshuffleCall.answer(steps)
        return try await transaction { [self] transaction in
            if let answer = try stored.find(body, transaction) { return answer }
            _ = try decided(incoming, transaction)
            try stored.store(answer, to: body, transaction)
            return answer
        }
    }

    /// The chain of one target of a Request, over the pinned route.
    func chain(_ incoming: Incoming, _ target: Int) throws(Refusal) -> LeggedChain {
        let content = incoming.content
        let destination = content.targets[target]
        let legs = try incoming.directory.legs(from: content.source, to: destination)
        // The Directory builds legs from the pinned route; another one here is a fault of our own.
        try need(legs.map(\.step) == ceremony.route.steps, .route)
        let key = ceremony.pseudonyms.key
        let request: ChainRequest
        if content.source == .base {
            request = ChainRequest(
                requestDigest: incoming.request.digest,
                presented: try PolymorphicPseudonym(wire: content.items[0].bytes), to: destination, legs: legs, key: key
            )
        } else {
            var held: [EncryptedPseudonym] = []
            for pair in content.items { held.append(EncryptedPseudonym(pair)) }
            request = ChainRequest(
                requestDigest: incoming.request.digest, held: held, at: content.source, to: destination, legs: legs,
                key: key)
        }
        return LeggedChain(request: request, legs: legs, source: content.source, destination: destination)
    }

    /// The next steps that this transcryptor holds, one after another.
    func nextSteps(_ chain: LeggedChain, after before: [Step]) throws(Refusal) -> [Step] {
        var steps = before
        while steps.count < chain.legs.count, chain.legs[steps.count].step.holders.contains(index) {
            let leg = chain.legs[steps.count]
            let factor = try factor(leg, from: chain.source, to: chain.destination)
            steps.append(
                try secrets.maker.step(chain.request, after: steps, holder: index, factor: factor, fresh: fresh()))
        }
        return Array(steps[before.count...])
    }
}

/// A chain with its legs at hand.
struct LeggedChain: Sendable {
    let request: ChainRequest
    let legs: [RouteLeg]
    let source: Domain
    let destination: Domain
}
