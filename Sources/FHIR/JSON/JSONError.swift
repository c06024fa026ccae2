/// What a reader accepts. Every bound is checked while reading, before memory is taken for what is beyond it.
public struct JSONLimits: Hashable, Sendable {
    /// Bytes of a whole text.
    public var bytesMax: Int
    /// Objects and arrays inside one another.
    public var depthMax: Int
    /// Values and member names in a text.
    public var nodesMax: Int

    public init(bytesMax: Int = 16 << 20, depthMax: Int = 64, nodesMax: Int = 2_000_000) {
        (self.bytesMax, self.depthMax, self.nodesMax) = (bytesMax, depthMax, nodesMax)
    }

    /// 16 MiB, 64 levels, two million nodes: four times the largest patient seen in practice.
    public static let standard = JSONLimits()
}

/// Why a text is not JSON as RFC 8259 defines it, and where. Holds nothing of the text itself.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case tooLong = "the text has more bytes than are accepted"
        case tooDeep = "objects and arrays are nested more deeply than is accepted"
        case tooMany = "the text has more values than are accepted"
        case ended = "the text ends in the middle of a value"
        case value = "a value was expected"
        case name = "a member name in double quotes was expected"
        case colon = "a colon was expected after a member name"
        case separator = "a comma or the end of the object or array was expected"
        case number = "a number is not written as JSON demands"
        case control = "a control character stands unescaped in a string"
        case escape = "an escape sequence in a string is not one of JSON, or half of a surrogate pair"
        case utf8 = "the text is not valid UTF-8"
        case duplicate = "a member name occurs twice in one object"
        case trailing = "something follows after the value"
        case byteOrderMark = "the text begins with a byte order mark; send UTF-8 without one"
    }
    public let code: Code
    /// Offset in bytes from the beginning of the text, at which reading stopped.
    public let position: Int

    public init(_ code: Code, at position: Int) { (self.code, self.position) = (code, position) }

    public var description: String { "\(code.rawValue) (byte \(position))" }
}
