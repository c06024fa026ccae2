/// Rules about Swift code, judged on its scanned form, so that a comment or a literal never counts as code.
enum CodeRules {
    static let functionLinesMax = 70

    /// May print: programs that talk to a person at a terminal.
    static let talkers = ["Sources/warifu", "Sources/bench"]

    /// The one file in which labels of hashes stand.
    static let labelTable = "Sources/Polymorphic/Label.swift"

    static let needsReason = ["try!", "as!", "fatalError(", "@unchecked Sendable", "nonisolated(unsafe)"]
    static let reasonMarks = ["unchecked:", "unsafe:", "reason"]
    static let prints = ["print(", "debugPrint(", "dump(", "NSLog("]
    static let hashing = ["digest(", "pack(", "toScalar(", "toPoint(", "expand("]

    static func printing(_ file: SourceFile) -> [Breach] {
        guard !talkers.contains(where: { file.lies(in: $0) }) else { return [] }
        return uses(of: prints, in: file).map { Breach(path: file.path, line: $0.line, what: "calls \($0.name)..)") }
    }

    /// Each use of what can crash or race has its reason in a comment on its line or directly above it.
    static func unreasoned(_ file: SourceFile) -> [Breach] {
        let text = SwiftText(file.text)
        let commented = Dictionary(grouping: text.comments, by: \.line)
        let codeLines = text.codeLines
        func isReason(_ line: Int) -> Bool {
            (commented[line] ?? []).contains { comment in reasonMarks.contains { comment.text.contains($0) } }
        }
        return uses(of: needsReason, in: file).compactMap { use in
            var line = use.line
            repeat {
                if isReason(line) { return nil }
                line -= 1
            } while line > 0 && codeLines[line - 1].allSatisfy(\.isWhitespace) && commented[line] != nil
            return Breach(path: file.path, line: use.line, what: "\(use.name) without its reason beside it")
        }
    }

    static func labelsOutsideTheTable(_ file: SourceFile) -> [Breach] {
        guard file.path != labelTable else { return [] }
        let text = SwiftText(file.text)
        return text.literals.compactMap { literal in
            let before = text.code(before: literal)
            let reachesHash = hashing.contains { before.hasSuffix($0) && !before.hasSuffix("func " + $0) }
            guard literal.text.hasPrefix("warifu/v1/") || reachesHash else { return nil }
            return Breach(
                path: file.path, line: literal.line, what: "the label \"\(literal.text)\" outside \(labelTable)")
        }
    }

    static func longFunctions(_ file: SourceFile) -> [Breach] {
        functions(in: file).compactMap { function in
            guard function.lines > functionLinesMax else { return nil }
            let what = "\(function.name) has \(function.lines) lines, \(functionLinesMax) are allowed"
            return Breach(path: file.path, line: function.line, what: what)
        }
    }

    /// Every place at which one of `names` is used as code of its own, not as the end of a longer name or a member.
    private static func uses(of names: [String], in file: SourceFile) -> [(line: Int, name: String)] {
        SwiftText(file.text).codeLines.enumerated().flatMap { index, line in
            names.filter { name in
                line.ranges(of: name).contains { range in
                    guard range.lowerBound > line.startIndex else { return true }
                    let before = line[line.index(before: range.lowerBound)]
                    return !(before.isLetter || before.isNumber || before == "_" || before == "." || before == "$")
                        && !line[..<range.lowerBound].hasSuffix("func ")
                }
            }.map { (index + 1, $0) }
        }
    }
}
