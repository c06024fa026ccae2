import Guards
import Testing

@testable import FHIR

@Suite struct SearchTests {
    /// An observation as plain values, so that a search can be judged without any code under test.
    struct Fact {
        let id: String
        let patient: String
        let system: String
        let code: String
        let status: String
        /// Seconds since 1970; nil: a day only.
        let day: Int
        let second: Int?
        /// Hundredths.
        let value: Int
        let text: String

        var low: Int { day * 86_400 + (second ?? 0) }
        var high: Int { second == nil ? low + 86_400 : low + 1 }

        var json: String {
            let date = CivilDate(days: day).description
            let time =
                second.map { "T" + pad($0 / 3_600, 2) + ":" + pad($0 / 60 % 60, 2) + ":" + pad($0 % 60, 2) + "Z" } ?? ""
            return
                #"""
                {"resourceType":"Observation","id":"\#(id)","status":"\#(status)","code":{"coding":[{\#
                "system":"\#(system)","code":"\#(code)"}]},"subject":{"reference":"Patient/\#(patient)"},\#
                "effectiveDateTime":"\#(date)\#(time)","valueQuantity":{\#
                "value":\#(value / 100).\#(pad(value % 100, 2)),"code":"kg"},"identifier":[{"system":"urn:i",\#
                "value":"\#(id)"}],"valueString":"\#(text)"}
                """#
        }
    }

    static func facts(_ count: Int, seed: UInt64) -> [Fact] {
        var random = Seeded(seed)
        return (0..<count).map { index in
            Fact(
                id: "o\(index)", patient: "p\(Int.random(in: 0..<4, using: &random))",
                system: ["urn:a", "urn:b"].randomElement(using: &random) ?? "",
                code: "c\(Int.random(in: 0..<5, using: &random))",
                status: ["final", "amended"].randomElement(using: &random) ?? "",
                day: 20_000 + Int.random(in: 0..<90, using: &random),
                second: Bool.random(using: &random) ? Int.random(in: 0..<86_400, using: &random) : nil,
                value: Int.random(in: 0..<10_000, using: &random),
                text: ["Érable", "erable vert", "ヤマダ", "やまだ花", "ＡＢＣ"].randomElement(using: &random) ?? "")
        }
    }

    private func loaded(_ facts: [Fact], seed: UInt64 = 0) async -> TestServer {
        let server = TestServer(seed: seed)
        for fact in facts { #expect(await server.send("PUT", "Observation/\(fact.id)", "", fact.json).status == 201) }
        return server
    }

    /// All pages, followed by their links.
    private func all(_ server: TestServer, _ type: String, _ query: String) async -> (
        keys: [String], total: String?, pages: Int
    ) {
        var response = await server.send("GET", type, query)
        var (keys, pages) = (response.keys(), 1)
        let total = response.json?["total"]?.numberText
        while let next = response.link("next"), pages < 1_000 {
            let question = next.firstIndex(of: "?") ?? next.endIndex
            response = await server.send(
                "GET", String(next[..<question].dropFirst(TestServer.base.count)),
                String(next[question...].dropFirst()))
            #expect(response.status == 200)
            keys += response.keys()
            pages += 1
        }
        return (keys, total, pages)
    }

    @Test func searchesFindWhatAPlainFilterFinds() async {
        let facts = Self.facts(150, seed: 11)
        let server = await loaded(facts)
        func day(_ number: Int) -> String { CivilDate(days: number).description }
        let (low, high) = (20_030 * 86_400, 20_031 * 86_400)
        let cases: [(String, (Fact) -> Bool)] = [
            ("", { _ in true }), ("code=c1", { $0.code == "c1" }),
            ("code=urn:a%7Cc1", { $0.system == "urn:a" && $0.code == "c1" }),
            ("code=urn:a%7C", { $0.system == "urn:a" }), ("code=%7Cc1", { _ in false }),
            ("code=c1,urn:b%7Cc2", { $0.code == "c1" || ($0.system == "urn:b" && $0.code == "c2") }),
            ("code:not=c1", { $0.code != "c1" }), ("code=c1&status=final", { $0.code == "c1" && $0.status == "final" }),
            ("patient=p1", { $0.patient == "p1" }), ("subject=Patient/p1,p2", { ["p1", "p2"].contains($0.patient) }),
            ("patient=Patient/p1&code=c2", { $0.patient == "p1" && $0.code == "c2" }),
            ("subject:Patient=p3", { $0.patient == "p3" }),
            ("subject=\(TestServer.base)/Patient/p0", { $0.patient == "p0" }), ("subject=Device/p0", { _ in false }),
            ("identifier=urn:i%7Co7", { $0.id == "o7" }), ("identifier=o7,o8", { ["o7", "o8"].contains($0.id) }),
            ("_id=o1,o2,x&code=c0,c1,c2,c3,c4", { ["o1", "o2"].contains($0.id) }),
            ("encounter:missing=true", { _ in true }),
            ("encounter:missing=false", { _ in false }), ("date=\(day(20_030))", { $0.low >= low && $0.high <= high }),
            ("date=ne\(day(20_030))", { !($0.low >= low && $0.high <= high) }),
            ("date=gt\(day(20_030))", { $0.high > high }),
            ("date=lt\(day(20_030))", { $0.low < low }), ("date=sa\(day(20_030))", { $0.low >= high }),
            ("date=eb\(day(20_030))", { $0.high <= low }),
            ("date=ge\(day(20_030))", { $0.high > high || ($0.low >= low && $0.high <= high) }),
            ("date=le\(day(20_030))", { $0.low < low || ($0.low >= low && $0.high <= high) }),
            (
                "date=ge\(day(20_010))&date=lt\(day(20_020))",
                { $0.high > 20_011 * 86_400 || $0.low >= 20_010 * 86_400 ? $0.low < 20_020 * 86_400 : false }
            ),
            ("date=\(day(20_030))T12:00", { $0.second != nil && $0.low >= low + 43_200 && $0.high <= low + 43_260 }),
            ("value-quantity=gt50.00", { $0.value > 5_000 }), ("value-quantity=le12.34", { $0.value <= 1_234 }),
            ("value-quantity=50", { (4_950...5_050).contains($0.value) }),
            ("value-quantity=5e1", { (4_500...5_500).contains($0.value) }),
            ("value-quantity=lt20%7C%7Ckg", { $0.value < 2_000 }), ("value-quantity=lt20%7Curn:x%7Ckg", { _ in false }),
            ("value-quantity=ne50.0", { !(4_995...5_005).contains($0.value) }),
            ("value-string=ERABLE", { $0.text.hasSuffix("rable") || $0.text.hasPrefix("erable") }),
            ("value-string:exact=Érable", { $0.text == "Érable" }),
            ("value-string:contains=vert", { $0.text.contains("vert") }),
            ("value-string=やまだ", { ["ヤマダ", "やまだ花"].contains($0.text) }), ("value-string=abc", { $0.text == "ＡＢＣ" }),
            ("unknown=1", { _ in true }), ("subject.name=1", { _ in true }), ("code=", { _ in true }),
        ]
        for (query, isFound) in cases {
            let escaped =
                query.utf8.contains { $0 > 127 }
                ? query.utf8.map { $0 > 127 ? "%" + FHIREngine.hex([$0]) : String(Unicode.Scalar($0)) }.joined() : query
            let (keys, total, _) = await all(server, "Observation", escaped + "&_count=1000")
            let expected = facts.filter(isFound).map { "Observation/" + $0.id }.sorted()
            #expect(keys.sorted() == expected, "\(query)")
            #expect(total == String(expected.count))
            let form = await server.engine.answer(
                FHIRRequest(
                    "POST", "Observation/_search", headers: [("Content-Type", "application/x-www-form-urlencoded")],
                    body: Array((escaped + "&_count=1000").utf8)))
            #expect(form.keys() == keys, "\(query) by POST")
        }
    }

    @Test(arguments: [1, 7, 50, 1_000]) func pagesCoverEverythingOnceWhateverHappensBetween(_ size: Int) async throws {
        let facts = Self.facts(53, seed: 5)
        let server = await loaded(facts)
        let (keys, total, pages) = await all(server, "Observation", "_count=\(size)&_sort=-date")
        #expect(Set(keys).count == 53 && keys.count == 53 && total == "53" && pages == (53 + size - 1) / size)
        let days = keys.compactMap { key in facts.first { "Observation/" + $0.id == key }?.low }
        #expect(days == days.sorted(by: >))
        // Something new that sorts first, and something gone, move no other.
        let first = await server.send("GET", "Observation", "_count=\(size)&_sort=-date")
        _ = await server.send(
            "PUT", "Observation/new", "", Self.facts(1, seed: 9)[0].json.replacing("\"o0\"", with: "\"new\""))
        let gone = try #require(keys.last)
        _ = await server.send("DELETE", gone)
        guard let next = first.link("next") else { return }
        let rest = await all(server, "Observation", String(next.split(separator: "?")[1]))
        #expect(first.keys() + rest.keys == keys.filter { $0 != gone })
    }

    @Test func aPageBelongsToWhoSearchedAndToNobodyForLong() async throws {
        let server = await loaded(Self.facts(5, seed: 1))
        let response = await server.send("GET", "Observation", "_count=2&identifier=o1,o2,o3")
        let next = try #require(response.link("next"))
        let token = String(next.split(separator: "?")[1])
        #expect(!next.contains("o1") && token.count == "_page=".count + 32)
        #expect(response.link("self")?.contains("o1") == false)
        let stranger = await server.send("GET", "Observation", token, caller: "other")
        let never = await server.send("GET", "Observation", "_page=0", caller: "other")
        #expect(stranger.status == 410 && stranger.body == never.body)
        await Guards.withOff("guard:fhir.page.caller") {
            #expect(await server.send("GET", "Observation", token, caller: "other").keys() == ["Observation/o3"])
        }
        #expect(await server.send("GET", "Observation", token).keys() == ["Observation/o3"])
        server.clock.skip(PageTable.lifetimeMilliseconds + 10_000)
        #expect(await server.send("GET", "Observation", token).problem == "page-expired")
    }

    @Test func theTableOfPagesIsBounded() throws {
        let table = PageTable()
        let query = try SearchQuery(.patient, [])
        let until = FHIRInstant(milliseconds: 1)
        for index in 0..<PageTable.statesMax + 10 {
            table.keep(
                PageState(caller: "a", query: query, path: "", keys: [], total: 0, size: 1, offset: 0, until: until),
                as: "\(index)")
        }
        #expect(throws: Problem(.pageExpired)) { try table.page("9", caller: "a", now: until) }
        #expect(throws: Never.self) { try table.page("10", caller: "a", now: until) }
    }

    @Test func onlyTheNumberIsGivenWhereOnlyThatIsAsked() async {
        let server = await loaded(Self.facts(9, seed: 2))
        for query in ["_summary=count", "_count=0", "_count=0&_totalMethod=count"] {
            let response = await server.send("GET", "Observation", query)
            #expect(
                response.entries.isEmpty && response.json?["total"]?.numberText == "9" && response.link("next") == nil)
        }
    }

    @Test func whatIsNotKnownIsPassedOverUnlessStrictnessIsAsked() async {
        let server = await loaded(Self.facts(3, seed: 2))
        let lenient = await server.send("GET", "Observation", "code=zzz&favourite=1")
        #expect(lenient.status == 200 && lenient.json?["total"]?.numberText == "0")
        #expect(lenient.entries[0][path: "search.mode"]?.string == "outcome")
        let strict = await server.send(
            "GET", "Observation", "code=zzz&favourite=1", headers: [("Prefer", "handling=strict")])
        #expect(strict.status == 400 && strict.problem == "unknown-parameter" && strict.text.contains("parameter 2"))
    }

    @Test func includedResourcesComeWithTheirMatches() async {
        let server = await loaded(Self.facts(12, seed: 4))
        for index in 0..<4 {
            _ = await server.send("PUT", "Patient/p\(index)", "", #"{"resourceType":"Patient","id":"p\#(index)"}"#)
        }
        let provenance =
            #"""
            {"resourceType":"Provenance","id":"v","target":[{"reference":"Observation/o3"}],\#
            "recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"display":"x"}}]}
            """#
        #expect(await server.send("PUT", "Provenance/v", "", provenance).status == 201)
        let included = await server.send(
            "GET", "Observation", "_id=o3&_include=Observation:patient&_revinclude=Provenance:target")
        #expect(included.keys() == ["Observation/o3"])
        #expect(included.keys("include").count == 2 && included.keys("include").contains("Provenance/v"))
        #expect(included.json?["total"]?.numberText == "1")
        #expect(await server.send("GET", "Observation", "_id=o4&_revinclude=Provenance:target").keys("include") == [])
        #expect(await server.send("GET", "Provenance", "target=Observation/o3").keys() == ["Provenance/v"])
        // A Provenance is about whom its target is about: it goes where that goes.
        let patient = included.keys("include").first { $0.hasPrefix("Patient/") } ?? "?"
        #expect(await server.send("GET", "\(patient)/$everything").keys().contains("Provenance/v"))
    }

    @Test func everythingIsAboutOnePatientAndInPages() async {
        let maker = PeopleMaker(seed: 3)
        let server = TestServer()
        for index in 0..<3 {
            _ = await server.send("POST", "", bytes: maker.bundle(for: maker.person(index), visits: 5))
        }
        let patients = await server.send("GET", "Patient").keys()
        var seen: [String] = []
        for patient in patients {
            let (keys, total, pages) = await all(server, patient + "/$everything", "_count=7")
            #expect(Set(keys).count == keys.count && total == String(keys.count) && pages > 1)
            #expect(keys.first == patient && keys.filter { $0.hasPrefix("Patient/") } == [patient])
            #expect(keys.contains { $0.hasPrefix("Practitioner/") } && keys.contains { $0.hasPrefix("Organization/") })
            seen += keys.filter { !$0.hasPrefix("Pr") && !$0.hasPrefix("Or") }
            let some = await all(server, patient + "/$everything", "_type=Observation,Patient")
            #expect(some.keys == keys.filter { $0.hasPrefix("Observation/") || $0 == patient })
            let never = await all(server, patient + "/$everything", "_since=2200-01-01T00:00:00Z")
            #expect(never.keys.isEmpty)
            let early = await all(server, patient + "/$everything", "end=1900-01-01&_type=Observation")
            #expect(early.keys.isEmpty)
        }
        #expect(Set(seen).count == seen.count)
    }

    @Test func whatIsWithdrawnBetweenTwoPagesIsNotGiven() async throws {
        let server = await loaded(Self.facts(20, seed: 6))
        let next = try #require(await server.send("GET", "Observation", "_count=5").link("next"))
        var closed = server
        closed.engine.replaceAccess(TestAccess(hidden: ["p0", "p1", "p2", "p3"]))
        let page = await closed.send("GET", "Observation", String(next.split(separator: "?")[1]))
        #expect(page.status == 200 && page.keys().isEmpty)
    }
}

@Suite struct DateTests {
    @Test func datesCoverTheTimeThatTheirPrecisionSays() {
        let day: Int64 = 86_400_000
        func width(_ text: String, _ form: DateRange.Form = .element) -> Int64? {
            DateRange(text, as: form).map { $0.high - $0.low }
        }
        #expect(width("2024") == 366 * day && width("2023") == 365 * day && width("2024-02") == 29 * day)
        #expect(width("2024-02-29") == day && width("2024-02-29T10:00:00Z") == 1_000)
        #expect(width("2024-02-29T10:00:00.1Z") == 100 && width("2024-02-29T10:00:00.123456+09:00") == 1)
        #expect(DateRange("2024-01-01T09:00:00+09:00") == DateRange("2024-01-01T00:00:00Z"))
        #expect(DateRange("2024-01-01", zoneMinutes: 540)?.low == DateRange("2023-12-31T15:00:00Z")?.low)
        #expect(width("2024-01-01T10:00", .search) == 60_000 && width("2024-01-01T10:00:00", .search) == 1_000)
        for wrong in [
            "", "24", "2024-", "2024-13", "2023-02-29", "2024-1-1", "2024-01-01T", "2024-01-01T10:00Z",
            "2024-01-01T10:00:00",
            "2024-01-01T24:00:00Z", "2024-01-01T10:60:00Z", "2024-01-01T10:00:00.Z", "2024-01-01T10:00:00+9:00", "0000",
            "2024-01-01 ",
            "2024-01-01T10:00:00Zx", "-2024",
        ] { #expect(DateRange(wrong) == nil, "\(wrong)") }
        #expect(DateRange("2024-01-01", as: .instant) == nil)
    }

    @Test func daysAreCountedAsTheCalendarDoes() {
        var days = CivilDate(year: 1, month: 1, day: 1).days
        for year in 1...2_400 {
            for month in 1...12 {
                #expect(CivilDate(year: year, month: month, day: 1).days == days)
                #expect(CivilDate(days: days) == CivilDate(year: year, month: month, day: 1))
                days += CivilDate.daysIn(month, of: year)
            }
        }
        #expect(CivilDate(days: 0).description == "1970-01-01")
        #expect(FHIRInstant(milliseconds: 784_111_777_000).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(FHIRInstant(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    }
}
