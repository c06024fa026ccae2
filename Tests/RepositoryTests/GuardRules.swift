/// Rules about guards (docs/GUARDS.md): each has a negative control, and no control names one that is not there.
enum GuardRules {
    static let prefix = "guard:"

    /// The guards that sources enforce, and breaches: a name that stands anywhere else than in `enforced(..)`.
    static func enforced(in sources: [SourceFile]) -> (names: [String: Breach], breaches: [Breach]) {
        var names: [String: Breach] = [:]
        var breaches: [Breach] = []
        for file in sources {
            let text = SwiftText(file.text)
            for literal in text.literals where literal.text.hasPrefix(prefix) {
                if text.code(before: literal).hasSuffix("enforced(") {
                    let what = "no test turns \(literal.text) off"
                    names[literal.text] = Breach(path: file.path, line: literal.line, what: what)
                } else {
                    let what = "\(literal.text) outside enforced(..): a release build would keep the name"
                    breaches.append(Breach(path: file.path, line: literal.line, what: what))
                }
            }
        }
        return (names, breaches)
    }

    /// The guards that tests turn off: named in `withOff(..)`, or in a file that calls `withOff` with a variable, such
    /// as a table of attacks.
    static func turnedOff(in tests: [SourceFile]) -> [String: Breach] {
        var names: [String: Breach] = [:]
        for file in tests {
            let text = SwiftText(file.text)
            let calls = String(decoding: text.code, as: UTF8.self).split(separator: "withOff(").dropFirst()
            let takesVariable = calls.contains { call in call.first { !$0.isWhitespace } != "\"" }
            for literal in text.literals where literal.text.hasPrefix(prefix) {
                guard takesVariable || text.code(before: literal).hasSuffix("withOff(") else { continue }
                let what = "no source enforces \(literal.text)"
                names[literal.text] = Breach(path: file.path, line: literal.line, what: what)
            }
        }
        return names
    }

    /// - Parameters:
    ///   - others: may turn guards off, which is no control; but must name those that exist.
    static func unmatched(
        sources: [SourceFile], tests: [SourceFile], others: [SourceFile] = []
    ) -> [Breach] {
        let (enforced, misplaced) = enforced(in: sources)
        let off = turnedOff(in: tests)
        let untried = enforced.filter { off[$0.key] == nil }.values
        let unknown = turnedOff(in: tests + others).filter { enforced[$0.key] == nil }.values
        return misplaced + (Array(untried) + Array(unknown)).sorted { $0.description < $1.description }
    }
}
