import Foundation
import Testing

/// The rules of the project, applied to its own tree. That each of them can fail is shown in `RuleTests`.
@Suite struct RepositoryTests {
    @Test func theTreeIsRead() {
        #expect(SourceTree.sources.contains { $0.path == "Sources/Guards/Guards.swift" })
        #expect(SourceTree.tests.contains { $0.path == "Tests/RepositoryTests/RepositoryTests.swift" })
        #expect(SourceTree.files.contains { $0.path == ".ci/run" })
        #expect(!SourceTree.files.contains { $0.path.contains(".build") })
    }

    @Test func nothingIsLeftUnfinished() {
        expectNone(SourceTree.files.filter { !$0.path.hasSuffix(".json") }.flatMap(TextRules.unfinishedMarks))
    }

    @Test func noLineOfSwiftIsTooLong() {
        expectNone(SourceTree.swift.flatMap(TextRules.longLines))
    }

    @Test func noSourceFileIsTooLong() {
        let long = SourceTree.sources.filter { TextRules.lineCount($0) > TextRules.fileLinesAdvised }
        for file in long {
            print(
                "long: \(file.path) has \(TextRules.lineCount(file)) lines, \(TextRules.fileLinesAdvised) are advised")
        }
        expectNone(SourceTree.sources.flatMap(TextRules.longFile))
    }

    @Test func noFunctionIsTooLong() {
        expectNone(SourceTree.swift.flatMap(CodeRules.longFunctions))
    }

    @Test func onlyProgramsPrint() {
        expectNone(SourceTree.sources.flatMap(CodeRules.printing))
    }

    @Test func whatCanCrashOrRaceHasItsReasonBesideIt() {
        expectNone(SourceTree.sources.flatMap(CodeRules.unreasoned))
    }

    @Test func nothingNamesAMachineOrARegistry() {
        expectNone(SourceTree.files.flatMap(TextRules.foreignPlaces))
    }

    @Test func labelsOfHashesStandInOneTable() {
        expectNone(SourceTree.sources.flatMap(CodeRules.labelsOutsideTheTable))
    }

    @Test func everyGuardIsTurnedOffInATestAndNoTestNamesAnother() {
        let tests = SourceTree.tests.filter { !$0.lies(in: "Tests/RepositoryTests") }
        let sources = SourceTree.sources.filter { !$0.lies(in: "Sources/Guards") }
        expectNone(
            GuardRules.unmatched(sources: sources, tests: tests, others: SourceTree.fuzzTargets))
    }

    /// No centre can read a record, not by mistake either. The demonstration and the benchmarks play a hospital's own
    /// system, and are no nodes.
    @Test func onlyAGatewayKnowsWhatARecordSays() {
        let users = SourceTree.sources.filter { file in file.lines.contains { $0.hasSuffix("import FHIR") } }
        #expect(!users.isEmpty)
        expectNone(
            users.filter { file in
                !["Sources/GatewayServer", "Sources/Demonstration", "Sources/bench"].contains { file.lies(in: $0) }
            }
            .map { Breach(path: $0.path, line: 1, what: "imports FHIR") })
    }

    @Test func everyLinkInADocumentLeadsSomewhere() {
        let documents = SourceTree.files.filter { $0.path.hasSuffix(".md") }
        #expect(!documents.isEmpty)
        expectNone(
            documents.flatMap { document in
                DocumentRules.deadLinks(document) { path in
                    FileManager.default.fileExists(atPath: SourceTree.root.path + "/" + path)
                }
            })
    }

    @Test func everyShellScriptCanBeRead() throws {
        let scripts = SourceTree.files.filter(DocumentRules.isShellScript)
        #expect(scripts.contains { $0.path == "scripts/bootstrap" })
        for script in scripts {
            let error = try DocumentRules.syntaxError(script.text)
            #expect(error == nil, "\(script.path)")
        }
    }

    @Test func everyLabelOfTheVectorsStandsInTheProtocol() throws {
        let vectors = try #require(SourceTree.files.first { $0.path == "Tests/Vectors/vectors.json" })
        let text = try #require(SourceTree.files.first { $0.path == "docs/PROTOCOL.md" }).text
        let json = try JSONSerialization.jsonObject(with: Data(vectors.text.utf8)) as? [String: Any]
        let labels = try #require(json?["labels"] as? [String: [String]]).values.flatMap { $0 }
        #expect(labels.count > 50 && Set(labels).count == labels.count)
        for label in labels {
            #expect(text.contains("\"\(label)\"") || text.contains("\"warifu/v1/\(label)\""), "\(label)")
        }
    }
}
