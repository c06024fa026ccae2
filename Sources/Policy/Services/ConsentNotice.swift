import Polymorphic
import Ristretto255

/// What a give is about, as the person reads it.
public struct NoticeTerms: Sendable {
    /// Names of the parties, or of the classes of roles, as the person knows them. At least one.
    public var grantees: [String]
    /// Exactly one purpose: one page asks for one thing.
    public var purpose: PurposeOfUse
    public var categories: [Category]
    /// Unix time / 60, both included.
    public var dataFrom: UInt64
    public var dataTo: UInt64
    public var until: Instant
    public var maxUses: UInt32

    public init(
        grantees: [String], purpose: PurposeOfUse, categories: [Category], dataFrom: UInt64, dataTo: UInt64,
        until: Instant, maxUses: UInt32
    ) {
        (self.grantees, self.purpose, self.categories) = (grantees, purpose, categories)
        (self.dataFrom, self.dataTo, self.until, self.maxUses) = (dataFrom, dataTo, until, maxUses)
    }
}

/// The exact words of a consent page in one language, and their digests, which stand in the give: years later anyone
/// can show what was agreed to (P3).
public struct ConsentNotice: Hashable, Sendable {
    public let language: Language
    /// What is agreed: six headings and the sentence of the service.
    public let notice: String
    /// What refusing means.
    public let refusal: String

    /// The notice of a service.
    /// - Throws: `policy` for a purpose or category for which the service asks no consent, or no grantee; `length` for
    ///   a minute of 2^53 or more.
    public init(_ service: Service, _ terms: NoticeTerms, in language: Language) throws(Refusal) {
        try need(
            service.consentPurposes.contains(terms.purpose) && !terms.grantees.isEmpty
                && Set(terms.categories).isSubset(of: service.consentCategories), .policy)
        try need(max(terms.dataFrom, terms.dataTo) < 1 << 53, .length)
        self.language = language
        let words = Words(language)
        var lines = [words.service(service.id, .title), words.notice(.agree), words.service(service.id, .agreed)]
        lines += [words.notice(.who), words.notice(.whoNames, [.party: words.join(terms.grantees)])]
        lines += [words.notice(.what), words.join(terms.categories.sorted().map { $0.key.text[language] })]
        lines += [
            words.notice(
                .whatPeriod,
                [.from: CalendarDate(minute: terms.dataFrom).text, .to: CalendarDate(minute: terms.dataTo).text])
        ]
        lines += [words.notice(.why), terms.purpose.key.text[language]]
        lines += [
            words.notice(.until),
            words.notice(.untilUses, [.until: CalendarDate(terms.until).text, .uses: "\(terms.maxUses)"]),
        ]
        lines += [words.notice(.kept), words.service(service.id, .kept, [.days: "\(service.requesterKeepsDays)"])]
        lines += [words.notice(.stop), words.notice(.stopHow)]
        notice = lines.joined(separator: "\n")
        refusal = [words.notice(.refuse), words.service(service.id, .refusing), words.notice(.refuseRight)]
            .joined(separator: "\n")
    }

    /// `notice_digest` of a give.
    public var noticeDigest: Bytes64 { Self.digest(notice, language) }
    /// `refusal_digest` of a give.
    public var refusalDigest: Bytes64 { Self.digest(refusal, language) }

    /// SHA-512 of `list(language, text)`, both in UTF-8.
    public static func digest(_ text: String, _ language: Language) -> Bytes64 {
        sha512(Wire.list([Array(language.rawValue.utf8), Array(text.utf8)]))
    }
}

/// Texts of the catalogue in one language, with their placeholders filled by us.
private struct Words {
    let language: Language
    init(_ language: Language) { self.language = language }

    func notice(_ part: NoticeText, _ values: [Placeholder: String] = [:]) -> String { text(.notice(part), values) }
    func service(_ id: ServiceID, _ part: ServiceText, _ values: [Placeholder: String] = [:]) -> String {
        text(.service(id, part), values)
    }
    func join(_ items: [String]) -> String {
        switch language {
        case .ja: items.joined(separator: "、")
        case .en: items.joined(separator: "; ")
        }
    }
    private func text(_ key: MessageKey, _ values: [Placeholder: String]) -> String {
        guard let text = Messages.text(key, in: language, values) else {
            preconditionFailure("a notice fills other placeholders than its text has; its test shows which")
        }
        return text
    }
}
