import Guards

/// The real 12-digit My Number, which has no place anywhere in this system: what holds one is refused and never shown
/// or logged. (Ordinance 85 of 2014, article 5: the check digit)
public enum NationalNumber {
    /// Whether 12 digits carry the check digit of a My Number.
    /// - Parameter digits: 0...9 each.
    static func isValid(_ digits: [UInt8]) -> Bool {
        guard digits.count == 12, let check = digits.last else { return false }
        let weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]
        let sum = zip(digits, weights).reduce(0) { $0 + Int($1.0) * $1.1 }
        let remainder = sum % 11
        return Int(check) == (remainder <= 1 ? 0 : 11 - remainder)
    }

    /// Whether a text holds one: twelve digits in a row, also wide ones, also with single spaces or hyphens between,
    /// and no digit before or behind.
    public static func occurs(in text: some Sequence<UInt8>) -> Bool {
        var (run, gap) = ([UInt8](), false)
        func ends() -> Bool { run.count == 12 && isValid(run) }
        for scalar in withoutIDs(Array(String(decoding: Array(text), as: UTF8.self).unicodeScalars)) {
            if let digit = digit(scalar) {
                run.append(digit)
                gap = false
            } else if !gap, !run.isEmpty, isSeparator(scalar) {
                gap = true
            } else {
                if ends() { return true }
                (run, gap) = ([], false)
            }
        }
        return ends()
    }

    /// Ids in hexadecimal, also with hyphens as in a UUID, as a letter.
    private static func withoutIDs(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var (out, start) = ([Unicode.Scalar](), 0)
        while start < text.count {
            var end = start
            while end < text.count, isHex(text[end]) || text[end] == "-" { end += 1 }
            let run = text[start..<end].filter(isHex)
            if run.count >= 20, run.contains(where: { !(0x30...0x39).contains($0.value) }) {
                out.append("x")
            } else {
                out += text[start..<max(end, start + 1)]
            }
            start = max(end, start + 1)
        }
        return out
    }

    private static func isHex(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar.value {
        case 0x30...0x39: UInt8(scalar.value - 0x30)
        case 0xff10...0xff19: UInt8(scalar.value - 0xff10)
        default: nil
        }
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        [0x20, 0x2d, 0x3000, 0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xff0d].contains(scalar.value)
    }

    /// - Throws: `number` for a text that holds one.
    public static func refuse(in text: some Sequence<UInt8>) throws(Refusal) {
        try need(!occurs(in: text) || !enforced("guard:number.national"), .number)
    }
}
