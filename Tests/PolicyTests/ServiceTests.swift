import Foundation
import Polymorphic
import Ristretto255
import Testing

@testable import Policy

@Suite struct ServiceTests {
    @Test func allNineServicesAreDeclaredAndOnlyTheFirstIsOffered() {
        #expect(Service.all.map(\.id) == ServiceID.allCases)
        #expect(Service.all.filter(\.offered).map(\.id) == [.u1])
        for service in Service.all {
            #expect(!service.flows.isEmpty)
            #expect(!service.consentPurposes.isEmpty)
            for flow in service.flows {
                #expect(!flow.requesters.isEmpty && !flow.actors.isEmpty && !flow.categories.isEmpty)
                #expect(!flow.exchanges.isEmpty && !flow.grounds.isEmpty)
            }
        }
    }

    @Test func everyWordOfTheVocabulariesIsUsedBySomeService() {
        let flows = Service.all.flatMap(\.flows) + Administration.flows.map(\.flow)
        #expect(flows.reduce(into: Set<PurposeOfUse>()) { $0.insert($1.purpose) } == Set(PurposeOfUse.allCases))
        #expect(flows.reduce(into: Set<Policy.Category>()) { $0.formUnion($1.categories) } == Set(Category.allCases))
        #expect(flows.reduce(into: Set<Ground>()) { $0.formUnion($1.grounds) } == Set(Ground.allCases))
        let kinds = flows.flatMap { $0.exchanges.map(\.kind) }
        #expect(Set(kinds) == Set(ExchangeKind.allCases))
    }

    @Test func emergencyAccessIsTheOnlyWayAroundConsentInAService() {
        for flow in Service.all.flatMap(\.flows) {
            #expect(flow.grounds == [.consent] || (flow.grounds == [.breakGlass] && flow.purpose == .emergency))
        }
    }

    @Test func theMatrixSaysWhatTheDeclarationsSay() {
        let matrix = AccessMatrix(Service.all)
        let flows = Service.all.flatMap { service in service.flows.map { (service, $0) } }
        let declared = flows.reduce(0) { $0 + $1.1.actors.count }
        #expect(matrix.rows.count == declared + Administration.flows.count)
        for (service, flow) in flows {
            for actor in flow.actors {
                let row = AccessRow(
                    service: service.id.name, offered: service.offered, requesters: Set(flow.requesters.map(\.name)),
                    actor: actor.name, purpose: flow.purpose.name, categories: Set(flow.categories.map(\.name)),
                    exchanges: Set(flow.exchanges.map { AllowedExchange($0.kind, $0.target?.name) }),
                    grounds: flow.grounds)
                #expect(matrix.rows.filter { $0 == row }.count == 1)
            }
        }
    }

    @Test func theCommittedDocumentIsTheGeneratedOne() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "docs/services.md")
        // WARIFU_WRITE=1 writes it anew.
        if ProcessInfo.processInfo.environment["WARIFU_WRITE"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(ServicesDocument.markdown.utf8).write(to: file)
        }
        #expect(String(decoding: try Data(contentsOf: file), as: UTF8.self) == ServicesDocument.markdown)
    }
}

@Suite struct ConsentNoticeTests {
    static func terms(_ service: Service) -> NoticeTerms {
        NoticeTerms(
            grantees: ["A hospital", "B clinic"], purpose: service.consentPurposes.min() ?? .treatment,
            categories: service.consentCategories.sorted(), dataFrom: 28_000_000, dataTo: 31_557_600,
            until: Instant(1_893_456_000), maxUses: 12)
    }

