import Polymorphic
import Ristretto255

/// Makes a signed Request of a draft, with everything that goes with it (PROTOCOL 8).
struct Preparer: Sendable {
    let secrets: PartySecrets
    let pins: Pins
    let directory: Directory
    let random: any RandomSource
    let now: UInt64

    /// The persons of a Request, with what each transcryptor gets to know them by.
    struct Items {
        let exchangeID: Bytes16
        let source: Domain
        let pairs: [Pair]
        /// By index 1...n: an origin for each item; nil where one is missing.
        let origins: [[[UInt8]]?]
    }

    /// A prepared exchange, and what the author of its deposits keeps.
    struct Result {
        let prepared: PreparedExchange
        let subjects: [DepositNote]
    }

    /// - Parameters:
    ///   - known: the held persons of the draft, in its order.
    ///   - avoided: transcryptors that did not answer lately: chosen only where there are no others.
    /// - Throws: `participants` where fewer than t have an origin and a Ticket for everything; `length`, `target`.
    func prepare(
        _ draft: ExchangeDraft, known: [KnownPerson], by person: any ActingPerson, avoiding avoided: Set<UInt8>
    ) async throws(Refusal) -> Result {
        let items = try items(draft, known)
        let records = draft.deposits.count + draft.fetches.count
        try need(records <= ExchangeRequest.recordsMax && items.pairs.count <= ExchangeRequest.itemsMax, .length)
        var deposits = DepositPile(items: items.pairs.count)
        for record in draft.deposits { try seal(record, items, into: &deposits) }
        let submissions = pins.indexes.map { self.submissions(draft, deposits, for: $0) }
        let able = pins.indexes.filter { items.origins[Int($0) - 1] != nil && submissions[Int($0) - 1] != nil }
        let request = ExchangeRequest(
            try content(draft, items, deposits, person.credential, try participants(able, avoided)))
        let signed = SignedRequest(
            request: request.bytes, gateway: secrets.signer.sign(request.bytes),
            person: try await person.sign(request.bytes))
        let ties = try deposits.ties(request, key: pins.ceremony.pseudonyms.key, random)
        let calls = pins.indexes.map { index -> DecideCall? in
            guard let origins = items.origins[Int(index) - 1], let records = submissions[Int(index) - 1] else {
                return nil
            }
            return DecideCall(request: signed, origins: origins, records: records, ties: ties)
        }
        let prepared = try PreparedExchange(
            request, signed, calls: calls, envelopes: deposits.envelopes(targets: draft.targets.count),
            store: draft.store, pins: pins)
        return Result(prepared: prepared, subjects: deposits.notes(request.content.items))
    }

    private func items(_ draft: ExchangeDraft, _ known: [KnownPerson]) throws(Refusal) -> Items {
        switch draft.persons {
        case .presented(let presentation, let text):
            try need(presentation.boxes.count == Int(pins.ceremony.n), .length)
            return Items(
                exchangeID: text.exchangeID, source: .base, pairs: [presentation.presented.pair],
                origins: pins.indexes.map { [presentation.origin(for: $0)] })
        case .held:
            guard let first = known.first else { throw Refusal(.row) }
            try need(known.allSatisfy { $0.epoch == first.epoch }, .source)
            let origins = pins.indexes.map { index -> [[UInt8]]? in
                let tokens = known.compactMap { $0.tokens[Int(index) - 1]?.bytes }
                return tokens.count == known.count ? tokens : nil
            }
            return Items(
                exchangeID: random.draw(), source: .party(secrets.id, epoch: first.epoch),
                pairs: known.map(\.pair.pair), origins: origins)
        }
    }

    /// t of those that have everything, in byte order of their ids.
    private func participants(_ able: [UInt8], _ avoided: Set<UInt8>) throws(Refusal) -> [PartyID] {
        let order = able.filter { !avoided.contains($0) } + able.filter(avoided.contains)
        try need(order.count >= Int(pins.ceremony.t), .participants)
        return order.prefix(Int(pins.ceremony.t)).map(pins.transcryptor).sorted()
    }

    private func content(
        _ draft: ExchangeDraft, _ items: Items, _ deposits: DepositPile, _ credential: Bytes32,
        _ participants: [PartyID]
    ) throws(Refusal) -> ExchangeRequest.Content {
        var targets: [Domain] = []
        for party in draft.targets {
            targets.append(.party(party, epoch: try directory.party(party, at: now).psnEpoch))
        }
        let lines =
            deposits.records.map { record in
                RecordLine(
                    use: .deposit, item: record.item, target: record.target, hash: record.envelope.prefix.header.hash)
            }
            + draft.fetches.map {
                RecordLine(use: .fetch, item: $0.item, target: nil, hash: $0.record.header.hash)
            }
        return ExchangeRequest.Content(
            exchangeID: items.exchangeID, requester: secrets.id, credential: credential, role: draft.use.role,
            purpose: draft.use.purpose, categories: draft.use.categories, dataFrom: draft.use.dataFrom,
            dataTo: draft.use.dataTo, basis: draft.use.basis, participants: participants, source: items.source,
            items: items.pairs, targets: targets, records: lines, time: now)
    }

    // MARK: Records

    /// Seals a record: its reader is not known yet.
    private func seal(_ record: NewRecord, _ items: Items, into pile: inout DepositPile) throws(Refusal) {
        try need(items.pairs.indices.contains(record.item), .length)
        let z = secrets.opening.secretCopy()
        let subject = try pile.subject(of: record.item) { () throws(Refusal) in
            try DepositSubject(
                of: try EncryptedPseudonym(wire: items.pairs[record.item].bytes), exchange: items.exchangeID,
                key: pins.ceremony.pseudonyms.key, author: z, fresh: random.draw())
        }
        let header = RecordHeader.Draft(
            recordID: record.recordID, yGeneration: pins.ceremony.yGeneration, author: secrets.id,
            category: record.category, minute: now / 60, dataMinute: record.dataMinute,
            previous: record.previous?.header.hash ?? .zero)
        let sealer = try EnvelopeSealer(
            header, subject: subject, key: pins.ceremony.recordKeys.key, author: z,
            fresh: (random.draw(), random.draw(), random.draw()))
        let sealed = sealer.header
        let envelope = try Envelope(
            wire: try sealer.seal(record.content, signer: secrets.signer), beside: sealed)
        pile.records.append(
            DepositPile.Sealed(
                item: record.item, target: record.target, envelope: envelope, previous: record.previous))
    }

    /// What one transcryptor gets per record, deposits first; nil where it has no Ticket of one.
    private func submissions(
        _ draft: ExchangeDraft, _ pile: DepositPile, for index: UInt8
    ) -> [RecordSubmission]? {
        var out: [RecordSubmission] = []
        for record in pile.records {
            var previous: (RecordHeader, Ticket)?
            if let replaced = record.previous {
                guard let ticket = replaced.tickets[Int(index) - 1] else { return nil }
                previous = (replaced.header, ticket)
            }
            out.append(
                .deposit(
                    RecordSubmission.Deposit(
                        prefix: record.envelope.prefix, bodyHash: record.envelope.bodyHash, previous: previous)))
        }
        for fetch in draft.fetches {
            guard let ticket = fetch.record.tickets[Int(index) - 1] else { return nil }
            out.append(.fetch(header: fetch.record.header, ticket: ticket))
        }
        return out
    }
}
