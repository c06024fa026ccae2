import Foundation

/// Whether a value of a resource answers a value of a search.
enum SearchMatch {
    // MARK: Token

    /// Codings, concepts, identifiers, contact points, codes, booleans and strings.
    static func token(_ element: JSONValue, system: String?, code: String?) -> Bool {
        codings(element).contains { coding in
            guard code == nil || coding.code == code else { return false }
            guard let system else { return true }
            return (coding.system ?? "") == system
        }
    }

    static func codings(_ element: JSONValue) -> [(system: String?, code: String?)] {
        if let text = element.string { return [(nil, text)] }
        if let flag = element.bool { return [(nil, flag ? "true" : "false")] }
        guard element.kind == .object else { return [] }
        if let list = element["coding"] {
            return list.each.map { ($0["system"]?.string, $0["code"]?.string) }
        }
        if let code = element["code"]?.string { return [(element["system"]?.string, code)] }
        // A contact point has a kind of channel as its system; its use narrows a search down in R4, not that.
        return [(element["system"]?.string, element["value"]?.string)]
    }

    /// The words that go with a code, for `:text`.
    static func texts(_ element: JSONValue) -> [String] {
        guard element.kind == .object else { return [] }
        let displays = (element["coding"]?.each ?? []).compactMap { $0["display"]?.string }
        return displays + [element["text"], element["display"], element["type"]?["text"]].compactMap { $0?.string }
    }

    // MARK: Reference

    static func reference(
        _ element: JSONValue, type: String?, id: String, text: String, target: String?, base: String
    ) -> Bool {
        guard let written = element["reference"]?.string ?? element.string else { return false }
        guard let key = Reference(written).key(on: base) else { return type == nil && target == nil && written == text }
        return key.id == id && (type == nil || key.type.name == type) && (target == nil || key.type.name == target)
    }

    // MARK: Date

    /// The time that an element covers: a date, a period, or what a timing names.
    static func range(_ element: JSONValue, zoneMinutes: Int) -> DateRange? {
        if let text = element.string { return DateRange(text, zoneMinutes: zoneMinutes) }
        guard element.kind == .object else { return nil }
        if let events = element["event"] {
            let ranges = events.each.compactMap { range($0, zoneMinutes: zoneMinutes) }
            guard let low = ranges.map(\.low).min(), let high = ranges.map(\.high).max() else { return nil }
            return DateRange(low: low, high: high)
        }
        guard element["start"] != nil || element["end"] != nil else { return nil }
        func bound(_ name: String) -> DateRange? {
            element[name].flatMap { $0.string }.flatMap { DateRange($0, zoneMinutes: zoneMinutes) }
        }
        if element["start"] != nil, bound("start") == nil { return nil }
        if element["end"] != nil, bound("end") == nil { return nil }
        return DateRange(low: bound("start")?.low ?? .min, high: bound("end")?.high ?? .max)
    }

    /// R4 search 3.1.1.4.3. `value` is the time in the search, `target` that in the resource.
    static func date(_ target: DateRange, _ prefix: SearchPrefix, _ value: DateRange, now: FHIRInstant) -> Bool {
        switch prefix {
        case .eq: value.contains(target)
        case .ne: !value.contains(target)
        case .gt: target.high > value.high
        case .lt: target.low < value.low
        case .ge: target.high > value.high || value.contains(target)
        case .le: target.low < value.low || value.contains(target)
        case .sa: target.low >= value.high
        case .eb: target.high <= value.low
        case .ap: target.overlaps(around(value, now))
        }
    }

    /// A tenth of the time between the value and now, to both sides.
    private static func around(_ value: DateRange, _ now: FHIRInstant) -> DateRange {
        let slack = abs(now.milliseconds - value.low) / 10
        return DateRange(low: value.low - slack, high: value.high + slack)
    }

    // MARK: String

    /// Begins, contains or is; without regard to case, accents, width, and to which of the two kana is written.
    static func string(_ element: JSONValue, _ wanted: String, _ modifier: SearchModifier?) -> Bool {
        strings(element).contains { text in
            switch modifier {
            case .exact: Array(text.utf8) == Array(wanted.utf8)
            case .contains: folded(text).contains(folded(wanted))
            default: folded(text).hasPrefix(folded(wanted))
            }
        }
    }

    /// The parts of a name or an address, or a string.
    private static func strings(_ element: JSONValue) -> [String] {
        if let text = element.string { return [text] }
        let parts = [
            "text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country",
        ]
        return parts.flatMap { element[$0]?.each ?? [] }.compactMap(\.string)
    }

    static func folded(_ text: String) -> String {
        let plain = text.precomposedStringWithCompatibilityMapping.folding(
            options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
        // Katakana become hiragana: U+30A1...U+30F6 lie 0x60 above.
        return String(
            String.UnicodeScalarView(
                plain.unicodeScalars.map { scalar in
                    (0x30a1...0x30f6).contains(scalar.value) ? Unicode.Scalar(scalar.value - 0x60) ?? scalar : scalar
                }))
    }

    // MARK: Quantity

    static func quantity(
        _ element: JSONValue, _ prefix: SearchPrefix, low: Double, high: Double, value: Double,
        system: String?, code: String?
    ) -> Bool {
        guard let text = element["value"]?.numberText ?? element.numberText, let number = Double(text) else {
            return false
        }
        if let code {
            let isCode = element["code"]?.string == code && (system == nil || element["system"]?.string == system)
            let isUnit = system == nil && element["unit"]?.string == code
            guard isCode || isUnit else { return false }
        } else if let system, element["system"]?.string != system {
            return false
        }
        switch prefix {
        case .eq, .ap: return low <= number && number <= high
        case .ne: return number < low || number > high
        case .gt, .sa: return number > value
        case .lt, .eb: return number < value
        case .ge: return number >= value
        case .le: return number <= value
        }
    }
}

/// What stands behind the colon of a parameter.
enum SearchModifier: Hashable, Sendable {
    case missing, exact, contains, not, text, above, below, identifier
    case type(String)
}
