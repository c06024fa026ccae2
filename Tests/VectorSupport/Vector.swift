import Foundation

/// A node of `vectors.json`, with its place in the file, so that a test that reads past it names the place.
///
/// Byte strings are hex, ciphertexts are `[B, C]`, and the keys `1 2 3` of a dictionary are indexes of transcryptors.
public struct Vector: Sendable, CustomStringConvertible {
    /// Where it stands: `link_hospital_to_medical_12.steps[0].wire`.
    public let path: String
    fileprivate let node: Node

    fileprivate indirect enum Node: Sendable {
        case text(String)
        case integer(Int)
        case flag(Bool)
        case list([Node])
        case dictionary([String: Node])
        case null
    }

    /// What the file does not hold, or holds in another form.
    public struct Mismatch: Error, Hashable, Sendable, CustomStringConvertible {
        public let path: String
        public let expected: String
        public var description: String { "\(path): \(expected) expected" }
    }

    private init(_ path: String, _ node: Node) { (self.path, self.node) = (path, node) }

    /// Reads a JSON document.
    public init(json: Data) throws {
        self.init("", try JSONDecoder().decode(Node.self, from: json))
    }

    // MARK: Arguments that no entry of the file holds

    public static func bytes(_ bytes: some Sequence<UInt8>) -> Vector { Vector("made", .text(Hex.text(bytes))) }
    public static func text(_ text: String) -> Vector { Vector("made", .text(text)) }
    public static func integer(_ integer: Int) -> Vector { Vector("made", .integer(integer)) }
    public static func list(_ elements: [Vector]) -> Vector { Vector("made", .list(elements.map(\.node))) }
    public static func dictionary(_ entries: [String: Vector]) -> Vector {
        Vector("made", .dictionary(entries.mapValues(\.node)))
    }

    /// The same dictionary with other entries.
    public func replacing(_ changes: [String: Vector]) throws -> Vector {
        guard case .dictionary(var entries) = node else { throw mismatch("a dictionary") }
        for (key, value) in changes { entries[key] = value.node }
        return Vector(path, .dictionary(entries))
    }

    public var description: String { path.isEmpty ? "vectors" : path }

    private func mismatch(_ expected: String) -> Mismatch { Mismatch(path: description, expected: expected) }

    // MARK: Dictionaries and lists

    public subscript(_ key: String) -> Vector {
        get throws {
            guard let value = try self[optional: key] else { throw mismatch("an entry \(key)") }
            return value
        }
    }

    /// The entry of a key; nil where there is none, or null.
    public subscript(optional key: String) -> Vector? {
        get throws {
            guard case .dictionary(let entries) = node else { throw mismatch("a dictionary") }
            guard let entry = entries[key] else { return nil }
            if case .null = entry { return nil }
            return Vector(path.isEmpty ? key : "\(path).\(key)", entry)
        }
    }

    public subscript(_ index: Int) -> Vector {
        get throws {
            let all = try elements
            guard all.indices.contains(index) else { throw mismatch("an element \(index)") }
            return all[index]
        }
    }

    /// The elements of a list.
    public var elements: [Vector] {
        get throws {
            guard case .list(let nodes) = node else { throw mismatch("a list") }
            return nodes.enumerated().map { Vector("\(path)[\($0.offset)]", $0.element) }
        }
    }

    /// The entries of a dictionary, in the order of their keys.
    public var entries: [(key: String, value: Vector)] {
        get throws {
            guard case .dictionary(let entries) = node else { throw mismatch("a dictionary") }
            return try entries.keys.sorted().compactMap { key in try self[optional: key].map { (key, $0) } }
        }
    }

    /// The entries of a dictionary whose keys are indexes of transcryptors or ids of keys, in ascending order.
    public var numbered: [(index: UInt8, value: Vector)] {
        get throws {
            try entries.map { entry in
                guard let index = UInt8(entry.key) else { throw mismatch("indexes as keys") }
                return (index, entry.value)
            }.sorted { $0.index < $1.index }
        }
    }

    public var isDictionary: Bool { if case .dictionary = node { true } else { false } }

    // MARK: Values

    /// A byte string, from hex.
    public var bytes: [UInt8] {
        get throws {
            do { return try Hex.bytes(try text) } catch is Hex.Invalid { throw mismatch("hex") }
        }
    }

    /// A list of byte strings.
    public var byteStrings: [[UInt8]] { get throws { try elements.map { try $0.bytes } } }

    /// All byte strings of a list, and of the lists in it, one after another.
    public var joined: [UInt8] {
        get throws {
            guard case .list = node else { return try bytes }
            return try elements.flatMap { try $0.joined }
        }
    }

    /// A string that is no hex.
    public var text: String {
        get throws {
            guard case .text(let text) = node else { throw mismatch("a string") }
            return text
        }
    }

    public var integer: Int {
        get throws {
            guard case .integer(let integer) = node else { throw mismatch("an integer") }
            return integer
        }
    }

    public var flag: Bool {
        get throws {
            guard case .flag(let flag) = node else { throw mismatch("true or false") }
            return flag
        }
    }
}

extension Vector.Node: Decodable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Self].self) {
            self = .list(list)
        } else if let entries = try? value.decode([String: Self].self) {
            self = .dictionary(entries)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if value.decodeNil() {
            self = .null
        } else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "a form that vectors do not have")
        }
    }
}
