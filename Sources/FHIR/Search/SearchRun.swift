/// Runs searches over what is kept.
struct SearchRun: Sendable {
    let reading: any ResourceReading
    let setting: SearchSetting

    /// Matches on which a search gives up, before sorting.
    static let matchesMax = 100_000
    /// Resources included on one page.
    static let includedMax = 5_000

    /// All matches in the order asked for; else in that of their keys.
    func matches(_ query: SearchQuery) async throws(Problem) -> [StoredVersion] {
        let candidates = try await candidates(query)
        let found = candidates.filter { stored in
            guard let resource = stored.resource else { return false }
            return query.clauses.allSatisfy { $0.matches(resource.json, setting) }
        }
        guard found.count <= Self.matchesMax else { throw Problem(.tooCostly) }
        return sorted(found, query)
    }

    private func candidates(_ query: SearchQuery) async throws(Problem) -> [StoredVersion] {
        if let ids = Self.ids(query) {
            let keys = ids.compactMap { ResourceKey(query.type, $0) }
            return try await reading.current(keys).values.sorted { $0.key < $1.key }
        }
        return try await reading.candidates(query.type, SearchIndex.keys(for: query))
    }

    private static func ids(_ query: SearchQuery) -> [String]? {
        guard let clause = query.clauses.first(where: { $0.parameter.name == "_id" && $0.modifier == nil }) else {
            return nil
        }
        return clause.values.compactMap { if case .token(nil, let code) = $0 { code } else { nil } }
    }

    private func sorted(_ found: [StoredVersion], _ query: SearchQuery) -> [StoredVersion] {
        guard !query.sort.isEmpty else { return found }
        let keyed = found.map { stored in (stored, query.sort.map { sortKey($0.parameter, stored) }) }
        return keyed.sorted { first, second in
            for (index, order) in query.sort.enumerated() {
                let (a, b) = (first.1[index], second.1[index])
                guard a != b else { continue }
                // What has no value comes last, in both directions.
                guard let a else { return false }
                guard let b else { return true }
                return order.isDescending ? b.isLess(than: a) : a.isLess(than: b)
            }
            return first.0.key < second.0.key
        }.map(\.0)
    }

    private enum SortKey: Equatable {
        case time(Int64), text(String)
        func isLess(than other: SortKey) -> Bool {
            switch (self, other) {
            case (.time(let a), .time(let b)): a < b
            case (.text(let a), .text(let b)): a < b
            default: false
            }
        }
    }

    private func sortKey(_ parameter: SearchParameter, _ stored: StoredVersion) -> SortKey? {
        if parameter.name == "_id" { return .text(stored.key.id) }
        guard let json = stored.resource?.json else { return nil }
        return parameter.paths.flatMap { $0.values(in: json) }
            .compactMap { SearchMatch.range($0, zoneMinutes: setting.zoneMinutes)?.low }.min().map(SortKey.time)
    }

    /// What `_include` and `_revinclude` add to a page, without what is on it already; deleted resources are left out.
    func included(with page: [StoredVersion], _ query: SearchQuery) async throws(Problem) -> [StoredVersion] {
        var wanted: Set<ResourceKey> = []
        for inclusion in query.includes {
            for stored in page where stored.key.type == inclusion.type {
                guard let resource = stored.resource else { continue }
                wanted.formUnion(targets(of: resource, inclusion))
            }
        }
        var found = try await reading.current(wanted.sorted())
        for inclusion in query.reverseIncludes {
            for stored in try await pointing(at: page, inclusion) { found[stored.key] = stored }
        }
        for stored in page { found[stored.key] = nil }
        guard found.count <= Self.includedMax else { throw Problem(.tooCostly) }
        return found.values.filter { $0.resource != nil }.sorted { $0.key < $1.key }
    }

    private func targets(of resource: Resource, _ inclusion: Inclusion) -> Set<ResourceKey> {
        let parameters =
            inclusion.parameter.map { [$0] }
            ?? SearchDefinitions.parameters(of: resource.type).filter { $0.kind == .reference }
        var keys: Set<ResourceKey> = []
        for parameter in parameters {
            for element in parameter.paths.flatMap({ $0.values(in: resource.json) }) {
                guard let key = (element["reference"]?.string).flatMap({ Reference($0).key(on: setting.base) }),
                    inclusion.target == nil || inclusion.target == key.type,
                    parameter.target == nil || parameter.target == key.type.name
                else { continue }
                keys.insert(key)
            }
        }
        return keys
    }

    private func pointing(at page: [StoredVersion], _ inclusion: Inclusion) async throws(Problem) -> [StoredVersion] {
        let onPage = Set(page.map(\.key).filter { inclusion.target == nil || inclusion.target == $0.type })
        let names =
            inclusion.parameter.map { [$0.name] }
            ?? SearchDefinitions.parameters(of: inclusion.type).filter { $0.kind == .reference }.map(\.name)
        let keys = Set(onPage.flatMap { key in names.map { IndexKey($0, key.id) } })
        let candidates = try await reading.candidates(inclusion.type, keys)
        return candidates.filter { stored in
            guard let resource = stored.resource else { return false }
            let wide = Inclusion(type: inclusion.type, parameter: inclusion.parameter, target: nil)
            return !targets(of: resource, wide).isDisjoint(with: onPage)
        }
    }
}
