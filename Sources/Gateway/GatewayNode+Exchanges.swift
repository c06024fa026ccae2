import Exchanges
import Polymorphic
import Ristretto255

/// The usual exchanges of a participant (PROTOCOL 8).
extension GatewayNode {
    /// *Identify*: the person who is here, under the gateway's own pseudonym.
    public func identify(
        _ person: Presented, for use: DataUse, by actor: any ActingPerson
    ) async throws(ExchangeFailure) -> Pseudonym {
        let draft = ExchangeDraft(.presented(person.presentation, person.text), for: use, to: [id])
        return try self.person(try await requester.run(draft, by: actor))
    }

    /// *Identify + find* in one: who is here, and which records of the person a store has.
    public func identify(
        _ person: Presented, findingAt store: PartyID, for use: DataUse, by actor: any ActingPerson
    ) async throws(ExchangeFailure) -> (person: Pseudonym, found: [FoundRecord]) {
        let draft = ExchangeDraft(.presented(person.presentation, person.text), for: use, to: [id, store])
        let outcome = try await requester.run(draft, by: actor)
        return (try self.person(outcome), try found(outcome, target: 1, store)[0])
    }

    /// *Find*: which records of a person a store has.
    public func find(
        _ person: Pseudonym, at store: PartyID, for use: DataUse, by actor: any ActingPerson
    ) async throws(ExchangeFailure) -> [FoundRecord] {
        let outcome = try await requester.run(
            ExchangeDraft(.held([person]), for: use, to: [store]), by: actor)
        return try found(outcome, target: 0, store)[0]
    }

    /// *Deposit*: many records of one person at a store, in one Request. Nobody knows yet who will read them.
    /// - Returns: what the store now has of them, in the order in which it lists them.
    /// - Throws: `length` for none or more than 256.
    public func deposit(
        _ records: [NewRecord], of person: Pseudonym, at store: PartyID, for use: DataUse, by actor: any ActingPerson
    ) async throws(ExchangeFailure) -> [FoundRecord] {
        guard !records.isEmpty else { throw .unusable(Refusal(.length)) }
        let draft = ExchangeDraft(.held([person]), for: use, to: [store], deposits: records)
        let outcome = try await requester.run(draft, by: actor)
        return try found(outcome, target: 0, store)[0]
    }

    /// *Fetch*: reads records, all at one store.
    /// - Returns: in the order of `records`; without content where a record is not permitted.
    /// - Throws: `target` for records of two stores; `open` names no record: its author, or its store, is at fault.
    public func fetch(
        _ records: [FoundRecord], of person: Pseudonym, for use: DataUse, by actor: any ActingPerson
    ) async throws(ExchangeFailure) -> [ReadRecord] {
        guard let store = records.first?.store, records.allSatisfy({ $0.store == store }) else {
            throw .unusable(Refusal(.target))
        }
        let draft = ExchangeDraft(
            .held([person]), for: use, fetches: records.map { (0, $0.record) }, from: store)
        let outcome = try await requester.run(draft, by: actor)
        var contents: [Bytes32: [UInt8]] = [:]
        for record in outcome.records {
            do { contents[record.envelope.prefix.header.hash] = try record.open() } catch {
                throw .refused(by: record.envelope.prefix.header.author, error)
            }
        }
        return records.map { ReadRecord(header: $0.header, content: contents[$0.header.hash]) }
    }

    /// *Link*: persons to another party or centre, which learns them under its own pseudonyms.
    /// - Parameter persons: at most 256.
    /// - Returns: which of them were permitted, in their order.
    public func link(
        _ persons: [Pseudonym], to target: PartyID, for use: DataUse, by actor: any ActingPerson
    ) async throws(ExchangeFailure) -> [Bool] {
        try await requester.run(ExchangeDraft(.held(persons), for: use, to: [target]), by: actor).verdict.items
    }

    private func person(_ outcome: Outcome) throws(ExchangeFailure) -> Pseudonym {
        guard let person = outcome.persons.first ?? nil else { throw .notPermitted }
        return person.pseudonym
    }

    /// What a store listed, by item.
    private func found(
        _ outcome: Outcome, target: Int, _ store: PartyID
    ) throws(ExchangeFailure) -> [[FoundRecord]] {
        do {
            let items = outcome.listings[target]
            try need(items.count == outcome.request.content.items.count, .length)
            var found: [[FoundRecord]] = []
            for item in items {
                var records: [FoundRecord] = []
                for listed in item {
                    let record = try ListedRecord(listed, n: requester.pins.ceremony.n)
                    records.append(FoundRecord(record: record, store: store))
                }
                found.append(records)
            }
            return found
        } catch { throw .refused(by: store, error) }
    }
}
