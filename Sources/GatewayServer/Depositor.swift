import Exchanges
import FHIR
import Gateway
import Guards
import Logging
import Policy
import Polymorphic
import Ristretto255

/// Brings what the hospital has of a known patient to the medical centre, sealed.
struct Depositor: Sendable {
    let parts: GatewayServer.Parts
    let records: RecordStore
    let turnstile = Turnstile()

    /// What became of a deposit.
    struct Result: Hashable, Sendable {
        /// Records that are new at the centre, those that replace others included.
        var records = 0
        var unchanged = 0
        /// Records that the person's consent does not cover.
        var refused = 0
    }

    /// What the centre could not be told, or did not take.
    enum Failure: Error {
        case exchange(ExchangeFailure)
        case problem(Problem)

        var problem: Problem {
            switch self {
            case .exchange(let failure): failure.problem
            case .problem(let problem): problem
            }
        }

        /// Too few of the participants know a record that is to be replaced.
        var hasOldTickets: Bool {
            guard case .exchange(.unusable(let refusal)) = self else { return false }
            return refusal.code == .participants
        }

        var isNotPermitted: Bool {
            guard case .exchange(.notPermitted) = self else { return false }
            return true
        }
    }

    /// Deposits what is new or changed of a patient.
    /// - Throws: `Failure`; `forbidden` for a patient of whom it is not known who it is.
    func deposit(_ patient: String, by account: SystemAccount) async throws -> Result {
        try await turnstile.pass(patient) {
            let (person, read, mark) = try await kept { reading in
                let person = try LinkTable.person(of: patient, reading)
                return (
                    person, try person.map { try DepositBook.get($0, reading) }, try records.marks.get(patient, reading)
                )
            }
            guard let person, var book = read else { throw Failure.problem(Problem(.forbidden)) }
            let result: Result
            do { result = try await deposit(patient, person, &book, by: account, refreshing: false) } catch {
                guard (error as? Failure)?.hasOldTickets == true else { throw error }
                // Transcryptors that were away have adopted since: the centre has their Tickets, the book not yet.
                result = try await deposit(patient, person, &book, by: account, refreshing: true)
            }
            // Only what was there when the mark was read is deposited now; a later write has made it a new one.
            if result.refused == 0, let mark {
                try await write { try records.marks.end(mark, $0) }
            }
            return result
        }
    }

    private func deposit(
        _ patient: String, _ person: Pseudonym, _ book: inout DepositBook, by account: SystemAccount, refreshing: Bool
    ) async throws -> Result {
        let isSure = try await reconcile(person, &book, by: account, always: refreshing)
        let versions: [StoredVersion]
        do { versions = try await self.versions(patient) } catch { throw Failure.problem(error) }
        let plan = DepositPlan(versions, base: parts.base, book: book, zoneMinutes: parts.zoneMinutes)
        var result = Result(unchanged: plan.unchanged)
        guard isSure else { return Result(unchanged: plan.unchanged, refused: plan.items.count) }
        for items in plan.requests.flatMap(Self.apart) {
            try await send(items, of: person, &book, &result, by: account)
        }
        return result
    }

    /// Finds out what became of records whose deposit ended in nothing certain, and takes the newest Tickets.
    /// - Returns: false where the person does not allow even that.
    private func reconcile(
        _ person: Pseudonym, _ book: inout DepositBook, by account: SystemAccount, always: Bool = false
    ) async throws -> Bool {
        guard !book.sent.isEmpty || always else { return true }
        let names = Set(book.sent.values.map(\.place.category) + book.kept.keys.map(\.category))
        for name in names.sorted() {
            let found: [FoundRecord]
            let asked = use(account, [try Name(name)])
            do {
                found = try await parts.node.find(person, at: parts.medical, for: asked, by: account.person)
            } catch {
                guard case .notPermitted = error else { throw Failure.exchange(error) }
                return false
            }
            let own = found.map(\.record).filter { $0.header.author == parts.node.id }
            book.confirm(own)
            book.refresh(own)
        }
        // What is not there now never came: nobody sends it again.
        book.sent = [:]
        let known = book
        try await write { try known.put(person, $0) }
        return true
    }

