/// Puts records together again: the inverse of `RecordSplitter`.
public struct RecordJoiner: Sendable {
    /// What records held.
    public struct Joined: Sendable {
        /// One version of each resource, in order of their keys.
        public let resources: [Resource]
        /// Ids of the patients whom they name.
        public let patients: Set<String>
        /// Records that could not be read, by their position.
        public let unreadable: [Int]

        /// With the resources of others, of which none has a key of these.
        public func adding(_ others: Joined) -> Joined {
            Joined(
                resources: (resources + others.resources).sorted { ($0.type, $0.id ?? "") < ($1.type, $1.id ?? "") },
                patients: patients.union(others.patients), unreadable: unreadable)
        }
    }

    public var limits: JSONLimits
    public init(limits: JSONLimits = .standard) { self.limits = limits }

    /// Where two records hold one resource, the one that was changed later wins; at the same time, the higher version;
    /// else the one whose bytes come later in their order, so that every reader decides alike.
    ///
    /// A record that is not a bundle of resources is reported and left out, and takes nothing else with it.
    /// - Parameter bodies: of opened records, in any order.
    public func join(_ bodies: [[UInt8]]) -> Joined { join(bodies, naming: nil) }

    /// Under which key a resource is known to the reader: which body it stands in, by its position, and its own key.
    public typealias Naming = (_ body: Int, _ key: ResourceKey) -> ResourceKey

    /// The same for bodies of several authors, each of whom gave ids of its own: what two of them call alike stays
    /// apart where they are named differently. References follow their resources.
    /// - Parameter naming: nil: ids stay as they are.
    public func join(_ bodies: [[UInt8]], naming: Naming?) -> Joined {
        var (newest, patients, unreadable) = ([ResourceKey: Resource](), Set<String>(), [Int]())
        for (position, body) in bodies.enumerated() {
            guard let resources = try? read(body, naming.map { naming in { naming(position, $0) } }) else {
                unreadable.append(position)
                continue
            }
            for (key, resource) in resources {
                patients.formUnion(resource.namedPatients(id: key.id, base: ""))
                if let known = newest[key], !Self.isNewer(resource, than: known) { continue }
                newest[key] = resource
            }
        }
        return Joined(
            resources: newest.sorted { $0.key < $1.key }.map(\.value), patients: patients, unreadable: unreadable)
    }

    private func read(
        _ body: [UInt8], _ naming: ((ResourceKey) -> ResourceKey)?
    ) throws -> [(ResourceKey, Resource)] {
        let root = try JSONDocument(body, limits: limits).root
        guard root["resourceType"]?.string == "Bundle" else { throw Problem(.notABundle) }
        return try (root["entry"]?.each ?? []).map { entry in
            guard let json = entry["resource"] else { throw Problem(.badEntry) }
            let resource = try Resource(json)
            guard let key = resource.key, key.type.isKept else { throw Problem(.badID) }
            guard let naming else { return (key, resource) }
            let named = naming(key)
            return (named, try Self.named(resource, named, naming))
        }
    }

    /// The resource under another id, with its references under theirs.
    private static func named(
        _ resource: Resource, _ key: ResourceKey, _ naming: (ResourceKey) -> ResourceKey
    ) throws(Problem) -> Resource {
        let edits = ResourceText.edits(in: resource.json) { text in
            guard case .local(let target) = Reference(text) else { return nil }
            return naming(target).description
        }
        let stamp = Stamp(
            id: key.id, version: resource.versionID.flatMap { Int($0) } ?? 1,
            lastUpdated: resource.lastUpdated ?? FHIRInstant(milliseconds: 0))
        return try Resource(resource.stamped(stamp, edits))
    }

    private static func isNewer(_ a: Resource, than b: Resource) -> Bool {
        let (timeA, timeB) = (a.lastUpdated?.milliseconds ?? .min, b.lastUpdated?.milliseconds ?? .min)
        guard timeA == timeB else { return timeA > timeB }
        let (versionA, versionB) = (a.versionID.flatMap { Int($0) } ?? 0, b.versionID.flatMap { Int($0) } ?? 0)
        guard versionA == versionB else { return versionA > versionB }
        return b.bytes.lexicographicallyPrecedes(a.bytes)
    }
}

extension MemoryStore {
    /// A store of what was fetched, to be read by the systems of this hospital for one session.
    ///
    /// What several hospitals wrote about the person is shown under the one id that the person has here. Of their
    /// Patient resources the newest gets that id; the others keep their own and are about the same person.
    /// - Parameters:
    ///   - patient: the id under which the person is known here; nil: ids stay as they are.
    ///   - renamesPatient: false where that id has a Patient resource of its own: then none of theirs gets it.
    ///   - base: the address of this server.
    public convenience init(
        _ joined: RecordJoiner.Joined, patient: String? = nil, renamesPatient: Bool = true, base: String,
        at now: FHIRInstant
    ) async throws(Problem) {
        self.init()
        var names: [String: String] = [:]
        if let patient { for id in joined.patients { names["Patient/\(id)"] = "Patient/\(patient)" } }
        let newest = joined.resources.filter { $0.type == .patient }
            .max { ($0.lastUpdated ?? now, $1.id ?? "") < ($1.lastUpdated ?? now, $0.id ?? "") }?.id
        var (writes, known) = ([Write](), [ResourceKey: [String]]())
        // A Provenance is about those whom its targets are about, so it comes after them.
        let others = joined.resources.filter { $0.type != .provenance }
        for resource in others + joined.resources.filter({ $0.type == .provenance }) {
            guard let old = resource.key else { continue }
            let isTheOne = patient != nil && renamesPatient && old.type == .patient && old.id == newest
            guard let key = isTheOne ? ResourceKey(.patient, patient ?? old.id) : old else { throw Problem(.badID) }
            let updated = resource.lastUpdated ?? now
            let edits = names.isEmpty ? [] : ResourceText.edits(in: resource.json) { names[$0] }
            let kept = try Resource(resource.stamped(Stamp(id: key.id, version: 1, lastUpdated: updated), edits))
            var patients = kept.namedPatients(id: key.id, base: base)
            if let patient, key.type == .patient { patients = [patient] }
            if key.type == .provenance {
                patients.formUnion(kept.references(of: "target", base: base).flatMap { known[$0] ?? [] })
            }
            known[key] = patients.sorted()
            let stored = StoredVersion(
                key: key, version: 1, lastUpdated: updated, resource: kept, patients: patients.sorted())
            writes.append(
                Write(stored: stored, keys: SearchIndex.keys(of: kept, patients: stored.patients, base: base)))
        }
        try await commit(writes)
    }
}
