import ArgumentParser
import Deployment
import Device
import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing

@testable import warifu

/// The shapes that other programs read.
@Suite struct OutputTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func explanationsAreAnArray() throws {
        let text = Explanations(ExplainedCode.named("conflict"), .ja).json
        let all = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: String]])
        #expect(all.map { $0["family"] } == ["node", "fhir"])
        #expect(all.allSatisfy { Set($0.keys) == ["code", "family", "meaning", "cause", "action"] })
        let lines = Explanations(ExplainedCode.named("consent"), .en).text.split(separator: "\n")
        #expect(lines.count == 4 && lines[0] == "consent (answer of a node)")
        let unknown = Explanations(ExplainedCode.all, .en)
        let list = try object(unknown.unknownJSON)["codes"] as? [String]
        #expect(list?.contains("consent") == true && unknown.unknownText.contains("\n  consent\n"))
        #expect(CommandCode.unknownCode.exitCode == 2 && CommandCode.doubts.exitCode == 3)
    }

    @Test func anErrorIsACodeWithItsCauseAndWhatToDo() throws {
        let json = try WordsOptions.parse(["--json", "--lang", "en"])
        let cases: [(any Error, String, Int32)] = [
            (Refusal(.consent, at: 2), "consent", 1), (CallFailure.refused(Refusal(.row)), "row", 1),
            (CallFailure.noAnswer, "unreachable", 69), (Refusal(.unavailable), "unavailable", 69),
            (CommandFault(.phoneInUse), "phone-in-use", 75), (CommandFault(.needsYes), "needs-yes", 64),
            (DeploymentFault.refused(node: "number-centre", code: "same domain"), "same domain", 1),
            (DeploymentFault.refused(node: "number-centre", code: "nonsense"), "unavailable", 69),
            (DeploymentFault.file("secret path"), "phone-damaged", 66),
        ]
        for (error, code, exit) in cases {
            let said = CitizenError(error)
            let entry = try #require(try object(said.text(json))["error"] as? [String: String])
            #expect(entry["code"] == code && said.exitCode == exit)
            #expect(entry["cause"]?.isEmpty == false && entry["action"]?.isEmpty == false)
            #expect(!said.text(json).contains("secret"))
            #expect(said.text(try WordsOptions.parse(["--lang", "ja"])).hasPrefix("warifu citizen: \(code): "))
        }
    }

    @Test func aHistoryWithDoubtsNamesThemAndEndsWith3() async throws {
        try await Country.run(seed: 731) { country in
            let phone = try await country.enrol("one").phone
            let kept = try await phone.give(try country.terms(to: country.names.hospitalA))
            await country.wait(seconds: 3)
            let good = HistoryView(try await phone.history(), country.pins)
            #expect(good.complete && good.answer(CitizenWords(.en)).exit == nil)
            #expect(good.entries.count == 6 && Set(good.entries.map(\.kind)) == ["device", "consent"])
            #expect(good.answer(CitizenWords(.en)).lines.last == "Every proof holds, and nothing is missing.")
            country.network.setDown(country.names.transcryptors[1], true)
            let answer = HistoryView(try await phone.history(), country.pins).answer(CitizenWords(.en))
            #expect(answer.exit == .doubts)
            #expect(answer.lines.last == "  t2 gave no answer, or only an old one.")
            let doubts = try object(answer.json)["doubts"] as? [[String: Any]]
            #expect(doubts?.count == 1 && doubts?[0]["doubt"] as? String == "silent")
            #expect(doubts?[0]["transcryptor"] as? String == "t2")
            let view = try object(CommandJSON.text(ConsentView(kept, country.pins)))
            #expect(
                Set(view.keys) == [
                    "id", "to", "purposes", "categories", "from", "until", "data_from", "data_to", "uses",
                    "countersigned",
                ])
            #expect(view["countersigned"] as? [String] == ["t1", "t2", "t3"])
            #expect((view["id"] as? String)?.count == 32)
        }
    }

    @Test func everyDoubtHasItsName() async throws {
        try await Country.run(seed: 732) { country in
            let views = [
                Doubt.hiding(1), .falseDetail(1), .gap(1, counter: 4),
                .missing(.zero, participant: country.names.transcryptors[0]), .silent(1),
            ].map { DoubtView($0, country.pins) }
            #expect(views.map(\.doubt) == ["hiding", "false-detail", "gap", "missing", "silent"])
            #expect(views.allSatisfy { $0.transcryptor == "t1" } && views[2].counter == 4)
            for language in Language.allCases {
                let lines = views.map { $0.line(CitizenWords(language)) }
                #expect(Set(lines).count == 5 && lines.allSatisfy { $0.contains("t1") })
            }
        }
    }
}

extension OutputTests {
    @Test func aUseIsToldAsWhatItCameTo() {
        func use(_ verdicts: [Bool], delivered: Bool) -> HistoryView.Use {
            HistoryView.Use(
                request: "00", item: 0, requester: "hospital-a", role: "physician", purpose: "treatment",
                categories: ["LAB"], basis: "consent", participants: ["t1", "t2"], delivered: delivered,
                words: verdicts.enumerated().map { place, verdict in
                    HistoryView.Use.Word(
                        transcryptor: "t\(place + 1)", permitted: verdict, reason: verdict ? "ok" : "consent",
                        records: 2,
                        recordsPermitted: verdict ? 2 : 0, leaf: UInt64(40 + place))
                })
        }
        let words = CitizenWords(.en)
        #expect(use([true, true], delivered: true).line(words).hasPrefix("Leaf 40: hospital-a used it."))
        #expect(use([true, false], delivered: false).line(words).contains("was refused (consent)"))
        #expect(use([true], delivered: false).line(words).contains("not decided yet"))
    }
}
