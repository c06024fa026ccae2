import Guards

/// Reads a text into its index, in one pass, without recursion: how deeply a text is nested costs memory in proportion
/// and nothing else. (RFC 8259)
struct JSONParser {
    private let base: UnsafePointer<UInt8>
    private let count: Int
    private let limits: JSONLimits
    private var at = 0
    private var nodes: [JSONNode] = []
    private var open: [Int] = []

    static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) -> [JSONNode] {
        if enforced("guard:json.bytes"), bytes.count > limits.bytesMax {
            throw JSONError(.tooLong, at: limits.bytesMax)
        }
        // Offsets are 32 bits wide: not a rule to switch off.
        guard bytes.count < Int(UInt32.max) else { throw JSONError(.tooLong, at: limits.bytesMax) }
        guard !bytes.isEmpty else { throw JSONError(.ended, at: 0) }
        return try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> [JSONNode] in
            guard let base = buffer.baseAddress else { throw JSONError(.ended, at: 0) }
            var parser = JSONParser(base: base, count: buffer.count, limits: limits)
            try parser.run()
            return parser.nodes
        }
    }

    private init(base: UnsafePointer<UInt8>, count: Int, limits: JSONLimits) {
        (self.base, self.count, self.limits) = (base, count, limits)
        nodes.reserveCapacity(min(count / 12 + 16, limits.nodesMax))
    }

    private mutating func run() throws(JSONError) {
        if count >= 3, base[0] == 0xef, base[1] == 0xbb, base[2] == 0xbf { throw JSONError(.byteOrderMark, at: 0) }
        var wantsValue = true
        while true {
            skipSpace()
            if wantsValue {
                guard at < count else { throw JSONError(.ended, at: at) }
                wantsValue = try value()
            } else if let top = open.last {
                guard at < count else { throw JSONError(.ended, at: at) }
                wantsValue = try afterValue(in: top)
            } else {
                guard at == count else { throw JSONError(.trailing, at: at) }
                return
            }
        }
    }

    /// Reads a scalar, or the beginning of an object or array.
    /// - Returns: whether a value comes next.
    private mutating func value() throws(JSONError) -> Bool {
        switch base[at] {
        case UInt8(ascii: "\""):
            try string(isName: false)
        case UInt8(ascii: "{"):
            try begin(.object)
            skipSpace()
            guard at < count else { throw JSONError(.ended, at: at) }
            if base[at] == UInt8(ascii: "}") { return false }
            try name()
            return true
        case UInt8(ascii: "["):
            try begin(.array)
            skipSpace()
            guard at < count else { throw JSONError(.ended, at: at) }
            return base[at] != UInt8(ascii: "]")
        case UInt8(ascii: "t"): try word("true", .true)
        case UInt8(ascii: "f"): try word("false", .false)
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw JSONError(.value, at: at)
        }
        return false
    }

    /// Reads what stands behind a value, or behind the beginning of an empty object or array.
    private mutating func afterValue(in top: Int) throws(JSONError) -> Bool {
        let isObject = nodes[top].kind == .object
        let isEmpty = nodes.count == top + 1
        if base[at] == UInt8(ascii: isObject ? "}" : "]") {
            at += 1
            if isObject, nodes.count > top + 3 { try refuseDuplicates(in: top) }
            nodes[top].end = UInt32(at)
            nodes[top].next = UInt32(nodes.count)
            open.removeLast()
            return false
        }
        guard base[at] == UInt8(ascii: ","), !isEmpty else { throw JSONError(.separator, at: at) }
        at += 1
        guard isObject else { return true }
        skipSpace()
        try name()
        return true
    }

    private mutating func begin(_ kind: JSONNode.Kind) throws(JSONError) {
        if enforced("guard:json.depth"), open.count >= limits.depthMax { throw JSONError(.tooDeep, at: at) }
        open.append(nodes.count)
        try append(JSONNode(start: UInt32(at), end: 0, next: 0, kind: kind))
        at += 1
    }

    private mutating func append(_ node: JSONNode) throws(JSONError) {
        if nodes.count >= limits.nodesMax, enforced("guard:json.nodes") { throw JSONError(.tooMany, at: at) }
        nodes.append(node)
    }

    private mutating func name() throws(JSONError) {
        guard at < count else { throw JSONError(.ended, at: at) }
        guard base[at] == UInt8(ascii: "\"") else { throw JSONError(.name, at: at) }
        try string(isName: true)
        skipSpace()
        guard at < count else { throw JSONError(.ended, at: at) }
        guard base[at] == UInt8(ascii: ":") else { throw JSONError(.colon, at: at) }
        at += 1
    }

    private mutating func skipSpace() {
        while at < count {
            switch base[at] {
            case 0x20, 0x0a, 0x0d, 0x09: at += 1
            default: return
            }
        }
    }

    private mutating func word(_ word: StaticString, _ kind: JSONNode.Kind) throws(JSONError) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard at + offset < count else { throw JSONError(.ended, at: count) }
            guard base[at + offset] == word.utf8Start[offset] else { throw JSONError(.value, at: at + offset) }
        }
        let end = at + word.utf8CodeUnitCount
        try append(JSONNode(start: UInt32(at), end: UInt32(end), next: UInt32(nodes.count + 1), kind: kind))
        at = end
    }

    /// `[ minus ] int [ frac ] [ exp ]`
    private mutating func number() throws(JSONError) {
        var end = at
        if base[end] == UInt8(ascii: "-") { end += 1 }
        let first = end
        end = digits(from: end)
        guard end > first else { throw JSONError(end == count ? .ended : .number, at: end) }
        if base[first] == UInt8(ascii: "0"), end > first + 1 { throw JSONError(.number, at: first + 1) }
        if end < count, base[end] == UInt8(ascii: ".") {
            let fraction = end + 1
            end = digits(from: fraction)
            guard end > fraction else { throw JSONError(end == count ? .ended : .number, at: end) }
        }
        if end < count, base[end] | 0x20 == UInt8(ascii: "e") {
            var exponent = end + 1
            if exponent < count, base[exponent] == UInt8(ascii: "+") || base[exponent] == UInt8(ascii: "-") {
                exponent += 1
            }
            end = digits(from: exponent)
            guard end > exponent else { throw JSONError(end == count ? .ended : .number, at: end) }
        }
        try append(JSONNode(start: UInt32(at), end: UInt32(end), next: UInt32(nodes.count + 1), kind: .number))
        at = end
    }

    private func digits(from start: Int) -> Int {
        var end = start
        while end < count, base[end] &- UInt8(ascii: "0") <= 9 { end += 1 }
        return end
    }

    private mutating func string(isName: Bool) throws(JSONError) {
        // Numbers, not characters: this is where the time goes. 0x22 is a quotation mark, 0x5c a backslash.
        let start = at + 1
        var (end, isEscaped) = (start, false)
        while true {
            guard end < count else { throw JSONError(.ended, at: count) }
            let byte = base[end]
            if byte == 0x22 { break }
            if byte == 0x5c {
                isEscaped = true
                end = try JSONStrings.escapeEnd(base, count, from: end)
            } else if byte < 0x20 {
                throw JSONError(.control, at: end)
            } else if byte < 0x80 {
                end += 1
            } else {
                let length = JSONStrings.scalarLength(base, count, at: end)
                guard length > 0 else { throw JSONError(.utf8, at: end) }
                end += length
            }
        }
        var node = JSONNode(start: UInt32(start), end: UInt32(end), next: UInt32(nodes.count + 1), kind: .string)
        (node.isEscaped, node.isName) = (isEscaped, isName)
        try append(node)
        at = end + 1
    }

    /// Which of two equal members counts is a question that two programs answer differently: nobody may ask it.
    private func refuseDuplicates(in top: Int) throws(JSONError) {
        guard enforced("guard:json.duplicate") else { return }
        if let duplicate = JSONNames.duplicate(in: nodes, of: top, base) { throw JSONError(.duplicate, at: duplicate) }
    }
}
