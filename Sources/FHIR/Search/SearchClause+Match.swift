/// What the meaning of a search depends on beside the search and the resource.
struct SearchSetting: Sendable {
    let base: String
    let zoneMinutes: Int
    let now: FHIRInstant
}

extension SearchClause {
    func matches(_ json: JSONValue, _ setting: SearchSetting) -> Bool {
        let elements = parameter.paths.flatMap { $0.values(in: json) }
        switch modifier {
        case .missing: return values.contains(.string("true")) == !elements.contains { isRelevant($0, setting) }
        case .not: return !elements.contains { meets($0, setting) }
        default: return elements.contains { meets($0, setting) }
        }
    }

    /// A reference to another type than the parameter is about is as if it were not there.
    private func isRelevant(_ element: JSONValue, _ setting: SearchSetting) -> Bool {
        guard parameter.kind == .reference, let target = parameter.target else { return true }
        return (element["reference"]?.string).flatMap { Reference($0).key(on: setting.base) }?.type.name == target
    }

    private func meets(_ element: JSONValue, _ setting: SearchSetting) -> Bool {
        values.contains { meets(element, $0, setting) }
    }

    private func meets(_ element: JSONValue, _ value: SearchValue, _ setting: SearchSetting) -> Bool {
        switch value {
        case .token(let system, let code):
            if modifier == .identifier {
                return element["identifier"].map { SearchMatch.token($0, system: system, code: code) } ?? false
            }
            return SearchMatch.token(element, system: system, code: code)
        case .reference(let type, let id, let text):
            return SearchMatch.reference(
                element, type: type, id: id, text: text, target: parameter.target, base: setting.base)
        case .date(let prefix, let range):
            guard let target = SearchMatch.range(element, zoneMinutes: setting.zoneMinutes) else { return false }
            return SearchMatch.date(target, prefix, range, now: setting.now)
        case .string(let text):
            guard modifier == .text else { return SearchMatch.string(element, text, modifier) }
            let wanted = SearchMatch.folded(text)
            return SearchMatch.texts(element).contains { SearchMatch.folded($0).hasPrefix(wanted) }
        case .quantity(let prefix, let low, let high, let number, let system, let code):
            return SearchMatch.quantity(
                element, prefix, low: low, high: high, value: number, system: system, code: code)
        case .uri(let text):
            guard let written = element.string else { return false }
            switch modifier {
            case .below: return written == text || written.hasPrefix(text.hasSuffix("/") ? text : text + "/")
            case .above: return written == text || text.hasPrefix(written.hasSuffix("/") ? written : written + "/")
            default: return Array(written.utf8) == Array(text.utf8)
            }
        }
    }
}

/// What a resource can be found by without reading it.
enum SearchIndex {
    /// Every reference by its id, every identifier with and without its system. A superset: what is found by a key is
    /// compared with the search afterwards.
    static func keys(of resource: Resource, patients: [String], base: String) -> Set<IndexKey> {
        var keys = Set(patients.map(IndexKey.patient))
        for parameter in SearchDefinitions.parameters(of: resource.type) {
            let isIdentifier = parameter.name == "identifier"
            guard parameter.kind == .reference || isIdentifier else { continue }
            for element in parameter.paths.flatMap({ $0.values(in: resource.json) }) {
                if isIdentifier, let value = element["value"]?.string {
                    keys.insert(IndexKey("identifier", value))
                    if let system = element["system"]?.string {
                        keys.insert(IndexKey("identifier", system + "|" + value))
                    }
                } else if let key = (element["reference"]?.string).flatMap({ Reference($0).key(on: base) }) {
                    guard parameter.target == nil || parameter.target == key.type.name else { continue }
                    keys.insert(IndexKey(parameter.name, key.id))
                }
            }
        }
        return keys
    }

    /// The keys one of which every match has, if there are such.
    static func keys(for query: SearchQuery) -> Set<IndexKey>? {
        query.clauses.lazy.compactMap(keys(for:)).first
    }

    private static func keys(for clause: SearchClause) -> Set<IndexKey>? {
        var keys: Set<IndexKey> = []
        for value in clause.values {
            switch (value, clause.modifier) {
            case (.reference(_, let id, _), nil), (.reference(_, let id, _), .type):
                guard ResourceKey.isID(id) else { return nil }
                keys.insert(IndexKey(clause.parameter.name, id))
            case (.token(let system, let code?), nil) where clause.parameter.name == "identifier":
                keys.insert(IndexKey("identifier", (system?.isEmpty ?? true) ? code : "\(system ?? "")|\(code)"))
            default: return nil
            }
        }
        return keys
    }
}
