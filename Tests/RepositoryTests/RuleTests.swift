import Testing

/// Every rule is shown a text that breaks it and one that does not: a rule that cannot fail is no rule.
@Suite struct RuleTests {
    private func file(_ text: String, path: String = "Sources/Sample/Sample.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test func unfinishedMarksAreFoundAsWords() {
        for word in TextRules.unfinished {
            #expect(TextRules.unfinishedMarks(file("let a = 1\n// \(word): later")).map(\.line) == [2])
            #expect(TextRules.unfinishedMarks(file("let \(word)LIST = 1")).isEmpty)
        }
    }

    @Test func longLinesAreCountedInCharacters() {
        #expect(TextRules.longLines(file(String(repeating: "割", count: 120))).isEmpty)
        #expect(TextRules.longLines(file("\n" + String(repeating: "x", count: 121))).map(\.line) == [2])
        let text = String(repeating: "x", count: 121)
        #expect(TextRules.longLines(file("    \"\(text)\",")).isEmpty)
        #expect(TextRules.longLines(file("    f(\"\(text)\")")).map(\.line) == [1])
    }

    @Test func longFilesAreFound() {
        #expect(TextRules.longFile(file(String(repeating: "\n", count: 400))).isEmpty)
        #expect(TextRules.longFile(file(String(repeating: "\n", count: 401))).count == 1)
    }

    @Test func placesOfOneMachineAreFound() {
        for place in TextRules.foreign {
            #expect(TextRules.foreignPlaces(file("see \(place)x")).count == 1)
        }
        #expect(TextRules.foreignPlaces(file("Tests/Vectors/model")).isEmpty)
    }

    @Test func longFunctionsAreFound() {
        let body = String(repeating: "    x()\n", count: 69)
        let long =
            "struct S {\n  init() {\n\(body)  }\n  func f<T>(a: () -> Void = {}) -> [T] where T: P {\n\(body)\n  }\n}"
        let found = CodeRules.longFunctions(file(long))
        #expect(found.map(\.line) == [2, 73])
        #expect(CodeRules.functions(in: file(long)).map(\.lines) == [71, 72])
    }

    @Test func requirementsAndCallsAreNoFunctions() {
        let text = """
            protocol P {
                func f(_ a: Int) throws -> Int
                init(_ b: Int)
                var c: Int { get }
            }
            func g() { S.init(1); self.init(); let s = "func h() {" }  // func i() {
            let funcs = 1
            """
        #expect(CodeRules.functions(in: file(text)).map(\.name) == ["func g"])
    }

    @Test func printingIsFoundOutsideOfPrograms() {
        let text = "// print(1)\nlet s = \"print(2)\"\nprint(3)\nmap.print(4)\nfunc print(_ a: Int) {}\nfingerprint(5)"
        #expect(CodeRules.printing(file(text)).map(\.line) == [3])
        #expect(CodeRules.printing(file("print(1)", path: "Sources/warifu/Demo.swift")).isEmpty)
        #expect(CodeRules.printing(file("let s = \"\\(print(1))\"")).map(\.line) == [1])
    }

    @Test func dangerNeedsItsReason() {
        for danger in ["let a = try! f()", "let a = b as! C", "fatalError()", "struct S: @unchecked Sendable {}"] {
            #expect(CodeRules.unreasoned(file("x()  // reason: of another line\n\n\(danger)")).map(\.line) == [3])
            #expect(CodeRules.unreasoned(file("\(danger)  // unchecked: written in init only")).isEmpty)
            #expect(CodeRules.unreasoned(file("// reason: cannot fail,\n// as f is total\n\(danger)")).isEmpty)
        }
        #expect(CodeRules.unreasoned(file("nonisolated(unsafe) var a = 1")).count == 1)
        #expect(CodeRules.unreasoned(file("let a = \"try! again\"  // as! or fatalError(")).isEmpty)
    }

    @Test func labelsOutsideTheTableAreFound() {
        let text = "let a = \"warifu/v1/seal\"\ndigest(\"share\", b)\npack( \"x\")\nprint(\"share\")\nf(digest(.share))"
        #expect(CodeRules.labelsOutsideTheTable(file(text)).map(\.line) == [1, 2, 3])
        #expect(CodeRules.labelsOutsideTheTable(file(text, path: CodeRules.labelTable)).isEmpty)
    }

    @Test func guardsAndTheirControlsAreMatched() {
        let source = file("if enforced(\"guard:a.b\") { check() }\nif enforced(\"guard:c.d\") { check() }")
        let direct = file("Guards.withOff(\"guard:a.b\") { attack() }", path: "Tests/T.swift")
        let table = file("let all = [\"guard:c.d\"]\nGuards.withOff(all[0]) { attack() }", path: "Tests/U.swift")
        let mention = file("let all = [\"guard:c.d\"]", path: "Tests/V.swift")
        #expect(GuardRules.unmatched(sources: [source], tests: [direct, table]).isEmpty)
        #expect(GuardRules.unmatched(sources: [source], tests: [direct, mention]).map(\.line) == [2])
        #expect(GuardRules.unmatched(sources: [source], tests: []).count == 2)
        let unknown = file("Guards.withOff(\"guard:x.y\") { attack() }", path: "Tests/W.swift")
        #expect(
            GuardRules.unmatched(sources: [source], tests: [direct, table, unknown]).map(\.path) == ["Tests/W.swift"])
        let fuzz = file("Guards.withOff(\"guard:c.d\") {}\nGuards.withOff(\"guard:x.y\") {}", path: "Fuzz/X.swift")
        #expect(GuardRules.unmatched(sources: [source], tests: [direct], others: [fuzz]).map(\.line) == [2, 2])
        let misplaced = file("let name = \"guard:e.f\"")
        #expect(GuardRules.unmatched(sources: [misplaced], tests: []).count == 1)
    }

    @Test func deadLinksAreFound() {
        let text = "[a](b.md) [c](../d/e.md#f) [g](https://h) [i](#j)\n```\n[k](l)\n```\n[m](n.md \"o\")"
        let dead = DocumentRules.deadLinks(file(text, path: "docs/p.md")) { $0 == "d/e.md" }
        #expect(dead.map(\.line) == [1, 5])
        #expect(DocumentRules.deadLinks(file("[a](../../outside)", path: "docs/p.md")) { $0 == "outside" }.count == 1)
    }

    @Test func brokenScriptsAreFound() throws {
        #expect(
            DocumentRules.isShellScript(file("#!/usr/bin/env bash\n")) && !DocumentRules.isShellScript(file("bash")))
        #expect(try DocumentRules.syntaxError("if true; then") != nil)
        #expect(try DocumentRules.syntaxError("if true; then echo; fi") == nil)
    }

    @Test func theScannerTellsCodeFromTheRest() {
        let text = SwiftText(
            "a /* b /* c */ d */ \"e\\\"f\" #\"g\"h\"# \"\"\"\ni \"j\" k\n\"\"\" l \"m\\(n(\"o\"))p\" // q")
        #expect(text.literals.map(\.text) == ["ef", "g\"h", "\ni \"j\" k\n", "o", "mp"])
        #expect(text.comments.map(\.text) == ["/* b /* c */ d */", "// q"])
        let code = String(decoding: text.code, as: UTF8.self).filter { !$0.isWhitespace }
        #expect(code == "a\"\"#\"\"#\"\"\"\"\"\"l\"(n(\"\"))\"")
    }
}
