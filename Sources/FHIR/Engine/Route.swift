/// What an address and a method ask for.
enum Route: Hashable, Sendable {
    case metadata
    case bundle
    case systemPage
    case search(ResourceType, isPost: Bool)
    case create(ResourceType)
    case conditionalUpdate(ResourceType)
    case read(ResourceKey)
    case update(ResourceKey)
    case delete(ResourceKey)
    case history(ResourceKey)
    case version(ResourceKey, String)
    case everything(ResourceKey)

    /// - Throws: `noSuchPath`, `unknownType`, `badID`, `badMethod`.
    init(_ method: String, _ path: String) throws(Problem) {
        var parts: [String] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            guard let text = QueryString.percentDecoded(part), parts.count < 5 else { throw Problem(.noSuchPath) }
            parts.append(text)
        }
        switch parts.first {
        case nil:
            self = try Self.pick(method, ["POST": .bundle, "GET": .systemPage])
        case "metadata" where parts.count == 1: self = try Self.pick(method, ["GET": .metadata])
        case let name?:
            guard let type = ResourceType(name) else {
                throw Problem(name.first?.isUppercase ?? false ? .unknownType : .noSuchPath)
            }
            guard type.isKept else { throw Problem(.noSuchPath) }
            self = try Self.inType(method, type, Array(parts.dropFirst()))
        }
    }

    private static func inType(_ method: String, _ type: ResourceType, _ rest: [String]) throws(Problem) -> Route {
        if rest.isEmpty {
            return try pick(
                method, ["GET": .search(type, isPost: false), "POST": .create(type), "PUT": .conditionalUpdate(type)])
        }
        if rest == ["_search"] { return try pick(method, ["POST": .search(type, isPost: true)]) }
        guard let key = ResourceKey(type, rest[0]) else {
            throw Problem(rest[0].hasPrefix("_") || rest[0].hasPrefix("$") ? .noSuchPath : .badID)
        }
        switch rest.dropFirst() {
        case []: return try pick(method, ["GET": .read(key), "PUT": .update(key), "DELETE": .delete(key)])
        case ["_history"]: return try pick(method, ["GET": .history(key)])
        case ["$everything"] where type == .patient:
            return try pick(method, ["GET": .everything(key), "POST": .everything(key)])
        default:
            guard rest.count == 3, rest[1] == "_history" else { throw Problem(.noSuchPath) }
            guard ResourceKey.isID(rest[2]) else { throw Problem(.badID) }
            return try pick(method, ["GET": .version(key, rest[2])])
        }
    }

    private static func pick(_ method: String, _ routes: [String: Route]) throws(Problem) -> Route {
        guard let route = routes[method] else { throw Problem(.badMethod) }
        return route
    }
}
