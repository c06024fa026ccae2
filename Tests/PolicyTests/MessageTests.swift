import Testing

@testable import Policy

@Suite struct MessageTests {
    @Test func everyTextExistsInBothLanguagesAndTheyDiffer() {
        #expect(Set(MessageKey.all).count == MessageKey.all.count)
        for key in MessageKey.all {
            let text = key.text
            for language in Language.allCases {
                #expect(text[language].contains { !$0.isWhitespace }, "\(key)")
                #expect(text[language].first?.isWhitespace == false, "\(key)")
                #expect(text[language].last?.isWhitespace == false, "\(key)")
            }
            #expect(text.ja != text.en, "\(key)")
            #expect(text.ja.unicodeScalars.contains { $0.value >= 0x3040 && $0.value < 0xa000 }, "\(key)")
            #expect(text.en.unicodeScalars.allSatisfy { $0.isASCII }, "\(key)")
        }
    }

    @Test func bothLanguagesLeaveTheSamePlacesOpenAndNoOthers() {
        for key in MessageKey.all {
            let text = key.text
            #expect(Messages.placeholders(of: text.ja) == Messages.placeholders(of: text.en), "\(key)")
            for language in Language.allCases {
                var rest = text[language]
                for placeholder in Placeholder.allCases { rest = rest.split(separator: placeholder.marker).joined() }
                #expect(!rest.contains { "{}".contains($0) }, "\(key)")
            }
        }
        let used = MessageKey.all.reduce(into: Set<Placeholder>()) {
            $0.formUnion(Messages.placeholders(of: $1.text.ja))
        }
        #expect(used == Set(Placeholder.allCases))
    }

    @Test func placesAreFilledOnceAndOnlyAllTogether() {
        #expect(Messages.text(.notice(.whoNames), in: .en, [.party: "{to}{party}"]) == "It is used by {to}{party}.")
        #expect(Messages.text(.notice(.whoNames), in: .en) == nil)
        #expect(Messages.text(.notice(.whoNames), in: .en, [.party: "a", .to: "b"]) == nil)
        #expect(Messages.text(.notice(.who), in: .en, [.party: "a"]) == nil)
        #expect(
            Messages.text(.notice(.whatPeriod), in: .en, [.from: "1", .to: "2"])
                == "Information about the time from 1 to 2.")
    }

    /// Plain words: a sentence of Japanese has at most 60 characters, one of English at most 25 words.
    @Test func sentencesAreShort() {
        for key in MessageKey.all {
            for sentence in key.text.ja.split(separator: "。") { #expect(sentence.count <= 60, "\(key): \(sentence)") }
            for sentence in key.text.en.split(whereSeparator: { ".?!:".contains($0) }) {
                #expect(sentence.split(separator: " ").count <= 25, "\(key): \(sentence)")
            }
        }
    }

    @Test func notTwoWordsOfOneVocabularyReadTheSame() {
        func check<T: Term>(_ terms: T.Type) {
            for language in Language.allCases {
                #expect(Set(T.allCases.map { $0.key.text[language] }).count == T.allCases.count)
            }
        }
        check(Role.self)
        check(RoleClass.self)
        check(PurposeOfUse.self)
        check(Category.self)
        check(PartyRole.self)
        check(Ground.self)
        check(RuleID.self)
    }
}
