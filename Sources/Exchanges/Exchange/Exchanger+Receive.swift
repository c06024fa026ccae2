import Guards
import Polymorphic
import Ristretto255

extension Exchanger {
    /// Combines what is for the requester and delivers what is for others.
    func receive(_ released: consuming ReleasedExchange) async throws(ExchangeFailure) -> Outcome {
        let exchange = released.parts()
        var persons = [KnownPerson?](repeating: nil, count: exchange.request.content.items.count)
        for (target, domain) in exchange.request.content.targets.enumerated() where domain.party == secrets.id {
            persons = try combine(exchange, target)
        }
        let listings = try await deliver(exchange)
        let records = try await read(exchange)
        return Outcome(
            request: exchange.request, verdict: exchange.verdict, persons: persons, listings: listings,
            records: records,
            aftermath: aftermath(exchange, persons, received: records.count + persons.compactMap(\.self).count))
    }

    // MARK: Own pseudonyms

    private func combine(_ exchange: ReleasedParts, _ target: Int) throws(ExchangeFailure) -> [KnownPerson?] {
        let (chain, permits) = (exchange.chains[target], exchange.verdict.items)
        var shares: [VerifiedShare<PSN>] = []
        for index in exchange.participants {
            let expected = try expectation(index) { (signer) throws(Refusal) in
                try ShareExpectation<PSN>(
                    chain, permits: permits, from: index, in: pins.ceremony.pseudonyms,
                    shareEpoch: pins.ceremony.shareEpoch, recipient: secrets.opening, party: secrets.id,
                    signer: signer, tickets: exchange.request.deposits(at: target, exchange.verdict).count)
            }
            shares.append(try open(exchange.answers[index]?.shares[target] ?? [], expected, index, exchange))
        }
        let pseudonyms = try unusable { () throws(Refusal) in
            try secrets.pseudonyms.pseudonyms(chain, permits: permits, shares, participants: exchange.participants)
        }
        return exchange.request.persons(
            chain, permits, pseudonyms, shares.map { ($0.index, $0.tokens) }, n: pins.ceremony.n)
    }

    /// What a Share of a transcryptor must be.
    func expectation<Class>(
        _ index: UInt8, _ make: (VerifyingKey) throws(Refusal) -> ShareExpectation<Class>
    ) throws(ExchangeFailure) -> ShareExpectation<Class> {
        try unusable { () throws(Refusal) in
            guard let signer = keys[index] else { throw Refusal(.directory) }
            return try make(signer)
        }
    }

    /// Opens a Share; one that does not hold names its maker.
    private func open<Class>(
        _ box: [UInt8], _ expected: ShareExpectation<Class>, _ index: UInt8, _ exchange: ReleasedParts
    ) throws(ExchangeFailure) -> VerifiedShare<Class> {
        do {
            return try expected.open(SealedShare(bytes: box), with: secrets.opening, forbidden: pins.forbidden)
        } catch {
            let info = SealedShareInfo.bytes(exchange.request.digest, Class.byte, index, secrets.id)
            let opened = try? secrets.opening.open(box, info: info, forbidden: pins.forbidden)
            let isSigned = [.point, .scalar, .equality].contains(error.code)
            throw .lied(Liar(index: index, refusal: error, evidence: isSigned ? opened ?? [] : []))
        }
    }

    // MARK: Records

    /// Combines the keys of the permitted records and fetches their bodies.
    private func read(_ exchange: ReleasedParts) async throws(ExchangeFailure) -> [ReadableRecord] {
        let lines = exchange.request.fetches(exchange.verdict)
        guard !lines.isEmpty, let store = exchange.prepared.store else { return [] }
        let headers = lines.map { exchange.prepared.headers[$0] }
        var shares: [VerifiedShare<KEM>] = []
        for index in exchange.participants {
            let expected = try expectation(index) { (signer) throws(Refusal) in
                try ShareExpectation<KEM>(
                    headers, permits: exchange.verdict.records, requestDigest: exchange.request.digest, from: index,
                    in: pins.ceremony.recordKeys, shareEpoch: pins.ceremony.shareEpoch, recipient: secrets.opening,
                    party: secrets.id, signer: signer)
            }
            shares.append(try open(exchange.answers[index]?.recordKeys ?? [], expected, index, exchange))
        }
        let keys = try unusable { () throws(Refusal) in
            try secrets.recordKeys.recordKeys(
                headers, requestDigest: exchange.request.digest, shares, participants: exchange.participants)
        }
        let call = BodiesCall(request: exchange.prepared.signed, intents: exchange.intents)
        let answer = try received(await ask(.bodies, call.body, store), from: store)
        var records: [ReadableRecord] = []
        do {
            let bodies = try Wire.elements(of: answer, maximum: ExchangeRequest.recordsMax)
            try need(bodies.count == lines.count, .length)
            for (place, bytes) in bodies.enumerated() {
                let envelope = try Envelope(wire: bytes, beside: headers[place])
                try need(envelope.prefix.header == headers[place] || !enforced("guard:exchanger.body"), .record)
                records.append(
                    ReadableRecord(
                        item: exchange.request.content.records[lines[place]].item, envelope: envelope,
                        key: keys[place], authorKeys: directory.signingKeys(of: headers[place].author)))
            }
        } catch { throw .refused(by: store, error) }
        return records
    }

