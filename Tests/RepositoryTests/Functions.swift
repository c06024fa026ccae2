extension CodeRules {
    struct Function {
        let name: String
        /// Line of the keyword, from 1.
        let line: Int
        /// Lines from that of the keyword to that of the closing brace, both included.
        let lines: Int
    }

    /// The functions, initialisers and subscripts of a file that have a body.
    static func functions(in file: SourceFile) -> [Function] {
        var found: [Function] = []
        let code = SwiftText(file.text).code
        var (at, line) = (0, 1)
        while at < code.count {
            if code[at] == UInt8(ascii: "\n") { line += 1 }
            if let name = declaration(in: code, at: at), let body = bodyStart(in: code, after: at + name.utf8.count) {
                let end = closingBrace(in: code, from: body)
                let lines = code[at..<end].count { $0 == UInt8(ascii: "\n") } + 1
                found.append(Function(name: name, line: line, lines: lines))
            }
            at += 1
        }
        return found
    }

    /// The name of what is declared here: `func f`, `init`, `deinit`, `subscript`; nil where nothing of this kind is.
    private static func declaration(in code: [UInt8], at place: Int) -> String? {
        guard place == 0 || !(isWord(code[place - 1]) || code[place - 1] == UInt8(ascii: ".")) else { return nil }
        let word = wordAt(code, place)
        switch word {
        case "func":
            let name = place + 5 < code.count ? wordAt(code, place + 5) : ""
            return "func " + (name.isEmpty ? "operator" : name)
        case "init", "deinit", "subscript": return word
        default: return nil
        }
    }

    /// Where the body begins, nil for a requirement of a protocol, which has none.
    private static func bodyStart(in code: [UInt8], after place: Int) -> Int? {
        var (at, depth, lineHasBegun) = (place, 0, true)
        while at < code.count {
            let byte = code[at]
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return at
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "\n"): lineHasBegun = false
            default: break
            }
            if depth < 0 { return nil }  // `func` inside parentheses is no declaration
            if depth == 0, !lineHasBegun, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: " ") {
                lineHasBegun = true
                if byte == UInt8(ascii: "@") || nextDeclaration.contains(wordAt(code, at)) { return nil }
            }
            at += 1
        }
        return nil
    }

    private static let nextDeclaration: Set<String> = [
        "func", "init", "deinit", "subscript", "var", "let", "static", "class", "struct", "enum", "actor", "protocol",
        "extension", "typealias", "associatedtype", "case", "mutating", "nonmutating", "public", "package", "internal",
        "private", "fileprivate", "nonisolated", "consuming", "borrowing", "import",
    ]

    /// The place behind the brace that closes the one at `place`.
    private static func closingBrace(in code: [UInt8], from place: Int) -> Int {
        var (at, depth) = (place, 0)
        while at < code.count {
            if code[at] == UInt8(ascii: "{") { depth += 1 }
            if code[at] == UInt8(ascii: "}") { depth -= 1 }
            at += 1
            if depth == 0 { break }
        }
        return at
    }

    private static func wordAt(_ code: [UInt8], _ place: Int) -> String {
        String(decoding: code[place...].prefix(while: isWord), as: UTF8.self)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
