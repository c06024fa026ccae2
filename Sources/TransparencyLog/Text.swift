import FoundationEssentials

/// Base64 of RFC 4648, section 4, with padding, and only its one canonical spelling.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// - Returns: nil for anything that `encode` would not have written: spare bits, white space, missing padding.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count % 4 == 0, let data = Data(base64Encoded: String(text)) else { return nil }
        guard data.base64EncodedString() == text else { return nil }
        return [UInt8](data)
    }
}

/// Lower-case hexadecimal.
public enum Hex {
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var out = [UInt8]()
        let digits = Array("0123456789abcdef".utf8)
        for byte in bytes { out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: out, as: UTF8.self)
    }

    /// - Returns: nil for an odd count, an upper-case letter or any other character.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 2 == 0 else { return nil }
        var out = [UInt8]()
        for pair in stride(from: 0, to: characters.count, by: 2) {
            guard let high = value(characters[pair]), let low = value(characters[pair + 1]) else { return nil }
            out.append(high << 4 | low)
        }
        return out
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// ASCII decimal without sign and without a leading zero, up to 2^63 - 1.
enum Decimal64 {
    static func parse(_ text: some StringProtocol) -> UInt64? {
        let characters = Array(text.utf8)
        guard (1...19).contains(characters.count), characters.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        guard characters.count == 1 || characters[0] != 0x30 else { return nil }
        guard let value = UInt64(text), value <= UInt64(Int64.max) else { return nil }
        return value
    }
}

/// Untrusted bytes as text: within a limit, UTF-8, no control character but newline.
func plainText(_ bytes: [UInt8], atMost limit: Int) throws(LogFault) -> String {
    guard bytes.count <= limit else { throw LogFault(.limit, "too many bytes") }
    guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }) else { throw LogFault(.malformed, "control character") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw LogFault(.malformed, "not UTF-8") }
    return text
}

/// Lines of a text, split at each newline byte; Swift's own splitting works on grapheme clusters.
func lines(_ text: some StringProtocol) -> [String] {
    text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
}
