import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Call 1. Every transcryptor checks alone; its verdicts, its leaves and what they count are one transaction.
extension TranscryptorNode {
    /// - Returns: `list(Intent, signature)`.
    func decide(_ body: [UInt8], from peer: PartyID) async throws(Refusal) -> [UInt8] {
        let call = try DecideCall(body: body)
        let key = try Self.exchangeKey(call.request, peer)
        let stored = StoredAnswer(key, .decide)
        if let answer = try await read({ try stored.find(body, $0) }) {
            await parts.background.run { [self] in await submit() }  // it may have been lost on the way
            return answer
        }
        let incoming = try await incoming(call.request, from: peer, .firstSight)
        try participates(incoming)
        let evidence = try await requestEvidence(incoming)
        if let refusal = Decision.refusal(of: evidence, at: Instant(Int64(incoming.now))) {
            throw Refusal(refusal.code)  // no curve work for a refused Request
        }
        let origins = try await origins(call, incoming, .firstSight)
        let records = try await recordFindings(call, incoming, origins)
        headers.keep(call.records)
        let answer = try await transaction { [self] transaction in
            if let answer = try stored.find(body, transaction) { return answer }
            let answer = try commit(call, incoming, evidence, origins, records, transaction)
            try stored.store(answer, to: body, transaction)
            return answer
        }
        await parts.background.run { [self] in await submit() }
        return answer
    }

    /// The key of the exchange that a body names, before anything in it is believed.
    static func exchangeKey(_ signed: SignedRequest, _ peer: PartyID) throws(Refusal) -> [UInt8] {
        let fields = try unpack(.request, signed.request, 15)
        return ExchangeRecord.key(peer, try Wire.fixed(fields[0]))
    }

    /// Everything that the rules look at for the whole Request.
    private func requestEvidence(_ incoming: Incoming) async throws(Refusal) -> RequestEvidence {
        let facts = try requestFacts(incoming)
        let policy = incoming.directory.policy
        let (content, now) = (incoming.content, incoming.now)
        let credential = incoming.person
        let party = incoming.party
        let evidence = RequestEvidence(
            request: facts, party: PartyEntry(party: content.requester, roles: party.roles, dates: party.dates),
            credential: CredentialEntry(party: credential.party, roles: credential.roles, dates: credential.dates),
            policy: policy)
        return try await read { try Self.counted(evidence, content, now, $0) }
    }

    /// The same evidence with what has been counted so far: looked at first without a lock, so that a party over its
    /// quota costs nothing, and again in the transaction of the decision, which alone counts.
    private static func counted(
        _ evidence: RequestEvidence, _ content: ExchangeRequest.Content, _ now: UInt64, _ reading: any NodeReading
    ) throws -> RequestEvidence {
        var evidence = evidence
        for quota in evidence.policy.quotas where quota.scope != .subject {
            let owner = quota.scope == .party ? content.requester.bytes : content.credential.bytes
            evidence.counts[quota.id] = try Count(quota, owner, now).value(reading)
        }
        evidence.breakGlassByOfficer = try Count.officerHour(content.credential, now).value(reading)
        evidence.breakGlassBySite = try Count.siteDay(content.requester, now).value(reading)
        return evidence
    }

    private func requestFacts(_ incoming: Incoming) throws(Refusal) -> RequestFacts {
        let content = incoming.content
        let targets = content.targets.enumerated().map { index, target in
            TargetFacts(
                target, of: content.requester, from: content.source,
                roles: target.party.flatMap { incoming.directory.party($0)?.roles } ?? [],
                takesDeposits: content.records.contains { $0.use == .deposit && $0.target == index })
        }
        return RequestFacts(
            requester: content.requester, role: content.role, purpose: content.purpose,
            categories: Set(content.categories), dataFrom: content.dataFrom, dataTo: content.dataTo,
            basis: try Basis(wire: content.basis.bytes), itemCount: content.items.count, targets: targets,
            fetches: content.records.contains { $0.use == .fetch })
    }

    /// Decides, counts, draws the counters and writes the leaves: all of it or nothing.
    private func commit(
        _ call: DecideCall, _ incoming: Incoming, _ evidence: RequestEvidence, _ origins: [Finding],
        _ records: [[RecordEvidence]], _ transaction: any NodeTransaction
    ) throws -> [UInt8] {
        let key = incoming.key
        let evidence = try Self.counted(evidence, incoming.content, incoming.now, transaction)
        guard try transaction.get(.exchanges, key) == nil else { throw Refusal(.conflict) }
        var rows: [Bytes16: RowRecord] = [:]
        var items: [ItemEvidence] = []
        for (finding, records) in zip(origins, records) {
            var item = ItemEvidence(origin: .failed(finding.refusal ?? .row), records: records)
            if let id = finding.row, let row = try rows[id] ?? transaction.row(id: id) {
                rows[id] = row
                item.origin = finding.origin(row, at: Instant(Int64(incoming.now)))
                for quota in evidence.policy.quotas where quota.scope == .subject {
                    item.counts[quota.id] = try Count(quota, id.bytes, incoming.now).value(transaction)
                }
            }
            items.append(item)
        }
        let decision = try Decision.judge(evidence, items, at: Instant(Int64(incoming.now))).decision()
        var writer = DecisionWriter(
            node: self, incoming: incoming, decision: decision, findings: origins, rows: rows, transaction: transaction)
        return try writer.write(evidence.policy.quotas, call.records)
    }
}

extension Decision {
    /// Why a whole Request is refused, before anything about its persons is looked at; nil if it is not.
    static func refusal(of evidence: RequestEvidence, at now: Instant) -> Reason? {
        for rule in requestRules {
            if case .refuse(let reason) = rule.judge(evidence, at: now) { return reason }
        }
        return nil
    }
}
