import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing

@testable import Demonstration

/// Files, records, and the search that says what was seen.
@Suite struct DemoDataTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func fault(_ file: String) -> DemoDataFault? {
        do { _ = try DemoRecords(file: file) } catch { return error as? DemoDataFault }
        return nil
    }

    @Test func aFileThatCannotBeDepositedIsNamedWithWhatToDo() throws {
        try withFolder { folder in
            let (empty, large) = ("\(folder)/empty", "\(folder)/large")
            try Data().write(to: URL(filePath: empty))
            try Data().write(to: URL(filePath: large))
            let handle = try FileHandle(forWritingTo: URL(filePath: large))
            try handle.truncate(atOffset: UInt64(DemoRecords.bytesMax + 1))
            try handle.close()
            let faults = [
                fault("\(folder)/none"), fault(folder), fault("/dev/zero"), fault(empty), fault(large),
            ]
            #expect(
                faults == [
                    .missing("\(folder)/none"), .noFile(folder), .noFile("/dev/zero"), .empty(empty),
                    .tooLarge(large, bytes: DemoRecords.bytesMax + 1),
                ])
            for fault in faults.compactMap(\.self) {
                #expect(fault.code.hasPrefix("data."))
                for language in Language.allCases {
                    #expect(!fault.text(in: language).contains { "{}".contains($0) })
                }
            }
        }
    }

    @Test func aFileIsReadAsItIsAlsoThroughALink() throws {
        try withFolder { folder in
            let bytes = SeededRandom(seed: 1).bytes(100_000)
            try Data(bytes).write(to: URL(filePath: "\(folder)/file"))
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/link", withDestinationPath: "\(folder)/file")
            for name in ["file", "link"] {
                let read = try DemoRecords(file: "\(folder)/\(name)").content
                #expect(read == bytes)
            }
        }
    }

    @Test func partsAreJoinedByTheirNumbersOnly() throws {
        let random = SeededRandom(seed: 2)
        let records = DemoRecords(content: random.bytes(2 * DemoRecords.recordBytes + 5))
        let parts = try records.parts(random, minute: 0).map { (id: $0.recordID, content: $0.content) }
        #expect(parts.map(\.content.count) == [DemoRecords.recordBytes, DemoRecords.recordBytes, 5])
        #expect(DemoRecords.join(parts.reversed()) == records.content)
        #expect(DemoRecords.join([parts[0], parts[2]]) == nil)
        #expect(DemoRecords.join([parts[0], parts[0], parts[1]]) == nil)
        #expect(DemoRecords.join([]) == nil)
    }

    @Test func theSearchFindsWhatIsThereAndNothingElse() {
        let random = SeededRandom(seed: 4)
        for length in [1, 2, 24, 500] {
            let bytes = random.bytes(500)
            for place in 0...(500 - length) {
                #expect(DemoWatch.contains(bytes, Array(bytes[place..<(place + length)])))
            }
        }
        #expect(!DemoWatch.contains(Array("aaab".utf8), Array("aaaa".utf8)))
        #expect(!DemoWatch.contains(Array("abc".utf8), Array("abcd".utf8)))
        #expect(!DemoWatch.contains(Array("abc".utf8), [UInt8]()))
        #expect(!DemoWatch.contains([], Array("a".utf8)))
    }

    @Test func contentIsKnownByMarksFromAllOverIt() {
        let made = MadeUpBundle.records
        #expect(made.marks.count == 16 && made.marks.allSatisfy { DemoWatch.contains(made.content, [$0]) })
        #expect(DemoRecords(content: Array(repeating: 7, count: 10_000)).marks.isEmpty)
        #expect(DemoRecords(content: Array("short".utf8)).marks.isEmpty)
    }

    @Test func theMadeUpBundleIsABundleThatNamesNobody() throws {
        let json = try JSONSerialization.jsonObject(with: Data(MadeUpBundle.records.content)) as? [String: Any]
        #expect(json?["resourceType"] as? String == "Bundle")
        let entries = try #require(json?["entry"] as? [[String: Any]])
        #expect(entries.count == 28 && Set(entries.compactMap { $0["fullUrl"] as? String }).count == 28)
        let kinds = entries.compactMap { ($0["resource"] as? [String: Any])?["resourceType"] as? String }
        #expect(Set(kinds) == ["Patient", "Condition", "AllergyIntolerance", "MedicationRequest", "Observation"])
        #expect(!MadeUpBundle.json.contains("\"name\"") && !MadeUpBundle.json.contains("Hanako"))
    }

    @Test func numbersAreGroupedByThousands() {
        #expect([0, 999, 1_000, 33_554_432].map(DemoValue.grouped) == ["0", "999", "1,000", "33,554,432"])
    }
}
