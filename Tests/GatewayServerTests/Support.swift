import Crypto
import Device
import Exchanges
import Foundation
import Gateway
import Logging
import Policy
import Polymorphic
import Ristretto255
import Serving
import SQLiteStore
import Simulation
import Synchronization
import Testing

@testable import FHIR
@testable import GatewayServer

/// A hospital of a simulated country with its gateway in front.
struct Hospital: Sendable {
    let id: PartyID
    let server: GatewayServer
    let log: CaughtLog

    static let token = "token-of-the-hospital"
    static let clerkToken = "token-of-the-clerks"
    static func base(_ id: PartyID) -> String { "https://\(id).example/fhir" }

    /// - Parameter life: another one for another start over the same store.
    init(_ country: Country, _ id: PartyID, life: Int = 0, store: (any NodeStore)? = nil) throws {
        let log = CaughtLog()
        (self.id, self.log) = (id, log)
        let doctor = try country.person(0, of: id)
        let clerk = try country.person(1, of: id)
        let parts = GatewayServer.Parts(
            node: try country.gateway(id), store: try store ?? #require(country.network.anyStore(of: id)),
            accounts: [
                SystemAccount(
                    name: "his", tokenHash: Self.sha256(Self.token), certificateHash: Self.sha256("key of his"),
                    role: .physician, person: doctor),
                SystemAccount(
                    name: "clerks", tokenHash: Self.sha256(Self.clerkToken), certificateHash: nil, role: .recordsClerk,
                    person: clerk),
            ], medical: country.names.medical, base: Self.base(id),
            key: try IdentityKey(SecretBytes(count: 32, from: country.random("identity key of \(id)"))),
            now: { country.scheduler.now() }, random: country.random("gateway of \(id) \(life)"),
            logger: Logger(label: "gateway") { _ in log },
            wait: { await country.wait(seconds: UInt64(max(1, $0.components.seconds))) })
        server = GatewayServer(parts)
    }

    static func sha256(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    func send(
        _ method: ServedRequest.Method, _ path: String, query: String = "", bytes: [UInt8] = [],
        token: String? = Hospital.token, peer: [UInt8]? = nil, type: String = "application/fhir+json"
    ) async -> ServedAnswer {
        var headers: [String: String] = [:]
        if let token { headers["authorization"] = "Bearer \(token)" }
        return await server.answer(
            ServedRequest(
                method: method, path: path, query: query, contentType: bytes.isEmpty ? nil : type, headers: headers,
                body: bytes, peer: peer))
    }

    func post(_ path: String, _ json: String = "{}", token: String? = Hospital.token) async -> ServedAnswer {
        await send(.post, path, bytes: Array(json.utf8), token: token, type: "application/json")
    }

    func get(_ path: String, query: String = "", token: String? = Hospital.token) async -> ServedAnswer {
        await send(.get, path, query: query, token: token)
    }

    /// A visit of a person who is here.
    func visit(_ resident: Resident, purpose: String = "treatment") async throws -> String {
        let begun = await post("/desk/visits", #"{"purpose":"\#(purpose)"}"#)
        #expect(begun.status == 201)
        let id = try #require(begun.json?["visit"]?.string)
        let shown = await send(.get, "/desk/visits/\(id)", token: nil)
        let text = try #require(Data(base64Encoded: shown.json?["text"]?.string ?? ""))
        let signature = try #require(Data(base64Encoded: shown.json?["signature"]?.string ?? ""))
        let presentation = try await resident.phone.present(
            try TerminalText(wire: [UInt8](text)), [UInt8](signature))
        let presented = await send(
            .post, "/desk/visits/\(id)/presentation", bytes: presentation.bytes, token: nil,
            type: "application/octet-stream")
        #expect(presented.status == 204)
        return id
    }

    /// A person is here and becomes known; what the hospital has of them is the Patient named.
    func identify(_ resident: Resident, as patient: String? = nil) async throws -> ServedAnswer {
        let visit = try await visit(resident)
        return await post("/desk/visits/\(visit)/identify", patient.map { #"{"patient":"\#($0)"}"# } ?? "{}")
    }

    /// The id of the one Patient of a bundle that is sent.
    func take(_ bundle: [UInt8]) async throws -> String {
        let answer = await send(.post, "/fhir", bytes: bundle)
        #expect(answer.status == 200)
        let location = answer.json?["entry"]?.elements.compactMap { $0["response"]?["location"]?.string }
            .first { $0.hasPrefix("Patient/") }
        return String(try #require(location).split(separator: "/")[1])
    }

    func everything(_ patient: String) async throws -> [Resource] {
        let answer = await get("/fhir/Patient/\(patient)/$everything")
        #expect(answer.status == 200)
        return try answer.resources
    }
}

extension ServedAnswer {
    var json: JSONValue? { try? JSONDocument(body).root }
    var resources: [Resource] {
        get throws { try (json?["entry"]?.each ?? []).compactMap { $0["resource"] }.map { try Resource($0) } }
    }
    func number(_ name: String) -> Int? { json?[name]?.numberText.flatMap { Int($0) } }
    /// Our code of the first issue.
    var problem: String? {
        let issue = json?["issue"]?.elements.first { _ in true }
        return issue?["details"]?["coding"]?.elements.first { _ in true }?["code"]?.string
    }
}

/// Equal for two sets of resources that differ in ids, versions and times of change alone: each resource by what it
/// says, with every reference as what its target says.
func modulo(_ resources: [Resource]) -> [String] {
    var colours: [ResourceKey: String] = [:]
    for _ in 0..<5 {
        var next: [ResourceKey: String] = [:]
        for resource in resources {
            guard let key = resource.key else { continue }
            let edits = ResourceText.edits(in: resource.json) { text in
                guard case .local(let target) = Reference(text) else { return nil }
                return target.type.name + "/" + (colours[target] ?? "unknown")
            }
            next[key] = Hex.text(SHA256.hash(data: resource.content(edits)).prefix(8))
        }
        colours = next
    }
    return colours.map { "\($0.key.type) \($0.value)" }.sorted()
}

/// Everything that was logged, in one text.
final class CaughtLog: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var metadata: Logger.Metadata {
        get { [:] }
        set { _ = newValue }
    }
    var logLevel: Logger.Level {
        get { .trace }
        set { _ = newValue }
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set { _ = newValue }
    }
    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
    }
}

extension Country {
    /// A resident who agrees that hospitals use the ordinary kinds.
    func resident(_ name: String, agreeingTo hospitals: [PartyID]) async throws -> Resident {
        let resident = try await enrol(name)
        for id in hospitals { _ = try await resident.phone.give(try terms(to: id, Opener.ordinary)) }
        return resident
    }
}

/// A folder that is gone after the test.
enum Folder {
    static func with<R>(_ body: (String) async throws -> R) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path)
    }
}

func sealer() throws -> StoreSealer { try StoreSealer(key: SecretBytes(copying: [UInt8](repeating: 7, count: 32))) }
/// The stores that nodes really have: sealed entries in SQLite.
let sealedStores = StoreMaker { _ in try SQLiteNodeStore(inMemory: sealer()) }

func identityKey(_ byte: UInt8 = 5) throws -> IdentityKey {
    try IdentityKey(SecretBytes(copying: [UInt8](repeating: byte, count: 32)))
}

/// A made-up person's bundle.
func bundle(_ index: Int, visits: Int = 8) -> [UInt8] {
    let maker = PeopleMaker(seed: 11)
    return maker.bundle(for: maker.person(index), visits: visits)
}
