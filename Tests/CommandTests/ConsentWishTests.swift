import Deployment
import Device
import Policy
import Polymorphic
import Testing

@testable import warifu

@Suite struct ConsentWishTests {
    /// 2026-11-30 09:00 in Japan.
    private let now: UInt64 = 1_795_996_800

    @Test func whatIsNotSaidIsNarrow() throws {
        let made = try ConsentWish(to: ["hospital-b"]).made(at: now, in: .en)
        let terms = made.terms
        #expect(
            terms.grantees == [.party(try PartyID("hospital-b"))] && terms.purposes == [PurposeOfUse.treatment.name])
        #expect(terms.dates.notBefore == Instant(Int64(now)) && terms.dates.length == Span.narrowMax)
        #expect(!terms.categories.isEmpty)
        #expect(!terms.categories.contains { Policy.Category($0)?.isSensitive ?? true })
        #expect(terms.dataFrom == 0 && terms.dataTo == (now + 30 * 86_400) / 60)
        #expect(terms.notice == made.notice.noticeDigest && terms.refusal == made.notice.refusalDigest)
        #expect(made.notice.notice.contains("hospital-b") && made.notice.notice.contains("2026-12-30"))
    }

    @Test func daysAreWholeDaysInJapan() throws {
        let wish = ConsentWish(
            to: ["hospital-b"], categories: ["laboratory", "MED", "vital-signs"], from: "2026-12-01",
            until: "2026-12-03", dataFrom: "2020-01-01", dataTo: "2020-02-29")
        let terms = try wish.made(at: now, in: .ja).terms
        // Midnight in Japan is 15:00 UTC of the day before.
        #expect(terms.dates.notBefore.seconds == 1_796_050_800 && terms.dates.length == 3 * 86_400 - 1)
        #expect(terms.categories.map(\.description) == ["LAB", "MED", "VIT"])
        #expect(terms.dataFrom * 60 == 1_577_804_400 && terms.dataTo == terms.dataFrom + 60 * 1_440 - 1)
    }

    @Test func whatCannotBeMeantIsRefused() {
        for wish in [
            ConsentWish(to: []), ConsentWish(to: ["a1", "a1"]), ConsentWish(to: ["hospital-b"], purpose: "cure"),
            ConsentWish(to: ["hospital-b"], categories: ["blood"]), ConsentWish(to: ["hospital-b"], uses: 0),
            ConsentWish(to: ["hospital-b"], until: "2026-12-03", days: 3), ConsentWish(to: ["hospital-b"], days: 0),
            ConsentWish(to: ["hospital-b"], days: 367), ConsentWish(to: ["hospital-b"], until: "2026-11-29"),
            ConsentWish(to: ["hospital-b"], from: "2026-12-03", until: "2026-12-02"),
            ConsentWish(to: ["hospital-b"], until: "2026-02-30"), ConsentWish(to: ["hospital-b"], until: "2026-1-1"),
            ConsentWish(to: ["hospital-b"], until: "tomorrow"), ConsentWish(to: ["role:wizards"]),
            ConsentWish(to: ["hospital-b"], dataFrom: "2020-01-02", dataTo: "2020-01-01"),
        ] { #expect(throws: CommandFault(.wrongUse), "\(wish)") { try wish.made(at: now, in: .en) } }
        #expect(throws: Refusal(.text)) { try ConsentWish(to: ["Hospital B"]).made(at: now, in: .en) }
        #expect(throws: Refusal(.policy)) {
            try ConsentWish(to: ["hospital-b"], purpose: "emergency").made(at: now, in: .en)
        }
        #expect(throws: Refusal(.policy)) {
            try ConsentWish(to: ["hospital-b"], categories: ["PROD"]).made(at: now, in: .en)
        }
    }

    @Test func everyCategoryHasItsWord() {
        for category in Policy.Category.allCases {
            #expect(ConsentWish.category(category.rawValue) == category)
            #expect(ConsentWish.category("\(category)") == category)
        }
    }
}
