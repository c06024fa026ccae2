import Guards

/// One entry of a transaction or batch, read and checked.
struct BundleEntry: Sendable {
    enum Action: Sendable {
        case create(Resource)
        case update(Resource, ResourceKey)
        case conditionalUpdate(Resource, [QueryItem])
        case delete(ResourceKey)
        /// A read or a search.
        case get(path: String, query: String)
    }
    let index: Int
    let fullURL: String?
    let action: Action
    /// `ifNoneExist`
    let condition: [QueryItem]?
    let preconditions: Preconditions
    /// How many entries before this one create the same and have no name either.
    var ordinal = 0

    var resource: Resource? {
        switch action {
        case .create(let resource), .update(let resource, _), .conditionalUpdate(let resource, _): resource
        case .delete, .get: nil
        }
    }

    /// Order in which R4 lets a server work: DELETE, POST, PUT, GET. What is about other resources comes after them.
    var rank: Int {
        switch action {
        case .delete: 0
        case .create(let resource): resource.type == .provenance ? 2 : 1
        case .update, .conditionalUpdate: 3
        case .get: 4
        }
    }
}

/// A transaction or batch, taken apart.
struct BundlePlan: Sendable {
    enum Kind: String, Sendable { case transaction, batch }
    let kind: Kind
    /// In the order in which they came; of a batch each for itself right or wrong.
    let entries: [Result<BundleEntry, Problem>]

    /// - Throws: `notABundle`, `tooManyEntries`. What is wrong with one entry stands at it.
    init(_ json: JSONValue, base: String, entriesMax: Int) throws(Problem) {
        guard json.kind == .object, json["resourceType"]?.string == "Bundle",
            let kind = json["type"]?.string.flatMap(Kind.init)
        else { throw Problem(.notABundle, at: .element("Bundle.type")) }
        let list = json["entry"]
        guard list == nil || list?.kind == .array else { throw Problem(.notABundle, at: .element("Bundle.entry")) }
        let values = list.map { Array($0.elements) } ?? []
        if enforced("guard:fhir.entries"), values.count > entriesMax { throw Problem(.tooManyEntries) }
        var (entries, unnamed) = ([Result<BundleEntry, Problem>](), [[UInt8]: Int]())
        for (index, value) in values.enumerated() {
            do throws(Problem) {
                var entry = try Self.entry(value, index, base)
                if case .create(let resource) = entry.action, entry.fullURL == nil {
                    let content = resource.content()
                    entry.ordinal = unnamed[content, default: 0]
                    unnamed[content] = entry.ordinal + 1
                }
                entries.append(.success(entry))
            } catch { entries.append(.failure(error.inEntry(index))) }
        }
        (self.kind, self.entries) = (kind, entries)
    }

    private static func entry(_ json: JSONValue, _ index: Int, _ base: String) throws(Problem) -> BundleEntry {
        guard let request = json["request"], let method = request["method"]?.string,
            var url = request["url"]?.string
        else { throw Problem(.badEntry) }
        if url.hasPrefix(base + "/") { url = String(url.dropFirst(base.count + 1)) }
        let question = url.firstIndex(of: "?")
        let path = String(url[..<(question ?? url.endIndex)])
        let query = question.map { String(url[url.index(after: $0)...]) } ?? ""
        let resource = try json["resource"].map { (json) throws(Problem) in try Resource(json) }
        try resource?.checkDates()
        return BundleEntry(
            index: index, fullURL: json["fullUrl"]?.string,
            action: try action(method, path, query, resource),
            condition: try request["ifNoneExist"]?.string.map { (text) throws(Problem) in
                try QueryString.items(Array(text.drop { $0 == "?" }.utf8))
            },
            preconditions: Preconditions(
                ifMatch: request["ifMatch"]?.string, ifNoneMatch: request["ifNoneMatch"]?.string))
    }

    private static func action(
        _ method: String, _ path: String, _ query: String, _ resource: Resource?
    ) throws(Problem) -> BundleEntry.Action {
        switch try Route(method, path) {
        case .create(let type):
            guard let resource else { throw Problem(.badEntry) }
            guard resource.type == type else { throw Problem(.wrongType, at: .element("resourceType")) }
            return .create(resource)
        case .update(let key):
            guard let resource else { throw Problem(.badEntry) }
            guard resource.type == key.type else { throw Problem(.wrongType, at: .element("resourceType")) }
            guard resource.id == nil || resource.id == key.id else { throw Problem(.wrongID) }
            return .update(resource, key)
        case .conditionalUpdate(let type):
            guard let resource else { throw Problem(.badEntry) }
            guard resource.type == type else { throw Problem(.wrongType, at: .element("resourceType")) }
            return .conditionalUpdate(resource, try QueryString.items(Array(query.utf8)))
        case .delete(let key):
            guard query.isEmpty else { throw Problem(.badEntry) }
            return .delete(key)
        case .read, .search(_, isPost: false), .version, .history, .everything:
            guard method == "GET" else { throw Problem(.badEntry) }
            return .get(path: path, query: query)
        default: throw Problem(.badEntry)
        }
    }
}
