import FHIR
import Foundation
import Policy
import Synchronization
import Testing

@testable import Demonstration

/// The story over the network, in a whole country that runs.
@Suite(.serialized) struct CountryDemonstrationTests {
    private func tell(_ bundles: [DemoBundle]) async throws -> (steps: [DemoStep], end: DemoEnd) {
        let told = Mutex<[DemoStep]>([])
        let folder = FileManager.default.temporaryDirectory.path + "/warifu-demo-\(UUID().uuidString)"
        defer { #expect(!FileManager.default.fileExists(atPath: folder), "nothing stays behind") }
        let demonstration = CountryDemonstration(
            bundles: bundles, seed: 1, folder: folder, language: .en, meter: { DemoCost(wall: 0, cpu: 0) })
        let end = try await demonstration.run { step in told.withLock { $0.append(step) } }
        return (told.withLock { $0 }, end)
    }

    private static let country: [DemoText] = [.founded, .admitted]
    private static let person: [DemoText] = [
        .enrolled, .sent, .agreed, .identified, .deposits, .agreed, .found, .readSame, .looksBack,
    ]
    private static let refused: [DemoText] = [.nothingAgreed, .otherPurpose, .withdrew, .afterWithdrawal]

    @Test func recordsOfMadeUpPeopleFollowThem() async throws {
        let bundles = try DemoBundle.madeUp(2, seed: 1)
        let (steps, end) = try await tell(bundles)
        #expect(steps.map(\.what) == Self.country + Self.person + Self.person + Self.refused)
        #expect(steps.map(\.number) == Array(1...steps.count))
        let read = steps.filter { $0.what == .readSame }.map { $0.values[.records] }
        #expect(read == bundles.map { .count($0.resources) })
        func step(_ what: DemoText) -> DemoStep? { steps.first { $0.what == what } }
        #expect(step(.admitted)?.values[.reason] == .text("policy"))
        #expect(step(.sent)?.values[.reason] == .text("401"))
        #expect(step(.otherPurpose)?.values[.reason] == .text("policy"))
        #expect(step(.afterWithdrawal)?.values[.reason] == .text("consent"))
        #expect(step(.identified)?.values[.mark] != step(.found)?.values[.mark])
        let leaves = steps.flatMap { $0.leaves ?? [] }
        #expect(Set(leaves).count == leaves.count && leaves.count > 30)
        sees(steps, end)
        for step in steps {
            let (ja, en) = (step.lines(in: .ja), step.lines(in: .en))
            #expect(ja != en && ja.count == en.count)
            for line in ja + en { #expect(!line.contains { "{}".contains($0) }, "\(line)") }
        }
    }

    /// What each party must have seen, and nobody else has.
    private func sees(_ steps: [DemoStep], _ end: DemoEnd) {
        func seen(_ what: DemoText, by party: DemoParty) -> Set<DemoText>? {
            steps.first { $0.what == what }?.sights.first { $0.party == party }.map { Set($0.items) }
        }
        #expect(seen(.enrolled, by: .numberCentre) == [.identity, .number])
        #expect(seen(.enrolled, by: .transcryptor1) == [])
        #expect(seen(.sent, by: .hospitalA)?.contains(.content) == true)
        #expect(seen(.deposits, by: .medicalCentre) == [.pseudonymCentre])
        #expect(seen(.deposits, by: .hospitalB) == nil)
        #expect(seen(.readSame, by: .hospitalB)?.contains(.content) == true)
        #expect(steps.allSatisfy { $0.sights.isEmpty || ($0.searched ?? 0) > 0 })
        for sight in end.seen {
            #expect(sight.items.contains(.content) == [.hospitalA, .hospitalB].contains(sight.party), "\(sight.party)")
            #expect(sight.items.contains(.number) == (sight.party == .numberCentre), "\(sight.party)")
        }
        #expect((end.disk?.files ?? 0) > 50 && end.disk?.finds == [] && end.checks > 60)
    }

    @Test func aPartyThatSeesMoreThanItMayEndsTheStory() async throws {
        var bundle = try #require(try DemoBundle.madeUp(1, seed: 2).first)
        // As if the content were the name of the hospital, which the centre has in every record.
        bundle.marks.append(Array("hospital-a".utf8))
        await #expect(throws: DemoFault(check: "seen.medicalCentre")) { try await tell([bundle]) }
    }

    @Test func aBundleOfAnotherMakerFollowsItsPatient() async throws {
        guard let packed = Self.sample else {
            return FileHandle.standardError.write(
                Data("demo, a real bundle: skipped: no sample bundles beside this checkout\n".utf8))
        }
        FileHandle.standardError.write(Data("demo, a real bundle: run\n".utf8))
        let folder = FileManager.default.temporaryDirectory.path + "/warifu-sample-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: packed.path, toPath: folder + "/sample.json.gz")
        #expect(throws: DemoDataFault.packed("sample.json.gz")) { try DemoBundle.read(folder, most: 3) }
        let process = Process()
        (process.executableURL, process.arguments) = (
            URL(filePath: "/usr/bin/env"), ["gzip", "-d", folder + "/sample.json.gz"]
        )
        try process.run()
        process.waitUntilExit()
        let bundles = try DemoBundle.read(folder, most: 3)
        #expect(bundles.count == 1 && (bundles.first?.marks.count ?? 0) > 4)
        let (steps, end) = try await tell(bundles)
        #expect(steps.map(\.what) == Self.country + Self.person + Self.refused)
        #expect(end.disk?.finds == [])
    }

    /// The smallest one, packed.
    private static var sample: URL? {
        var package = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { package.deleteLastPathComponent() }
        let places = [
            ProcessInfo.processInfo.environment["WARIFU_DATA"].map { URL(filePath: $0) },
            package.deletingLastPathComponent().appending(path: "shared/data"),
        ]
        let folder = places.compactMap { $0?.appending(path: "health/fhir_r4_synthea") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
        func size(_ url: URL) -> Int { (try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0 }
        let all = folder.flatMap {
            try? FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: [.fileSizeKey])
        }
        return all?.filter { $0.lastPathComponent.hasSuffix(".json.gz") }.min { size($0) < size($1) }
    }
}
