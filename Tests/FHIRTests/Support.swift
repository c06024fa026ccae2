import Foundation
import Synchronization
import Testing

@testable import FHIR

/// Random numbers from a seed (splitmix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Stands in for a keyed hash where only equality matters: two lanes of FNV-1a, mixed.
func testHash(_ message: [UInt8]) -> [UInt8] {
    [UInt64(0xcbf2_9ce4_8422_2325), 0x8422_2325_cbf2_9ce4].flatMap { seed in
        let sum = message.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var mixed = Seeded(sum)
        return withUnsafeBytes(of: mixed.next()) { Array($0) }
    }
}

/// Lets everybody do everything but with the patients it is told to hide.
struct TestAccess: Access {
    var hidden: Set<String> = []
    var readOnly: Set<String> = []
    func mayRead(_ type: ResourceType, patients: [String], caller: String) async -> Bool {
        hidden.isDisjoint(with: patients)
    }
    func mayWrite(_ type: ResourceType, patients: [String], caller: String) async -> Bool {
        readOnly.isDisjoint(with: patients)
    }
}

/// A clock that goes on by a second at each look.
final class TestClock: Sendable {
    private let milliseconds: Atomic<Int64>
    init(_ start: Int64 = 1_790_000_000_000) { milliseconds = Atomic(start) }
    func now() -> FHIRInstant { FHIRInstant(milliseconds: milliseconds.add(1_000, ordering: .relaxed).newValue) }
    func skip(_ by: Int64) { milliseconds.add(by, ordering: .relaxed) }
}

/// An engine over a store in memory.
struct TestServer {
    static let base = "https://a.example/fhir"
    let store: MemoryStore
    let clock: TestClock
    var engine: FHIREngine

    init(
        access: TestAccess = TestAccess(), store: MemoryStore = MemoryStore(), seed: UInt64 = 0,
        _ change: (inout FHIREngine.Options) -> Void = { _ in }
    ) {
        let clock = TestClock()
        let random = Mutex(Seeded(seed))
        var options = FHIREngine.Options(base: Self.base)
        options.zoneMinutes = 0
        change(&options)
        (self.store, self.clock) = (store, clock)
        engine = FHIREngine(
            options, store: store, access: access, identity: testHash, clock: { clock.now() },
            random: { count in
                random.withLock { random in (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
            })
    }

    func send(
        _ method: String, _ path: String, _ query: String = "", _ body: String? = nil, caller: String = "his",
        headers: [(name: String, value: String)] = []
    ) async -> FHIRResponse {
        await send(method, path, query, bytes: body.map { Array($0.utf8) }, caller: caller, headers: headers)
    }

    func send(
        _ method: String, _ path: String, _ query: String = "", bytes: [UInt8]?, caller: String = "his",
        headers: [(name: String, value: String)] = []
    ) async -> FHIRResponse {
        let type = [(name: "Content-Type", value: "application/fhir+json")]
        return await engine.answer(
            FHIRRequest(
                method, path, query: query, headers: headers + (bytes == nil ? [] : type), body: bytes ?? [],
                caller: caller))
    }
}

extension FHIRResponse {
    var json: JSONValue? { try? JSONDocument(body).root }
    var text: String { String(decoding: body, as: UTF8.self) }
    /// Our code of the first issue.
    var problem: String? {
        let issue = json?["issue"]?.elements.first { _ in true }
        return issue?["details"]?["coding"]?.elements.first { _ in true }?["code"]?.string
    }
    var entries: [JSONValue] { json?["entry"].map { Array($0.elements) } ?? [] }
    /// `Type/id` of the resources, in order.
    func keys(_ mode: String = "match") -> [String] {
        entries.filter { $0["search"]?["mode"]?.string == mode }.compactMap { entry in
            guard let type = entry["resource"]?["resourceType"]?.string else { return nil }
            return "\(type)/\(entry["resource"]?["id"]?.string ?? "?")"
        }
    }
    func link(_ relation: String) -> String? {
        json?["link"]?.elements.first { $0["relation"]?.string == relation }?["url"]?.string
    }
}

extension JSONValue {
    subscript(path path: String) -> JSONValue? { ElementPath(path).values(in: self).first }
}

/// The folder of sample bundles beside this checkout, where there is one.
enum Samples {
    static let folder: URL? = {
        var package = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { package.deleteLastPathComponent() }
        let places = [
            ProcessInfo.processInfo.environment["WARIFU_DATA"].map { URL(filePath: $0) },
            package.deletingLastPathComponent().appending(path: "shared/data"),
        ]
        return places.compactMap { $0?.appending(path: "health/fhir_r4_synthea") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    static var names: [String] {
        guard let folder else { return [] }
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
            .filter { $0.hasSuffix(".json.gz") || $0.hasSuffix(".json") }.sorted()
    }

    /// A bundle, unpacked.
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(folder).appending(path: name)
        guard name.hasSuffix(".gz") else { return [UInt8](try Data(contentsOf: url)) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", url.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0 && !data.isEmpty)
        return [UInt8](data)
    }

    /// Says whether the samples took part; a test that leaves out samples that are there has failed.
    static func report(_ test: String, _ count: Int) {
        let state = folder == nil ? "skipped: no sample bundles beside this checkout" : "run: \(count) sample bundles"
        FileHandle.standardError.write(Data("FHIR samples, \(test): \(state)\n".utf8))
        if folder != nil { #expect(count > 0) }
    }
}
