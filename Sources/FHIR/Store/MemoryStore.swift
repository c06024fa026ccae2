import Synchronization

/// Keeps resources in memory: for what was fetched for one session and is never to reach a disk, and for tests.
public final class MemoryStore: ResourceStore {
    private struct State {
        var versions: [ResourceKey: [StoredVersion]] = [:]
        var keys: [ResourceKey: Set<IndexKey>] = [:]
        var index: [IndexKey: Set<ResourceKey>] = [:]
        var byType: [ResourceType: Set<ResourceKey>] = [:]
    }
    private let state = Mutex(State())

    public init() {}

    /// How many resources there are, and how many versions of them.
    public var counts: (resources: Int, versions: Int) {
        state.withLock { ($0.versions.count, $0.versions.values.reduce(0) { $0 + $1.count }) }
    }

    public func current(_ keys: [ResourceKey]) async throws(Problem) -> [ResourceKey: StoredVersion] {
        state.withLock { state in
            var found: [ResourceKey: StoredVersion] = [:]
            for key in keys { found[key] = state.versions[key]?.last }
            return found
        }
    }

    public func candidates(
        _ type: ResourceType?, _ keys: Set<IndexKey>?
    ) async throws(Problem) -> [StoredVersion] {
        state.withLock { state in
            var found: Set<ResourceKey> = []
            if let keys {
                for key in keys { found.formUnion(state.index[key] ?? []) }
            } else if let type {
                found = state.byType[type] ?? []
            } else {
                found = Set(state.versions.keys)
            }
            return found.filter { type == nil || $0.type == type }.sorted()
                .compactMap { state.versions[$0]?.last }.filter { $0.resource != nil }
        }
    }

    public func history(_ key: ResourceKey) async throws(Problem) -> [StoredVersion] {
        state.withLock { $0.versions[key].map { $0.reversed() } ?? [] }
    }

    public func commit(_ writes: [Write]) async throws(Problem) {
        let isDone = state.withLock { state in
            guard writes.allSatisfy({ $0.expected == (state.versions[$0.stored.key]?.last?.version ?? 0) })
            else { return false }
            for write in writes { Self.apply(write, to: &state) }
            return true
        }
        if !isDone { throw Problem(.conflict) }
    }

    private static func apply(_ write: Write, to state: inout State) {
        let key = write.stored.key
        state.versions[key, default: []].append(write.stored)
        for old in state.keys[key] ?? [] {
            state.index[old]?.remove(key)
            if state.index[old]?.isEmpty == true { state.index[old] = nil }
        }
        state.keys[key] = write.keys
        for new in write.keys { state.index[new, default: []].insert(key) }
        if write.stored.resource == nil {
            state.byType[key.type]?.remove(key)
        } else {
            state.byType[key.type, default: []].insert(key)
        }
    }
}
