import Exchanges
import FHIR
import Gateway
import Policy
import Polymorphic
import Serving

/// What is done with the records of a person who is here or known here.
extension Desk {
    func open(visit id: String, _ input: DeskInput, _ account: SystemAccount) async throws -> ServedAnswer {
        try await checkPatient(input.patient)
        let (visit, presented) = try visits.use(id, by: account.name)
        let wish = Opener.Wish(account: account, purpose: visit.purpose, input)
        let (person, found) = try await opener.identify(presented, wish)
        return try await open(found, of: person, as: try await link(person, input.patient), wish)
    }

    func open(patient id: String, _ input: DeskInput, _ account: SystemAccount) async throws -> ServedAnswer {
        let wish = Opener.Wish(account: account, purpose: input.purpose ?? .treatment, input)
        let person: Pseudonym?
        do { person = try await parts.store.read { try LinkTable.person(of: id, $0) } } catch {
            throw Problem(.unavailable)
        }
        guard let person else { throw Problem(.forbidden) }
        return try await open(try await opener.find(person, wish), of: person, as: id, wish)
    }

    private func open(
        _ found: [FoundRecord], of person: Pseudonym, as patient: String, _ wish: Opener.Wish
    ) async throws -> ServedAnswer {
        let opened = try await opener.open(found, of: person, as: patient, wish)
        try await service.accounts.received(opened, wish, in: service.engine(for: wish.account.role))
        try await audited(patient, wish.account, wish.purpose)
        return json(
            200,
            .object([
                ("patient", .string(patient)), ("found", .number(String(opened.found))),
                ("records", .number(String(opened.records))), ("resources", .number(String(opened.resources))),
                ("expires", .string(parts.instant(opened.session.expires).description)),
            ]))
    }

    func deposit(_ patient: String, _ account: SystemAccount) async throws -> ServedAnswer {
        let result = try await depositor.deposit(patient, by: account)
        try await audited(patient, account, .treatment)
        // Nothing of it was taken: the person has not agreed.
        if result.refused > 0, result.records + result.unchanged == 0 { throw Problem(.forbidden) }
        return json(
            200,
            .object([
                ("records", .number(String(result.records))), ("unchanged", .number(String(result.unchanged))),
                ("refused", .number(String(result.refused))),
            ]))
    }

    func audited(
        _ patient: String, _ account: SystemAccount, _ purpose: PurposeOfUse
    ) async throws(Problem) {
        try await service.accounts.audit(
            .init(interaction: "operation", action: "E", outcome: 0), by: account,
            of: [ResourceKey(.patient, patient)].compactMap(\.self), purpose: purpose,
            in: service.engine(for: account.role))
    }

    func json(_ status: Int, _ text: JSONText) -> ServedAnswer {
        ServedAnswer(
            status, text.bytes, type: "application/json; charset=utf-8", headers: ["cache-control": "no-store"])
    }
}
