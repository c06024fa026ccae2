import Deployment
import FHIR
import Foundation
import Logging
import Policy
import Serving
import Testing

@testable import Demonstration

/// What the demonstration over the network is made of: data, comparison, search.
@Suite struct CountryPartsTests {
    private static let patient = #"{"resourceType":"Patient","id":"p","name":[{"family":"Mihon","given":["Hana"]}]}"#
    private static func observation(_ value: String, about: String, id: String = "o") -> String {
        #"{"resourceType":"Observation","id":"\#(id)","valueQuantity":{"value":\#(value)},"#
            + #""subject":{"reference":"\#(about)"}}"#
    }

    private func bundle(_ resources: [(url: String, json: String)]) -> [UInt8] {
        let entries = resources.map { #"{"fullUrl":"\#($0.url)","resource":\#($0.json)}"# }
        return Array(
            #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#.utf8)
    }

    private func values(_ texts: [String]) throws -> [JSONValue] {
        try texts.map { try JSONDocument(Array($0.utf8)).root }
    }

    @Test func resourcesAreTheSameButForTheirIds() throws {
        let sent = bundle([
            ("urn:uuid:1", Self.patient), ("urn:uuid:2", Self.observation("1.10", about: "urn:uuid:1")),
        ])
        let meta = #""meta":{"versionId":"7","lastUpdated":"2026-01-01T00:00:00Z"}"#
        let here = Self.patient.replacingOccurrences(of: #""id":"p""#, with: #""id":"x9",\#(meta)"#)
        let good = Self.observation("1.10", about: "Patient/x9", id: "y1")
        let account = #"{"resourceType":"AuditEvent","id":"z"}"#
        #expect(try DemoCompare.same(sent: sent, read: try values([good, here, account])) == 2)
        let wrong = [
            [Self.observation("1.1", about: "Patient/x9"), here],
            [Self.observation("1.10", about: "Patient/x8"), here],
            [here], [good, good, here], [good, here.replacingOccurrences(of: "Hana", with: "Hanae")],
        ]
        for read in wrong { #expect(try DemoCompare.same(sent: sent, read: try values(read)) == nil) }
    }

    @Test func aLinkToAnotherResourceIsADifference() throws {
        func condition(_ about: String, _ id: String) -> String {
            #"{"resourceType":"Condition","id":"\#(id)","evidence":[{"detail":[{"reference":"\#(about)"}]}]}"#
        }
        let sent = bundle([
            ("urn:uuid:1", Self.observation("1", about: "a")), ("urn:uuid:2", Self.observation("2", about: "a")),
            ("urn:uuid:3", condition("urn:uuid:1", "c")),
        ])
        let both = [Self.observation("1", about: "a", id: "x"), Self.observation("2", about: "a", id: "y")]
        #expect(try DemoCompare.same(sent: sent, read: try values(both + [condition("Observation/x", "c")])) == 3)
        #expect(try DemoCompare.same(sent: sent, read: try values(both + [condition("Observation/y", "c")])) == nil)
    }

    @Test func onlyATransactionAboutOnePatientIsTaken() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/demo-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func fault(_ content: [UInt8], _ name: String = "file.json") -> DemoDataFault? {
            let path = folder + "/" + name
            do {
                try Data(content).write(to: URL(filePath: path))
                _ = try DemoBundle.read(path, most: 1)
            } catch { return error as? DemoDataFault }
            return nil
        }
        let path = folder + "/file.json"
        let one = bundle([("urn:uuid:1", Self.patient)])
        let mental = #"{"resourceType":"Condition","meta":{"security":[{"code":"PSY"}]}}"#
        #expect(fault(one) == nil)
        #expect(fault(Array("{".utf8)) == .bundle(path))
        #expect(fault(bundle([("urn:uuid:1", Self.patient), ("urn:uuid:2", Self.patient)])) == .bundle(path))
        #expect(fault(bundle([("urn:uuid:1", Self.patient), ("u", mental)])) == .sensitive(path, count: 1))
        #expect(fault([], "empty.json") == .empty(folder + "/empty.json"))
        #expect(fault(one, "file.json.gz") == .packed(folder + "/file.json.gz"))
        for fault in [DemoDataFault.packed("f"), .bundle("f"), .sensitive("f", count: 2)] {
            for language in Language.allCases { #expect(!fault.text(in: language).contains { "{}".contains($0) }) }
        }
    }

    @Test func theDiskIsSearchedInEveryFileAndInTheLog() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/demo-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/deep/er", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("nothing".utf8).write(to: URL(filePath: folder + "/a"))
        try Data("12 MADEUP-X1 34".utf8).write(to: URL(filePath: folder + "/deep/er/b-wal"))
        let needle = Array("MADEUP-X1".utf8)
        let found = try DemoDisk(folder, Array("log MADEUP-X1".utf8), [needle])
        #expect(found.finds == ["deep/er/b-wal", "log"] && found.files == 2)
        #expect(try DemoDisk(folder, [], [Array("MADEUP-X2".utf8)]).finds == [])
        #expect(try DemoDisk.findsPlanted(in: folder, Array("MADEUP-X3".utf8)))
        // A find that nobody planted is not taken for the planted one.
        #expect(try DemoDisk.findsPlanted(in: folder, needle) == false)
    }

    @Test func bothEndsOfAMessageHaveSeenIt() async throws {
        let run = CountryRun(CountryHome("/nowhere"), logger: { Logger(label: $0) })
        let watch = CountryWatch()
        watch.seek(.number, [Array("1234567890123".utf8)])
        let key = [UInt8](repeating: 7, count: 32)
        watch.know([key: .hospitalB])
        func note(_ node: String, _ path: String, _ body: String, _ answer: String = "") {
            watch.note(
                node, ServedRequest(method: .post, path: path, body: Array(body.utf8), peer: key),
                ServedAnswer(200, text: answer))
        }
        note("t1", "/v1/decide", "about", "1234567890123")
        note("t2", "/v1/decide", "about", "123456789012")
        note("authority", "/v1/snapshot", "everybody asks this")
        note("witness1", "/add-checkpoint", "1234567890123")
        let passages = watch.take()
        let (sights, searched) = try await watch.look(at: passages, in: run)
        #expect(
            sights == [
                DemoSight(party: .hospitalB, items: [.number]), DemoSight(party: .transcryptor1, items: [.number]),
                DemoSight(party: .transcryptor2, items: []),
            ])
        #expect(searched == passages.flatMap(\.bytes).reduce(0) { $0 + $1.count } && watch.take().isEmpty)
        #expect(CountryWatch.asked(passages).count == 2)
    }

    @Test func madeUpPeopleAreTheSameEachTimeAndNeedNoConsentOfAnotherKind() throws {
        let (first, again) = (try DemoBundle.madeUp(3, seed: 4), try DemoBundle.madeUp(3, seed: 4))
        #expect(first.map(\.json) == again.map(\.json) && first.count == 3)
        #expect(Set(first.map(\.identity)).count == 3)
        for bundle in first {
            #expect(bundle.marks.count > 10 && bundle.marks.allSatisfy { DemoWatch.contains(bundle.json, [$0]) })
        }
    }
}
