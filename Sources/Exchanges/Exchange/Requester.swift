import Polymorphic
import Ristretto255

/// A party that asks: makes Requests of drafts, keeps them in a journal until they have ended, knows its persons by its
/// own pseudonyms, and pays what exchanges still owe.
public final class Requester: Sendable {
    public let secrets: PartySecrets
    public let pins: Pins
    public let directory: DirectoryKeeper
    public let store: any NodeStore
    public let clock: any Timekeeper
    public let holdings: Holdings
    let random: any RandomSource
    let transport: any Transport
    let patience: Patience
    private let journal = Journal()
    /// Transcryptors that did not answer, by index, and until when they are asked last.
    private let avoided = Locked<[UInt8: UInt64]>([:])
    /// So long, in seconds.
    static let avoidSeconds: UInt64 = 60
    /// A transcryptor that was away for longer gets its tokens when the person is identified again.
    static let debtSeconds: UInt64 = 7 * 86_400

    public init(
        secrets: PartySecrets, pins: Pins, directory: DirectoryKeeper, store: any NodeStore, clock: any Timekeeper,
        random: any RandomSource, transport: any Transport, patience: Patience
    ) {
        (self.secrets, self.pins, self.directory) = (secrets, pins, directory)
        (self.store, self.clock, self.random) = (store, clock, random)
        (self.transport, self.patience) = (transport, patience)
        holdings = Holdings(n: pins.ceremony.n)
    }

    /// Carries one exchange. Where a transcryptor does not answer, others are asked with a new Request, if the same can
    /// be asked again.
    public func run(
        _ draft: ExchangeDraft, by person: any ActingPerson
    ) async throws(ExchangeFailure) -> Outcome {
        var rest = Int(pins.ceremony.n)
        var hasSettled = false
        while true {
            do {
                return try await carry(try await prepare(draft, by: person))
            } catch {
                // After a failover the persons may be known to other transcryptors than the records: those that were
                // away are asked to adopt first.
                if case .unusable(Refusal(.participants)) = error, !hasSettled {
                    hasSettled = true
                    _ = try await settle()
                    continue
                }
                guard case .noAnswer(let node) = error, let index = pins.index(of: node) else { throw error }
                let until = clock.now() + Self.avoidSeconds
                avoided.withLock { $0[index] = until }
                rest -= 1
                guard rest > 0, draft.canBeAskedAgain else { throw error }
            }
        }
    }

    private func prepare(
        _ draft: ExchangeDraft, by person: any ActingPerson
    ) async throws(ExchangeFailure) -> Journal.Entry {
        let now = clock.now()
        let known = try await persons(draft)
        let preparer = Preparer(
            secrets: secrets, pins: pins, directory: await directory.current(), random: random, now: now)
        let away = avoided.withLock { avoided in
            avoided = avoided.filter { $0.value > now }
            return Set(avoided.keys)
        }
        let result: Preparer.Result
        do {
            result = try await preparer.prepare(draft, known: known, by: person, avoiding: away)
        } catch { throw .unusable(error) }
        let isRead = draft.deposits.isEmpty && (!draft.fetches.isEmpty || !draft.targets.contains(secrets.id))
        let entry = Journal.Entry(result.prepared, outlivesCaller: !isRead, notes: result.subjects)
        // Crash before this: nothing was sent. After it: `resume` finishes or gives up.
        try await write { try self.journal.begin(entry, $0) }
        return entry
    }

    private func persons(_ draft: ExchangeDraft) async throws(ExchangeFailure) -> [KnownPerson] {
        guard case .held(let pseudonyms) = draft.persons else { return [] }
        let known: [KnownPerson]
        do {
            known = try await store.read { reading in
                try pseudonyms.compactMap { try self.holdings.get($0, reading) }
            }
        } catch { throw .store }
        guard known.count == pseudonyms.count else { throw .unusable(Refusal(.row)) }
        return known
    }

    private func exchanger(attempts: Int? = nil) async -> Exchanger {
        var patience = patience
        if let attempts { (patience.attempts, patience.delays) = (attempts, attempts) }
        return Exchanger(
            secrets: secrets, pins: pins, directory: await directory.current(),
            courier: Courier(transport, caller: secrets.id, patience: patience), clock: clock)
    }

    private func carry(_ entry: Journal.Entry) async throws(ExchangeFailure) -> Outcome {
        let exchanger = await exchanger()
        do {
            let outcome = try await exchanger.carry(entry.prepared)
            let now = clock.now()
            try await write { transaction in
                for person in outcome.persons.compactMap(\.self) { try self.holdings.put(person, transaction) }
                try self.journal.end(
                    entry, owing: outcome.aftermath.receipts + outcome.aftermath.adoptions, delivered: true, at: now,
                    transaction)
            }
            return outcome
        } catch {
            try await giveUp(entry, exchanger, after: error)
            throw error
        }
    }

