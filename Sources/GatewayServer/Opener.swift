import Exchanges
import FHIR
import Gateway
import Guards
import Logging
import Policy
import Polymorphic
import Ristretto255

/// Finds, fetches and opens what others deposited about a person: into a session, never into a store.
struct Opener: Sendable {
    let parts: GatewayServer.Parts
    let records: RecordStore
    let sessions: Sessions

    /// What a system asks for.
    struct Wish: Sendable {
        let account: SystemAccount
        let purpose: PurposeOfUse
        /// nil: the ordinary clinical kinds, as far as the person allows them.
        let categories: [Policy.Category]?
        let from: UInt64
        let to: UInt64

        init(account: SystemAccount, purpose: PurposeOfUse, _ input: DeskInput) {
            (self.account, self.purpose, categories) = (account, purpose, input.categories)
            (from, to) = (input.from ?? 0, input.to ?? Opener.dataEnd)
        }

        func use(_ categories: [Policy.Category]) -> DataUse {
            DataUse(
                role: account.role.name, purpose: purpose.name, categories: categories.map(\.name), dataFrom: from,
                dataTo: to)
        }
    }

    /// What was opened.
    struct Opened: Sendable {
        /// Records that the centre has and that nothing has replaced.
        let found: Int
        /// Records that were read.
        let records: Int
        let session: Sessions.Session
        let resources: Int
        /// Kinds that were allowed.
        let categories: [Policy.Category]
        /// What was received from whom.
        let received: [PartyID: [ResourceKey]]
    }

    /// The end of a period that is open: 2100-01-01.
    static let dataEnd: UInt64 = 68_374_080
    /// What is asked for where nothing is named. Kinds that are sensitive (PSY, DNA) are asked for by name alone.
    static let ordinary: [Policy.Category] = [
        .general, .laboratory, .medication, .allergy, .immunisation, .imaging, .vitalSigns, .checkup,
    ]

    // MARK: Finding

    /// Who is here, and what the centre has. Where kinds are named this is one exchange; else the first one asks for no
    /// kind of data, only who it is.
    func identify(
        _ person: Presented, _ wish: Wish
    ) async throws(ExchangeFailure) -> (person: Pseudonym, found: [FoundRecord]) {
        guard let categories = wish.categories else {
            let known = try await parts.node.identify(person, for: wish.use([]), by: wish.account.person)
            return (known, try await find(known, wish))
        }
        return try await parts.node.identify(
            person, findingAt: parts.medical, for: wish.use(categories), by: wish.account.person)
    }

    /// What the centre has of a person who is known here. A consent covers a request as a whole: where it does not
    /// cover all the ordinary kinds, each is asked for by itself.
    func find(_ person: Pseudonym, _ wish: Wish) async throws(ExchangeFailure) -> [FoundRecord] {
        do {
            return try await find(person, wish, wish.categories ?? Self.ordinary)
        } catch {
            guard case .notPermitted = error, wish.categories == nil else { throw error }
        }
        var (found, isAllowed) = ([FoundRecord](), false)
        for category in Self.ordinary {
            do {
                found += try await find(person, wish, [category])
                isAllowed = true
            } catch { guard case .notPermitted = error else { throw error } }
        }
        guard isAllowed else { throw .notPermitted }
        return found
    }

    private func find(
        _ person: Pseudonym, _ wish: Wish, _ categories: [Policy.Category]
    ) async throws(ExchangeFailure) -> [FoundRecord] {
        try await parts.node.find(person, at: parts.medical, for: wish.use(categories), by: wish.account.person)
    }

    // MARK: Fetching

