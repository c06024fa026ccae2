import Foundation

/// Finds many byte strings in much text at once.
struct Needles: Sendable {
    struct Needle: Hashable, Sendable {
        /// What it is, for whom: never the bytes themselves.
        let name: String
        let bytes: [UInt8]
    }
    /// By the first eight bytes.
    private var byStart: [UInt64: [Needle]] = [:]
    private var starts = [Bool](repeating: false, count: 1 << 16)
    private(set) var names: Set<String> = []
    static let bytesMin = 8

    /// Adds a secret in every form in which somebody might write it down: as it is, in hexadecimal, in base64.
    mutating func add(_ name: String, _ bytes: [UInt8]) {
        let data = Data(bytes)
        let base64 = data.base64EncodedString()
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        let forms = [
            bytes, Array(hex.utf8), Array(hex.uppercased().utf8), Array(base64.utf8.filter { $0 != UInt8(ascii: "=") }),
            Array(
                base64.replacing("+", with: "-").replacing("/", with: "_").utf8.filter { $0 != UInt8(ascii: "=") }),
        ]
        names.insert(name)
        for form in Set(forms) { insert(Needle(name: name, bytes: form)) }
    }

    private mutating func insert(_ needle: Needle) {
        precondition(needle.bytes.count >= Self.bytesMin, "too short to mean anything")
        let start = needle.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        byStart[start, default: []].append(needle)
        starts[Int(start >> 48)] = true
    }

    /// The names of those that occur in `text`.
    func found(in text: [UInt8]) -> Set<String> {
        guard text.count >= Self.bytesMin else { return [] }
        var found: Set<String> = []
        text.withUnsafeBufferPointer { text in
            starts.withUnsafeBufferPointer { starts in
                var window: UInt64 = 0
                for place in 0..<text.count {
                    window = window << 8 | UInt64(text[place])
                    guard place >= 7, starts[Int(window >> 48)], let hits = byStart[window] else { continue }
                    let begin = place - 7
                    for needle in hits where begin + needle.bytes.count <= text.count {
                        if text[begin..<(begin + needle.bytes.count)].elementsEqual(needle.bytes) {
                            found.insert(needle.name)
                        }
                    }
                }
            }
        }
        return found
    }
}

/// Who has what in common: every run of twelve bytes of every party, wherever it stands.
struct Join {
    static let run = 12
    /// Fewer different bytes are lengths, times and zeros; of random ones two runs in 10^7 have so few.
    private static let differentMin = 8
    private var holders: [Run: UInt32] = [:]
    private var names: [String] = []
    private var isPublic: Set<Run> = []

    private struct Run: Hashable {
        let first: UInt64
        let rest: UInt32
    }

    private static func runs(_ text: [UInt8], _ body: (Run) -> Void) {
        guard text.count >= run else { return }
        text.withUnsafeBufferPointer { text in
            var (first, rest) = (UInt64(0), UInt32(0))
            for place in 0..<text.count {
                first = first << 8 | UInt64(rest >> 24)
                rest = rest << 8 | UInt32(text[place])
                guard place >= run - 1, isTelling(first, rest) else { continue }
                body(Run(first: first, rest: rest))
            }
        }
    }

    private static func isTelling(_ first: UInt64, _ rest: UInt32) -> Bool {
        // As a set of the low six bits: quick, and never more than the true number.
        var (seen, one, two) = (UInt64(0), first, rest)
        for _ in 0..<8 {
            seen |= 1 << (one & 63)
            one >>= 8
        }
        for _ in 0..<4 {
            seen |= 1 << UInt64(two & 63)
            two >>= 8
        }
        return seen.nonzeroBitCount >= differentMin
    }

    /// What everybody may have.
    mutating func publish(_ text: [UInt8]) {
        var new = isPublic
        Self.runs(text) { new.insert($0) }
        isPublic = new
    }

    mutating func add(_ name: String, _ texts: [[UInt8]]) {
        let bit = UInt32(1) << UInt32(names.count)
        names.append(name)
        var all: [Run: UInt32] = [:]
        swap(&all, &holders)
        for text in texts { Self.runs(text) { if !isPublic.contains($0) { all[$0, default: 0] |= bit } } }
        holders = all
    }

    /// Pairs of parties, with how many runs they share.
    func matches() -> [Set<String>: Int] {
        var out: [Set<String>: Int] = [:]
        for bits in holders.values where bits.nonzeroBitCount > 1 {
            let have = names.indices.filter { bits >> UInt32($0) & 1 == 1 }
            for (place, first) in have.enumerated() {
                for second in have[(place + 1)...] { out[[names[first], names[second]], default: 0] += 1 }
            }
        }
        return out
    }
}