    @Test func everyServiceHasANoticeInBothLanguagesWithAllHeadings() throws {
        for service in Service.all {
            for language in Language.allCases {
                let notice = try ConsentNotice(service, Self.terms(service), in: language)
                let lines = notice.notice.split(separator: "\n", omittingEmptySubsequences: false)
                for heading in [NoticeText.who, .what, .why, .until, .kept, .stop, .agree] {
                    let place = try #require(lines.firstIndex { $0 == MessageKey.notice(heading).text[language] })
                    #expect(lines[place + 1].count > 2, "\(heading) says something")
                }
                #expect(!notice.notice.contains("{") && !notice.refusal.contains("{"))
                #expect(notice.notice.contains("A hospital") && notice.notice.contains("12"))
                #expect(notice.refusal.contains(MessageKey.service(service.id, .refusing).text[language]))
                #expect(notice.notice.unicodeScalars.count < 1_200 && notice.refusal.unicodeScalars.count < 300)
            }
        }
    }

    @Test func theDigestIsOfTheExactWordsAndTheirLanguage() throws {
        let english = try ConsentNotice(.ehrLinkage, Self.terms(.ehrLinkage), in: .en)
        let japanese = try ConsentNotice(.ehrLinkage, Self.terms(.ehrLinkage), in: .ja)
        #expect(english.noticeDigest == sha512(Wire.list([Array("en".utf8), Array(english.notice.utf8)])))
        #expect(english.refusalDigest == sha512(Wire.list([Array("en".utf8), Array(english.refusal.utf8)])))
        #expect(english.noticeDigest != japanese.noticeDigest)
        #expect(ConsentNotice.digest(english.notice, .ja) != english.noticeDigest)
        var digests: Set<[UInt8]> = []
        let changes: [(inout NoticeTerms) -> Void] = [
            { _ in }, { $0.grantees = ["C clinic"] }, { $0.categories.removeLast() }, { $0.dataFrom += 1_440 },
            { $0.dataTo += 1_440 }, { $0.until = $0.until + Span.day }, { $0.maxUses += 1 },
        ]
        for change in changes {
            var terms = Self.terms(.ehrLinkage)
            change(&terms)
            digests.insert(try ConsentNotice(.ehrLinkage, terms, in: .ja).noticeDigest.bytes)
        }
        #expect(digests.count == changes.count, "every term stands in the words")
    }

    @Test func whatAServiceDoesNotAskConsentForHasNoNotice() {
        func refused(_ change: (inout NoticeTerms) -> Void) -> Refusal.Code? {
            var terms = Self.terms(.ehrLinkage)
            change(&terms)
            return code { _ = try ConsentNotice(.ehrLinkage, terms, in: .ja) }
        }
        #expect(refused { _ in } == nil)
        #expect(refused { $0.purpose = .emergency } == .policy)
        #expect(refused { $0.categories = [.address] } == .policy)
        #expect(refused { $0.grantees = [] } == .policy)
        #expect(refused { $0.dataTo = .max } == .length)
        #expect(refused { $0.dataTo = 1 << 53 - 1 } == nil)
    }

    @Test func datesAreThoseOfTheCalendarInJapan() {
        let cases: [(Int64, String)] = [
            (0, "1970-01-01"), (-9 * 3_600, "1970-01-01"), (-9 * 3_600 - 1, "1969-12-31"),
            (1_893_456_000, "2030-01-01"), (951_782_400, "2000-02-29"), (951_836_400, "2000-03-01"),
            (4_107_510_000, "2100-03-01"), (4_107_509_999, "2100-02-28"), (1_709_218_799, "2024-02-29"),
        ]
        for (seconds, text) in cases { #expect(CalendarDate(Instant(seconds)).text == text) }
        // Every day for a thousand years comes after the day before.
        var previous = CalendarDate(Instant(0))
        for day in 1...365_250 {
            let date = CalendarDate(Instant(Int64(day) * Span.day))
            let sameMonth = date.month == previous.month && date.day == previous.day + 1
            let nextMonth = date.day == 1 && date.month == previous.month % 12 + 1 && previous.day >= 28
            #expect(sameMonth || nextMonth)
            previous = date
        }
    }
}