    /// Fetches what was found and opens a session.
    func open(
        _ found: [FoundRecord], of person: Pseudonym, as patient: String, _ wish: Wish
    ) async throws -> Opened {
        let replaced = Set(found.map(\.header.previous))
        let newest = found.filter { !replaced.contains($0.header.hash) || !enforced("guard:gateway.replaced") }
        let read = try await fetch(newest, of: person, wish)
        let bodies = read.compactMap { record in record.content.map { (record.header.author, $0) } }
        let key = parts.key
        var authors: [ResourceKey: PartyID] = [:]
        var joined = RecordJoiner().join(bodies.map(\.1)) { [node = parts.node] body, resource in
            let author = bodies[body].0
            let isForeign = author != node.id && enforced("guard:gateway.naming")
            let name = [Array(patient.utf8), author.bytes, Array(resource.description.utf8)]
            let named = isForeign ? ResourceKey(resource.type, key.id(.fetched, name)) ?? resource : resource
            authors[named] = author
            return named
        }
        if !joined.unreadable.isEmpty {
            parts.logger.warning("records could not be read", metadata: ["count": "\(joined.unreadable.count)"])
        }
        if !joined.resources.isEmpty, !joined.resources.contains(where: { $0.type == .patient }) {
            // The person did not agree to the kind that holds the Patient: it says only whom all this is about.
            let nobody = "{\"resourceType\":\"Patient\",\"id\":\"\(patient)\"}"
            let body = "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":\(nobody)}]}"
            joined = joined.adding(RecordJoiner().join([Array(body.utf8)]))
        }
        let own = ResourceKey(.patient, patient)
        let known = try await records.current([own].compactMap(\.self))
        let now = parts.now()
        let store = try await MemoryStore(
            joined, patient: patient, renamesPatient: known.values.allSatisfy { $0.resource == nil }, base: parts.base,
            at: parts.instant(now))
        let session = Sessions.Session(
            patient: patient, role: wish.account.role, store: store,
            bytes: joined.resources.reduce(0) { $0 + $1.json.range.count }, expires: now + Sessions.seconds)
        sessions.keep(session)
        return Opened(
            found: newest.count, records: bodies.count, session: session, resources: joined.resources.count,
            categories: categories(newest, wish), received: try await received(joined, authors, store, own))
    }

    private func categories(_ found: [FoundRecord], _ wish: Wish) -> [Policy.Category] {
        wish.categories
            ?? Set(found.compactMap { Policy.Category(rawValue: $0.header.category.description) }).sorted {
                $0.rawValue < $1.rawValue
            }
    }

    /// The keys, as they are read here, of what each author wrote.
    private func received(
        _ joined: RecordJoiner.Joined, _ authors: [ResourceKey: PartyID], _ store: MemoryStore, _ patient: ResourceKey?
    ) async throws(Problem) -> [PartyID: [ResourceKey]] {
        let keys = joined.resources.compactMap(\.key)
        let known = try await store.current(keys)
        var received: [PartyID: [ResourceKey]] = [:]
        for key in keys {
            // The one that is missing under its own key is the Patient, who has the id of this hospital.
            guard let author = authors[key], let shown = known[key] == nil ? patient : key else { continue }
            received[author, default: []].append(shown)
        }
        return received
    }

    /// Records in as few requests as the limits allow.
    private func fetch(_ found: [FoundRecord], of person: Pseudonym, _ wish: Wish) async throws -> [ReadRecord] {
        var read: [ReadRecord] = []
        for start in stride(from: 0, to: found.count, by: RecordSplitter.recordsPerRequest) {
            let part = Array(found[start..<min(start + RecordSplitter.recordsPerRequest, found.count)])
            read += try await fetchPart(part, of: person, wish)
        }
        return read
    }

    private func fetchPart(_ part: [FoundRecord], of person: Pseudonym, _ wish: Wish) async throws -> [ReadRecord] {
        guard !part.isEmpty else { return [] }
        let names = Set(part.map(\.header.category)).sorted()
        var use = wish.use([])
        use.categories = names
        let failure: ExchangeFailure
        do {
            return try await parts.node.fetch(part, of: person, for: use, by: wish.account.person)
        } catch { failure = error }
        var read: [ReadRecord] = []
        for smaller in smaller(part, after: failure) { read += try await fetchPart(smaller, of: person, wish) }
        if read.isEmpty, !isSpoilt(part, failure) { throw failure }
        return read
    }

    /// What is asked for instead after a failure; nothing where there is nothing to be done.
    private func smaller(_ part: [FoundRecord], after failure: ExchangeFailure) -> [[FoundRecord]] {
        switch failure {
        case .notPermitted:
            // Each kind may stand in a consent of its own.
            let names = Set(part.map(\.header.category)).sorted()
            return names.count > 1 ? names.map { name in part.filter { $0.header.category == name } } : []
        case .refused(_, let refusal) where refusal.code == .length && part.count > 1:
            // More than one answer can carry.
            return [Array(part[..<(part.count / 2)]), Array(part[(part.count / 2)...])]
        case .refused(let author, _) where isSpoilt(part, failure):
            // What one author spoilt takes nothing of the others with it.
            parts.logger.warning("records of an author could not be opened")
            let others = part.filter { $0.header.author != author }
            return others.isEmpty ? [] : [others]
        default: return []
        }
    }

    private func isSpoilt(_ part: [FoundRecord], _ failure: ExchangeFailure) -> Bool {
        guard case .refused(let author, _) = failure else { return false }
        return part.contains { $0.header.author == author }
    }
}
