import Foundation
import Polymorphic
import Testing

/// The check digit against published examples and numbers of another implementation, where they lie beside this
/// checkout. The examples that always run are in `NationalNumberTests`.
@Suite struct NationalNumberVectorTests {
    private struct Case: Decodable {
        let number: String
        let valid: Bool
    }

    private static let file: URL? = {
        var package = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { package.deleteLastPathComponent() }
        let places = [
            ProcessInfo.processInfo.environment["WARIFU_DATA"].map { URL(filePath: $0) },
            package.deletingLastPathComponent().appending(path: "shared/data"),
        ]
        return places.compactMap { $0?.appending(path: "registry/mynumber_check_vectors.json") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    @Test func everyNumberIsToldFromWhatIsNone() throws {
        guard let file = Self.file else {
            return FileHandle.standardError.write(
                Data("My Number vectors: skipped: there are none beside this checkout\n".utf8))
        }
        let cases = try JSONDecoder().decode([Case].self, from: try Data(contentsOf: file))
        FileHandle.standardError.write(Data("My Number vectors: run: \(cases.count)\n".utf8))
        #expect(cases.contains { $0.valid } && cases.contains { !$0.valid })
        // Not the number itself in a failure.
        for (place, one) in cases.enumerated() {
            #expect(NationalNumber.occurs(in: one.number.utf8) == one.valid, "case \(place)")
        }
    }
}
