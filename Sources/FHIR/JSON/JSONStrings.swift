/// Strings of JSON: scalars, escape sequences, both ways. (RFC 8259 section 7, RFC 3629)
enum JSONStrings {
    /// The length of the UTF-8 sequence that begins here, or 0: shortest form only, no surrogates, nothing above
    /// U+10FFFF.
    static func scalarLength(_ base: UnsafePointer<UInt8>, _ count: Int, at index: Int) -> Int {
        func follows(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xbf) -> Bool {
            index + offset < count && range.contains(base[index + offset])
        }
        switch base[index] {
        case 0x00...0x7f: return 1
        case 0xc2...0xdf: return follows(1) ? 2 : 0
        case 0xe0: return follows(1, 0xa0...0xbf) && follows(2) ? 3 : 0
        case 0xed: return follows(1, 0x80...0x9f) && follows(2) ? 3 : 0
        case 0xe1...0xef: return follows(1) && follows(2) ? 3 : 0
        case 0xf0: return follows(1, 0x90...0xbf) && follows(2) && follows(3) ? 4 : 0
        case 0xf1...0xf3: return follows(1) && follows(2) && follows(3) ? 4 : 0
        case 0xf4: return follows(1, 0x80...0x8f) && follows(2) && follows(3) ? 4 : 0
        default: return 0
        }
    }

    /// The offset behind the escape sequence that begins here; a surrogate pair is one.
    static func escapeEnd(_ base: UnsafePointer<UInt8>, _ count: Int, from start: Int) throws(JSONError) -> Int {
        guard start + 1 < count else { throw JSONError(.ended, at: count) }
        switch base[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard let unit = hex(base, count, at: start + 2) else { throw JSONError(.escape, at: start) }
            guard unit & 0xf800 == 0xd800 else { return start + 6 }
            guard unit < 0xdc00, start + 7 < count, base[start + 6] == UInt8(ascii: "\\"),
                base[start + 7] == UInt8(ascii: "u"), let low = hex(base, count, at: start + 8), low & 0xfc00 == 0xdc00
            else { throw JSONError(.escape, at: start) }
            return start + 12
        default: throw JSONError(.escape, at: start)
        }
    }

    private static func hex(_ base: UnsafePointer<UInt8>, _ count: Int, at start: Int) -> UInt16? {
        guard start + 4 <= count else { return nil }
        return (start..<start + 4).reduce(UInt16?.some(0)) { sum, index in
            guard let sum, let digit = digit(base[index]) else { return nil }
            return sum << 4 | UInt16(digit)
        }
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The UTF-8 text of a string that was read, without its escape sequences.
    static func unescaped(_ raw: some Collection<UInt8>) -> [UInt8] {
        var (out, rest) = ([UInt8](), Array(raw)[...])
        out.reserveCapacity(rest.count)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                out.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0c)
            case UInt8(ascii: "n"): out.append(0x0a)
            case UInt8(ascii: "r"): out.append(0x0d)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"): out += scalar(&rest)
            default: out.append(kind)
            }
        }
        return out
    }

    private static func scalar(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        func unit() -> UInt32 {
            let value = rest.prefix(4).reduce(0) { $0 << 4 | UInt32(digit($1) ?? 0) }
            rest = rest.dropFirst(4)
            return value
        }
        var value = unit()
        if value & 0xfc00 == 0xd800, rest.count >= 6 {
            rest = rest.dropFirst(2)
            value = 0x10000 + (value & 0x3ff) << 10 + unit() & 0x3ff
        }
        return Array(String(Unicode.Scalar(value) ?? "\u{fffd}").utf8)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Appends a string with its quotation marks; escapes what JSON demands and nothing else.
    static func append(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 0x0a: out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0d: out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20:
                out += Array("\\u00".utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
