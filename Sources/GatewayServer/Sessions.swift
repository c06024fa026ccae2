import Exchanges
import FHIR
import Guards
import Policy
import Polymorphic
import Ristretto255

/// What was opened at this hospital: the records of a patient that others wrote, in memory only, for a while.
///
/// A session is seen by the systems that act in the role in which it was opened: what a physician may read is not
/// thereby read by a clerk. A restart ends all sessions. What a person withdraws is not taken back from a session that
/// is open, which is why it is short.
final class Sessions: Sendable {
    /// How long a session lasts, in seconds.
    static let seconds: UInt64 = 1_800
    /// Sessions at a time; of too many the one that ends first leaves.
    static let countMax = 128
    /// Bytes of resources in all of them together.
    static let bytesMax = 512 << 20

    struct Session: Sendable {
        let patient: String
        let role: Role
        let store: MemoryStore
        let bytes: Int
        /// Unix seconds.
        let expires: UInt64
    }
    private struct Place: Hashable {
        let patient: String
        let role: Role
    }

    private let now: @Sendable () -> UInt64
    private let open = Locked<[Place: Session]>([:])

    /// - Parameter now: Unix seconds.
    init(now: @escaping @Sendable () -> UInt64) { self.now = now }

    /// Opens a session in place of an older one of the same patient and role.
    func keep(_ session: Session) {
        let now = now()
        open.withLock { open in
            open = open.filter { $0.value.expires > now }
            open[Place(patient: session.patient, role: session.role)] = session
            var bytes = open.values.reduce(0) { $0 + $1.bytes }
            while open.count > Self.countMax || (bytes > Self.bytesMax && open.count > 1) {
                let others = open.filter { $0.key != Place(patient: session.patient, role: session.role) }
                guard
                    let first = others.min(by: {
                        ($0.value.expires, $0.key.patient) < ($1.value.expires, $1.key.patient)
                    })
                else { return }
                bytes -= first.value.bytes
                open[first.key] = nil
            }
        }
    }

    /// The sessions that systems in a role see, in a fixed order.
    func stores(for role: Role) -> [MemoryStore] {
        let now = now()
        return open.withLock { open in
            open = open.filter { $0.value.expires > now || !enforced("guard:gateway.session-time") }
            return open.values.filter { $0.role == role || !enforced("guard:gateway.session-role") }
                .sorted { $0.patient < $1.patient }.map(\.store)
        }
    }
}

/// The hospital's own records and what is open in sessions, as one store to be read.
///
/// Where both have a key the own record wins: it was written here, and what comes back from the centre under the same
/// key is an older copy of it. What others wrote has keys of its own (`Opener`), so nothing of theirs is hidden by it,
/// and no two sessions have a key in common. Writes go to the own store.
struct LayeredStore: ResourceStore {
    let own: any ResourceStore
    let sessions: @Sendable () -> [MemoryStore]

    func current(_ keys: [ResourceKey]) async throws(Problem) -> [ResourceKey: StoredVersion] {
        var found = try await own.current(keys)
        for session in sessions() {
            let missing = keys.filter { found[$0] == nil }
            guard !missing.isEmpty else { break }
            found.merge(try await session.current(missing)) { first, _ in first }
        }
        return found
    }

    func candidates(
        _ type: ResourceType?, _ keys: Set<IndexKey>?
    ) async throws(Problem) -> [StoredVersion] {
        var found = try await own.candidates(type, keys)
        for session in sessions() {
            let more = try await session.candidates(type, keys)
            guard !more.isEmpty else { continue }
            let known = try await own.current(more.map(\.key))
            found += more.filter { known[$0.key] == nil }
        }
        // All types at once are asked for by `$everything` alone, to which the gateway's own accounts do not belong;
        // AuditEvents have their own rule there.
        if type == nil { found = found.filter { !$0.key.isOwnAccount || $0.key.type == .auditEvent } }
        return found.sorted { $0.key < $1.key }
    }

    func history(_ key: ResourceKey) async throws(Problem) -> [StoredVersion] {
        let kept = try await own.history(key)
        guard kept.isEmpty else { return kept }
        for session in sessions() {
            let found = try await session.history(key)
            if !found.isEmpty { return found }
        }
        return []
    }

    func commit(_ writes: [Write]) async throws(Problem) { try await own.commit(writes) }
}
