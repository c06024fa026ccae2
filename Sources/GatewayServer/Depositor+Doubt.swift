import Exchanges
import FHIR
import Gateway
import Policy
import Polymorphic
import Ristretto255

extension Depositor {
    /// What is not known for certain of what lies at the centre.
    enum Doubt {
        /// At most what became of records that are on their way.
        case usual
        /// Transcryptors that were away have adopted since: the centre has their Tickets, the book not yet.
        case tickets
        /// The centre has records that the book does not know: it is an older one, out of a backup.
        case book
    }

    /// Asks the centre for what is in doubt, in the name of somebody who may find: a clerk deposits and never looks.
    /// - Returns: kinds that stay in doubt, because the person does not allow even that.
    func reconcile(
        _ person: Pseudonym, _ book: inout DepositBook, by account: SystemAccount, _ doubt: Doubt
    ) async throws -> Set<String> {
        let onTheWay = Set(book.sent.values.map(\.place.category))
        var names = onTheWay
        if case .tickets = doubt { names.formUnion(book.kept.keys.map(\.category)) }
        if case .book = doubt { names.formUnion(Opener.ordinary.map(\.rawValue)) }
        guard !names.isEmpty else { return [] }
        let finders: Set<Role> = [.physician, .nurse, .pharmacist]
        let finder = finders.contains(account.role) ? account : parts.accounts.first { finders.contains($0.role) }
        guard let finder else { throw Failure.problem(Problem(.unavailable)) }
        var unsure: Set<String> = []
        for name in names.sorted() {
            let found: [FoundRecord]
            let asked = use(finder, [try Name(name)])
            do {
                found = try await parts.node.find(person, at: parts.medical, for: asked, by: finder.person)
            } catch {
                guard case .notPermitted = error else { throw Failure.exchange(error) }
                if onTheWay.contains(name) { unsure.insert(name) }
                continue
            }
            let own = found.map(\.record).filter { $0.header.author == parts.node.id }
            book.confirm(own)
            book.refresh(own)
            if case .book = doubt { book.relearn(own, category: name) }
        }
        // What is not there now never came: nobody sends it again.
        book.sent = book.sent.filter { unsure.contains($0.value.place.category) }
        let known = book
        try await write { try known.put(person, $0) }
        return unsure
    }
}