    // MARK: Others

    /// Delivers to all targets but the requester, at the same time.
    private func deliver(_ exchange: ReleasedParts) async throws(ExchangeFailure) -> [[[DeliverCall.Listed]]] {
        var listings = [[[DeliverCall.Listed]]](repeating: [], count: exchange.request.content.targets.count)
        var letters: [(target: Int, letter: Courier.Letter)] = []
        for (target, domain) in exchange.request.content.targets.enumerated() where domain.party != secrets.id {
            guard let party = domain.party else { throw .unusable(Refusal(.target)) }
            let lines = exchange.request.depositLines(at: target)
            let permitted = zip(lines, exchange.prepared.envelopes[target])
                .filter { exchange.verdict.records[$0.0] }.map(\.1)
            let call = DeliverCall(
                request: exchange.prepared.signed, intents: exchange.intents, steps: exchange.steps[target],
                shares: exchange.participants.map {
                    SealedShare(bytes: exchange.answers[$0]?.shares[target] ?? [])
                }, envelopes: permitted)
            letters.append((target, Courier.Letter(.deliver, call.body, to: party)))
        }
        let answers = await courier.send(all: letters.map(\.letter))
        for (place, answer) in answers.enumerated() {
            let node = letters[place].letter.node
            let bytes = try received(answer, from: node)
            do { listings[letters[place].target] = try DeliverCall.listed(answer: bytes) } catch {
                throw .refused(by: node, error)
            }
        }
        return listings
    }
}

/// A released exchange, taken apart once.
struct ReleasedParts: Sendable {
    let prepared: PreparedExchange
    let intents: [SignedIntent]
    let verdict: JointVerdict
    let chains: [VerifiedChain]
    let steps: [[Step]]
    let answers: [UInt8: ReleaseCall.Answer]
    /// Indexes, ascending.
    let participants: [UInt8]
    var request: ExchangeRequest { prepared.request }
}

extension ReleasedExchange {
    consuming func parts() -> ReleasedParts {
        ReleasedParts(
            prepared: prepared, intents: intents, verdict: verdict, chains: chains, steps: steps, answers: answers,
            participants: answers.keys.sorted())
    }
}

extension ExchangeRequest {
    /// The persons of the permitted items of a chain, each with the tokens of those that gave one.
    func persons(
        _ chain: VerifiedChain, _ permits: [Bool], _ pseudonyms: [Pseudonym],
        _ tokens: [(index: UInt8, tokens: [HeldToken])], n: UInt8
    ) -> [KnownPerson?] {
        var (out, next) = ([KnownPerson?](), 0)
        let epoch: UInt32 = if case .party(_, let epoch) = chain.destination { epoch } else { 0 }
        for (item, isPermitted) in permits.enumerated() {
            guard isPermitted, next < pseudonyms.count else {
                out.append(nil)
                continue
            }
            var given = [HeldToken?](repeating: nil, count: Int(n))
            for (index, all) in tokens { given[Int(index) - 1] = all[next] }
            out.append(
                KnownPerson(
                    pseudonym: pseudonyms[next], epoch: epoch, pair: chain.outputs[item], tokens: given))
            next += 1
        }
        return out
    }
}

/// What the box of a Share is sealed for: to open one that does not hold, as evidence.
enum SealedShareInfo {
    static func bytes(_ digest: Bytes64, _ keyClass: UInt8, _ index: UInt8, _ party: PartyID) -> [UInt8] {
        pack(.sealedShare, digest.bytes, [keyClass], [index], party.bytes)
    }
}
