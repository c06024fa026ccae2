import Guards
import Synchronization
import Testing

@testable import FHIR

@Suite struct EngineTests {
    static let patient =
        #"""
        {"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"77"}],"name":[{"family":"山田",\#
        "given":["花子"]}],"extension":[{"url":"urn:x","valueDecimal":1.10}]}
        """#

    private func made(_ server: TestServer, _ body: String = patient) async -> (id: String, etag: String) {
        let type = (try? JSONDocument(Array(body.utf8)).root["resourceType"]?.string) ?? "?"
        let response = await server.send("POST", type, "", body)
        return (response.json?["id"]?.string ?? "?", response.header("ETag") ?? "?")
    }

    @Test func whatIsCreatedIsReadBackWithEveryDigit() async throws {
        let server = TestServer()
        let response = await server.send("POST", "Patient", "", Self.patient)
        #expect(response.status == 201)
        let id = try #require(response.json?["id"]?.string)
        #expect(response.header("Location") == "\(TestServer.base)/Patient/\(id)/_history/1")
        #expect(response.header("ETag") == "W/\"1\"")
        let read = await server.send("GET", "Patient/\(id)")
        #expect(read.status == 200 && read.body == response.body)
        #expect(read.text.contains("\"valueDecimal\":1.10") && read.text.contains("山田"))
        #expect(read.header("Last-Modified")?.hasSuffix("GMT") == true)
        let same = await server.send("GET", "Patient/\(id)", headers: [("If-None-Match", "W/\"1\"")])
        #expect(same.status == 304 && same.body.isEmpty)
    }

    @Test func anUpdateMakesAVersionAndTheSameAgainDoesNot() async throws {
        let server = TestServer()
        let (id, _) = await made(server)
        let body = #"{"resourceType":"Patient","id":"\#(id)","active":true}"#
        let second = await server.send("PUT", "Patient/\(id)", "", body, headers: [("If-Match", "W/\"1\"")])
        #expect(second.status == 200 && second.header("ETag") == "W/\"2\"")
        let again = await server.send("PUT", "Patient/\(id)", "", body)
        #expect(again.status == 200 && again.header("ETag") == "W/\"2\"" && again.body == second.body)
        let stale = await server.send("PUT", "Patient/\(id)", "", body, headers: [("If-Match", "W/\"1\"")])
        #expect(stale.status == 412 && stale.problem == "version-conflict")
        let first = await server.send("GET", "Patient/\(id)/_history/1")
        #expect(first.status == 200 && first.text.contains("山田"))
        let history = await server.send("GET", "Patient/\(id)/_history")
        #expect(history.entries.count == 2 && history.json?["total"]?.numberText == "2")
    }

    @Test func withoutIfMatchTheLaterOneOfTwoWouldWin() async throws {
        let server = TestServer()
        let (id, _) = await made(server)
        _ = await server.send("PUT", "Patient/\(id)", "", #"{"resourceType":"Patient","id":"\#(id)","active":true}"#)
        let late = #"{"resourceType":"Patient","id":"\#(id)","active":false}"#
        let refused = await server.send("PUT", "Patient/\(id)", "", late, headers: [("If-Match", "W/\"1\"")])
        #expect(refused.status == 412)
        await Guards.withOff("guard:fhir.if-match") {
            let done = await server.send("PUT", "Patient/\(id)", "", late, headers: [("If-Match", "W/\"1\"")])
            #expect(done.status == 200)
        }
    }

    @Test func deletionLeavesTheHistoryAndNothingToRead() async throws {
        let server = TestServer()
        let (id, _) = await made(server)
        #expect(await server.send("DELETE", "Patient/\(id)").status == 204)
        let gone = await server.send("GET", "Patient/\(id)")
        let never = await server.send("GET", "Patient/never")
        #expect(gone.status == 403 && gone.body == never.body)
        #expect(await server.send("DELETE", "Patient/\(id)").body == never.body)
        #expect(await server.send("GET", "Patient", "_id=\(id)").json?["total"]?.numberText == "0")
        let again = await server.send("PUT", "Patient/\(id)", "", #"{"resourceType":"Patient","id":"\#(id)"}"#)
        #expect(again.status == 201 && again.header("ETag") == "W/\"3\"")
    }

    @Test func aRefusalIsTheSameBytesAsWhatDoesNotExist() async throws {
        let open = TestServer()
        let (id, _) = await made(open)
        let observation = await made(
            open,
            #"""
            {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{\#
            "reference":"Patient/\#(id)"}}
            """#
        )
        let closed = TestServer(access: TestAccess(hidden: [id]), store: open.store)
        let addresses = [
            "Patient/\(id)", "Patient/\(id)/_history", "Patient/\(id)/_history/1", "Patient/\(id)/$everything",
            "Observation/\(observation.id)",
        ]
        for address in addresses {
            let hidden = await closed.send("GET", address)
            let never = await closed.send(
                "GET", address.replacing(id, with: "never").replacing(observation.id, with: "never"))
            #expect(hidden.status == 403 && hidden.problem == "forbidden")
            #expect(hidden.body == never.body && hidden.headers.map(\.value) == never.headers.map(\.value))
        }
        for query in ["", "identifier=77", "_id=\(id)"] {
            #expect(await closed.send("GET", "Patient", query).json?["total"]?.numberText == "0")
        }
        await Guards.withOff("guard:fhir.visible") {
            #expect(await closed.send("GET", "Patient/\(id)").status == 200)
            #expect(await closed.send("GET", "Patient/\(id)/$everything").entries.count == 2)
        }
    }

    /// What can be timed from outside is what is done: the calls of the store and what they return.
    @Test func aRefusalTakesTheSameStepsAsWhatDoesNotExist() async throws {
        let open = TestServer()
        let (id, _) = await made(open)
        for number in 0..<20 {
            _ = await made(open, #"{"resourceType":"Basic","subject":{"reference":"Patient/\#(id)"},"v":\#(number)}"#)
        }
        let watched = WatchedStore(open.store)
        var closed = TestServer(access: TestAccess(hidden: [id]), store: open.store)
        closed.engine = FHIREngine(
            closed.engine.options, store: watched, access: TestAccess(hidden: [id]), identity: testHash,
            clock: closed.clock.now, random: { [UInt8](repeating: 1, count: $0) })
        for address in [
            "Patient/\(id)", "Patient/\(id)/_history/1", "Patient/\(id)/_history", "Patient/\(id)/$everything",
        ] {
            #expect(await closed.send("GET", address).status == 403)
            let hidden = watched.takeSteps()
            #expect(await closed.send("GET", address.replacing(id, with: "never")).status == 403)
            #expect(watched.takeSteps() == hidden && hidden == ["current 1"])
        }
    }

    @Test func nobodyWritesAboutAPatientWhoIsNotTheirs() async throws {
        let server = TestServer(access: TestAccess(readOnly: ["p"]))
        let body = #"{"resourceType":"Patient","id":"p"}"#
        #expect(await server.send("PUT", "Patient/p", "", body).status == 403)
        await Guards.withOff("guard:fhir.write") {
            #expect(await server.send("PUT", "Patient/p", "", body).status == 201)
        }
    }

    @Test func consentsCannotBeWritten() async throws {
        let server = TestServer()
        let body = #"{"resourceType":"Consent","status":"active"}"#
        let refused = await server.send("POST", "Consent", "", body)
        #expect(refused.status == 405 && refused.problem == "read-only-type")
        await Guards.withOff("guard:fhir.read-only") {
            #expect(await server.send("POST", "Consent", "", body).status == 201)
        }
    }

    @Test func aBodyBeyondTheLimitIsRefused() async throws {
        let server = TestServer { $0.limits.bytesMax = 200 }
        let body = #"{"resourceType":"Basic","language":"\#(String(repeating: "a", count: 300))"}"#
        #expect(await server.send("POST", "Basic", "", body).status == 413)
        await Guards.withOff("guard:fhir.body") {
            // The reader has a limit of its own.
            #expect(await server.send("POST", "Basic", "", body).problem == "too-large")
            await Guards.withOff("guard:json.bytes") {
                #expect(await server.send("POST", "Basic", "", body).status == 201)
            }
        }
    }

    static let refusals: [(String, String, String, String?, String)] = [
        ("GET", "Nonsense/1", "", nil, "unknown-type"), ("GET", "nonsense", "", nil, "no-such-path"),
        ("GET", "Patient/a/b/c/d/e", "", nil, "no-such-path"), ("GET", "Patient/a_b", "", nil, "bad-id"),
        ("GET", "Bundle/a", "", nil, "no-such-path"), ("PATCH", "Patient/a", "", "{}", "bad-method"),
        ("POST", "metadata", "", "{}", "bad-method"), ("GET", "Patient/%zz", "", nil, "no-such-path"),
        ("POST", "Patient", "", "{", "json"), ("POST", "Patient", "", #"{"a":1,"a":2}"#, "duplicate-member"),
        ("POST", "Patient", "", "[]", "not-a-resource"),
        ("POST", "Patient", "", #"{"resourceType":"X"}"#, "unknown-type"),
        ("POST", "Patient", "", #"{"resourceType":"Basic"}"#, "wrong-type"),
        ("POST", "Patient", "", #"{"resourceType":"Patient","id":"_"}"#, "bad-id"),
        ("PUT", "Patient/a", "", #"{"resourceType":"Patient","id":"b"}"#, "wrong-id"),
        ("PUT", "Patient/a", "", #"{"resourceType":"Patient"}"#, "wrong-id"),
        ("POST", "Patient", "", #"{"resourceType":"Patient","meta":{"lastUpdated":"2026"}}"#, "bad-meta"),
        ("POST", "Patient", "", #"{"resourceType":"Patient","meta":1}"#, "bad-meta"),
        ("POST", "Patient", "", #"{"resourceType":"Patient","birthDate":"2026-02-30"}"#, "bad-date"),
        ("POST", "Patient", "", String(repeating: "[", count: 70), "too-complex"),
        ("GET", "Patient", "birthdate=yesterday", nil, "bad-parameter"),
        ("GET", "Patient", "_count=-1", nil, "bad-parameter"),
        ("GET", "Patient", "birthdate:exact=2026", nil, "bad-modifier"),
        ("GET", "Patient", "name=%ff", nil, "bad-parameter"),
        ("GET", "Patient", "_sort=nothing", nil, "bad-parameter"), ("GET", "Patient", "_page=x", nil, "page-expired"),
        ("GET", "Patient", "_include=a:b", nil, "bad-parameter"), ("GET", "Patient/never", "", nil, "forbidden"),
        ("GET", "Patient/never/$everything", "", nil, "forbidden"),
        ("POST", "", "", #"{"resourceType":"Basic"}"#, "not-a-bundle"),
        ("PUT", "Patient", "", #"{"resourceType":"Patient"}"#, "needs-condition"),
        (
            "POST", "Patient", "",
            #"{"resourceType":"Patient","managingOrganization":{"reference":"Organization?name=x"}}"#,
            "unresolved-reference"
        ),
    ]

    @Test(arguments: refusals) func eachRefusalHasItsCode(
        _ method: String, _ path: String, _ query: String, _ body: String?, _ code: String
    ) async throws {
        let response = await TestServer().send(method, path, query, body)
        #expect(response.problem == code)
        #expect(ProblemCode(rawValue: code)?.status == response.status)
        #expect(response.json?["resourceType"]?.string == "OperationOutcome")
    }

    @Test func formatsThatAreNotOursAreRefused() async throws {
        let server = TestServer()
        let xml = await server.send("GET", "Patient", headers: [("Accept", "application/fhir+xml")])
        #expect(xml.status == 406 && xml.problem == "not-acceptable")
        #expect(await server.send("GET", "Patient", "_format=xml").status == 406)
        for fine in [
            "application/json", "application/fhir+json; fhirVersion=4.0", "*/*", "text/html, application/*;q=0.2",
        ] {
            #expect(await server.send("GET", "Patient", headers: [("Accept", fine)]).status == 200)
        }
        for fine in ["json", "application/fhir%2Bjson", "application/fhir+json"] {
            #expect(await server.send("GET", "Patient", "_format=\(fine)").status == 200)
        }
        let request = FHIRRequest("POST", "Patient", headers: [("content-type", "text/xml")], body: [1])
        #expect(await server.engine.answer(request).status == 415)
        let plain = FHIRRequest(
            "POST", "/Patient/", headers: [("content-type", "application/json")], body: Array(Self.patient.utf8))
        #expect(await server.engine.answer(plain).status == 201)
    }

    @Test func nothingThatWasSentStandsInARefusal() async throws {
        let secret = "Kanariya"
        let bodies = [
            #"{"resourceType":"\#(secret)"}"#, #"{"resourceType":"Patient","id":"\#(secret)_"}"#, "{\"\(secret)",
            #"{"resourceType":"Patient","birthDate":"\#(secret)"}"#,
        ]
        for body in bodies {
            let response = await TestServer().send("POST", "Patient", "", body)
            #expect(response.status >= 400 && !response.text.contains(secret))
        }
        let queries = ["\(secret)=1", "name:\(secret)=1", "birthdate=\(secret)", "_sort=\(secret)"]
        for query in queries {
            let response = await TestServer().send(
                "GET", "Patient", query, headers: [("Prefer", "handling=strict")])
            #expect(response.status == 400 && !response.text.contains(secret))
        }
    }

    @Test func conditionsOnCreateAndUpdateNameOneResource() async throws {
        let server = TestServer()
        let (id, _) = await made(server)
        let header = [(name: "If-None-Exist", value: "identifier=urn:mrn|77")]
        let again = await server.send("POST", "Patient", "", Self.patient, headers: header)
        #expect(again.status == 200 && again.json?["id"]?.string == id)
        let byQuery = await server.send("POST", "Patient", "identifier=urn:mrn%7C77", Self.patient)
        #expect(byQuery.status == 200 && byQuery.json?["id"]?.string == id)
        let update = #"{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"77"}],"active":true}"#
        let updated = await server.send("PUT", "Patient", "identifier=urn:mrn|77", update)
        #expect(updated.status == 200 && updated.header("ETag") == "W/\"2\"" && updated.json?["id"]?.string == id)
        _ = await made(server)
        #expect(await server.send("PUT", "Patient", "identifier=urn:mrn|77", update).problem == "many-matches")
        #expect(await server.send("POST", "Patient", "", Self.patient, headers: header).status == 412)
    }

    @Test func theMetadataNameEveryTypeAndParameter() async throws {
        let response = await TestServer().send("GET", "metadata")
        let rest = try #require(response.json?[path: "rest"])
        #expect(response.json?["fhirVersion"]?.string == "4.0.1")
        let resources = try #require(rest["resource"]?.each)
        #expect(resources.count == 143 && ResourceType.all.count == 146)
        for resource in resources {
            let type = try #require(ResourceType(resource["type"]?.string ?? ""))
            let names = resource["searchParam"]?.each.compactMap { $0["name"]?.string }
            #expect(names == SearchDefinitions.parameters(of: type).map(\.name))
            #expect(Set(names ?? []).count == names?.count)
        }
    }
}

/// Writes down what is asked of a store.
private final class WatchedStore: ResourceStore {
    private let inner: MemoryStore
    private let steps = Mutex<[String]>([])

    init(_ inner: MemoryStore) { self.inner = inner }

    func takeSteps() -> [String] {
        steps.withLock { steps in
            defer { steps = [] }
            return steps
        }
    }

    func current(_ keys: [ResourceKey]) async throws(Problem) -> [ResourceKey: StoredVersion] {
        steps.withLock { $0.append("current \(keys.count)") }
        return try await inner.current(keys)
    }
    func candidates(_ type: ResourceType?, _ keys: Set<IndexKey>?) async throws(Problem) -> [StoredVersion] {
        let found = try await inner.candidates(type, keys)
        steps.withLock { $0.append("candidates \(found.count)") }
        return found
    }
    func history(_ key: ResourceKey) async throws(Problem) -> [StoredVersion] {
        steps.withLock { $0.append("history") }
        return try await inner.history(key)
    }
    func commit(_ writes: [Write]) async throws(Problem) { try await inner.commit(writes) }
}
