import Exchanges
import FHIR
import Polymorphic

/// The hospital's own records in the node's store, which seals them: a `ResourceStore` over any driver.
///
/// What a stolen disk shows of it is the number of resources and versions and their sizes: resources lie under keyed
/// tags, what they are found by is hidden once more by the driver, and a tag says nothing without the gateway's key.
/// One commit is one transaction. In the same transaction the patients whom it changes and who are linked to a person
/// are marked, so that no write is ever forgotten by the deposit that it owes.
public struct RecordStore: ResourceStore {
    let store: any NodeStore
    let layout: RecordLayout
    let marks: DepositMarks

    /// - Parameter now: Unix seconds.
    public init(_ store: any NodeStore, key: IdentityKey, now: @escaping @Sendable () -> UInt64) {
        (self.store, layout) = (store, RecordLayout(key: key))
        marks = DepositMarks(now: now)
    }

    public func current(_ keys: [ResourceKey]) async throws(Problem) -> [ResourceKey: StoredVersion] {
        let layout = layout
        let found = try await reading { reading in
            try keys.map { try reading.get(RecordLayout.heads, layout.place($0)) }
        }
        var versions: [ResourceKey: StoredVersion] = [:]
        for (key, bytes) in zip(keys, found) {
            guard let bytes else { continue }
            versions[key] = try RecordLayout.Head(wire: bytes).version(of: key)
        }
        return versions
    }

    public func candidates(
        _ type: ResourceType?, _ keys: Set<IndexKey>?
    ) async throws(Problem) -> [StoredVersion] {
        let layout = layout
        let tags = keys.map { $0.map(layout.tag) } ?? [type.map(layout.tag) ?? layout.tagOfAll]
        let found = try await reading { reading in
            var places: Set<[UInt8]> = []
            for tag in tags { places.formUnion(try layout.places(tag, type, reading)) }
            return try places.compactMap { try reading.get(RecordLayout.heads, $0) }
        }
        var versions: [StoredVersion] = []
        for bytes in found {
            let version = try RecordLayout.Head(wire: bytes).version()
            guard version.resource != nil, type == nil || version.key.type == type else { continue }
            versions.append(version)
        }
        return versions.sorted { $0.key < $1.key }
    }

    public func history(_ key: ResourceKey) async throws(Problem) -> [StoredVersion] {
        let place = layout.place(key)
        let (head, older) = try await reading { reading in
            (
                try reading.get(RecordLayout.heads, place),
                try reading.scan(RecordLayout.versions, prefix: place, after: nil, limit: .max).map(\.value)
            )
        }
        guard let head else { return [] }
        var versions = [try RecordLayout.Head(wire: head).version(of: key)]
        for bytes in older.reversed() { versions.append(try RecordLayout.version(wire: bytes, of: key)) }
        return versions
    }

    public func commit(_ writes: [Write]) async throws(Problem) {
        guard !writes.isEmpty else { return }
        // What is made of the writes does not depend on the store, and is made before others have to wait.
        let staged = writes.map(layout.stage)
        let (layout, marks) = (layout, marks)
        do {
            try await store.transaction { transaction in
                var heads: [RecordLayout.Head?] = []
                for write in staged {
                    let head = try transaction.get(RecordLayout.heads, write.place)
                        .map { bytes throws(Problem) in try RecordLayout.Head(wire: bytes) }
                    guard write.expected == head?.number ?? 0 else { throw Problem(.conflict) }
                    heads.append(head)
                }
                var patients: Set<String> = []
                for (write, head) in zip(staged, heads) where !write.isOwnAccount {
                    patients.formUnion(write.patients + (try head?.patients() ?? []))
                }
                try layout.write(staged, over: heads, transaction)
                for patient in patients { try marks.mark(patient, transaction) }
            }
        } catch let problem as Problem { throw problem } catch { throw Problem(.unavailable) }
    }

    private func reading<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws(Problem) -> R {
        do { return try await store.read(body) } catch { throw Problem(.unavailable) }
    }
}

extension ResourceKey {
    /// What the gateway writes about its own doing. It is no part of anybody's record: it is never deposited, and
    /// `$everything` leaves it out.
    var isOwnAccount: Bool {
        type == .auditEvent || type == .consent || (type == .provenance && id.hasPrefix(Self.ownPrefix))
    }

    /// With this begin the ids of the gateway's own Provenance resources.
    static let ownPrefix = "gateway-"
}
