/// What the text of a `Reference.reference` means.
public enum Reference: Hashable, Sendable {
    /// `#id`: inside the same resource; never touched.
    case contained
    /// `urn:uuid:..` or `urn:oid:..`: the `fullUrl` of another entry of the same bundle.
    case urn(String)
    /// `Type/id`, with or without a version.
    case local(ResourceKey)
    /// `https://server/path/Type/id`.
    case absolute(base: String, ResourceKey)
    /// `Type?identifier=..`: whatever one resource this search finds.
    case conditional(ResourceType, query: String)
    /// Anything else: kept, and understood by nobody here.
    case other

    public init(_ text: String) {
        if text.hasPrefix("#") {
            self = .contained
        } else if text.hasPrefix("urn:uuid:") || text.hasPrefix("urn:oid:") {
            self = .urn(text)
        } else if let question = text.firstIndex(of: "?"), let type = ResourceType(String(text[..<question])) {
            self = .conditional(type, query: String(text[text.index(after: question)...]))
        } else {
            self = Self.literal(text)
        }
    }

    private static func literal(_ text: String) -> Reference {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count >= 4, parts[parts.count - 2] == "_history" { parts.removeLast(2) }
        guard parts.count >= 2, let type = ResourceType(String(parts[parts.count - 2])),
            let key = ResourceKey(type, String(parts[parts.count - 1]))
        else { return .other }
        guard parts.count > 2 else { return .local(key) }
        let base = parts.dropLast(2).joined(separator: "/")
        return base.hasPrefix("http://") || base.hasPrefix("https://") ? .absolute(base: base, key) : .other
    }

    /// The resource on this server that is meant.
    /// - Parameter base: the address of this server, without a slash at its end.
    public func key(on base: String) -> ResourceKey? {
        switch self {
        case .local(let key): key
        case .absolute(base, let key): key
        default: nil
        }
    }
}
