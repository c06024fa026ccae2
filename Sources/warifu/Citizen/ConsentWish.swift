import Deployment
import Device
import Exchanges
import Foundation
import Policy
import Polymorphic

/// What a person wants to permit, as it is written on the command line, and the give that it becomes.
struct ConsentWish {
    /// Names of parties, or of classes of roles as `role:physician`.
    var to: [String]
    var purpose: String = PurposeOfUse.treatment.rawValue
    /// Empty: all ordinary kinds of the service.
    var categories: [String] = []
    /// From and until when it holds: days in Japan, both included. Without `from`: from now on.
    var from: String?
    var until: String?
    /// In place of `until`.
    var days: Int?
    var uses: UInt32 = 1_000
    /// What time the data is about: days in Japan, both included.
    var dataFrom: String?
    var dataTo: String?

    /// 30 days: the longest that is not a wide consent.
    static let daysDefault = 30

    /// The terms with the words that the person reads.
    struct Made {
        let terms: GiveTerms
        let notice: ConsentNotice
    }

    /// - Parameter now: Unix seconds.
    /// - Throws: `CommandFault` `wrongUse`; `policy` for a purpose or category for which no service asks consent;
    ///   `text` for a name that is none.
    func made(at now: UInt64, in language: Language) throws -> Made {
        guard !to.isEmpty, Set(to).count == to.count, uses > 0, let purpose = PurposeOfUse(rawValue: purpose) else {
            throw CommandFault(.wrongUse)
        }
        guard let service = Service.all.first(where: { $0.consentPurposes.contains(purpose) }) else {
            throw Refusal(.policy)
        }
        let categories = try categories(service, purpose)
        let dates = try dates(now)
        let first = try dataFrom.map { try JapaneseDay($0).start } ?? 0
        let last = try dataTo.map { try JapaneseDay($0).end } ?? dates.notAfter.seconds
        guard first >= 0, first <= last else { throw CommandFault(.wrongUse) }
        let (dataFrom, dataTo) = (UInt64(first) / 60, UInt64(last) / 60)
        let notice = try ConsentNotice(
            service,
            NoticeTerms(
                grantees: try to.map { try Self.name(of: $0, in: language) }, purpose: purpose,
                categories: categories, dataFrom: dataFrom, dataTo: dataTo, until: dates.notAfter, maxUses: uses),
            in: language)
        return Made(
            terms: GiveTerms(
                grantees: try to.map { try Grantee(Array($0.utf8)) }, purposes: [purpose.name],
                categories: categories.map(\.name), dataFrom: dataFrom, dataTo: dataTo, dates: dates, maxUses: uses,
                notice: notice.noticeDigest, refusal: notice.refusalDigest),
            notice: notice)
    }

    /// A class of roles in words; a party by its id.
    private static func name(of grantee: String, in language: Language) throws -> String {
        switch try Grantee(Array(grantee.utf8)) {
        case .party(let id): return id.description
        case .roleClass(let name):
            guard let roles = RoleClass(name) else { throw CommandFault(.wrongUse) }
            return roles.key.text[language]
        }
    }

    private func categories(_ service: Service, _ purpose: PurposeOfUse) throws -> [Policy.Category] {
        guard categories.isEmpty else {
            let named = try categories.map { word in
                guard let category = Self.category(word) else { throw CommandFault(.wrongUse) }
                return category
            }
            return Set(named).sorted()
        }
        let flows = service.flows.filter { $0.purpose == purpose && $0.grounds.contains(.consent) }
        return flows.reduce(into: Set<Policy.Category>()) { $0.formUnion($1.categories) }
            .filter { !$0.isSensitive }.sorted()
    }

    /// `LAB`, `laboratory`; `vital-signs`, `vitalSigns`.
    static func category(_ word: String) -> Policy.Category? {
        let plain = word.lowercased().filter { $0 != "-" }
        return Policy.Category.allCases.first {
            $0.rawValue.lowercased() == plain || "\($0)".lowercased() == plain
        }
    }

    private func dates(_ now: UInt64) throws -> Validity {
        guard until == nil || days == nil, (1...366).contains(days ?? 1) else { throw CommandFault(.wrongUse) }
        let begin = try from.map { try JapaneseDay($0).start } ?? Int64(now)
        let end = try until.map { try JapaneseDay($0).end } ?? begin + Int64(days ?? Self.daysDefault) * Span.day
        guard begin < end, end > Int64(now) else { throw CommandFault(.wrongUse) }
        return Validity(notBefore: Instant(begin), notAfter: Instant(end))
    }
}

/// A day in Japan, written `2026-01-31`.
struct JapaneseDay {
    /// Unix seconds of its beginning.
    let start: Int64
    /// Of its last second.
    var end: Int64 { start + Span.day - 1 }

    /// - Throws: `CommandFault` `wrongUse`.
    init(_ text: String) throws {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count == 10, parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2]), year >= 1_970, let zone = TimeZone(secondsFromGMT: 9 * 3_600)
        else { throw CommandFault(.wrongUse) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        guard let date = calendar.date(from: DateComponents(year: year, month: month, day: day)) else {
            throw CommandFault(.wrongUse)
        }
        start = Int64(date.timeIntervalSince1970)
        // A day that does not exist was moved to another one.
        guard CalendarDate(Instant(start)).text == text else { throw CommandFault(.wrongUse) }
    }
}
