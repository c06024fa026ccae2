import Testing

@testable import FHIR

#if canImport(Policy)
    import Policy
#endif

@Suite struct RecordTests {
    /// What a hospital has of one made-up person, and what was sent to it.
    private func hospital(_ index: Int, visits: Int = 12) async throws -> (versions: [StoredVersion], patient: String) {
        let maker = PeopleMaker(seed: 2)
        let server = TestServer()
        let response = await server.send("POST", "", bytes: maker.bundle(for: maker.person(index), visits: visits))
        #expect(response.status == 200)
        let all = try await server.store.candidates(nil, nil)
        return (all, try #require(all.first { $0.key.type == .patient }?.key.id))
    }

    private func text(_ record: PlainRecord) -> String { String(decoding: record.body, as: UTF8.self) }

    @Test(arguments: RecordPeriod.allCases) func recordsHoldEverythingAndGiveItBack(_ period: RecordPeriod) async throws
    {
        for index in 0..<5 {
            let (versions, patient) = try await hospital(index)
            let records = RecordSplitter(period: period).split(versions, base: TestServer.base)
            #expect(records == RecordSplitter(period: period).split(versions.reversed(), base: TestServer.base))
            let joined = RecordJoiner().join(records.shuffled().map(\.body))
            #expect(joined.unreadable.isEmpty && joined.patients == [patient])
            #expect(joined.resources.map(\.bytes) == versions.compactMap { $0.resource?.bytes })
            let store = try await MemoryStore(
                joined, patient: "local", base: TestServer.base, at: FHIRInstant(milliseconds: 0))
            let other = TestServer(store: store)
            let everything = await other.send("GET", "Patient/local/$everything")
            #expect(everything.entries.count == versions.count && !everything.text.contains("Patient/\(patient)"))
        }
    }

    @Test func aRecordIsAboutOneKindAndOneMonth() async throws {
        for index in 0..<5 {
            let versions = try await hospital(index, visits: 30).versions
            let splitter = RecordSplitter()
            let records = splitter.split(versions, base: TestServer.base)
            #expect(Set(records.map { "\($0.category) \($0.dataMinute)" }).count == records.count)
            for record in records {
                for resource in RecordJoiner().join([record.body]).resources {
                    let isShared = ["Practitioner", "Organization"].contains(resource.type.name)
                    #expect(isShared || RecordCategory(of: resource) == record.category)
                    guard !isShared, resource.type != .patient,
                        let range = ClinicalDate.range(of: resource, zoneMinutes: 540)
                    else { continue }
                    #expect(splitter.period.start(of: range.low, zoneMinutes: 540) == record.dataMinute)
                }
            }
        }
    }

    @Test func outsideTheBodyThereIsOnlyAKindAndAMonth() async throws {
        let versions = try await hospital(3).versions
        for record in RecordSplitter().split(versions, base: TestServer.base) {
            let date = FHIRInstant(milliseconds: Int64(record.dataMinute) * 60_000).date(zoneMinutes: 540)
            #expect(date.day == 1 || record.dataMinute == 0)
            #expect(Mirror(reflecting: record).children.compactMap(\.label) == ["category", "dataMinute", "body"])
        }
        // The number that must not be seen is in one body, of the kind that holds the Patient, and in no other.
        let canary = PeopleMaker(seed: 2).person(3).canary
        let holders = RecordSplitter().split(versions, base: TestServer.base).filter { text($0).contains(canary) }
        #expect(holders.map(\.category) == [.general])
    }

    @Test func whatTwoAuthorsCallAlikeStaysApart() async throws {
        func body(_ value: String) -> [UInt8] {
            let subject = #""subject":{"reference":"Patient/p"},"valueString":"\#(value)""#
            let entries = [
                #"{"resource":{"resourceType":"Observation","id":"o",\#(subject)}}"#,
                #"{"resource":{"resourceType":"Patient","id":"p","name":[{"family":"\#(value)"}]}}"#,
            ]
            let head = #"{"resourceType":"Bundle","type":"collection","entry":["#
            return Array((head + entries.joined(separator: ",") + "]}").utf8)
        }
        let bodies = [body("one"), body("two")]
        #expect(RecordJoiner().join(bodies).resources.count == 2)
        let joined = RecordJoiner().join(bodies) { body, key in ResourceKey(key.type, "\(body)-\(key.id)") ?? key }
        #expect(joined.resources.compactMap(\.id) == ["0-o", "1-o", "0-p", "1-p"])
        #expect(joined.patients == ["0-p", "1-p"])
        #expect(joined.resources[1].json[path: "subject.reference"]?.string == "Patient/1-p")
        // The reader has a Patient of its own: none of theirs takes its place, and all are about that person.
        let now = FHIRInstant(milliseconds: 0)
        let store = try await MemoryStore(
            joined, patient: "own", renamesPatient: false, base: TestServer.base, at: now)
        let about = try await store.candidates(nil, [.patient("own")])
        #expect(about.map(\.key.id) == ["0-o", "1-o", "0-p", "1-p"])
        #expect(about.allSatisfy { $0.patients == ["own"] })
    }

    @Test func theLaterOfTwoVersionsWins() throws {
        func body(_ version: Int, _ time: String, _ active: Bool) -> [UInt8] {
            Array(
                #"""
                {"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient",\#
                "id":"a","meta":{"versionId":"\#(version)","lastUpdated":"\#(time)"},"active":\#(active)}}]}
                """#
                .utf8)
        }
        let (old, new) = (body(5, "2026-01-01T00:00:00Z", false), body(1, "2026-01-02T00:00:00Z", true))
        let same = body(6, "2026-01-01T00:00:00Z", true)
        for order in [[old, new], [new, old], [same, old], [old, same]] {
            #expect(RecordJoiner().join(order).resources.map { $0.json["active"]?.bool } == [true])
        }
        let broken = RecordJoiner().join([old, Array("{".utf8), Array(old.dropLast(2)), Array("{}".utf8)])
        #expect(broken.unreadable == [1, 2, 3] && broken.resources.count == 1)
    }

    @Test func aConsentForPartsOfMonthsReleasesWholeMonthsInsideIt() throws {
        func minute(_ text: String) -> UInt64 { UInt64((DateRange(text, zoneMinutes: 540)?.low ?? 0) / 60_000) }
        let period = try #require(
            RecordPeriod.month.enforceable(from: minute("2026-01-15"), to: minute("2026-04-10"), zoneMinutes: 540))
        let released = (1...12).filter { month in
            (period.from...period.to).contains(minute("2026-\(pad(month, 2))"))
        }
        #expect(released == [2, 3])
        #expect(
            RecordPeriod.month.enforceable(from: minute("2026-01-15"), to: minute("2026-01-20"), zoneMinutes: 540)
                == nil)
    }

    @Test func recordsFitIntoTheLimitsOfARequest() async throws {
        let versions = try await hospital(1, visits: 40).versions
        let small = RecordSplitter(bodyMax: 4_000).split(versions, base: TestServer.base)
        #expect(small.count > RecordSplitter().split(versions, base: TestServer.base).count)
        #expect(RecordJoiner().join(small.map(\.body)).resources.count == versions.count)
        let many = (0..<700).map { PlainRecord(category: .general, dataMinute: UInt64($0), body: [0]) }
        #expect(RecordSplitter.requests(many).map(\.count) == [256, 256, 188])
        let big = (0..<3).map {
            PlainRecord(category: .general, dataMinute: UInt64($0), body: [UInt8](repeating: 0, count: 30 << 20))
        }
        #expect(RecordSplitter.requests(big).map(\.count) == [1, 1, 1])
    }

    @Test func kindsFollowLabelsCodesAndTypes() throws {
        func kind(_ json: String) throws -> RecordCategory { RecordCategory(of: try Resource(Array(json.utf8))) }
        #expect(
            try kind(
                #"""
                {"resourceType":"Condition","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10",\#
                "code":"F32"}]}}
                """#
            ) == .mentalHealth)
        #expect(
            try kind(
                #"""
                {"resourceType":"Observation","meta":{"security":[{"code":"GDIS"}]},"category":[{"coding":[{\#
                "code":"laboratory"}]}]}
                """#
            ) == .genetic)
        #expect(
            try kind(#"{"resourceType":"Observation","category":[{"coding":[{"code":"vital-signs"}]}]}"#) == .vitalSigns
        )
        #expect(
            try kind(
                #"""
                {"resourceType":"Observation","category":[{"coding":[{"code":"vital-signs"}]}],"performer":[{\#
                "reference":"Patient/a"}]}
                """#
            ) == .homeMeasurement)
        #expect(try kind(#"{"resourceType":"DiagnosticReport","category":[{"coding":[{"code":"RAD"}]}]}"#) == .imaging)
        #expect(try kind(#"{"resourceType":"MedicationRequest"}"#) == .medication)
        #expect(try kind(#"{"resourceType":"Encounter","type":[{"coding":[{"code":"162673000"}]}]}"#) == .checkup)
        #expect(try kind(#"{"resourceType":"Flag"}"#) == .general)
    }

    #if canImport(Policy)
        @Test func kindsAreThoseOfThePolicy() {
            for kind in RecordCategory.allCases { #expect(Policy.Category(rawValue: kind.rawValue) != nil) }
        }
    #endif

    @Test func samplePatientsNeedAtMostTwoRequests() async throws {
        var (count, largest) = (0, 0)
        for name in Samples.names.suffix(3) {
            let server = TestServer()
            let bytes = try Samples.bytes(name)
            #expect(await server.send("POST", "", bytes: bytes).status == 200)
            let versions = try await server.store.candidates(nil, nil)
            let records = RecordSplitter().split(versions, base: TestServer.base)
            #expect(RecordSplitter.requests(records).count == 1)
            #expect(RecordJoiner().join(records.map(\.body)).resources.count == versions.count)
            largest = max(largest, records.count)
            let identifiers = versions.filter { $0.key.type == .patient }.flatMap { stored in
                ElementPath("identifier.value").values(in: stored.resource?.json ?? JSONDocument.empty.root).compactMap(
                    \.string)
            }
            for identifier in identifiers.dropFirst(2) {
                #expect(records.filter { text($0).contains(identifier) }.map(\.category) == [.general])
            }
            count += 1
        }
        Samples.report("records (at most \(largest) for a patient)", count)
    }
}

extension JSONDocument {
    // unchecked: two bytes of our own are JSON.
    fileprivate static let empty = try! JSONDocument(Array("{}".utf8))
}

@Suite struct PeopleTests {
    @Test func peopleAreTheSameEveryTimeAndDifferentFromEachOther() {
        let maker = PeopleMaker(seed: 5)
        let people = (0..<200).map(maker.person)
        #expect(people == (0..<200).map(PeopleMaker(seed: 5).person))
        #expect(Set(people.map(\.canary)).count == 200 && Set(people.map(\.recordNumber)).count == 200)
        #expect(people != (0..<200).map(PeopleMaker(seed: 6).person))
        #expect(people.allSatisfy { $0.birthDate < maker.today && DateRange($0.birthDate) != nil })
    }

    @Test func bundlesGrowFromKilobytesToMegabytes() throws {
        let maker = PeopleMaker(seed: 5)
        let small = maker.bundle(for: maker.person(0), visits: 1)
        let large = maker.bundle(for: maker.person(0), visits: 200)
        #expect((1_500...20_000).contains(small.count) && large.count > 700_000)
        for bytes in [small, large] {
            let plan = try BundlePlan(JSONDocument(bytes).root, base: "", entriesMax: 10_000)
            for entry in plan.entries { #expect(throws: Never.self) { try entry.get() } }
        }
    }

    @Test func noNumberHasTheFormOfARealOne() {
        let maker = PeopleMaker(seed: 5)
        for index in 0..<20 {
            let text = String(decoding: maker.bundle(for: maker.person(index)), as: UTF8.self)
            #expect(!text.contains(/["\-\s]\d{12}["\-\s]/))
        }
    }

    @Test func whatTheGatewayDoesIsWrittenDownAndFound() async throws {
        let server = TestServer()
        _ = await server.send("PUT", "Patient/p", "", #"{"resourceType":"Patient","id":"p"}"#)
        let patient = try #require(ResourceKey(.patient, "p"))
        let now = server.clock.now()
        try await server.engine.keep(
            RecordKeeping.auditEvent(
                id: "e", .init(interaction: "read", action: "R", outcome: 0), entities: [patient], recorded: now,
                agent: "his",
                purpose: "TREAT", source: "hospital/b", ledgerIndex: 7))
        try await server.engine.keep(
            RecordKeeping.provenance(
                id: "v", targets: [patient], recorded: now, activity: "CREATE", author: "urn:warifu:party:hospital/a",
                transmitter: nil))
        try await server.engine.keep(
            RecordKeeping.consent(
                id: "c",
                .init(
                    patient: patient, purpose: "TREAT", categories: ["LAB"],
                    period: DateRange(low: 0, high: 86_400_000),
                    actor: "hospital/b", shownAt: now, intents: 2)))
        #expect(await server.send("GET", "AuditEvent", "patient=p&action=R").keys() == ["AuditEvent/e"])
        #expect(await server.send("GET", "AuditEvent", "entity=Patient/p").keys() == ["AuditEvent/e"])
        #expect(await server.send("GET", "Provenance", "target=Patient/p&patient=p").keys() == ["Provenance/v"])
        #expect(await server.send("GET", "Consent", "patient=p&status=active&purpose=TREAT").keys() == ["Consent/c"])
        #expect(await server.send("GET", "Patient/p/$everything").keys() == ["Patient/p", "Consent/c", "Provenance/v"])
        #expect(await server.send("GET", "Patient/p/$everything", "_type=AuditEvent").keys() == ["AuditEvent/e"])
    }
}
