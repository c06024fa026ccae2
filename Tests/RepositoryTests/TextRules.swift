/// Rules about any text of ours, whatever its language.
enum TextRules {
    static let widthMax = 120
    static let fileLinesMax = 400
    static let fileLinesAdvised = 200

    /// The words are put together here so that this file does not break its own rule.
    static let unfinished = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

    /// Folders of one machine, and hosts of package registries.
    static let foreign =
        ["work", "tmp", "root", "home"].map { "/" + $0 + "/" }
        + ["pypi" + ".org", "pythonhosted" + ".org", "deb.debian" + ".org", "npmjs" + ".org", "proxy.golang" + ".org"]

    static func unfinishedMarks(_ file: SourceFile) -> [Breach] {
        lines(of: file) { line in
            line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.first { unfinished.contains(String($0)) }
                .map { "unfinished: \($0)" }
        }
    }

    static func longLines(_ file: SourceFile) -> [Breach] {
        lines(of: file) { line in
            guard line.count > widthMax, !isOneText(line) else { return nil }
            return "\(line.count) characters in a line, \(widthMax) are allowed"
        }
    }

    /// A line that holds one text that people read and nothing else is not broken in the middle of its sentence.
    private static func isOneText(_ line: Substring) -> Bool {
        let trimmed = line.drop { $0 == " " }
        guard trimmed.first == "\"", let end = trimmed.lastIndex(of: "\"") else { return false }
        return trimmed.filter { $0 == "\"" }.count == 2 && trimmed[end...].allSatisfy { "\",)".contains($0) }
    }

    static func foreignPlaces(_ file: SourceFile) -> [Breach] {
        lines(of: file) { line in foreign.first { line.contains($0) }.map { "names \($0)" } }
    }

    static func longFile(_ file: SourceFile) -> [Breach] {
        let count = lineCount(file)
        guard count > fileLinesMax else { return [] }
        return [Breach(path: file.path, line: count, what: "\(count) lines in a file, \(fileLinesMax) are allowed")]
    }

    /// Lines of a file; the line end at its end begins no new one.
    static func lineCount(_ file: SourceFile) -> Int {
        file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
    }

    private static func lines(of file: SourceFile, _ judge: (Substring) -> String?) -> [Breach] {
        file.lines.enumerated().compactMap { index, line in
            judge(line).map { Breach(path: file.path, line: index + 1, what: $0) }
        }
    }
}
