import ArgumentParser
import Deployment
import Foundation
import Guards
import Policy
import Polymorphic
import Testing

@testable import warifu

@Suite struct ArgumentTests {
    @Test func commandsReadTheirOptions() throws {
        let give = try Warifu.parseAsRoot([
            "citizen", "consent", "give", "--phone", "p", "--country", "c", "--to", "hospital-b", "--to",
            "role:physician",
            "--categories", "laboratory,MED", "--days", "7", "--uses", "3", "--yes", "--json", "--lang", "ja",
        ])
        let parsed = try #require(give as? CitizenGive)
        #expect(parsed.to == ["hospital-b", "role:physician"] && parsed.days == 7 && parsed.uses == 3)
        #expect(parsed.yes && parsed.options.output.json && parsed.options.output.language == .ja)
        #expect(parsed.purpose == "treatment" && parsed.until == nil)
        let enrol = try Warifu.parseAsRoot([
            "citizen", "enrol", "--phone", "p", "--country", "c", "--identity", "Hanako", "--official", "1",
            "--official",
            "2",
        ])
        #expect((enrol as? CitizenEnrol)?.official == ["1", "2"])
        let history = try Warifu.parseAsRoot([
            "citizen", "history", "--phone", "p", "--country", "c", "--portal", "https://localhost:1",
        ])
        #expect((history as? CitizenHistory)?.portal.portal == "https://localhost:1")
        let explain = try Warifu.parseAsRoot(["explain", "same", "domain", "--lang", "en"])
        #expect((explain as? Explain)?.code == ["same", "domain"])
        for wrong in [
            ["explain"], ["explain", "consent", "--all"], ["citizen", "enrol", "--phone", "p"],
            ["citizen", "history", "--phone", "p", "--country", "c", "--lang", "fr"],
        ] { #expect(throws: (any Error).self) { try Warifu.parseAsRoot(wrong) } }
    }

    /// What an argument parser repeats in its own errors is looked at first.
    @Test(arguments: [
        ["citizen", "enrol", "--identity", "Hanako 6214 9832 0257"], ["citizen", "enrol", "--identity=621498320257"],
        ["citizen", "enrol", "--identity", "Hanako", "１２３４５６７８９０１８"], ["citizen", "history", "--lang", "123456789018"],
        ["explain", "621498320257"], ["citizen", "consent", "give", "--visit", "v", "621498320257"],
    ])
    func aNationalNumberIsRefusedBeforeAnythingIsParsed(_ arguments: [String]) throws {
        #expect(throws: CommandFault(.nationalNumber)) {
            try ArgumentCheck.refuseNationalNumber(in: arguments)
        }
        try Guards.withOff("guard:number.national") { try ArgumentCheck.refuseNationalNumber(in: arguments) }
        let said = CitizenError(CommandFault(.nationalNumber)).text(try WordsOptions.parse(["--lang", "en"]))
        #expect(said.contains("national-number") && !NationalNumber.occurs(in: said.utf8))
    }

    /// A random id may look like anything.
    @Test(arguments: [
        ["citizen", "present", "--visit", "621498320257"], ["citizen", "present", "--visit=621498320257"],
        ["citizen", "consent", "withdraw", "--consent", "621498320257"], ["citizen", "enrol", "--identity", "Hanako"],
        ["citizen", "consent", "give", "--from", "2026-11-30"], ["ledger", "prove", "--index", "621498320257"],
    ])
    func otherArgumentsPass(_ arguments: [String]) throws {
        try ArgumentCheck.refuseNationalNumber(in: arguments)
    }

    @Test func aVisitIsAnAddressAndAnIdAndNothingElse() throws {
        let visit = try DeskVisit(desk: "https://hospital-a.localhost:41011/desk/", visit: "aZ0-_9")
        #expect(visit.url == "https://hospital-a.localhost:41011/desk/visits/aZ0-_9")
        for (desk, id) in [
            ("http://localhost/desk", "a"), ("https://localhost/desk?x=1", "a"), ("https://u:p@localhost/desk", "a"),
            ("https://localhost/../desk", "a"), ("https:///desk", "a"), ("desk", "a"),
            ("https://localhost/desk#a", "a"),
            ("https://localhost/desk", ""), ("https://localhost/desk", "a/b"), ("https://localhost/desk", "../a"),
            ("https://localhost/desk", "a%2e"), ("https://localhost/desk", String(repeating: "a", count: 129)),
        ] { #expect(throws: CommandFault(.deskAddress)) { try DeskVisit(desk: desk, visit: id) } }
    }

    @Test func whatADeskAnswersIsReadOrRefused() {
        for body in ["", "{}", #"{"text":"%%","signature":"AA=="}"#, #"{"text":"AAAA","signature":"AA=="}"#] {
            #expect(throws: CommandFault(.deskAnswer)) { try ShownAtDesk.parse(Array(body.utf8)) }
        }
        #expect(DeskClient.fault(404) == CommandFault(.noVisit) && DeskClient.fault(403) == CommandFault(.noVisit))
        #expect(
            DeskClient.fault(503) == CommandFault(.unreachable) && DeskClient.fault(400) == CommandFault(.deskRefused))
    }

    @Test func nothingIsSignedUnlessThePersonSaysYes() throws {
        let words = CitizenWords(.en)
        func ask(answered: Bool, terminal: Bool, line: String?) throws -> [String] {
            var shown: [String] = []
            let question = CitizenQuestion(
                words: words, isAnswered: answered, isTerminal: { terminal }, read: { line },
                show: { shown.append($0) })
            try question.ask(["the words"])
            return shown
        }
        // Shown also to who has agreed already.
        #expect(try ask(answered: true, terminal: false, line: nil) == ["the words\n"])
        #expect(try ask(answered: false, terminal: true, line: " Y ").count == 2)
        for line in ["n", "", "yy", nil] {
            #expect(throws: CommandFault(.notConfirmed)) { try ask(answered: false, terminal: true, line: line) }
        }
        #expect(throws: CommandFault(.needsYes)) { try ask(answered: false, terminal: false, line: "y") }
    }
}
