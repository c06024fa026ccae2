import Crypto
import Exchanges
import FHIR
import Guards
import Policy
import Polymorphic
import Ristretto255
import Serving

/// `/fhir`: the FHIR server of the hospital, over its own records and what is open in sessions. Whatever touches a
/// patient's records leaves an AuditEvent, or is not answered.
struct FHIRService: Sendable {
    let parts: GatewayServer.Parts
    let sessions: Sessions
    let accounts: Accounts
    private let records: RecordStore
    /// For writes: they are about the hospital's own records, as these are.
    private let writing: FHIREngine
    /// For reads, by the role in which a system acts.
    private let reading: [Role: FHIREngine]

    init(parts: GatewayServer.Parts, records: RecordStore, sessions: Sessions) {
        (self.parts, self.sessions, self.records) = (parts, sessions, records)
        accounts = Accounts(parts: parts)
        writing = Self.engine(parts, records)
        reading = Dictionary(
            Set(parts.accounts.map(\.role)).map { role in
                (role, Self.engine(parts, LayeredStore(own: records) { sessions.stores(for: role) }))
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func engine(_ parts: GatewayServer.Parts, _ store: any ResourceStore) -> FHIREngine {
        var options = FHIREngine.Options(base: parts.base)
        options.limits = JSONLimits(bytesMax: GatewayServer.fhirBodyMax, depthMax: 64, nodesMax: 4_000_000)
        options.zoneMinutes = parts.zoneMinutes
        let (key, random, now) = (parts.key, parts.random, parts.now)
        return FHIREngine(
            options, store: store, access: HospitalAccess(), identity: { key.tag(.bundle, [$0]) },
            clock: { parts.instant(now()) }, random: { random.bytes($0) })
    }

    /// What systems in a role read, sessions included.
    func engine(for role: Role) -> FHIREngine { reading[role] ?? writing }

    func answer(_ request: ServedRequest, by account: SystemAccount) async -> ServedAnswer {
        let path = String(request.path.dropFirst(GatewayServer.fhirPrefix.count).drop { $0 == "/" })
        var headers = request.headers.map { (name: $0.key, value: $0.value) }
        if let type = request.contentType, request.headers["content-type"] == nil {
            headers.append(("content-type", type))
        }
        let asked = FHIRRequest(
            request.method.rawValue, path, query: request.query, headers: headers, body: request.body,
            caller: account.name)
        let layered = engine(for: account.role)
        let engine = isRead(asked, account) ? layered : writing
        let seen = PatientsSeen()
        let response = await PatientsSeen.$current.withValue(seen) { await engine.answer(asked) }
        do throws(Problem) {
            try await audit(asked, response, seen.all, by: account, in: layered)
        } catch { return Refused.answer(Problem(.unavailable)) }
        return served(response)
    }

    private func served(_ response: FHIRResponse) -> ServedAnswer {
        var headers = ["cache-control": "no-store"]
        for (name, value) in response.headers where name != "Content-Type" { headers[name.lowercased()] = value }
        if response.status == 503 { headers["retry-after"] = "5" }
        return ServedAnswer(
            response.status, response.body, type: response.header("Content-Type") ?? Refused.mediaType,
            headers: headers)
    }

    /// Whether nothing is written. A bundle that only reads is one, too: with sessions open it is looked at.
    private func isRead(_ request: FHIRRequest, _ account: SystemAccount) -> Bool {
        switch request.method {
        case "GET": return true
        case "POST":
            if request.path.hasSuffix("/_search") || request.path.hasSuffix("/$everything") { return true }
            guard request.path.isEmpty, !sessions.stores(for: account.role).isEmpty,
                let root = try? JSONDocument(request.body).root
            else { return false }
            let methods = (root["entry"]?.each ?? []).map { $0["request"]?["method"]?.string }
            return methods.allSatisfy { $0 == "GET" }
        default: return false
        }
    }

    // MARK: AuditEvents

    private func audit(
        _ request: FHIRRequest, _ response: FHIRResponse, _ patients: [String], by account: SystemAccount,
        in engine: FHIREngine
    ) async throws(Problem) {
        let isDone = response.status < 400
        guard isDone ? !patients.isEmpty : response.status == 403, enforced("guard:gateway.audit") else { return }
        var entities: [ResourceKey] = []
        if isDone {
            // A refusal names nobody: what was asked for may not exist.
            if case .local(let key) = Reference(request.path), key.type != .patient { entities.append(key) }
            entities += patients.compactMap { ResourceKey(.patient, $0) }
        }
        let (interaction, action) = Self.kind(request)
        try await accounts.audit(
            .init(interaction: interaction, action: action, outcome: isDone ? 0 : 4), by: account, of: entities,
            in: engine)
    }

    /// Codes of restful-interaction and of audit-event-action.
    private static func kind(_ request: FHIRRequest) -> (interaction: String, action: String) {
        let parts = request.path.split(separator: "/")
        switch (request.method, parts.count) {
        case ("PUT", _): return ("update", "U")
        case ("DELETE", _): return ("delete", "D")
        case ("POST", 0): return ("transaction", "E")
        case ("POST", 1): return ("create", "C")
        case ("GET", 2): return ("read", "R")
        case ("GET", 4): return ("vread", "R")
        case ("GET", 3) where parts.last == "_history": return ("history-instance", "R")
        case (_, 3): return ("operation", "E")
        default: return ("search-type", "E")
        }
    }
}
