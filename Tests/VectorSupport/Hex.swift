/// Byte strings as text: lower-case hex, two digits a byte.
public enum Hex {
    public struct Invalid: Error, Hashable, Sendable {}

    public static func bytes(_ text: String) throws -> [UInt8] {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { throw Invalid() }
        return try stride(from: 0, to: digits.count, by: 2).map { start in
            guard let high = nibble(digits[start]), let low = nibble(digits[start + 1]) else { throw Invalid() }
            return high << 4 | low
        }
    }

    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
