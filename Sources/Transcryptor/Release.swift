import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Call 3. No entry, no decryption: what was logged and witnessed, is permitted by all, and stands at this moment, is
/// shared.
extension TranscryptorNode {
    /// Cosignatures of the quorum may be so old.
    static let cosignatureSeconds: UInt64 = 60

    func release(_ body: [UInt8], from peer: PartyID) async throws(Refusal) -> [UInt8] {
        let call = try ReleaseCall(body: body)
        let stored = StoredAnswer(try Self.exchangeKey(call.request, peer), .release)
        if let answer = try await read({ try stored.find(body, $0) }) { return answer }
        let incoming = try await incoming(call.request, from: peer, .later)
        let record = try await read { [self] in try decided(incoming, $0) }
        let checkpoint = try await logged(record, incoming.now)
        let joint = try JointVerdict(call.intents, of: incoming.request, keys: signingKeys(incoming.directory))
        var answer = ReleaseCall.Answer(added: [], shares: [], recordKeys: [])
        for (target, steps) in call.chains.enumerated() {
            let made = try release(incoming, joint, record, target, steps)
            answer.added.append(made.added)
            answer.shares.append(made.share)
        }
        answer.recordKeys = try await recordKeys(incoming, joint, record)
        let bytes = answer.bytes
        return try await transaction { [self] transaction in
            if let answer = try stored.find(body, transaction) { return answer }
            var record = try decided(incoming, transaction)
            try stillStands(record, joint, incoming, checkpoint, transaction)
            record.state = .released
            try transaction.put(.exchanges, incoming.key, record.bytes)
            try stored.store(bytes, to: body, transaction)
            return bytes
        }
    }

    /// The signing keys of all transcryptors.
    func signingKeys(_ directory: any DirectoryView) -> [PartyID: VerifyingKey] {
        var keys: [PartyID: VerifyingKey] = [:]
        for id in directory.roll.transcryptors { keys[id] = directory.party(id)?.signing }
        return keys
    }

    /// The same by index.
    func stepKeys(_ directory: any DirectoryView) -> [UInt8: VerifyingKey] {
        var keys: [UInt8: VerifyingKey] = [:]
        for (position, id) in directory.roll.transcryptors.enumerated() {
            keys[UInt8(position + 1)] = directory.party(id)?.signing
        }
        return keys
    }

    /// The own leaves must be below a checkpoint that enough witnesses have signed in the last minute, and every leaf
    /// below it must have been read, stops and revocations included.
    /// - Throws: `ledger`; the caller comes again.
    private func logged(_ record: ExchangeRecord, _ now: UInt64) async throws(Refusal) -> WitnessedCheckpoint {
        await submit()
        var checkpoint = try await parts.ledger.latest()
        try await follow(to: checkpoint)
        var included = try await isIncluded(record, below: checkpoint)
        while !included, let next = try await parts.ledger.newer(than: checkpoint) {
            checkpoint = next
            try await follow(to: checkpoint)
            included = try await isIncluded(record, below: checkpoint)
        }
        try need(included || !enforced("guard:transcryptor.logged"), .ledger)
        try fresh(checkpoint, now)
        return checkpoint
    }

    private func isIncluded(
        _ record: ExchangeRecord, below checkpoint: WitnessedCheckpoint
    ) async throws(Refusal) -> Bool {
        let hashes = record.items.map(\.leafHash)
        return try await read { reading in
            try hashes.allSatisfy { hash in
                try reading.get(.included, hash).map { try Wire.u64($0) < checkpoint.size } ?? false
            }
        }
    }

    private func fresh(_ checkpoint: WitnessedCheckpoint, _ now: UInt64) throws(Refusal) {
        let isFresh = checkpoint.oldestCosignature + Self.cosignatureSeconds >= now
        try need(isFresh || !enforced("guard:transcryptor.fresh-checkpoint"), .ledger)
    }

    private struct Made {
        let added: [Step]
        let share: [UInt8]
    }

    /// The Share of one target: last steps made, the whole chain verified, then shared.
    private func release(
        _ incoming: Incoming, _ joint: JointVerdict, _ record: ExchangeRecord, _ target: Int, _ steps: [Step]
    ) throws(Refusal) -> Made {
        guard joint.permitsAnything, let destination = incoming.content.targets[target].party else {
            return Made(added: [], share: [])
        }
        let chain = try chain(incoming, target)
        let added = try nextSteps(chain, after: steps)
        let verified = try chain.request.verify(steps + added, keys: stepKeys(incoming.directory))
        let recipient = try inForce(destination, incoming.directory, nil)
        let share = try secrets.maker.share(
            verified, permits: joint.items, with: secrets.psn, to: recipient.key,
            tokens: try tokens(verified, joint, record, incoming),
            tickets: try tickets(joint, record, incoming, target), fresh: (fresh(), fresh()))
        return Made(added: added, share: share.bytes)
    }

