/// The languages of every text.
public enum Language: String, CaseIterable, Sendable {
    /// Japanese.
    case ja
    /// English.
    case en
}

/// A text in every language. There is no way to write one language alone.
public struct Text: Hashable, Sendable {
    public let ja: String
    public let en: String

    init(_ ja: String, _ en: String) { (self.ja, self.en) = (ja, en) }

    /// The text; placeholders as they are.
    public subscript(language: Language) -> String {
        switch language {
        case .ja: ja
        case .en: en
        }
    }
}

/// What a text leaves open, written `{party}` in it.
public enum Placeholder: String, CaseIterable, Sendable {
    case party, from, to, until, uses, days
    // Of the demonstration
    case count, records, bytes, mark, purpose, reason, leaves, cpu, time, file, limit
    // Of a person's phone
    case kinds

    var marker: String { "{\(rawValue)}" }
}

/// Every text that people read, by what it names. The switch in `text` is complete or it does not compile.
public enum MessageKey: Hashable, Sendable {
    case role(Role)
    case roleClass(RoleClass)
    case purpose(PurposeOfUse)
    case category(Category)
    case party(PartyRole)
    case ground(Ground)
    case emergencyReason(EmergencyReason)
    case exchange(ExchangeKind)
    case service(ServiceID, ServiceText)
    case notice(NoticeText)
    case rule(RuleID)
    case demoParty(DemoParty)
    case demo(DemoText)
    case citizen(CitizenText)
    case code(ExplainedCode, CodePart)

    /// The text of this key.
    public var text: Text {
        switch self {
        case .role(let role): Messages.text(role)
        case .roleClass(let roles): Messages.text(roles)
        case .purpose(let purpose): Messages.text(purpose)
        case .category(let category): Messages.text(category)
        case .party(let role): Messages.text(role)
        case .ground(let ground): Messages.text(ground)
        case .emergencyReason(let reason): Messages.text(reason)
        case .exchange(let kind): Messages.text(kind)
        case .service(let id, let part): Messages.text(id, part)
        case .notice(let part): Messages.text(part)
        case .rule(let id): Messages.text(id)
        case .demoParty(let party): Messages.text(party)
        case .demo(let part): Messages.text(part)
        case .citizen(let part): Messages.text(part)
        case .code(let code, let part): Messages.text(code, part)
        }
    }

    /// Every key that exists.
    public static var all: [MessageKey] {
        Role.allCases.map(MessageKey.role) + RoleClass.allCases.map(MessageKey.roleClass)
            + PurposeOfUse.allCases.map(MessageKey.purpose) + Category.allCases.map(MessageKey.category)
            + PartyRole.allCases.map(MessageKey.party) + Ground.allCases.map(MessageKey.ground)
            + EmergencyReason.allCases.map(MessageKey.emergencyReason)
            + ExchangeKind.allCases.map(MessageKey.exchange)
            + ServiceID.allCases.flatMap { id in ServiceText.allCases.map { MessageKey.service(id, $0) } }
            + NoticeText.allCases.map(MessageKey.notice) + RuleID.allCases.map(MessageKey.rule)
            + DemoParty.allCases.map(MessageKey.demoParty) + DemoText.allCases.map(MessageKey.demo)
            + CitizenText.allCases.map(MessageKey.citizen)
            + ExplainedCode.all.flatMap { code in CodePart.allCases.map { MessageKey.code(code, $0) } }
    }
}

/// The catalogue: one function for each family of keys, in the files `Messages+...`.
public enum Messages {
    /// The text of a key with its placeholders filled.
    /// - Returns: nil unless `values` names exactly the placeholders of the text.
    public static func text(
        _ key: MessageKey, in language: Language, _ values: [Placeholder: String] = [:]
    ) -> String? {
        let text = key.text[language]
        guard placeholders(of: text) == Set(values.keys) else { return nil }
        return fill(text, values)
    }

    /// The placeholders of a text; a brace that begins none of them counts as no placeholder.
    static func placeholders(of text: String) -> Set<Placeholder> {
        Set(Placeholder.allCases.filter { text.contains($0.marker) })
    }

    /// Replaces in one pass, so that a value which looks like a placeholder stays as it is.
    private static func fill(_ text: String, _ values: [Placeholder: String]) -> String {
        var out = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            out += rest[..<open]
            rest = rest[open...]
            guard let hit = values.first(where: { rest.hasPrefix($0.key.marker) }) else {
                out.append(rest.removeFirst())
                continue
            }
            out += hit.value
            rest = rest.dropFirst(hit.key.marker.count)
        }
        return out + rest
    }
}
