/// One value or member name of a text: where it stands, and where the next one after everything inside it is.
struct JSONNode: Sendable {
    enum Kind: UInt8, Sendable { case null, `false`, `true`, number, string, array, object }
    /// First byte; of a string the one behind its quotation mark.
    var start: UInt32
    /// Behind the last byte; of a string its closing quotation mark.
    var end: UInt32
    /// Index of the node after this one and all that it contains.
    var next: UInt32
    var kind: Kind
    /// A string with escape sequences: its text is not its bytes.
    var isEscaped = false
    /// A member name; the node after it is the value.
    var isName = false
}

/// A JSON text that was read once: its own bytes, untouched, and an index of what stands where. Nothing is converted,
/// so decimals keep their digits, members their order, and strings their spelling, whatever is written again from here.
public final class JSONDocument: Sendable {
    /// The text as it came.
    public let bytes: [UInt8]
    let nodes: [JSONNode]

    /// Reads a text.
    /// - Throws: everything that RFC 8259 calls wrong, member names that occur twice, invalid UTF-8, and what is beyond
    ///   the limits; each with its position.
    public init(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        self.bytes = bytes
        nodes = try JSONParser.parse(bytes, limits: limits)
    }

    /// The outermost value.
    public var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// A value in a document. A view: cheap to pass around, and it keeps the document alive.
public struct JSONValue: Sendable {
    public enum Kind: Sendable { case null, bool, number, string, array, object }
    public let document: JSONDocument
    let index: Int

    var node: JSONNode { document.nodes[index] }

    public var kind: Kind {
        switch node.kind {
        case .null: .null
        case .true, .false: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The offsets of the value in the text, with quotation marks.
    public var range: Range<Int> {
        let node = node
        let quote = node.kind == .string ? 1 : 0
        return Int(node.start) - quote..<Int(node.end) + quote
    }

    /// The value as it was written.
    public var bytes: ArraySlice<UInt8> { document.bytes[range] }

    /// The text of a string, with its escape sequences resolved.
    public var string: String? {
        let node = node
        guard node.kind == .string else { return nil }
        return document.text(of: node)
    }

    /// A number as it was written: `1.10` stays `1.10`.
    public var numberText: String? {
        node.kind == .number ? String(decoding: bytes, as: UTF8.self) : nil
    }

    public var bool: Bool? {
        switch node.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The member of that name of an object.
    public subscript(name: String) -> JSONValue? {
        guard node.kind == .object else { return nil }
        var name = name
        return name.withUTF8 { wanted in
            for member in members where document.isName(document.nodes[member.nameIndex], wanted) {
                return member.value
            }
            return nil
        }
    }

    /// The members of an object in their order; of anything else nothing.
    public var members: Members { Members(of: self) }

    /// The elements of an array in their order; of anything else nothing.
    public var elements: Elements { Elements(of: self) }

    /// The elements of an array, or the value itself where it is none: FHIR elements of any cardinality.
    public var each: [JSONValue] { node.kind == .array ? Array(elements) : [self] }
}

extension JSONValue {
    public struct Member: Sendable {
        let nameIndex: Int
        public let value: JSONValue
        public var name: String { value.document.text(of: value.document.nodes[nameIndex]) }
    }

    public struct Members: Sequence, IteratorProtocol, Sendable {
        private let document: JSONDocument
        private var index: Int
        private let end: Int

        init(of value: JSONValue) {
            document = value.document
            index = value.index + 1
            end = value.node.kind == .object ? Int(value.node.next) : index
        }

        public mutating func next() -> Member? {
            guard index < end else { return nil }
            defer { index = Int(document.nodes[index + 1].next) }
            return Member(nameIndex: index, value: JSONValue(document: document, index: index + 1))
        }
    }

    public struct Elements: Sequence, IteratorProtocol, Sendable {
        private let document: JSONDocument
        private var index: Int
        private let end: Int

        init(of value: JSONValue) {
            document = value.document
            index = value.index + 1
            end = value.node.kind == .array ? Int(value.node.next) : index
        }

        public mutating func next() -> JSONValue? {
            guard index < end else { return nil }
            defer { index = Int(document.nodes[index].next) }
            return JSONValue(document: document, index: index)
        }
    }
}

extension JSONDocument {
    func text(of node: JSONNode) -> String {
        let slice = bytes[Int(node.start)..<Int(node.end)]
        return node.isEscaped
            ? String(decoding: JSONStrings.unescaped(slice), as: UTF8.self) : String(decoding: slice, as: UTF8.self)
    }

    /// Whether a string is this text, byte for byte.
    func isName(_ node: JSONNode, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        if node.isEscaped { return JSONStrings.unescaped(bytes[Int(node.start)..<Int(node.end)]).elementsEqual(wanted) }
        let count = Int(node.end - node.start)
        guard count == wanted.count else { return false }
        let start = Int(node.start)
        for offset in 0..<count where bytes[start + offset] != wanted[offset] { return false }
        return true
    }
}
