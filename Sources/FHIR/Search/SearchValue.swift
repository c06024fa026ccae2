import Foundation

/// A comparison that stands before the value of a date, number or quantity.
enum SearchPrefix: String, CaseIterable, Sendable { case eq, ne, gt, lt, ge, le, sa, eb, ap }

/// One value of a search parameter, read and checked.
enum SearchValue: Hashable, Sendable {
    /// nil: any system or any code; an empty system: none.
    case token(system: String?, code: String?)
    case reference(type: String?, id: String, text: String)
    case date(SearchPrefix, DateRange)
    case string(String)
    case quantity(SearchPrefix, low: Double, high: Double, value: Double, system: String?, code: String?)
    case uri(String)

    /// - Throws: `badParameter`.
    init(_ text: String, _ kind: SearchParameter.Kind, base: String, zoneMinutes: Int) throws(Problem) {
        switch kind {
        case .token: self = try Self.token(text)
        case .reference: self = try Self.reference(text, base: base)
        case .string: self = .string(SearchEscapes.unescaped(text))
        case .uri: self = .uri(SearchEscapes.unescaped(text))
        case .quantity, .number: self = try Self.quantity(text)
        case .date:
            let (prefix, rest) = Self.prefix(of: text)
            guard let range = DateRange(rest, as: .search, zoneMinutes: zoneMinutes) else {
                throw Problem(.badParameter)
            }
            self = .date(prefix, range)
        }
    }

    private static func token(_ text: String) throws(Problem) -> SearchValue {
        let parts = SearchEscapes.split(text, at: "|").map(SearchEscapes.unescaped)
        switch parts.count {
        case 1 where !parts[0].isEmpty: return .token(system: nil, code: parts[0])
        case 2 where !(parts[0].isEmpty && parts[1].isEmpty):
            return .token(system: parts[0], code: parts[1].isEmpty ? nil : parts[1])
        default: throw Problem(.badParameter)
        }
    }

    private static func reference(_ text: String, base: String) throws(Problem) -> SearchValue {
        let text = SearchEscapes.unescaped(text)
        if let key = Reference(text).key(on: base) {
            return .reference(type: key.type.name, id: key.id, text: text)
        }
        guard !text.isEmpty else { throw Problem(.badParameter) }
        return .reference(type: nil, id: text, text: text)
    }

    private static func prefix(of text: String) -> (SearchPrefix, String) {
        guard let prefix = SearchPrefix(rawValue: String(text.prefix(2))) else { return (.eq, text) }
        return (prefix, String(text.dropFirst(2)))
    }

    /// `5.4` means 5.35 to 5.45: what is written says how exact it is.
    private static func quantity(_ text: String) throws(Problem) -> SearchValue {
        let parts = SearchEscapes.split(text, at: "|").map(SearchEscapes.unescaped)
        let (prefix, digits) = prefix(of: parts[0])
        guard parts.count == 1 || parts.count == 3, let (value, half) = number(digits) else {
            throw Problem(.badParameter)
        }
        let some = parts.count == 3 ? parts[1...].map { $0.isEmpty ? nil : $0 } : [nil, nil]
        let width = prefix == .ap ? abs(value) / 10 : half
        return .quantity(
            prefix, low: value - width, high: value + width, value: value, system: some[0], code: some[1])
    }

    /// A decimal, and half of its last digit.
    private static func number(_ text: String) -> (Double, Double)? {
        let mantissa = text.split(whereSeparator: { $0 == "e" || $0 == "E" })
        guard (1...2).contains(mantissa.count), text.utf8.count <= 40, text.first != "+", text.first != ".",
            text.utf8.allSatisfy({ "0123456789.-+eE".utf8.contains($0) }), let value = Double(text), value.isFinite
        else { return nil }
        let digits = mantissa[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent = mantissa.count == 2 ? Int(mantissa[1]) ?? 0 : 0
        guard digits.count <= 2, abs(exponent) < 300 else { return nil }
        return (value, 0.5 * pow(10, Double(exponent - (digits.count == 2 ? digits[1].count : 0))))
    }
}

/// `\,` `\|` `\$` `\\` in the values of searches. (R4 search 3.1.1.4.0.1)
enum SearchEscapes {
    /// Splits at a separator that has no backslash before it.
    static func split(_ text: String, at separator: Character) -> [String] {
        var (parts, current, isEscaped) = ([String](), "", false)
        for character in text {
            if character == separator, !isEscaped {
                parts.append(current)
                current = ""
            } else {
                current.append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return parts + [current]
    }

    static func unescaped(_ text: String) -> String {
        guard text.contains("\\") else { return text }
        var (out, isEscaped) = ("", false)
        for character in text {
            if isEscaped {
                if !",|$\\".contains(character) { out.append("\\") }
                out.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                out.append(character)
            }
        }
        return isEscaped ? out + "\\" : out
    }
}
