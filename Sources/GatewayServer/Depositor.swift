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

        /// What the failure says about the book, if anything.
        func doubt(_ medical: PartyID) -> Doubt? {
            switch self {
            case .exchange(.unusable(let refusal)) where refusal.code == .participants: .tickets
            case .exchange(.refused(medical, let refusal)) where [.conflict, .prev].contains(refusal.code): .book
            default: nil
            }
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
            do { result = try await deposit(patient, person, &book, by: account, .usual) } catch {
                guard let doubt = (error as? Failure)?.doubt(parts.medical) else { throw error }
                result = try await deposit(patient, person, &book, by: account, doubt)
            }
            // Only what was there when the mark was read is deposited now; a later write has made it a new one.
            if result.refused == 0, let mark {
                try await write { try records.marks.end(mark, $0) }
            }
            return result
        }
    }

    private func deposit(
        _ patient: String, _ person: Pseudonym, _ book: inout DepositBook, by account: SystemAccount, _ doubt: Doubt
    ) async throws -> Result {
        let unsure = try await reconcile(person, &book, by: account, doubt)
        let versions: [StoredVersion]
        do { versions = try await self.versions(patient) } catch { throw Failure.problem(error) }
        let plan = DepositPlan(versions, base: parts.base, book: book, zoneMinutes: parts.zoneMinutes)
        var result = Result(unchanged: plan.unchanged)
        result.refused = plan.items.count { unsure.contains($0.place.category) }
        for items in plan.requests.flatMap(Self.apart) {
            let sure = items.filter { !unsure.contains($0.place.category) }
            if !sure.isEmpty { try await send(sure, of: person, &book, &result, by: account) }
        }
        return result
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

    func use(_ account: SystemAccount, _ categories: [Name]) -> DataUse {
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

    func write(_ body: @Sendable (any NodeTransaction) throws -> Void) async throws {
        do { try await parts.store.transaction(body) } catch { throw Failure.problem(Problem(.unavailable)) }
    }
}
