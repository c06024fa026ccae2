import Foundation
import Testing

/// What the compiler itself refuses: every file of Tests/Misuse, compiled against the modules that this test was built
/// with.
@Suite struct PropertyMisuseTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Misuse").standardized
    static let files: [String] = {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return all.filter { $0.hasSuffix(".swift") }.sorted()
    }()

    @Test func thereAreMisuses() { #expect(Self.files.count >= 18) }

    @Test(arguments: files) func theMisuseDoesNotCompileAndTheProperUseBesideItDoes(_ file: String) throws {
        let path = Self.folder.appending(path: file)
        let firstLine = try String(contentsOf: path, encoding: .utf8).prefix { $0 != "\n" }
        let expected = try #require(firstLine.hasPrefix("// expects: ") ? firstLine.dropFirst(12) : nil)
        let proper = try Self.compile(path, [])
        #expect(proper.status == 0, "\(proper.said)")
        let misuse = try Self.compile(path, ["-D", "MISUSE"])
        #expect(misuse.status != 0, "it compiles")
        #expect(misuse.said.contains(expected), "\(misuse.said)")
    }

    /// As far as the checks of ownership, which come after those of types.
    private static func compile(_ file: URL, _ options: [String]) throws -> (status: Int32, said: String) {
        let program = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let sources = folder.appending(path: "../../Sources").standardized
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6"]
            + ["-I", program.deletingLastPathComponent().appending(path: "Modules").path]
            + ["-I", sources.appending(path: "CSodium").path, "-I", sources.appending(path: "CDecaf").path]
            + options + [file.path]
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, said)
    }
}
