import Foundation

/// Rules about documents and scripts.
enum DocumentRules {
    /// Links of a Markdown file to files of the project that are not there. Links inside code are no links.
    static func deadLinks(_ file: SourceFile, exists: (String) -> Bool) -> [Breach] {
        var breaches: [Breach] = []
        var fenced = false
        for (index, line) in file.lines.enumerated() {
            if line.hasPrefix("```") { fenced.toggle() }
            if fenced || line.hasPrefix("    ") { continue }
            for target in targets(in: line) where !exists(resolve(target, from: file.path)) {
                breaches.append(Breach(path: file.path, line: index + 1, what: "the link \(target) leads nowhere"))
            }
        }
        return breaches
    }

    /// Targets of `[text](target)` in a line, without anchors; addresses elsewhere and anchors alone are left out.
    private static func targets(in line: Substring) -> [String] {
        line.ranges(of: "](").compactMap { range in
            let target = line[range.upperBound...].prefix { $0 != ")" && $0 != " " && $0 != "#" }
            let elsewhere = target.contains("://") || target.hasPrefix("mailto:")
            return target.isEmpty || elsewhere ? nil : String(target)
        }
    }

    /// The path from the root of what a link in the file at `path` names.
    private static func resolve(_ target: String, from path: String) -> String {
        var parts = path.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty, parts.last != ".." {
                parts.removeLast()
            } else {
                parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }

    /// Scripts by their first line, which names a shell.
    static func isShellScript(_ file: SourceFile) -> Bool {
        guard let first = file.lines.first, first.hasPrefix("#!") else { return false }
        return first.hasSuffix("bash") || first.hasSuffix("/sh")
    }

    /// What `bash -n` has to say about a script; nil when it is content.
    static func syntaxError(_ text: String) throws -> String? {
        let bash = Process()
        let (input, output) = (Pipe(), Pipe())
        bash.executableURL = URL(filePath: "/bin/bash")
        bash.arguments = ["-n"]
        (bash.standardInput, bash.standardError) = (input, output)
        try bash.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        bash.waitUntilExit()
        return bash.terminationStatus == 0 ? nil : String(decoding: said, as: UTF8.self)
    }
}
