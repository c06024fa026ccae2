/// Counts the values that were made again, and keeps those that came out otherwise.
public struct Tally: Sendable {
    public private(set) var count = 0
    public private(set) var failures: [String] = []

    public init() {}

    /// Compares bytes with those of the file.
    public mutating func same(_ made: some Sequence<UInt8>, _ expected: Vector) throws {
        count += 1
        let (made, bytes) = (Array(made), try expected.bytes)
        guard made != bytes else { return }
        failures.append("\(expected): \(Self.shown(made)) instead of \(Self.shown(bytes))")
    }

    /// Compares bytes with all byte strings of a list, joined.
    public mutating func same(_ made: [UInt8], joined expected: Vector) throws {
        count += 1
        let bytes = try expected.joined
        if made != bytes { failures.append("\(expected): \(Self.shown(made)) instead of \(Self.shown(bytes))") }
    }

    /// Compares text with a string of the file that is no hex.
    public mutating func same(_ made: String, text expected: Vector) throws {
        count += 1
        let text = try expected.text
        if made != text { failures.append("\(expected): \(made) instead of \(text)") }
    }

    /// Compares numbers with one of the file.
    public mutating func same(_ made: Int, integer expected: Vector) throws {
        count += 1
        let integer = try expected.integer
        if made != integer { failures.append("\(expected): \(made) instead of \(integer)") }
    }

    /// Compares a set of texts with a list of the file, in any order; each is a value.
    public mutating func same(_ made: [String], set expected: Vector) throws {
        count += made.count
        let texts = try expected.elements.map { try $0.text }
        if made.sorted() != texts.sorted() { failures.append("\(expected): \(made) instead of \(texts)") }
    }

    /// Compares a list of byte strings.
    public mutating func same(_ made: [[UInt8]], list expected: Vector) throws {
        let elements = try expected.elements
        holds(made.count == elements.count, "\(expected): \(made.count) elements instead of \(elements.count)")
        for (bytes, element) in zip(made, elements) { try same(bytes, element) }
    }

    /// Notes a condition that is no comparison with bytes of the file; it is not counted as a value.
    public mutating func holds(_ condition: Bool, _ otherwise: @autoclosure () -> String) {
        if !condition { failures.append(otherwise()) }
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        bytes.count > 24 ? "\(Hex.text(bytes.prefix(24))).. (\(bytes.count) bytes)" : Hex.text(bytes)
    }
}
