@testable import Deployment
import Exchanges
import Foundation
import Guards
import Ledger
import Polymorphic
import Ristretto255
import Testing

/// Lists of residents as registers write them, and as attackers do.
@Suite struct ResidentListTests {
    private static let number = "621498320257"

    @Test(arguments: ["\n", "\r\n"])
    func formsOfOneFile(_ end: String) throws {
        let text = "\u{feff}id,name,address\(end)a1,\"Tanaka, \"\"Hana\"\"\",\"two\(end)lines\"\(end)a2,Sato,\(end)"
        let list = try ResidentList(parsing: text)
        #expect(list.refused.isEmpty)
        #expect(
            list.lines == [
                .init(id: "a1", identity: "Tanaka, \"Hana\", two\(end)lines"), .init(id: "a2", identity: "Sato"),
            ])
    }

    @Test func whatIsNoListIsRefused() {
        for text in ["", "\n\n", "id,address\n1,x", "name\n\"open", "name\na\"b\"", "name\n\"a\"\"b"] {
            #expect(throws: DeploymentFault.self, "\(text)") { try ResidentList(parsing: text) }
        }
    }

    @Test func linesThatDoNotHoldAreNamedByNumber() throws {
        let list = try ResidentList(parsing: "id,name\na,A\na,B\nb,\nc,C,extra\nd\ne,E\n")
        #expect(list.lines.map(\.id) == ["a", "e"])
        #expect(list.refused == [3: "line", 4: "name", 5: "line", 6: "name"])
    }

    @Test func aLineWithANationalNumberIsRefused() throws {
        let text = "id,name,address\na,A,x\nb,B,\(Self.number)\nc,\(Self.number),x\n\(Self.number),D,x\n"
        let list = try ResidentList(parsing: text)
        #expect(list.lines.map(\.id) == ["a"])
        #expect(list.refused == [3: "number", 4: "number", 5: "number"])
        #expect(!String(describing: list.refused).contains(Self.number))
        try Guards.withOff("guard:residents.number") {
            // The number would be handed to the counter, and name a folder.
            let list = try ResidentList(parsing: text)
            #expect(list.lines.contains { $0.identity.contains(Self.number) })
        }
    }

    @Test(arguments: ["../x", "/etc/x", "..", ".", "a/b", "a b", "a\u{0}", "あ", "~", "-$(x)", "a\\b"])
    func anIdThatLeadsElsewhereIsNotUsed(_ id: String) throws {
        let text = "id,name\n\(id),A\n"
        let list = try ResidentList(parsing: text)
        #expect(list.lines.map(\.id) == ["r1"])
        try Guards.withOff("guard:residents.folder") {
            let list = try ResidentList(parsing: text)
            #expect(list.lines.map(\.id) == [id])
        }
    }

    @Test func anIdIsNoLongerThanANameOfAFolder() throws {
        let long = String(repeating: "a", count: 41)
        #expect(try ResidentList(parsing: "id,name\n\(long),A\n").lines.map(\.id) == ["r1"])
    }

    @Test func aListHasSoManyLines() throws {
        let whole = "name\n" + String(repeating: "A\n", count: ResidentList.linesMax)
        #expect(try ResidentList(parsing: whole).lines.count == ResidentList.linesMax)
        #expect(throws: DeploymentFault.self) { try ResidentList(parsing: whole + "A\nA\n") }
        try Guards.withOff("guard:residents.lines") {
            let list = try ResidentList(parsing: whole + "A\nA\n")
            #expect(list.lines.count == ResidentList.linesMax + 2)
        }
    }

    @Test func aFileIsOfTheRightForm() async throws {
        try await withFolder { path in
            #expect(throws: DeploymentFault.self) { try ResidentList(path: path + "/missing.csv") }
            try DurableFile(path + "/latin.csv").write([0x6e, 0x61, 0x6d, 0x65, 0x0a, 0xe9, 0x0a])
            #expect(throws: DeploymentFault.self) { try ResidentList(path: path + "/latin.csv") }
            try DurableFile(path + "/good.csv").write(Array("name\nA\n".utf8))
            #expect(try ResidentList(path: path + "/good.csv").lines.count == 1)
        }
    }
}
