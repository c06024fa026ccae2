import Exchanges
import FHIR
import Gateway
import Guards
import Logging
import Policy
import Polymorphic
import Ristretto255
import Serving

/// `/desk`: visits, and what a hospital's system does with a person who is here or known here.
struct Desk: Sendable {
    let parts: GatewayServer.Parts
    let records: RecordStore
    let depositor: Depositor
    let service: FHIRService
    let visits: Visits
    let opener: Opener
    let links: LinkTable

    init(
        parts: GatewayServer.Parts, records: RecordStore, sessions: Sessions, depositor: Depositor,
        service: FHIRService
    ) {
        (self.parts, self.records, self.depositor, self.service) = (parts, records, depositor, service)
        visits = Visits(now: parts.now)
        opener = Opener(parts: parts, records: records, sessions: sessions)
        links = LinkTable(key: parts.key)
    }

    /// What a phone may ask without a credential: the id of a visit is what the terminal shows.
    /// - Returns: nil for anything else.
    func answerAnybody(_ request: ServedRequest) async -> ServedAnswer? {
        do throws(Problem) {
            switch Route(request.path) {
            case .visit(let id)? where request.method == .get:
                let visit = try visits.shown(id)
                return json(200, Self.shown(visit))
            case .presentation(let id)? where request.method == .post:
                try present(request.body, at: id)
                return ServedAnswer(204, headers: ["cache-control": "no-store"])
            default: return nil
            }
        } catch { return Refused.answer(error) }
    }

    private func present(_ body: [UInt8], at id: String) throws(Problem) {
        // Whether there is such a visit comes first: whoever has no id learns nothing about the form.
        _ = try visits.shown(id)
        let presentation: Presentation
        do {
            presentation = try Presentation(wire: body, transcryptors: Int(parts.node.requester.pins.ceremony.n))
        } catch { throw Problem(.badParameter) }
        try visits.present(presentation, at: id)
    }

    /// What a system with a credential asks.
    func answer(_ request: ServedRequest, by account: SystemAccount) async -> ServedAnswer {
        do {
            guard let route = Route(request.path) else { throw Problem(.noSuchPath) }
            guard request.method == route.method else { throw Problem(.badMethod) }
            guard request.query.isEmpty else { throw Problem(.badParameter) }
            try DeskInput.refuseNumbers(request.path)
            return try await answer(route, request, account)
        } catch {
            let (problem, code) = Self.problem(error)
            parts.logger.info(
                "the desk refused", metadata: ["status": "\(problem.code.status)", "code": "\(code)"])
            if problem.code == .forbidden {
                // It is refused in any case, whether this can be kept or not.
                try? await service.accounts.audit(
                    .init(interaction: "operation", action: "E", outcome: 4), by: account, of: [],
                    in: service.engine(for: account.role))
            }
            return Refused.answer(problem)
        }
    }

    private static func problem(_ error: any Error) -> (Problem, code: String) {
        switch error {
        case let problem as Problem: (problem, problem.code.rawValue)
        case let failure as ExchangeFailure: (failure.problem, failure.code)
        case let failure as Depositor.Failure: (failure.problem, failure.code)
        default: (Problem(.unavailable), "unavailable")
        }
    }

    private func answer(
        _ route: Route, _ request: ServedRequest, _ account: SystemAccount
    ) async throws -> ServedAnswer {
        func input(_ allowed: Set<DeskInput.Member>) throws(Problem) -> DeskInput {
            try DeskInput(request.body, allowed, zoneMinutes: parts.zoneMinutes)
        }
        switch route {
        case .visits:
            return try begin(try input([.purpose]), account)
        case .identify(let id): return try await identify(id, try input([.patient]), account)
        case .openVisit(let id):
            return try await open(visit: id, try input([.patient, .categories, .from, .to]), account)
        case .openPatient(let id):
            return try await open(patient: id, try input([.purpose, .categories, .from, .to]), account)
        case .deposit(let id):
            _ = try input([])
            return try await deposit(id, account)
        case .visit, .presentation: throw Problem(.badMethod)
        }
    }

    // MARK: Visits

    private func begin(_ input: DeskInput, _ account: SystemAccount) throws(Problem) -> ServedAnswer {
        let (id, purpose) = (Hex.text(parts.random.bytes(16)), input.purpose ?? .treatment)
        let visit = try visits.begin(id, for: account.name, purpose, parts.node.terminal(purpose.name))
        return json(
            201,
            .object(
                [("visit", .string(id))] + Self.members(visit) + [
                    ("expires", .string(parts.instant(visit.expires).description))
                ]))
    }

    private static func members(_ visit: Visits.Visit) -> [(String, JSONText)] {
        [
            ("text", .string(Base64.text(visit.text.bytes))), ("signature", .string(Base64.text(visit.signature))),
        ]
    }

    private static func shown(_ visit: Visits.Visit) -> JSONText { .object(members(visit)) }

    private func identify(_ id: String, _ input: DeskInput, _ account: SystemAccount) async throws -> ServedAnswer {
        try await checkPatient(input.patient)
        let (visit, person) = try visits.use(id, by: account.name)
        // It is asked who it is, for no kind of data.
        let wish = Opener.Wish(account: account, purpose: visit.purpose, input)
        let known = try await parts.node.identify(person, for: wish.use([]), by: account.person)
        let patient = try await link(known, input.patient)
        try await audited(patient, account, visit.purpose)
        return json(200, ["patient": .string(patient)])
    }

    /// A Patient who is named must be here: a slip of the pen would give somebody's records a wrong name for ever.
    func checkPatient(_ id: String?) async throws(Problem) {
        guard let id else { return }
        guard let key = ResourceKey(.patient, id) else { throw Problem(.badParameter) }
        let isHere = try await records.current([key])[key]?.resource != nil
        guard isHere || !enforced("guard:gateway.patient-here") else { throw Problem(.forbidden) }
    }

    func link(_ person: Pseudonym, _ wanted: String?) async throws -> String {
        let links = links
        let marks = records.marks
        do {
            return try await parts.store.transaction { transaction in
                let patient = try links.link(person, as: wanted, transaction)
                try marks.hasten(patient, transaction)
                return patient
            }
        } catch let problem as Problem { throw problem } catch { throw Problem(.unavailable) }
    }
}
