import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Call 5: a transcryptor that did not take part gives its tokens and Tickets afterwards. No Share, no leaf, no wait:
/// with
/// fewer than t adopters, what they give opens nothing without a participant's (PROTOCOL 8).
extension TranscryptorNode {
    func adopt(_ body: [UInt8], from peer: PartyID) async throws(Refusal) -> [UInt8] {
        let call = try AdoptCall(body: body)
        let stored = StoredAnswer(try Self.exchangeKey(call.decide.request, peer), .adopt)
        if let answer = try await read({ try stored.find(body, $0) }) { return answer }
        let incoming = try await incoming(call.decide.request, from: peer, .later)
        // What a participant gives, it gives with a leaf (8, States: `new -> adopted` is for those who did not take
        // part).
        let takesPart = incoming.content.participants.contains(id)
        try need(!takesPart || !enforced("guard:adopt.outsider"), .participants)
        let joint = try JointVerdict(call.intents, of: incoming.request, keys: signingKeys(incoming.directory))
        let record = try await adopted(call, incoming, joint)
        var answer = ReleaseCall.Answer(added: [], shares: [], recordKeys: [])
        for (target, steps) in call.chains.enumerated() {
            answer.added.append([])
            let share = try await adopt(incoming, joint, record, target, steps)
            answer.shares.append(share)
        }
        let bytes = answer.bytes
        return try await transaction { transaction in
            if let answer = try stored.find(body, transaction) { return answer }
            // A participant has decided: it adopts nothing.
            guard try transaction.get(.exchanges, incoming.key) == nil else { throw Refusal(.intent) }
            try transaction.put(record, of: incoming)
            try stored.store(bytes, to: body, transaction)
            return bytes
        }
    }

    /// Origins and records are checked as at the time of the Request; one that fails here is `unavailable`: the row may
    /// still be on its way.
    private func adopted(
        _ call: AdoptCall, _ incoming: Incoming, _ joint: JointVerdict
    ) async throws(Refusal) -> ExchangeRecord {
        let findings = try await origins(call.decide, incoming, .later)
        // Deposit times count against the time of the Request.
        let then = Incoming(
            request: incoming.request, directory: incoming.directory, party: incoming.party, person: incoming.person,
            now: incoming.content.time, generation: incoming.generation)
        let records = try await recordFindings(call.decide, then, findings)
        for (index, permitted) in joint.items.enumerated() where permitted {
            try need(findings[index].row != nil, .unavailable)
        }
        var failed = false
        var seen = [Int](repeating: 0, count: findings.count)
        for (line, record) in incoming.content.records.enumerated() {
            let evidence = records[record.item][seen[record.item]]
            seen[record.item] += 1
            if joint.records[line], evidence.failure != nil { failed = true }
        }
        try need(!failed || !enforced("guard:adopt.record"), .unavailable)
        return ExchangeRecord(
            requestDigest: incoming.request.digest, state: .adopted, decidedAt: incoming.now,
            items: findings.map { ExchangeRecord.Item(row: $0.row, consent: nil, verdict: true, leafHash: []) },
            records: joint.records)
    }

    private func adopt(
        _ incoming: Incoming, _ joint: JointVerdict, _ record: ExchangeRecord, _ target: Int, _ steps: [Step]
    ) async throws(Refusal) -> [UInt8] {
        guard joint.permitsAnything, let destination = incoming.content.targets[target].party else { return [] }
        let verified = try chain(incoming, target).request.verify(steps, keys: stepKeys(incoming.directory))
        let recipient = try inForce(destination, incoming.directory, try await revocation(of: destination))
        return try secrets.maker.adopt(
            verified, permits: joint.items, holder: secrets.psn.element, index: index,
            shareEpoch: secrets.psn.shareEpoch, to: recipient.key,
            tokens: try tokens(verified, joint, record, incoming),
            tickets: try tickets(joint, record, incoming, target), fresh: fresh()
        ).bytes
    }
}
