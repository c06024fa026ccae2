import Guards

/// One parameter of a search: at least one of its values has to be met.
struct SearchClause: Hashable, Sendable {
    let parameter: SearchParameter
    let modifier: SearchModifier?
    let values: [SearchValue]
    /// The value as it was sent.
    let text: String
}

/// `Type:parameter:Target` of `_include` and `_revinclude`.
struct Inclusion: Hashable, Sendable {
    let type: ResourceType
    /// nil: every reference parameter.
    let parameter: SearchParameter?
    let target: ResourceType?
}

/// A search of one type, read and checked.
public struct SearchQuery: Sendable {
    public let type: ResourceType
    /// All of them have to be met.
    var clauses: [SearchClause] = []
    /// Matches on a page; nil: as many as the server likes.
    var count: Int?
    /// Only how many there are.
    var isCountOnly = false
    var sort: [(parameter: SearchParameter, isDescending: Bool)] = []
    var includes: [Inclusion] = []
    var reverseIncludes: [Inclusion] = []
    /// Numbers of the parameters that nobody here knows.
    var ignored: [Int] = []
    /// The parameters that are obeyed, without the values that are personal.
    var understood: [QueryItem] = []

    static let valuesMax = 1_024

    /// - Parameters:
    ///   - items: what was sent, from the URL and the body.
    ///   - isStrict: `Prefer: handling=strict`.
    ///   - base: the address of this server, without a slash at its end.
    /// - Throws: `badParameter`, `badModifier`; with `isStrict` `unknownParameter`.
    public init(
        _ type: ResourceType, _ items: [QueryItem], isStrict: Bool = false, base: String = "", zoneMinutes: Int = 0
    ) throws(Problem) {
        self.type = type
        for (index, item) in items.enumerated() {
            do throws(Problem) {
                let isKnown =
                    try takeControl(item)
                    ? true : take(item, base: base, zoneMinutes: zoneMinutes)
                if !isKnown { ignored.append(index + 1) }
            } catch { throw Problem(error.code, at: .parameter(index + 1)) }
        }
        if isStrict, let first = ignored.first { throw Problem(.unknownParameter, at: .parameter(first)) }
    }

    /// Parameters that say how the result is given.
    private mutating func takeControl(_ item: QueryItem) throws(Problem) -> Bool {
        switch item.name {
        case "_count":
            guard let count = Int(item.value), count >= 0 else { throw Problem(.badParameter) }
            self.count = count
            if count == 0 { isCountOnly = true }
        case "_summary":
            guard ["count", "false", "true", "text", "data"].contains(item.value) else { throw Problem(.badParameter) }
            // Summaries are a wish in R4; whole resources are always allowed.
            if item.value == "count" { isCountOnly = true }
        case "_sort": try takeSort(item.value)
        case "_include", "_include:iterate": includes.append(try Self.inclusion(item.value))
        case "_revinclude", "_revinclude:iterate": reverseIncludes.append(try Self.inclusion(item.value))
        case "_format", "_pretty", "_total", "_totalMethod": break
        default: return false
        }
        understood.append(item)
        return true
    }

    private mutating func takeSort(_ text: String) throws(Problem) {
        for part in text.split(separator: ",") {
            let name = part.hasPrefix("-") ? String(part.dropFirst()) : String(part)
            guard let parameter = SearchDefinitions.parameter(name, of: type),
                parameter.kind == .date || name == "_id"
            else { throw Problem(.badParameter) }
            sort.append((parameter, part.hasPrefix("-")))
        }
    }

    private static func inclusion(_ text: String) throws(Problem) -> Inclusion {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), let type = ResourceType(parts[0]) else { throw Problem(.badParameter) }
        let parameter = SearchDefinitions.parameter(parts[1], of: type)
        guard parts[1] == "*" || parameter?.kind == .reference else { throw Problem(.badParameter) }
        let target = parts.count == 3 ? ResourceType(parts[2]) : nil
        guard parts.count == 2 || target != nil else { throw Problem(.badParameter) }
        return Inclusion(type: type, parameter: parameter, target: target)
    }

    /// Parameters that say what is searched for.
    private mutating func take(_ item: QueryItem, base: String, zoneMinutes: Int) throws(Problem) -> Bool {
        let colon = item.name.firstIndex(of: ":")
        let name = String(item.name[..<(colon ?? item.name.endIndex)])
        guard let parameter = SearchDefinitions.parameter(name, of: type) else { return false }
        // FHIR: an empty value is the same as no parameter.
        guard !item.value.isEmpty else { return true }
        let modifier = try colon.map { (colon) throws(Problem) in
            try Self.modifier(String(item.name[item.name.index(after: colon)...]), parameter)
        }
        let texts = SearchEscapes.split(item.value, at: ",").filter { !$0.isEmpty }
        guard texts.count <= Self.valuesMax, !texts.isEmpty else { throw Problem(.badParameter) }
        var values: [SearchValue] = []
        for text in texts {
            values.append(try Self.value(text, parameter, modifier, base: base, zoneMinutes: zoneMinutes))
        }
        clauses.append(SearchClause(parameter: parameter, modifier: modifier, values: values, text: item.value))
        understood.append(QueryItem(item.name, parameter.isPersonal ? "" : item.value))
        return true
    }

    private static func value(
        _ text: String, _ parameter: SearchParameter, _ modifier: SearchModifier?, base: String, zoneMinutes: Int
    ) throws(Problem) -> SearchValue {
        switch modifier {
        case .missing:
            guard text == "true" || text == "false" else { throw Problem(.badParameter) }
            return .string(text)
        case .text: return .string(SearchEscapes.unescaped(text))
        case .identifier: return try SearchValue(text, .token, base: base, zoneMinutes: zoneMinutes)
        case .type(let name):
            guard
                case .reference(let type, let id, let whole) = try SearchValue(
                    text, .reference, base: base, zoneMinutes: zoneMinutes)
            else { throw Problem(.badParameter) }
            return .reference(type: type ?? name, id: id, text: whole)
        default: return try SearchValue(text, parameter.kind, base: base, zoneMinutes: zoneMinutes)
        }
    }

    /// A modifier that is not understood changes the meaning, so it is refused even by a lenient server.
    private static func modifier(_ text: String, _ parameter: SearchParameter) throws(Problem) -> SearchModifier {
        switch (text, parameter.kind) {
        case ("missing", _): return .missing
        case ("exact", .string): return .exact
        case ("contains", .string): return .contains
        case ("not", .token): return .not
        case ("text", .token): return .text
        case ("above", .uri): return .above
        case ("below", .uri): return .below
        case ("identifier", .reference): return .identifier
        case (_, .reference):
            guard ResourceType(text) != nil else { throw Problem(.badModifier) }
            return .type(text)
        default: throw Problem(.badModifier)
        }
    }
}
