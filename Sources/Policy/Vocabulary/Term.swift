import Polymorphic

/// A word of a closed vocabulary: a name on the wire, and a text in every language (`Messages`).
public protocol Term: RawRepresentable<String>, CaseIterable, Hashable, Comparable, Sendable {
    /// Its text in the catalogue.
    var key: MessageKey { get }
}

extension Term {
    /// The name on the wire.
    public var name: Name {
        do { return try Name(rawValue) } catch {
            preconditionFailure("a word of a vocabulary is no name; the test of the vocabularies shows which")
        }
    }

    /// The word of a name; nil for a name that is none of ours.
    public init?(_ name: Name) { self.init(rawValue: name.description) }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
