/// A store as it will be once the writes of a transaction are committed.
struct Overlay: ResourceReading {
    let base: any ResourceReading
    private(set) var writes: [Write] = []
    private var byKey: [ResourceKey: Int] = [:]

    init(_ base: any ResourceReading) { self.base = base }

    mutating func stage(_ write: Write) {
        byKey[write.stored.key] = writes.count
        writes.append(write)
    }

    func current(_ keys: [ResourceKey]) async throws(Problem) -> [ResourceKey: StoredVersion] {
        var found = try await base.current(keys.filter { byKey[$0] == nil })
        for key in keys { if let index = byKey[key] { found[key] = writes[index].stored } }
        return found
    }

    func candidates(
        _ type: ResourceType?, _ keys: Set<IndexKey>?
    ) async throws(Problem) -> [StoredVersion] {
        let kept = try await base.candidates(type, keys).filter { byKey[$0.key] == nil }
        let staged = writes.filter { write in
            write.stored.resource != nil && (type == nil || write.stored.key.type == type)
                && (keys.map { !$0.isDisjoint(with: write.keys) } ?? true)
        }
        return (kept + staged.map(\.stored)).sorted { $0.key < $1.key }
    }

    func history(_ key: ResourceKey) async throws(Problem) -> [StoredVersion] {
        let kept = try await base.history(key)
        return byKey[key].map { [writes[$0].stored] + kept } ?? kept
    }
}

/// Staged writes, to be read only.
struct StagedStore: ResourceStore {
    let overlay: Overlay

    func current(_ keys: [ResourceKey]) async throws(Problem) -> [ResourceKey: StoredVersion] {
        try await overlay.current(keys)
    }
    func candidates(
        _ type: ResourceType?, _ keys: Set<IndexKey>?
    ) async throws(Problem) -> [StoredVersion] {
        try await overlay.candidates(type, keys)
    }
    func history(_ key: ResourceKey) async throws(Problem) -> [StoredVersion] { try await overlay.history(key) }
    func commit(_ writes: [Write]) async throws(Problem) { throw Problem(.unavailable) }
}
