import Guards

/// The steps of a write; they stage, and nothing is kept before the commit.
extension FHIREngine {
    /// How often a request starts again because another one was faster.
    static let attemptsMax = 4

    /// Runs `body` on a fresh overlay and commits what it staged, all or nothing.
    func atomically<R>(
        _ body: (inout Overlay) async throws(Problem) -> R
    ) async throws(Problem) -> R {
        for attempt in 1... {
            var overlay = Overlay(store)
            let result = try await body(&overlay)
            guard !overlay.writes.isEmpty else { return result }
            do throws(Problem) {
                try await store.commit(overlay.writes)
                return result
            } catch  where error.code == .conflict && attempt < Self.attemptsMax { continue }
        }
        throw Problem(.conflict)
    }

    /// Stages a resource under a key, as a new one or as a new version. What is there already stays as it is.
    func stage(
        _ resource: Resource, as key: ResourceKey, _ edits: [JSONEdit], _ conditions: Preconditions,
        in overlay: inout Overlay, _ turn: Turn
    ) async throws(Problem) -> WriteResult {
        let existing = try await overlay.current([key])[key]
        let version = (existing?.version ?? 0) + 1
        let updated = max(turn.now, existing?.lastUpdated ?? turn.now)
        let bytes = resource.stamped(Stamp(id: key.id, version: version, lastUpdated: updated), edits)
        // The edits make a text longer by what they insert, never more deeply nested.
        var limits = options.limits
        (limits.bytesMax, limits.nodesMax) = (limits.bytesMax * 2 + 1_024, limits.nodesMax + 16)
        let new = try Resource(bytes, limits: limits)
        let patients = try await patients(of: new, key, overlay)
        try await checkRights(to: key.type, existing, patients: patients, turn)
        try conditions.check(existing)
        if let existing, let old = existing.resource, old.content() == new.content() {
            return WriteResult(kind: .unchanged, stored: existing)
        }
        let stored = StoredVersion(
            key: key, version: version, lastUpdated: updated, resource: new, patients: patients)
        let keys = SearchIndex.keys(of: new, patients: patients, base: options.base)
        overlay.stage(Write(stored: stored, keys: keys))
        return WriteResult(kind: existing?.resource == nil ? .created : .updated, stored: stored)
    }

    /// Stages a deletion.
    func stageDelete(
        _ key: ResourceKey, _ conditions: Preconditions, in overlay: inout Overlay, _ turn: Turn
    ) async throws(Problem) -> WriteResult {
        let existing = try await overlay.current([key])[key]
        try await checkRights(to: key.type, existing, patients: existing?.patients ?? [], turn)
        guard let existing, existing.resource != nil else { throw Problem(.forbidden) }
        try conditions.check(existing)
        let stored = StoredVersion(
            key: key, version: existing.version + 1, lastUpdated: max(turn.now, existing.lastUpdated), resource: nil,
            patients: existing.patients)
        overlay.stage(Write(stored: stored, keys: []))
        return WriteResult(kind: .deleted, stored: stored)
    }

    /// To replace a resource one must be allowed to see it, and to write about those whom it was and will be about.
    /// - Throws: `readOnlyType`, `forbidden`.
    private func checkRights(
        to type: ResourceType, _ existing: StoredVersion?, patients: [String], _ turn: Turn
    ) async throws(Problem) {
        if enforced("guard:fhir.read-only"), options.readOnlyTypes.contains(type.name) { throw Problem(.readOnlyType) }
        let maySee = await maySee(existing, type, turn)
        let mayReplace = await access.mayWrite(type, patients: existing?.patients ?? patients, caller: turn.caller)
        let mayWrite = await access.mayWrite(type, patients: patients, caller: turn.caller)
        // A resource that is not there cannot be hidden.
        let may = (existing == nil || (maySee && mayReplace)) && mayWrite
        guard may || !enforced("guard:fhir.write") else { throw Problem(.forbidden) }
    }

    /// Whom a resource is about. A Provenance or AuditEvent is about those whom its subjects are about.
    private func patients(
        of resource: Resource, _ key: ResourceKey, _ reading: any ResourceReading
    ) async throws(Problem) -> [String] {
        var patients = resource.namedPatients(id: key.id, base: options.base)
        let parameter: [ResourceType: String] = [.provenance: "target", .auditEvent: "entity"]
        if let name = parameter[key.type] {
            let subjects = resource.references(of: name, base: options.base)
            for stored in try await reading.current(subjects).values { patients.formUnion(stored.patients) }
        }
        return patients.sorted()
    }

    // MARK: Conditions

    /// The one resource that a condition names.
    /// - Throws: `manyMatches`, `needsCondition`, and those of a search.
    func match(
        _ type: ResourceType, _ items: [QueryItem], in reading: any ResourceReading, _ turn: Turn
    ) async throws(Problem) -> StoredVersion? {
        let query = try SearchQuery(
            type, items, isStrict: true, base: options.base, zoneMinutes: options.zoneMinutes)
        guard !query.clauses.isEmpty else { throw Problem(.needsCondition) }
        let found = try await SearchRun(reading: reading, setting: turn.setting).matches(query)
        let seen = await visible(found, turn)
        guard seen.count <= 1 else { throw Problem(.manyMatches) }
        return seen.first
    }

    /// What the conditional references of a resource stand for.
    /// - Parameters:
    ///   - beside: resources of the same bundle that are not kept yet, with their address.
    ///   - known: what was resolved already.
    /// - Throws: `unresolvedReference` where there is not exactly one.
    func resolveConditional(
        _ resource: Resource, beside: [(resource: Resource, address: String)], known: [String: String] = [:],
        in reading: any ResourceReading, _ turn: Turn
    ) async throws(Problem) -> [String: String] {
        var resolved: [String: String] = [:]
        for reference in resource.references {
            guard case .conditional(let type, let text) = reference else { continue }
            let address = type.name + "?" + text
            guard known[address] == nil, resolved[address] == nil else { continue }
            let query = try SearchQuery(
                type, try QueryString.items(Array(text.utf8)), isStrict: true, base: options.base,
                zoneMinutes: options.zoneMinutes)
            guard !query.clauses.isEmpty else { throw Problem(.needsCondition) }
            let run = SearchRun(reading: reading, setting: turn.setting)
            var found = Set(await visible(try await run.matches(query), turn).map(\.key.description))
            for other in beside where other.resource.type == type {
                guard query.clauses.allSatisfy({ $0.matches(other.resource.json, turn.setting) }) else { continue }
                found.insert(other.address)
            }
            guard found.count == 1, let only = found.first else { throw Problem(.unresolvedReference) }
            resolved[address] = only
        }
        return resolved
    }
}