    /// A token for each permitted item, for its new holder.
    func tokens(
        _ chain: VerifiedChain, _ joint: JointVerdict, _ record: ExchangeRecord, _ incoming: Incoming
    ) throws(Refusal) -> [HeldToken] {
        guard case .party(let party, let epoch) = chain.destination else { throw Refusal(.target) }
        let place = HeldToken.Place(party: party, epoch: epoch, yGeneration: incoming.generation)
        var tokens: [HeldToken] = []
        for (index, permitted) in joint.items.enumerated() where permitted {
            guard let row = record.items[index].row else { throw Refusal(.intent) }
            tokens.append(try secrets.tokens.token(for: row, chain.outputs[index], at: place, fresh: fresh()))
        }
        return tokens
    }

    /// A Ticket for each permitted deposit at a target.
    func tickets(
        _ joint: JointVerdict, _ record: ExchangeRecord, _ incoming: Incoming, _ target: Int
    ) throws(Refusal) -> [Ticket] {
        var tickets: [Ticket] = []
        let lines = incoming.content.records
        for number in joint.permitted(.deposit, in: lines) where lines[number].target == target {
            guard let row = record.items[lines[number].item].row else { throw Refusal(.intent) }
            tickets.append(try secrets.tickets.ticket(for: lines[number].hash, of: row))
        }
        return tickets
    }

    /// Shares of the keys of the permitted fetches, for the requester.
    private func recordKeys(
        _ incoming: Incoming, _ joint: JointVerdict, _ record: ExchangeRecord
    ) async throws(Refusal) -> [UInt8] {
        let lines = incoming.content.records
        let permitted = joint.permitted(.fetch, in: lines)
        guard !permitted.isEmpty else { return [] }
        let kept = try await read { try $0.get(.fetches, incoming.key) }
        let submissions = try KeptFetches(bytes: kept ?? [])
        var records: [TicketedRecord] = []
        for number in permitted {
            guard let row = record.items[lines[number].item].row, let kept = submissions.records[number] else {
                throw Refusal(.intent)
            }
            let header = try RecordHeader(wire: kept.header, beside: headers.header(of: lines[number].hash))
            records.append(try secrets.tickets.admit(header, kept.ticket, of: row))
        }
        return try secrets.maker.share(
            records, permits: joint.records, requestDigest: incoming.request.digest, with: secrets.kem,
            to: incoming.party.key, fresh: (fresh(), fresh())
        ).bytes
    }

    /// Under the row lock: nothing that was true when it was decided may have ended. A give that has is `intent`, as an
    /// Intent that has lapsed: what a person does with her consents is not told to who asks (PROTOCOL 14).
    private func stillStands(
        _ record: ExchangeRecord, _ joint: JointVerdict, _ incoming: Incoming, _ checkpoint: WitnessedCheckpoint,
        _ transaction: any NodeTransaction
    ) throws {
        let now = parts.clock.now()
        try need(!record.hasLapsed(at: now), .intent)
        try fresh(checkpoint, now)
        // Who asks and who receives: a party that a leaf revoked meanwhile does neither.
        for party in [incoming.content.requester] + incoming.content.targets.compactMap(\.party) {
            _ = try inForce(
                party, incoming.directory, try transaction.get(.revoked, party.bytes).map { try Wire.u64($0) })
        }
        for (item, permitted) in zip(record.items, joint.items) where permitted {
            guard let row = item.row, let consent = item.consent else { continue }
            let stands = try transaction.row(id: row)?.consents.stillStands(consent, at: Instant(Int64(now))) ?? false
            try need(stands || !enforced("guard:transcryptor.stop"), .intent)
        }
    }
}

/// The headers and Tickets of fetches that were permitted here, from *decide* to *release*.
struct KeptFetches {
    /// By number of the record line.
    let records: [Int: (header: [UInt8], ticket: Ticket)]

    init(bytes: [UInt8]) throws(Refusal) {
        var records: [Int: (header: [UInt8], ticket: Ticket)] = [:]
        for one in try Wire.elements(of: bytes) {
            let fields = try Wire.fields(of: one, 3)
            records[Int(try Wire.u64(fields[0]))] = (fields[1], try Ticket(wire: fields[2]))
        }
        self.records = records
    }

    /// Of the records with a permitting verdict.
    static func bytes(_ submissions: [RecordSubmission], _ verdicts: [Bool]) -> [UInt8] {
        Wire.list(
            zip(submissions, verdicts).enumerated().compactMap { number, record in
                guard record.1, case .fetch(let header, let ticket) = record.0 else { return nil }
                return Wire.list([UInt64(number).bigEndianBytes, header.bytes, ticket.bytes])
            })
    }
}
