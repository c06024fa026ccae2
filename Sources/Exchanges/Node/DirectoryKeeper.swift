import Policy
import Polymorphic
import Ristretto255

/// The Directory as a node keeps it: fetched from the authority when it is older than a minute, verified, and kept in
/// the store with everything that later entries are judged by.
///
/// Its store is trusted: whoever can alter it can bring back an older Directory until the next snapshot.
public final class DirectoryKeeper: DirectoryPort {
    /// nil at a device, which has no client certificate.
    private let own: PartyID?
    private let authority: PartyID
    private let transport: any Transport
    private let clock: any Timekeeper
    private let store: any NodeStore
    private let state: Locked<Directory>

    static let snapshots = Table("snapshot")
    static let history = Table("directory")

    public init(
        _ anchors: Directory.Anchors, own: PartyID?, authority: PartyID, transport: any Transport,
        clock: any Timekeeper, store: any NodeStore
    ) {
        (self.own, self.authority, self.transport) = (own, authority, transport)
        (self.clock, self.store) = (clock, store)
        state = Locked(Directory(anchors: anchors))
    }

    /// Reads what the store kept: after a start.
    public func load() async throws {
        let (entries, newest) = try await store.read { reading in
            (
                try reading.scan(Self.history, prefix: [], after: nil, limit: .max).map(\.value),
                try reading.get(Self.snapshots, [])
            )
        }
        let now = clock.now()
        try state.withLock { directory in
            for entry in entries { directory = try directory.obeying(try SignedEntry(wire: entry), at: now) }
            if let newest { directory = try directory.taking(try Snapshot(wire: newest), at: now) }
        }
    }

    /// The Directory as it was last fetched, however old: asks nobody.
    public var held: Directory { state.withLock { $0 } }

    /// The Directory now: asks the authority where the newest snapshot is older than a minute. Without an answer the
    /// last one stays; who decides by it looks at its age.
    public func current() async -> Directory {
        let known = state.withLock { $0 }
        guard known.age(at: clock.now()) != .fresh || known.time == 0 else { return known }
        try? await refresh()
        return state.withLock { $0 }
    }

    /// - Throws: `directory` where the last snapshot is too old.
    public func current(at now: UInt64, breakGlass: Bool) async throws(Refusal) -> any DirectoryView {
        try await current().moment(at: now, breakGlass: breakGlass)
    }

    /// Fetches a snapshot.
    /// - Throws: `CallFailure`, `Refusal`, `StoreFailure`.
    public func refresh() async throws {
        let answer = try await transport.send(.snapshot, [], to: authority, from: own)
        let snapshot = try Snapshot(wire: answer)
        let now = clock.now()
        let known = state.withLock { $0 }
        guard snapshot.time > known.time else { return }
        var (next, earlier) = (try known.taking(snapshot, at: now), [SignedEntry]())
        if next.refused.contains(where: { $0.code == .directory }) {
            // A party whose first entries were listed before this node looked: they are public, and judged like any.
            earlier = try await entries()
            var base = known
            for entry in earlier { base = (try? base.obeying(entry, at: now)) ?? base }
            next = try base.taking(snapshot, at: now)
        }
        // Later entries of a party are signed by its earlier key: what was ever listed is kept.
        let all = earlier + snapshot.entries
        try await store.transaction { transaction in
            try transaction.put(Self.snapshots, [], answer)
            for entry in all {
                let key = sha512(entry.bytes).first.bytes
                if try transaction.get(Self.known, key) != nil { continue }
                let count = try transaction.get(Self.known, []).map { try Wire.u64($0) } ?? 0
                try transaction.put(Self.known, [], (count + 1).bigEndianBytes)
                try transaction.put(Self.known, key, [])
                try transaction.put(Self.history, count.bigEndianBytes, entry.wire)
            }
        }
        let taken = next
        state.withLock { if taken.time > $0.time { $0 = taken } }
    }

    /// So many pages of entries are read at most.
    private static let pagesMax = 4_096

    /// All that was ever listed, in order.
    /// - Throws: `CallFailure`, `Refusal`.
    private func entries() async throws -> [SignedEntry] {
        var all: [SignedEntry] = []
        for _ in 0..<Self.pagesMax {
            let body = Wire.list([UInt64(all.count).bigEndianBytes])
            let part = try Wire.elements(of: try await transport.send(.entries, body, to: authority, from: own))
            if part.isEmpty { return all }
            for entry in part { all.append(try SignedEntry(wire: entry)) }
        }
        throw Refusal(.length)
    }

    private static let known = Table("directory-known")
}
