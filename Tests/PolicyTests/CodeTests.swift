import Polymorphic
import Testing

@testable import Policy

/// Every code is explained. That each text is there in both languages, and short, is shown of all keys at once.
@Suite struct CodeTests {
    @Test func everyCodeIsExplained() {
        #expect(ExplainedCode.all.count == 51 + 33 + CommandCode.allCases.count)
        for code in Refusal.Code.allCases { #expect(ExplainedCode.named(code.rawValue).contains(.node(code))) }
        for code in ExplainedCode.all {
            for part in CodePart.allCases { #expect(MessageKey.all.contains(.code(code, part))) }
        }
    }

    @Test(arguments: CodeFamily.allCases) func notTwoCodesOfAFamilyMeanTheSame(_ family: CodeFamily) {
        let codes = ExplainedCode.all.filter { $0.family == family }
        #expect(!codes.isEmpty && Set(codes.map(\.word)).count == codes.count)
        for language in Language.allCases {
            #expect(Set(codes.map { $0.text(.meaning, in: language) }).count == codes.count)
        }
    }

    @Test func aCodeIsFoundAsItIsWrittenInAnswers() {
        #expect(ExplainedCode.named("consent") == [.node(.consent)])
        #expect(ExplainedCode.named("same domain") == [.node(.sameDomain)])
        #expect(ExplainedCode.named("Same-Domain") == [.node(.sameDomain)])
        #expect(ExplainedCode.named("chain incomplete at 3") == [.node(.chainIncomplete)])
        #expect(ExplainedCode.named("\(Refusal(.equality, at: 2))") == [.node(.equality)])
        #expect(ExplainedCode.named("conflict") == [.node(.conflict), .fhir(.conflict)])
        #expect(ExplainedCode.named("too-large") == [.fhir(.tooLarge)])
        for none in ["", "at 2", "consen", "consent 2", "621498320257"] { #expect(ExplainedCode.named(none) == []) }
    }
}