    /// Ends an exchange that failed. Those who decided are told, unless nobody did.
    private func giveUp(
        _ entry: Journal.Entry, _ exchanger: Exchanger, after failure: ExchangeFailure
    ) async throws(ExchangeFailure) {
        let receipts: [Debt] =
            switch failure {
            case .notPermitted, .unusable: []
            case .lied: exchanger.receipts(entry.prepared, .failed, count: 0)
            case .refused(let node, _):
                exchanger.receipts(entry.prepared, pins.index(of: node) == nil ? .failed : .givenUp, count: 0)
            case .noAnswer: exchanger.receipts(entry.prepared, .givenUp, count: 0)
            // The result could not be kept: the journal has the exchange still, and `resume` goes on.
            case .store: throw failure
            }
        let now = clock.now()
        try await write { try self.journal.end(entry, owing: receipts, delivered: false, at: now, $0) }
    }

    private func write(_ body: @Sendable (any NodeTransaction) throws -> Void) async throws(ExchangeFailure) {
        do { try await store.transaction(body) } catch { throw .store }
    }

    // MARK: After a start

    /// Finishes what was under way when the node stopped, with the same bytes, or gives it up.
    /// - Returns: how many exchanges ended.
    @discardableResult
    public func resume() async throws(ExchangeFailure) -> Int {
        let entries: [[UInt8]]
        do { entries = try await store.read { try self.journal.underWay($0) } } catch { throw .store }
        for bytes in entries {
            let entry: Journal.Entry
            do {
                entry = try Journal.Entry(wire: bytes, requester: secrets.id, pins: pins)
            } catch { throw .unusable(error) }
            if entry.outlivesCaller {
                do { _ = try await carry(entry) } catch {
                    if case .store = error { throw error }
                }
            } else {
                // Nobody waits for what a read would bring: nothing more is disclosed.
                try await giveUp(entry, await exchanger(), after: .noAnswer(from: secrets.id))
            }
        }
        return entries.count
    }

    /// Pays what is owed: receipts, and exchanges that absent transcryptors adopt when they are back.
    /// - Returns: how many debts are left.
    @discardableResult
    public func settle() async throws(ExchangeFailure) -> Int {
        let debts: [(key: [UInt8], since: UInt64, debt: Debt)]
        do { debts = try await store.read { try self.journal.debts($0) } } catch { throw .store }
        let exchanger = await exchanger(attempts: 1)
        var left = 0
        for start in stride(from: 0, to: debts.count, by: Self.debtsAtOnce) {
            let part = debts[start..<min(start + Self.debtsAtOnce, debts.count)]
            var paid: [(key: [UInt8], tokens: [AdoptedToken])] = []
            for (place, result) in await pay(part.map(\.debt), exchanger).enumerated() {
                let (key, since, debt) = part[start + place]
                switch result {
                case .success(let tokens): paid.append((key, tokens))
                case .failure(.store): throw .store
                case .failure(let failure):
                    if isFinal(failure, debt) || since + Self.debtSeconds <= clock.now() {
                        paid.append((key, []))
                    } else {
                        left += 1
                    }
                }
            }
            let done = paid
            try await write { transaction in
                for (key, tokens) in done {
                    for token in tokens { try self.holdings.add(token, transaction) }
                    try self.journal.pay(key, transaction)
                }
            }
        }
        return left
    }

    /// Some at a time: what one exchange owes goes to different nodes.
    private func pay(
        _ debts: [Debt], _ exchanger: Exchanger
    ) async -> [Result<[AdoptedToken], ExchangeFailure>] {
        await withTaskGroup(of: (Int, Result<[AdoptedToken], ExchangeFailure>).self) { group in
            for (place, debt) in debts.enumerated() {
                // An error type in the closure itself is miscompiled with optimisation (Swift 6.3.1): a wrong place.
                group.addTask { (place, await exchanger.answer(of: debt)) }
            }
            var results = [Result<[AdoptedToken], ExchangeFailure>](
                repeating: .failure(.noAnswer(from: secrets.id)), count: debts.count)
            for await (place, result) in group { results[place] = result }
            return results
        }
    }
    /// So many debts are paid at the same time, and in one transaction.
    static let debtsAtOnce = 8

    /// Whether it is no use to try again.
    private func isFinal(_ failure: ExchangeFailure, _ debt: Debt) -> Bool {
        switch (failure, debt) {
        case (.refused(_, let refusal), _): !Courier.later.contains(refusal.code)
        case (.noAnswer, _): false
        default: true
        }
    }
}
