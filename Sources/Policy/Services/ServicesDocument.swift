/// `docs/services.md`, generated from the declarations.
public enum ServicesDocument {
    /// The whole file, with a line break at its end.
    public static var markdown: String {
        var lines = [
            "# The nine services", "",
            "Generated from the declarations in `Sources/Policy/Services`; a test compares. Do not edit.", "",
            "A service is a set of flows over the one exchange: who asks, in which role, for which purpose, about",
            "which kinds of data, through which usual Exchanges, on which ground. What is not in a flow is refused.",
            "",
            "| id | service | サービス | offered |", "|---|---|---|---|",
        ]
        for service in Service.all {
            let title = MessageKey.service(service.id, .title).text
            lines.append("| \(service.id.rawValue) | \(title.en) | \(title.ja) | \(offered(service)) |")
        }
        for service in Service.all { lines += ["", ""].prefix(1) + section(service) }
        return (lines + [""] + vocabulary).joined(separator: "\n") + "\n"
    }

    private static func offered(_ service: Service) -> String { service.offered ? "yes" : "not yet" }

    private static func section(_ service: Service) -> [String] {
        func text(_ part: ServiceText) -> Text { MessageKey.service(service.id, part).text }
        func both(_ heading: String, _ part: ServiceText) -> [String] {
            let days = "\(service.requesterKeepsDays)"
            let values: [Placeholder: String] = Messages.placeholders(of: text(part).en).isEmpty ? [:] : [.days: days]
            return Language.allCases.map { language in
                let line = Messages.text(.service(service.id, part), in: language, values) ?? ""
                return "- \(heading) (\(language.rawValue)): \(line)"
            }
        }
        var lines = ["## \(service.id.rawValue) \(text(.title).en) (\(text(.title).ja))", ""]
        lines += both("For", .purpose) + both("Agreed", .agreed) + both("Refused", .refusing)
        lines += both("Disclosed", .discloses) + both("Kept", .kept) + [""]
        lines += [
            "| asks | acting | purpose | data | Exchanges | ground |", "|---|---|---|---|---|---|",
        ]
        return lines + service.flows.map(row)
    }

    private static func row(_ flow: Flow) -> String {
        let cells = [
            list(flow.requesters), list(flow.actors),
            flow.purpose.rawValue + (flow.purpose.hl7.map { " (\($0))" } ?? ""),
            list(flow.categories), flow.exchanges.sorted().map(exchange).joined(separator: ", "), list(flow.grounds),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func list<T: Term>(_ terms: Set<T>) -> String {
        terms.sorted().map(\.rawValue).joined(separator: ", ")
    }

    private static func exchange(_ use: ExchangeUse) -> String {
        use.kind.rawValue + (use.target.map { " (\($0.rawValue))" } ?? "")
    }

    /// Every word with both its texts.
    private static var vocabulary: [String] {
        table("Roles of acting persons", Role.self) + table("Classes of roles that a person can name", RoleClass.self)
            + table("Purposes", PurposeOfUse.self) + table("Kinds of data", Category.self)
            + table("Parties", PartyRole.self) + table("Usual Exchanges", ExchangeKind.self)
            + table("Grounds", Ground.self) + table("Reasons of an emergency", EmergencyReason.self, last: true)
    }

    private static func table<T: Term>(_ heading: String, _ terms: T.Type, last: Bool = false) -> [String] {
        ["## \(heading)", "", "| name | English | 日本語 |", "|---|---|---|"]
            + T.allCases.map { "| `\($0.rawValue)` | \($0.key.text.en) | \($0.key.text.ja) |" } + (last ? [] : [""])
    }
}
