import Foundation

/// The protocol's test vectors, `Tests/Vectors/vectors.json`.
public enum Vectors {
    private static let file: Result<Vector, any Error> = Result {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Vector(json: Data(contentsOf: tests.appending(path: "Vectors/vectors.json")))
    }

    /// The whole file, read once.
    public static func load() throws -> Vector { try file.get() }

    /// One section or flat list.
    public static func section(_ name: String) throws -> Vector { try load()[name] }

    /// The names of everything in the file but the negatives.
    public static func sections() throws -> Set<String> {
        Set(try load().entries.map(\.key)).subtracting([negativesKey])
    }

    private static let negativesKey = "negatives"

    /// A call that must be refused with exactly one code.
    public struct Negative: Sendable, CustomStringConvertible {
        public let id: Int
        /// What is wrong, in words: ids change with every edition, reasons do not.
        public let reason: String
        public let operation: String
        /// The code of PROTOCOL 14.
        public let code: String
        public let arguments: Vector

        public var description: String { "\(operation) \(id), \(reason)" }
    }

    /// All negatives, in the order of the file.
    public static func negatives() throws -> [Negative] {
        try load()[negativesKey].elements.map {
            Negative(
                id: try $0["id"].integer, reason: try $0["reason"].text, operation: try $0["op"].text,
                code: try $0["error"].text, arguments: try $0["args"])
        }
    }
}
