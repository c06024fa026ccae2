/// Name and value of a parameter, in the order in which they came.
public struct QueryItem: Hashable, Sendable {
    public let name: String
    public let value: String
    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

/// `application/x-www-form-urlencoded`, as it stands in a URL and in the body of a search by POST.
public enum QueryString {
    static let bytesMax = 65_536
    static let itemsMax = 128

    /// - Throws: `badParameter` for a wrong percent sign, text that is not UTF-8, too much.
    public static func items(_ text: some Collection<UInt8>) throws(Problem) -> [QueryItem] {
        guard text.count <= bytesMax else { throw Problem(.badParameter) }
        var items: [QueryItem] = []
        for part in text.split(separator: UInt8(ascii: "&")) {
            guard items.count < itemsMax else { throw Problem(.badParameter, at: .parameter(items.count + 1)) }
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let place = Problem.Place.parameter(items.count + 1)
            guard let name = decoded(part[..<equals]), let value = decoded(part[equals...].dropFirst()) else {
                throw Problem(.badParameter, at: place)
            }
            items.append(QueryItem(name, value))
        }
        return items
    }

    /// Percent signs resolved, plus signs made spaces.
    private static func decoded(_ bytes: some Collection<UInt8>) -> String? {
        percentDecoded(bytes.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 })
    }

    /// nil for a wrong percent sign, or text that is not UTF-8.
    static func percentDecoded(_ bytes: some Collection<UInt8>) -> String? {
        var (out, rest) = ([UInt8](), Array(bytes)[...])
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                out.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(JSONStrings.digit),
                let low = rest.popFirst().flatMap(JSONStrings.digit)
            else { return nil }
            out.append(high << 4 | low)
        }
        return String(validating: out, as: UTF8.self)
    }

    /// Everything but letters, digits, `-._~` percent-encoded, and what is legible in a FHIR search left as it is.
    static func encoded(_ text: String) -> String {
        let legible = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:,/$".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            out +=
                legible.contains(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: out, as: UTF8.self)
    }
}
