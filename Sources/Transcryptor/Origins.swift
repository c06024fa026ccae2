import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Whose an item is: what the box or token led to (PROTOCOL 8, decide (d)).
struct Finding: Sendable {
    /// The row; nil where box or token failed.
    let row: Bytes16?
    /// The device that presented, which must still be active when the decision is written.
    let device: Bytes16?
    /// Why box or token failed.
    let refusal: Refusal.Code?

    /// As evidence, with the row as it stands in the transaction of the decision.
    func origin(_ row: RowRecord, at now: Instant) -> Origin {
        if let device, !row.consents.isActive(device: device, at: now) { return .failed(.presentation) }
        return .row(row.consents)
    }

    /// Codes about a person or a box never leave a transcryptor: they are verdict 0 (PROTOCOL 14). What is left is a
    /// fault of the Request.
    static let personal: Set<Refusal.Code> = [
        .seal, .point, .length, .padding, .row, .equality, .scalar, .presentation, .card, .mandate,
    ]
}

extension TranscryptorNode {
    /// Check (d) for every item.
    /// - Throws: `time` for a Presentation that is too old; nothing about a person.
    func origins(
        _ call: DecideCall, _ incoming: Incoming, _ freshness: Freshness
    ) async throws(Refusal) -> [Finding] {
        if let place = incoming.source {
            return try held(call, incoming, place)
        }
        return [try await presented(call.origins[0], incoming, freshness)]
    }

    private func held(
        _ call: DecideCall, _ incoming: Incoming, _ place: HeldToken.Place
    ) throws(Refusal) -> [Finding] {
        let epoch = incoming.party.psnEpoch
        // Its own domain of the current epoch or, to rotate, of the one before.
        let inUse = place.epoch == epoch || (place.epoch &+ 1 == epoch && epoch > 1)
        // A token opens in its own epoch only; this names the fault.
        try need(inUse, .source)
        var findings: [Finding] = []
        for (origin, pair) in zip(call.origins, incoming.content.items) {
            do throws(Refusal) {
                let token = try HeldToken(wire: origin)
                let row = try secrets.tokens.row(of: token, try EncryptedPseudonym(wire: pair.bytes), at: place)
                findings.append(Finding(row: row, device: nil, refusal: nil))
            } catch { findings.append(Finding(row: nil, device: nil, refusal: .row)) }
        }
        return findings
    }

    private func presented(
        _ origin: [UInt8], _ incoming: Incoming, _ freshness: Freshness
    ) async throws(Refusal) -> Finding {
        let rule = PresentationRule(
            index: index, request: incoming.content, key: ceremony.pseudonyms.key, forbidden: forbidden,
            relyingParty: incoming.directory.pages)
        let now = Instant(Int64(incoming.now))
        do {
            return try await read { [self] reading in
                let handle = try rule.accept(
                    origin, with: secrets.opening, now: freshness == .firstSight ? incoming.now : nil
                ) { (handle) throws(Refusal) in
                    do { return try reading.row(handle: handle)?.presentationKeys(handle, at: now) } catch {
                        throw Refusal(.unavailable)
                    }
                }
                let row = try reading.row(handle: handle)
                return Finding(
                    row: row?.rowID, device: row?.devices.first { $0.handle == handle }?.id, refusal: nil)
            }
        } catch {
            guard Finding.personal.contains(error.code) else { throw error }
            return Finding(row: nil, device: nil, refusal: error.code)
        }
    }

    /// Check (e): every record by itself, so that one bad record is refused alone.
    func recordFindings(
        _ call: DecideCall, _ incoming: Incoming, _ origins: [Finding]
    ) async throws(Refusal) -> [[RecordEvidence]] {
        var findings = [[RecordEvidence]](repeating: [], count: origins.count)
        let lines = incoming.content.records
        for (item, origin) in origins.enumerated() {
            let mine = lines.indices.filter { lines[$0].item == item }
            guard !mine.isEmpty else { continue }
            let pair = try EncryptedPseudonym(wire: incoming.content.items[item].bytes)
            let tie = call.ties[item].isEmpty ? nil : try SamePerson(wire: call.ties[item])
            var deposits = DepositFindings(self, incoming, pair, UInt16(item), tie, origin.row)
            findings[item] = mine.map { line in
                let submission = call.records[line]
                return RecordEvidence(
                    category: submission.header.category, dataMinute: submission.header.dataMinute,
                    failure: origin.row == nil ? .row : deposits.failure(of: submission))
            }
        }
        return findings
    }
}

/// The deposit checks (PROTOCOL 7) or the Ticket of one record after another, of one item.
struct DepositFindings {
    private let node: TranscryptorNode
    private let rules: DepositRules
    private let row: Bytes16?
    private let ciphertext: EncryptedPseudonym
    private let item: UInt16
    private let tie: SamePerson?
    /// S pairs that were tried against the tie, with what came of it.
    private var tied: [(subject: SubjectPair, failure: Refusal.Code?)] = []
    /// A Request has one S pair for a person; after so many others the rest is refused unseen.
    private static let subjectsMax = 4

    init(
        _ node: TranscryptorNode, _ incoming: Incoming, _ ciphertext: EncryptedPseudonym, _ item: UInt16,
        _ tie: SamePerson?, _ row: Bytes16?
    ) {
        (self.node, self.ciphertext, self.item, self.tie, self.row) = (node, ciphertext, item, tie, row)
        rules = DepositRules(
            requester: incoming.content.requester, authorKey: incoming.party.signing, nowMinute: incoming.now / 60,
            yGeneration: incoming.generation, requestDigest: incoming.request.digest,
            key: node.ceremony.pseudonyms.key)
    }

    /// Why a record is refused; nil if it is not.
    mutating func failure(of submission: RecordSubmission) -> Refusal.Code? {
        guard let row else { return .row }
        do throws(Refusal) {
            switch submission {
            case .fetch(let header, let ticket):
                try node.secrets.tickets.verify(ticket, for: header.hash, of: row)
                try need(header.yGeneration == node.ceremony.yGeneration, .record)
            case .deposit(let deposit):
                try rules.verify(DepositRules.Record(prefix: deposit.prefix, bodyHash: deposit.bodyHash))
                try person(deposit.prefix.header.subject)
                if let previous = deposit.previous {
                    try DepositRules.verify(
                        deposit.prefix.header, replaces: previous.header, ticket: previous.ticket,
                        keys: node.secrets.tickets, row: row)
                }
            }
            return nil
        } catch { return error.code }
    }

    /// The S pair must be that of the person; it is proved once.
    private mutating func person(_ subject: SubjectPair) throws(Refusal) {
        if let known = tied.first(where: { $0.subject == subject }) {
            if let failure = known.failure { throw Refusal(failure) }
            return
        }
        guard let tie, tied.count < Self.subjectsMax, !tied.contains(where: { $0.failure == nil }) else {
            throw Refusal(.subject)
        }
        do {
            try subject.verify(
                tie: tie, to: ciphertext, item: item, requestDigest: rules.requestDigest, key: rules.key)
            tied.append((subject, nil))
        } catch {
            tied.append((subject, error.code))
            throw error
        }
    }
}
