import Guards
import Testing

@testable import FHIR

@Suite struct BundleTests {
    private func bundle(_ type: String, _ entries: [String]) -> String {
        #"{"resourceType":"Bundle","type":"\#(type)","entry":[\#(entries.joined(separator: ","))]}"#
    }

    private func post(_ resource: String, name: String? = nil, extra: String = "") -> String {
        let type = (try? JSONDocument(Array(resource.utf8)).root["resourceType"]?.string) ?? "?"
        let fullURL = name.map { "\"fullUrl\":\"\($0)\"," } ?? ""
        return #"{\#(fullURL)"resource":\#(resource),"request":{"method":"POST","url":"\#(type)"\#(extra)}}"#
    }

    private let patient = #"{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"1"}]}"#
    private func observation(_ subject: String, _ value: String = "1.0") -> String {
        #"""
        {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{\#
        "reference":"\#(subject)"},"valueQuantity":{"value":\#(value)}}
        """#
    }
    private let one = "urn:uuid:00000000-0000-4000-8000-000000000001"
    private let two = "urn:uuid:00000000-0000-4000-8000-000000000002"

    private func statuses(_ response: FHIRResponse) -> [String] {
        response.entries.map { $0["response"]?["status"]?.string?.prefix(3).description ?? "?" }
    }
    private func locations(_ response: FHIRResponse) -> [String] {
        response.entries.map { $0["response"]?["location"]?.string ?? "-" }
    }

    @Test func aTransactionTurnsEveryAddressIntoAnId() async throws {
        let server = TestServer()
        let text = observation(two).replacing(
            #""status""#,
            with:
                ##"""
                "text":{"status":"generated","div":"<div><a href=\"\##(two)\">p</a>\##
                <img src='\##(two)#i'/>\##(two)</div>"},"extension":[{"url":"urn:e","valueUri":"\##(two)"},{\##
                "url":"urn:e","valueString":"\##(two)"}],"identifier":[{"value":"\##(two)"}],"contained":[{\##
                "resourceType":"Basic","id":"c","subject":{"reference":"\##(two)"}}],"focus":[{\##
                "reference":"#c"}],"status"
                """##
        )
        let response = await server.send(
            "POST", "", "", bundle("transaction", [post(text, name: one), post(patient, name: two)]))
        #expect(response.status == 200 && statuses(response) == ["201", "201"])
        #expect(response.json?["type"]?.string == "transaction-response")
        let key = try #require(locations(response)[0].split(separator: "/_").first)
        let patientKey = try #require(locations(response)[1].split(separator: "/_").first)
        let read = await server.send("GET", String(key))
        #expect(read.json?[path: "subject.reference"]?.string == String(patientKey))
        #expect(read.json?[path: "contained.subject.reference"]?.string == String(patientKey))
        #expect(read.json?[path: "focus.reference"]?.string == "#c")
        #expect(read.json?[path: "extension.valueUri"]?.string == String(patientKey))
        #expect(read.json?["extension"]?.each[1]["valueString"]?.string == two)
        #expect(read.json?[path: "identifier.value"]?.string == two)
        let div = try #require(read.json?[path: "text.div"]?.string)
        #expect(div == "<div><a href=\"\(patientKey)\">p</a><img src='\(patientKey)#i'/>\(two)</div>")
        #expect(read.text.contains(#""value":1.0"#))
    }

    @Test(arguments: ["transaction", "batch"]) func theSameBundleTwiceChangesNothing(_ type: String) async throws {
        let server = TestServer()
        let subject = type == "batch" ? "Patient/p" : two
        let body = bundle(
            type,
            [
                post(observation(subject), name: one), post(patient, name: two), post(observation(subject, "2")),
                post(observation(subject, "2")),
            ])
        let first = await server.send("POST", "", "", body)
        let before = server.store.counts
        let second = await server.send("POST", "", "", body)
        #expect(statuses(first) == ["201", "201", "201", "201"] && statuses(second) == ["200", "200", "200", "200"])
        #expect(locations(first) == locations(second) && Set(locations(first)).count == 4)
        #expect(server.store.counts == before)
    }

    @Test func anEntryThatWasChangedSinceIsNotSetBack() async throws {
        let server = TestServer()
        let body = bundle("transaction", [post(patient, name: two)])
        let key = String(
            try #require(locations(await server.send("POST", "", "", body))[0].split(separator: "/_").first))
        let changed = #"{"resourceType":"Patient","id":"\#(key.dropFirst(8))","active":false}"#
        _ = await server.send("PUT", key, "", changed)
        let again = await server.send("POST", "", "", body)
        #expect(statuses(again) == ["200"] && locations(again) == ["\(key)/_history/2"])
        #expect(await server.send("GET", key).text.contains("false"))
    }

    @Test func theSameNamesInTwoBundlesMixUpNobody() async throws {
        let server = TestServer()
        let other = patient.replacing("\"1\"", with: "\"2\"")
        for person in [patient, other] {
            let body = bundle("transaction", [post(observation(two), name: one), post(person, name: two)])
            #expect(statuses(await server.send("POST", "", "", body)) == ["201", "201"])
        }
        #expect(server.store.counts.resources == 4)
        let found = await server.send("GET", "Observation")
        #expect(Set(found.entries.compactMap { $0[path: "resource.subject.reference"]?.string }).count == 2)
    }

    @Test func referencesInACircleAreResolved() async throws {
        let server = TestServer()
        let encounter =
            #"""
            {"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"diagnosis":[{"condition":{\#
            "reference":"\#(two)"}}]}
            """#
        let condition =
            #"{"resourceType":"Condition","subject":{"reference":"Patient/p"},"encounter":{"reference":"\#(one)"}}"#
        let body = bundle("transaction", [post(encounter, name: one), post(condition, name: two)])
        let first = await server.send("POST", "", "", body)
        let again = await server.send("POST", "", "", body)
        #expect(locations(first) == locations(again) && server.store.counts.versions == 2)
        let keys = locations(first).compactMap { $0.split(separator: "/_").first.map(String.init) }
        #expect(await server.send("GET", keys[0]).json?[path: "diagnosis.condition.reference"]?.string == keys[1])
        #expect(await server.send("GET", keys[1]).json?[path: "encounter.reference"]?.string == keys[0])
    }

    @Test func aReferenceWhoseNameIsSpelledOddlyIsAReference() async throws {
        let server = TestServer()
        let odd = observation(two).replacing("\"reference\"", with: #""\u0072eference""#)
        let response = await server.send(
            "POST", "", "", bundle("transaction", [post(odd, name: one), post(patient, name: two)]))
        let keys = locations(response).compactMap { $0.split(separator: "/_").first.map(String.init) }
        #expect(await server.send("GET", keys[0]).json?[path: "subject.reference"]?.string == keys[1])
        let lost = observation("urn:uuid:x").replacing("\"reference\"", with: #""\u0072eference""#)
        #expect(
            await server.send("POST", "", "", bundle("transaction", [post(lost)])).problem == "unresolved-reference")
    }

    @Test func aTransactionIsAllOrNothing() async throws {
        let server = TestServer()
        let refused: [(String, String)] = [
            (post(#"{"resourceType":"Observation","effectiveDateTime":"never"}"#), "bad-date"),
            (#"{"request":{"method":"DELETE","url":"Patient/never"}}"#, "forbidden"),
            (post(observation("urn:uuid:00000000-0000-4000-8000-0000000000ff")), "unresolved-reference"),
            (post(observation("Patient?identifier=never")), "unresolved-reference"),
            (post(#"{"resourceType":"Consent"}"#), "read-only-type"),
            (
                #"""
                {"resource":{"resourceType":"Patient","id":"p"},"request":{"method":"PUT","url":"Patient/p",\#
                "ifMatch":"W/\"3\""}}
                """#,
                "version-conflict"
            ),
            (#"{"request":{"method":"PATCH","url":"Patient/p"}}"#, "bad-method"),
            (#"{"request":{"method":"POST","url":"Patient"}}"#, "bad-entry"), ("{}", "bad-entry"),
            (post(patient, name: two), "duplicate-entry"),
        ]
        for (entry, code) in refused {
            let response = await server.send(
                "POST", "", "", bundle("transaction", [post(patient, name: two), entry]))
            #expect(response.problem == code && response.status >= 400)
            #expect(response.text.contains("Bundle.entry[1]"))
            #expect(server.store.counts.resources == 0)
        }
    }

    @Test func inABatchEachEntryStandsAlone() async throws {
        let server = TestServer()
        let body = bundle(
            "batch",
            [
                post(patient), post(#"{"resourceType":"Observation","effectiveDateTime":"never"}"#), "{}",
                #"{"request":{"method":"GET","url":"Patient?identifier=1"}}"#,
                #"{"request":{"method":"GET","url":"Patient/never"}}"#,
            ])
        let response = await server.send("POST", "/", "", body)
        #expect(statuses(response) == ["201", "422", "400", "200", "403"])
        #expect(response.entries[3][path: "resource.total"]?.numberText == "1")
        #expect(response.entries[4][path: "response.outcome.issue.code"]?.string == "forbidden")
    }

    @Test func theOrderOfWorkIsThatOfTheStandard() async throws {
        let server = TestServer()
        _ = await server.send("PUT", "Patient/p", "", #"{"resourceType":"Patient","id":"p"}"#)
        let body = bundle(
            "transaction",
            [
                #"{"request":{"method":"GET","url":"Patient/p"}}"#,
                #"{"request":{"method":"GET","url":"Patient?_id=q"}}"#,
                #"""
                {"resource":{"resourceType":"Patient","id":"q","active":true},"request":{"method":"PUT",\#
                "url":"Patient/q"}}
                """#,
                #"{"request":{"method":"DELETE","url":"Patient/p"}}"#, post(observation("Patient/q")),
            ])
        let response = await server.send("POST", "", "", body)
        #expect(statuses(response) == ["403", "200", "201", "204", "201"])
        #expect(response.entries[1][path: "resource.total"]?.numberText == "1")
    }

    @Test func conditionsAndConditionalReferencesNameWhatIsThere() async throws {
        let server = TestServer()
        let condition = #","ifNoneExist":"identifier=urn:mrn|1""#
        let body = bundle(
            "transaction",
            [
                post(patient, name: two, extra: condition), post(observation(two)),
                post(observation("Patient?identifier=urn:mrn|1", "3")),
            ])
        let first = await server.send("POST", "", "", body)
        #expect(statuses(first) == ["201", "201", "201"])
        let changed = bundle(
            "transaction",
            [
                post(patient.replacing("}]", with: "}],\"active\":true"), name: two, extra: condition),
                post(observation("Patient?identifier=urn:mrn|1", "4")),
            ])
        let second = await server.send("POST", "", "", changed)
        #expect(statuses(second) == ["200", "201"] && locations(second)[0] == locations(first)[0])
        let subjects = Set(
            await server.send("GET", "Observation").entries.compactMap {
                $0[path: "resource.subject.reference"]?.string
            })
        #expect(subjects == [String(locations(first)[0].split(separator: "/_")[0])])
    }

    @Test func moreEntriesThanTheLimitAreRefused() async throws {
        let server = TestServer { $0.entriesMax = 3 }
        let body = bundle("batch", (0..<4).map { post(observation("Patient/p", "\($0)")) })
        #expect(await server.send("POST", "", "", body).problem == "too-many-entries")
        await Guards.withOff("guard:fhir.entries") {
            #expect(await server.send("POST", "", "", body).status == 200)
        }
    }

    @Test func aShortBundleCannotAskForEndlesslyMuch() async throws {
        let server = TestServer { $0.answerBytesMax = 1_000 }
        _ = await server.send("POST", "Patient", "", patient)
        let read = #"{"request":{"method":"GET","url":"Patient"}}"#
        let batch = bundle("batch", [String](repeating: read, count: 9) + [post(patient)])
        let answers = statuses(await server.send("POST", "", "", batch))
        #expect(answers.first == "200" && answers[8] == "400" && answers.last == "201")
        let transaction = bundle("transaction", [String](repeating: read, count: 9))
        #expect(await server.send("POST", "", "", transaction).problem == "too-costly")
        await Guards.withOff("guard:fhir.answer") {
            #expect(statuses(await server.send("POST", "", "", batch)).allSatisfy { $0.hasPrefix("20") })
            #expect(await server.send("POST", "", "", transaction).status == 200)
        }
    }

    @Test func ofTwoConditionalCreatesAtOnceOneIsMade() async throws {
        let server = TestServer()
        let body = patient
        let answers = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let header = [(name: "If-None-Exist", value: "identifier=urn:mrn|1")]
                    return await server.send("POST", "Patient", "", body, headers: header).status
                }
            }
            return await group.reduce(into: [Int]()) { $0.append($1) }.sorted()
        }
        #expect(answers == [Int](repeating: 200, count: 15) + [201] && server.store.counts.resources == 1)
    }

    @Test func aStoreThatWasFasterIsAskedAgain() async throws {
        let inner = MemoryStore()
        let rival = RivalStore(inner, conflicts: 2)
        var server = TestServer(store: inner)
        server.engine = FHIREngine(
            server.engine.options, store: rival, access: TestAccess(), identity: testHash, clock: server.clock.now,
            random: { [UInt8](repeating: 7, count: $0) })
        #expect(await server.send("POST", "Patient", "", patient).status == 201)
        let hopeless = RivalStore(inner, conflicts: 100)
        server.engine = FHIREngine(
            server.engine.options, store: hopeless, access: TestAccess(), identity: testHash, clock: server.clock.now,
            random: { [UInt8](repeating: 8, count: $0) })
        #expect(await server.send("POST", "Patient", "", patient).problem == "conflict")
    }

    @Test func circlesAreFoundInAnyGraph() {
        var random = Seeded(3)
        for _ in 0..<300 {
            let count = Int.random(in: 1...12, using: &random)
            let targets = (0..<count).map { _ in
                (0..<count).filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
            }
            var reach = (0..<count).map { from in (0..<count).map { $0 == from || targets[from].contains($0) } }
            for middle in 0..<count {
                for from in 0..<count where reach[from][middle] {
                    for to in 0..<count where reach[middle][to] { reach[from][to] = true }
                }
            }
            let circles = BundleIdentity.circles(targets)
            #expect(circles.flatMap { $0 }.sorted() == Array(0..<count))
            for (position, circle) in circles.enumerated() {
                for (a, b) in circle.flatMap({ a in circle.map { (a, $0) } }) { #expect(reach[a][b] && reach[b][a]) }
                for later in circles[(position + 1)...].flatMap({ $0 }) { #expect(!reach[circle[0]][later]) }
            }
        }
    }

    @Test func madeUpPeopleAreTakenInAndTakenInAgain() async throws {
        let maker = PeopleMaker(seed: 1)
        let server = TestServer()
        for index in 0..<10 {
            let body = maker.bundle(for: maker.person(index), visits: 6)
            #expect(body == PeopleMaker(seed: 1).bundle(for: maker.person(index), visits: 6))
            #expect(await server.send("POST", "", bytes: body).status == 200)
        }
        let before = server.store.counts
        for index in 0..<10 {
            let response = await server.send("POST", "", bytes: maker.bundle(for: maker.person(index), visits: 6))
            #expect(Set(statuses(response)) == ["200"])
        }
        #expect(server.store.counts == before && before.resources == before.versions)
        #expect(await server.send("GET", "Patient", "_summary=count").json?["total"]?.numberText == "10")
    }

    @Test func sampleBundlesTwiceChangeNothingAndComeBackWhole() async throws {
        var count = 0
        for name in Samples.names.prefix(4) {
            let server = TestServer()
            let bytes = try Samples.bytes(name)
            let first = await server.send("POST", "", bytes: bytes)
            #expect(Set(statuses(first)) == ["201"])
            let before = server.store.counts
            let second = await server.send("POST", "", bytes: bytes)
            #expect(Set(statuses(second)) == ["200"] && server.store.counts == before)
            let root = try JSONDocument(bytes).root
            let sent = try #require(root["entry"]?.each.compactMap { $0["resource"] })
            let patient = try #require(
                locations(first).first { $0.hasPrefix("Patient/") }?.split(separator: "/_").first)
            let back = await server.send("GET", "\(patient)/$everything", "_count=1000")
            #expect(back.entries.count == sent.count)
            // The same but for addresses: compared with every address, id and version taken out.
            func plain(_ json: JSONValue) throws -> String {
                let resource = try Resource(json)
                let edits = ResourceText.edits(in: json) {
                    $0.hasPrefix("urn:uuid:") || Reference($0).key(on: "") != nil ? "x" : nil
                }
                return String(decoding: resource.content(edits), as: UTF8.self)
            }
            #expect(try sent.map(plain).sorted() == back.entries.compactMap { $0["resource"] }.map(plain).sorted())
            count += 1
        }
        Samples.report("transactions", count)
    }
}

/// Says "conflict" a few times before it obeys.
private final class RivalStore: ResourceStore {
    private let inner: MemoryStore
    private let left: Counter

    init(_ inner: MemoryStore, conflicts: Int) { (self.inner, left) = (inner, Counter(conflicts)) }

    func current(_ keys: [ResourceKey]) async throws(Problem) -> [ResourceKey: StoredVersion] {
        try await inner.current(keys)
    }
    func candidates(_ type: ResourceType?, _ keys: Set<IndexKey>?) async throws(Problem) -> [StoredVersion] {
        try await inner.candidates(type, keys)
    }
    func history(_ key: ResourceKey) async throws(Problem) -> [StoredVersion] { try await inner.history(key) }
    func commit(_ writes: [Write]) async throws(Problem) {
        if await left.take() { throw Problem(.conflict) }
        try await inner.commit(writes)
    }

    private actor Counter {
        private var count: Int
        init(_ count: Int) { self.count = count }
        func take() -> Bool {
            count -= 1
            return count >= 0
        }
    }
}
