/// A search parameter: its name, what its values are, and which elements it looks at. Declared once; the search, the
/// index and the CapabilityStatement are made from the declaration.
public struct SearchParameter: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case token, reference, date, string, quantity, number, uri }

    public let name: String
    public let kind: Kind
    /// Elements below the resource: `name.family`, or `effective[x]` for an element of several types.
    let paths: [ElementPath]
    /// Reference: to this type only.
    let target: String?
    /// Its values name or describe a person: they are not repeated in links.
    let isPersonal: Bool

    private init(
        _ name: String, _ kind: Kind, _ paths: [String], target: String? = nil, isPersonal: Bool = false
    ) {
        (self.name, self.kind, self.target, self.isPersonal) = (name, kind, target, isPersonal)
        self.paths = paths.map { ElementPath($0, ofDates: kind == .date) }
    }

    static func token(_ name: String, _ paths: String..., isPersonal: Bool = false) -> Self {
        Self(name, .token, paths.isEmpty ? [name] : paths, isPersonal: isPersonal)
    }
    static func reference(_ name: String, _ paths: String..., to target: String? = nil) -> Self {
        Self(name, .reference, paths.isEmpty ? [name] : paths, target: target)
    }
    static func date(_ name: String, _ paths: String..., isPersonal: Bool = false) -> Self {
        Self(name, .date, paths.isEmpty ? [name] : paths, isPersonal: isPersonal)
    }
    static func string(_ name: String, _ paths: String..., isPersonal: Bool = false) -> Self {
        Self(name, .string, paths.isEmpty ? [name] : paths, isPersonal: isPersonal)
    }
    static func quantity(_ name: String, _ paths: String...) -> Self {
        Self(name, .quantity, paths.isEmpty ? [name] : paths)
    }
    static func uri(_ name: String, _ paths: String...) -> Self { Self(name, .uri, paths.isEmpty ? [name] : paths) }
}

/// A way down from a resource to elements, through lists and over choices of type.
struct ElementPath: Hashable, Sendable {
    private struct Step: Hashable, Sendable {
        let name: String
        let isChoice: Bool
    }
    private let steps: [Step]
    let text: String
    private let isOfDates: Bool

    /// - Parameter ofDates: of a choice of types take those alone that hold a time.
    init(_ text: String, ofDates: Bool = false) {
        (self.text, isOfDates) = (text, ofDates)
        steps = text.split(separator: ".").map { step in
            step.hasSuffix("[x]")
                ? Step(name: String(step.dropLast(3)), isChoice: true)
                : Step(name: String(step), isChoice: false)
        }
    }

    /// The values at the end of the way, lists taken apart.
    func values(in json: JSONValue) -> [JSONValue] {
        steps.reduce([json]) { values, step in
            values.flatMap { value in
                step.isChoice ? choices(step.name, in: value) : value[step.name]?.each ?? []
            }
        }
    }

    /// `effective[x]` is `effectiveDateTime` and every other member that goes on with a capital letter.
    private func choices(_ name: String, in value: JSONValue) -> [JSONValue] {
        value.members.filter { member in
            guard member.name.hasPrefix(name) else { return false }
            let type = member.name.dropFirst(name.count)
            return isOfDates ? Self.timeTypes.contains(String(type)) : type.first?.isUppercase ?? false
        }.flatMap(\.value.each)
    }

    private static let timeTypes: Set<String> = ["Date", "DateTime", "Instant", "Period", "Timing"]
}
