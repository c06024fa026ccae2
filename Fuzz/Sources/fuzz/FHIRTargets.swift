@testable import FHIR

extension FuzzTarget {
    /// Those of a gateway's FHIR: everything that a hospital's system can send.
    static let fhir: [FuzzTarget] = [
        FuzzTarget("fhir-json", upTo: 1_024, seeds: [.bytes(specimen), .bytes(escapes)], run: fuzzJSON),
        FuzzTarget("fhir-resource", upTo: 2_048, seeds: [.bytes(specimen), .bytes(patient)], run: fuzzResource),
        FuzzTarget(
            "fhir-search", upTo: 512,
            seeds: [
                .bytes(Array("code=urn:a%7Cb,c&date=ge2026-01&patient=Patient/a&_sort=-date&_count=5".utf8)),
                .bytes(Array("name:contains=%E5%B1%B1&value-quantity=le5.4%7C%7Ckg&_include=Observation:subject".utf8)),
                .bytes(
                    Array(
                        "subject:identifier=a%7Cb&code:not=x\\,y&_lastUpdated=ap2026&_revinclude=Provenance:target".utf8
                    )),
            ], run: fuzzSearch),
        FuzzTarget(
            "fhir-date", upTo: 40,
            seeds: [.bytes(Array("2026-02-28T23:59:60.123+09:00".utf8)), .bytes(Array("2026-02".utf8))], run: fuzzDate),
        FuzzTarget(
            "fhir-bundle", upTo: 8_192, seeds: [.bytes(madeUp(1)), .bytes(madeUp(2)), .bytes(circle)],
            run: fuzzTransaction),
        FuzzTarget("fhir-record", upTo: 4_096, seeds: [.bytes(record)], run: fuzzRecord),
        FuzzTarget(
            "fhir-route", upTo: 200,
            seeds: [.bytes(Array("Patient/a/_history/3".utf8)), .bytes(Array("Patient/a/$everything".utf8))],
            run: fuzzFHIRRoute),
    ]

    private static func madeUp(_ index: Int) -> [UInt8] {
        let maker = PeopleMaker(seed: 1)
        return maker.bundle(for: maker.person(index), visits: 1)
    }
}

private let specimen = Array(
    #"{"resourceType":"Observation","id":"a","v":1.10,"s":"a\u00e9\n","l":[true,false,null,{"x":[]}],"e":-1e+5}"#.utf8)
private let escapes = Array(#"["\u00e9\ud83d\ude00\"\\\/\b\f\r\t","診", 0, -0.0e-1 ]"#.utf8)
private let patient = Array(
    #"{"resourceType":"Patient","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z","tag":[{"code":"x"}]}}"#
        .utf8)
private let circle = Array(
    (#"{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1","resource":{"#
        + #""resourceType":"Basic","subject":{"reference":"urn:uuid:2"},"text":{"div":"<a href=\"urn:uuid:1\">"}},"#
        + #""request":{"method":"POST","url":"Basic"}},{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Basic","#
        + #""subject":{"reference":"urn:uuid:1"}},"request":{"method":"POST","url":"Basic"}}]}"#).utf8)
private let record = Array(
    (#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"a","#
        + #""meta":{"versionId":"2","lastUpdated":"2026-01-01T00:00:00Z"}}}]}"#).utf8)

func fuzzJSON(_ bytes: [UInt8]) {
    guard let document = try? JSONDocument(bytes) else { return }
    expect(String(validating: bytes, as: UTF8.self) != nil, "what is read is UTF-8")
    let compact = document.root.compact
    guard let again = try? JSONDocument(compact) else { return expect(false, "what is written can be read") }
    expect(again.root.compact == compact, "written twice is written once")
    expect(document.nodes.count == again.nodes.count, "nothing is lost")
    ResourceText.eachString(in: document.root) { _, value in
        expect(String(validating: Array((value.string ?? "").utf8), as: UTF8.self) != nil, "a string is UTF-8")
    }
}

func fuzzResource(_ bytes: [UInt8]) {
    guard let resource = try? Resource(bytes) else { return }
    let stamp = Stamp(id: "x", version: 3, lastUpdated: FHIRInstant(milliseconds: 1))
    guard let stored = try? Resource(resource.stamped(stamp)) else {
        return expect(false, "what is stored can be read")
    }
    expect(stored.id == "x" && stored.versionID == "3", "a stored resource has the id and version it was given")
    expect(stored.content() == resource.content(), "storing changes no content")
    _ = RecordCategory(of: resource)
    _ = ClinicalDate.range(of: resource, zoneMinutes: 540)
    _ = try? resource.checkDates()
    _ = SearchIndex.keys(of: resource, patients: [], base: "https://a/fhir")
}

func fuzzSearch(_ bytes: [UInt8]) {
    guard let items = try? QueryString.items(bytes), let target = try? Resource(specimen) else { return }
    for type in [ResourceType.patient, target.type] {
        guard let query = try? SearchQuery(type, items, base: "https://a/fhir") else { continue }
        let setting = SearchSetting(base: "https://a/fhir", zoneMinutes: 540, now: FHIRInstant(milliseconds: 0))
        for clause in query.clauses { _ = clause.matches(target.json, setting) }
        _ = SearchIndex.keys(for: query)
        expect(query.clauses.allSatisfy { !$0.values.isEmpty }, "a clause has a value")
    }
}

func fuzzDate(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    for form in [DateRange.Form.element, .search, .instant] {
        guard let range = DateRange(text, as: form, zoneMinutes: 540) else { continue }
        expect(range.low < range.high, "a date covers some time")
        _ = FHIRInstant(milliseconds: range.low).description
    }
}

func fuzzTransaction(_ bytes: [UInt8]) {
    guard let root = (try? JSONDocument(bytes))?.root,
        let plan = try? BundlePlan(root, base: "https://a/fhir", entriesMax: 100)
    else { return }
    var items: [BundleIdentity.Item] = []
    var owner: [String: Int] = [:]
    for case .success(let entry) in plan.entries {
        guard let resource = entry.resource else { continue }
        if let name = entry.fullURL { owner[name] = items.count }
        items.append(BundleIdentity.Item(resource: resource, fullURL: entry.fullURL, ordinal: entry.ordinal))
    }
    let identity = BundleIdentity { message in
        let sum = message.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return withUnsafeBytes(of: sum) { Array($0) }
    }
    let ids = identity.ids(of: items, owner: owner, fixed: [:])
    expect(ids.allSatisfy(ResourceKey.isID), "every new resource gets an id")
    expect(ids == identity.ids(of: items, owner: owner, fixed: [:]), "the same bundle gets the same ids")
    for item in items {
        let edits = ResourceText.edits(in: item.resource.json) { owner[$0].map { "Basic/\(ids[$0])" } }
        expect((try? JSONDocument(item.resource.content(edits))) != nil, "a resource stays JSON whatever it refers to")
    }
}

func fuzzRecord(_ bytes: [UInt8]) {
    let joined = RecordJoiner().join([bytes, record])
    expect(!joined.unreadable.contains(1), "a bad record takes no other with it")
    expect(joined.resources.allSatisfy { $0.key != nil }, "what comes out of a record can be addressed")
}

func fuzzFHIRRoute(_ bytes: [UInt8]) {
    guard let path = String(validating: bytes, as: UTF8.self) else { return }
    for method in ["GET", "POST", "PUT", "DELETE"] { _ = try? Route(method, path) }
}