    /// Kinds that most people do not include in a consent go by themselves: they would take the others with them.
    private static func apart(_ items: [DepositPlan.Item]) -> [[DepositPlan.Item]] {
        func isSensitive(_ name: String) -> Bool { Policy.Category(rawValue: name)?.isSensitive ?? true }
        let sensitive = Set(items.map(\.place.category)).filter(isSensitive).sorted()
        let groups =
            [items.filter { !isSensitive($0.place.category) }]
            + sensitive.map { name in items.filter { $0.place.category == name } }
        return groups.filter { !$0.isEmpty }
    }

    /// Deposits one request's worth; where the consent does not cover all kinds, each kind for itself.
    private func send(
        _ items: [DepositPlan.Item], of person: Pseudonym, _ book: inout DepositBook, _ result: inout Result,
        by account: SystemAccount
    ) async throws {
        let names = Set(items.map(\.place.category)).sorted()
        do {
            try await sendAlone(items, names, of: person, &book, &result, by: account)
        } catch {
            guard (error as? Failure)?.isNotPermitted == true else { throw error }
            guard names.count > 1 else {
                result.refused += items.count
                return
            }
            for name in names {
                try await send(
                    items.filter { $0.place.category == name }, of: person, &book, &result, by: account)
            }
        }
    }

    private func sendAlone(
        _ items: [DepositPlan.Item], _ names: [String], of person: Pseudonym, _ book: inout DepositBook,
        _ result: inout Result, by account: SystemAccount
    ) async throws {
        var new: [NewRecord] = []
        for item in items {
            let id: Bytes16 = parts.random.draw()
            book.sent[id] = DepositBook.Sent(place: item.place, bodyHash: item.bodyHash)
            new.append(
                NewRecord(
                    recordID: id, category: try Name(item.place.category), dataMinute: item.place.minute,
                    previous: item.previous, content: item.plain.body))
        }
        let onTheWay = book
        try await write { try onTheWay.put(person, $0) }
        let found: [FoundRecord]
        let asked = use(account, try names.map { try Name($0) })
        do {
            found = try await parts.node.deposit(new, of: person, at: parts.medical, for: asked, by: account.person)
        } catch {
            if case .notPermitted = error {
                // Nothing was sent to the centre.
                for record in new { book.sent[record.recordID] = nil }
                let same = book
                try await write { try same.put(person, $0) }
            }
            throw Failure.exchange(error)
        }
        let count = book.confirm(found.map(\.record))
        for record in new { book.sent[record.recordID] = nil }
        result.records += count
        result.refused += items.count - count
        let done = book
        try await write { try done.put(person, $0) }
    }

    private func use(_ account: SystemAccount, _ categories: [Name]) -> DataUse {
        DataUse(
            role: account.role.name, purpose: PurposeOfUse.treatment.name, categories: categories, dataFrom: 0,
            dataTo: Opener.dataEnd)
    }

    // MARK: What the hospital has

    /// What is about this patient and nobody else, and what that refers to and is about nobody. What is about two
    /// patients is not deposited for either: each has agreed for themselves alone.
    private func versions(_ patient: String) async throws(Problem) -> [StoredVersion] {
        let about = try await records.candidates(nil, [.patient(patient)])
            .filter { !$0.key.isOwnAccount && ($0.patients == [patient] || !enforced("guard:gateway.other-patient")) }
        var (all, new, known) = (about, about, Set(about.map(\.key)))
        while !new.isEmpty {
            let wanted = Set(
                new.flatMap { $0.resource?.references ?? [] }.compactMap { $0.key(on: parts.base) }
            ).subtracting(known)
            known.formUnion(wanted)
            new = try await records.current(wanted.sorted()).values
                .filter { $0.resource != nil && $0.patients.isEmpty && $0.key.type != .patient }
            all += new
        }
        return all
    }

    private func kept<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws -> R {
        do { return try await parts.store.read(body) } catch { throw Failure.problem(Problem(.unavailable)) }
    }

    private func write(_ body: @Sendable (any NodeTransaction) throws -> Void) async throws {
        do { try await parts.store.transaction(body) } catch { throw Failure.problem(Problem(.unavailable)) }
    }
}
