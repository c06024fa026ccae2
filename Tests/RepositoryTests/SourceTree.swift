import Foundation
import Testing

/// A text file of the project, by its path from the root.
struct SourceFile: Sendable {
    let path: String
    let text: String
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var isSwift: Bool { path.hasSuffix(".swift") }

    func lies(in folder: String) -> Bool { path.hasPrefix(folder + "/") }
}

/// A breach of a rule: where, and what.
struct Breach: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let what: String
    var description: String { "\(path):\(line): \(what)" }
}

/// The project's own texts, read once. Built things, hidden folders but `.ci`, and links are left out.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let files: [SourceFile] = {
        var found: [SourceFile] = []
        var folders = [""]
        while let folder = folders.popLast() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path + "/" + folder)) ?? []
            for name in names.sorted() where !name.hasPrefix(".") || name == ".ci" {
                let path = folder.isEmpty ? name : folder + "/" + name
                let attributes = try? FileManager.default.attributesOfItem(atPath: root.path + "/" + path)
                let type = attributes?[.type] as? FileAttributeType
                if type == .typeDirectory {
                    folders.append(path)
                } else if type == .typeRegular, let text = readText(path) {
                    found.append(SourceFile(path: path, text: text))
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }()

    static var swift: [SourceFile] { files.filter(\.isSwift) }
    static var sources: [SourceFile] { swift.filter { $0.lies(in: "Sources") } }
    static var tests: [SourceFile] { swift.filter { $0.lies(in: "Tests") } }
    static var fuzzTargets: [SourceFile] { swift.filter { $0.lies(in: "Fuzz") } }

    /// nil for what is no text, and for a fuzzing corpus, which is bytes whatever they look like.
    private static func readText(_ path: String) -> String? {
        guard !path.hasPrefix("Fuzz/Corpus/") else { return nil }
        guard let data = FileManager.default.contents(atPath: root.path + "/" + path) else { return nil }
        return String(data: data, encoding: .utf8)
    }
}

/// Reports all breaches of a rule, a line each.
func expectNone(_ breaches: [Breach], sourceLocation: SourceLocation = #_sourceLocation) {
    guard !breaches.isEmpty else { return }
    let list = breaches.map(\.description).joined(separator: "\n")
    Issue.record("\(breaches.count) breaches:\n\(list)", sourceLocation: sourceLocation)
}
