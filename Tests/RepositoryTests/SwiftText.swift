/// A Swift source text taken apart far enough for the rules: what is code, what a string literal, what a comment.
///
/// A small scanner, not a parser: it knows line and nested block comments, single-line, multi-line and raw strings, and
/// code inside interpolations. It does not know regex literals; one that holds a quotation mark would confuse it.
struct SwiftText {
    struct Piece {
        /// Line, from 1, on which the piece begins.
        let line: Int
        /// Place of its first byte (of a literal: the opening quotation mark) in `code`.
        let offset: Int
        let text: String
    }

    /// The text byte by byte, with comments and the insides of literals blanked, line ends kept.
    private(set) var code: [UInt8]
    private(set) var literals: [Piece] = []
    private(set) var comments: [Piece] = []

    private let bytes: [UInt8]
    private var at = 0
    private var line = 1

    init(_ text: String) {
        bytes = Array(text.utf8)
        code = bytes
        while at < bytes.count { scanCode(insideInterpolation: false) }
    }

    /// The blanked code, line by line.
    var codeLines: [String] {
        code.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The code before a literal, without the spaces directly before it.
    func code(before piece: Piece, max: Int = 60) -> String {
        var head = String(decoding: code[Swift.max(0, piece.offset - max)..<piece.offset], as: UTF8.self)
        while let last = head.last, last.isWhitespace || last == "#" { head.removeLast() }
        return head
    }

    private func sees(_ text: StaticString, at place: Int? = nil) -> Bool {
        let place = place ?? at
        guard place + text.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[place + $0] == text.utf8Start[$0] }
    }

    /// Steps over `count` bytes, which are kept as code or blanked.
    private mutating func step(_ count: Int = 1, blank: Bool) {
        for _ in 0..<count where at < bytes.count {
            if bytes[at] == UInt8(ascii: "\n") {
                line += 1
            } else if blank {
                code[at] = UInt8(ascii: " ")
            }
            at += 1
        }
    }

    private mutating func scanCode(insideInterpolation: Bool) {
        var depth = 0
        while at < bytes.count {
            if sees("//") {
                scanLineComment()
            } else if sees("/*") {
                scanBlockComment()
            } else if let hashes = hashesBeforeQuote() {
                scanString(hashes: hashes)
            } else {
                if bytes[at] == UInt8(ascii: "(") { depth += 1 }
                if bytes[at] == UInt8(ascii: ")") {
                    if insideInterpolation, depth == 0 { return }
                    depth -= 1
                }
                step(blank: false)
            }
        }
    }

    private mutating func scanLineComment() {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { step(blank: true) }
        comments.append(Piece(line: line, offset: start, text: String(decoding: bytes[start..<at], as: UTF8.self)))
    }

    private mutating func scanBlockComment() {
        let (start, first) = (at, line)
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                step(2, blank: true)
            } else if sees("*/") {
                depth -= 1
                step(2, blank: true)
            } else {
                step(blank: true)
            }
        } while depth > 0 && at < bytes.count
        comments.append(Piece(line: first, offset: start, text: String(decoding: bytes[start..<at], as: UTF8.self)))
    }

    /// The number of `#` before a quotation mark here, nil where no string begins.
    private func hashesBeforeQuote() -> Int? {
        var place = at
        while place < bytes.count, bytes[place] == UInt8(ascii: "#") { place += 1 }
        return place < bytes.count && bytes[place] == UInt8(ascii: "\"") ? place - at : nil
    }

    private func hashes(_ count: Int, at place: Int) -> Bool {
        place + count <= bytes.count && bytes[place..<place + count].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private mutating func scanString(hashes count: Int) {
        let (start, first) = (at, line)
        step(count, blank: false)
        let quotes = sees("\"\"\"") ? 3 : 1
        step(quotes, blank: false)
        var text: [UInt8] = []
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\\"), hashes(count, at: at + 1) {
                step(1 + count, blank: true)
                if at < bytes.count, bytes[at] == UInt8(ascii: "(") {
                    step(blank: false)
                    scanCode(insideInterpolation: true)
                    step(blank: false)
                } else {
                    step(blank: true)
                }
            } else if sees(quotes == 3 ? "\"\"\"" : "\""), hashes(count, at: at + quotes) {
                step(quotes + count, blank: false)
                break
            } else if quotes == 1, bytes[at] == UInt8(ascii: "\n") {
                break
            } else {
                text.append(bytes[at])
                step(blank: true)
            }
        }
        literals.append(Piece(line: first, offset: start, text: String(decoding: text, as: UTF8.self)))
    }
}
