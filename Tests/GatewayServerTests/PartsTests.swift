import Foundation
import Guards
import Policy
import Polymorphic
import Ristretto255
import Testing

@testable import FHIR
@testable import GatewayServer

/// The small parts by themselves.
@Suite struct PartsTests {
    @Test func aSystemsFileIsRead() throws {
        let digest = String(repeating: "0aB1", count: 16)
        func file(_ text: String) throws -> [SystemEntry] { try SystemsFile.entries(Array(text.utf8)) }
        let entries = try file(
            #"[{"name":"his","token_sha256":"\#(digest)","certificate_sha256":null,"role":"physician","staff":"d1"}]"#)
        #expect(entries.count == 1 && entries[0].name == "his" && entries[0].role == .physician)
        #expect(entries[0].tokenHash?.count == 32 && entries[0].certificateHash == nil && entries[0].staff == "d1")
        #expect(throws: SystemsFile.Fault.form) { try file("{}") }
        #expect(throws: SystemsFile.Fault.form) { try file("[]") }
        #expect(throws: SystemsFile.Fault.form) { try file("[") }
        let wrong: [(String, String)] = [
            (#"{"name":"a","token_sha256":"00","role":"physician","staff":"d"}"#, "token_sha256"),
            (#"{"name":"a","role":"physician","staff":"d"}"#, "token_sha256"),
            (#"{"name":"a b","token_sha256":"\#(digest)","role":"physician","staff":"d"}"#, "name"),
            (#"{"name":"a","token_sha256":"\#(digest)","role":"king","staff":"d"}"#, "role"),
            (#"{"name":"a","token_sha256":"\#(digest)","role":"physician"}"#, "staff"),
            (#"{"name":"a","token_sha256":"\#(digest)","role":"physician","staff":"d","x":1}"#, "-"),
            ("1", "-"),
        ]
        for (text, member) in wrong {
            #expect(throws: SystemsFile.Fault.entry(0, member: member)) { try file("[\(text)]") }
        }
        let entry = #"{"name":"a","token_sha256":"\#(digest)","role":"nurse","staff":"d"}"#
        #expect(throws: SystemsFile.Fault.twice(1)) { try file("[\(entry),\(entry)]") }
        #expect(throws: SystemsFile.Fault.twice(1)) {
            try file("[\(entry),\(entry.replacing("\"a\"", with: "\"b\""))]")
        }
    }

    @Test func categoriesAreNamedAsThePolicyOrAsPeopleDo() throws {
        func read(_ text: String) throws(Problem) -> DeskInput {
            try DeskInput(Array(text.utf8), [.categories, .from, .to, .patient], zoneMinutes: 540)
        }
        #expect(
            try read(#"{"categories":["LAB","general","vital-signs","mentalHealth"]}"#).categories
                == [.laboratory, .general, .vitalSigns, .mentalHealth])
        let (none, empty) = (try read(""), try read("{}"))
        #expect(none == empty)
        let month = try read(#"{"from":"2026-01-02","to":"2026-01"}"#)
        // 2026-01-02 00:00 and 2026-01-31 23:59 in Japan.
        #expect(month.from == 29_454_660 && month.to == 29_497_859)
        #expect(try read(#"{"patient":null}"#).patient == nil)
        #expect(throws: Problem.self) { try read(#"{"patient":"a/b"}"#) }
    }

    @Test func base64IsThatOfOthers() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64.text(bytes) == Data(bytes).base64EncodedString())
        }
        #expect(Hex.bytes(Hex.text([0, 255, 16]), count: 3) == [0, 255, 16])
        #expect(Hex.bytes("0g", count: 1) == nil && Hex.bytes("00", count: 2) == nil)
    }

    /// Of the kinds of health data those that no hospital deposits are measured at home (service U1).
    @Test func whatAHospitalDeposits() {
        let health = Set(RecordCategory.allCases.compactMap { Policy.Category(rawValue: $0.rawValue) })
        #expect(health.count == RecordCategory.allCases.count)
        #expect(health.subtracting(DepositPlan.categories) == [.homeMeasurement])
        #expect(Set(Opener.ordinary) == DepositPlan.categories.filter { !$0.isSensitive && $0 != .localPatientID })
    }

    @Test func aKeyMakesOneTagForOneUse() throws {
        let (key, other) = (try identityKey(), try identityKey(6))
        #expect(key.tag(.patient, [[1]]) == key.tag(.patient, [[1]]))
        let tags = [
            key.tag(.patient, [[1]]), key.tag(.fetched, [[1]]), key.tag(.patient, [[1], []]),
            other.tag(.patient, [[1]]),
        ]
        #expect(Set(tags).count == tags.count && tags.allSatisfy { $0.count == 32 })
        #expect(throws: Refusal(.length)) { try IdentityKey(.init(copying: [1, 2, 3])) }
    }
}
