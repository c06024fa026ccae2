import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255
import Synchronization

/// What the authority publishes: each entry is tried by the rules by which everybody else takes it, then kept, then
/// written to the Ledger; only then does this return.
extension AuthorityNode {
    /// Accredits a party, or gives it a new entry.
    /// - Parameters:
    ///   - previous: after the first entry: the signature of the party's previous signing key.
    ///   - approvals: of two officers over `act(accredit:)`.
    /// - Throws: `policy`, `signature`, `time`; what keeps the entry from counting; `unavailable`.
    public func accredit(
        _ entry: DirectoryEntry, previous: [UInt8]? = nil, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) {
        try approved("accredit", sha512(entry.bytes).bytes, act, approvals)
        let signatures = [secrets.signer.sign(entry.bytes)] + (previous.map { [$0] } ?? [])
        try await publish(.party(entry.party), SignedEntry(entry.bytes, signatures: signatures))
    }

    /// Takes a party out of force now, by the authority alone.
    /// - Throws: `directory` for one that was never accredited.
    public func revoke(
        _ party: PartyID, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) {
        try approved("revoke", party.bytes, act, approvals)
        try await end(party)
    }

    /// Takes a party out of force until it is accredited again. For everybody it is as `revoke`: only the officers'
    /// act says that the party is expected back.
    /// - Throws: `directory` for one that was never accredited.
    public func suspend(
        _ party: PartyID, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) {
        try approved("suspend", party.bytes, act, approvals)
        try await end(party)
    }

    private func end(_ party: PartyID) async throws(Refusal) {
        guard let entry = try await entry(of: party) else { throw Refusal(.directory) }
        let revoked = entry.revoked(at: clock.now())
        try await publish(
            .party(party), SignedEntry(revoked.bytes, signatures: [secrets.signer.sign(revoked.bytes)]))
    }

    /// Gives a person of a party a credential.
    public func accredit(
        _ credential: Credential, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) {
        try approved("credential", credential.hash.bytes, act, approvals)
        try await publish(
            .credential(credential.party, credential.personID),
            SignedEntry(credential.bytes, signatures: [secrets.signer.sign(credential.bytes)]))
    }

    /// The factor point of one holder; its own signature makes it one, the authority only lists it.
    public func list(_ point: FactorPoint, signature: [UInt8]) async throws(Refusal) {
        try await publish(
            .point(point.step, point.holder, point.party, point.epoch),
            SignedEntry(point.bytes, signatures: [signature]))
    }

    /// Publishes a policy.
    public func publish(
        _ policy: PolicyDocument, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) {
        try approved("policy", sha512(policy.bytes).bytes, act, approvals)
        try await publish(
            .policy(policy.version),
            SignedEntry(policy.bytes, signatures: [secrets.signer.sign(policy.bytes)]))
    }

    /// Puts a record that no entry is into the Ledger: the ceremony record, signed by all transcryptors.
    public func record(_ record: SignedEntry) async throws(Refusal) {
        try await transaction { try $0.put(Self.outbox, sha512(record.wire).bytes, record.wire) }
        try await submit()
    }

    /// The same, by two officers.
    public func record(
        _ record: SignedEntry, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) {
        try approved("record", sha512(record.wire).bytes, act, approvals)
        try await self.record(record)
    }

    /// What two officers sign.
    public func act(_ verb: String, _ subject: [UInt8]) -> OfficialAct {
        OfficialAct(party: id, verb: verb, subject: subject, time: clock.now())
    }

    private func approved(
        _ verb: String, _ subject: [UInt8], _ act: OfficialAct, _ approvals: [Approval]
    ) throws(Refusal) {
        // The officers must have seen this very thing.
        let same = OfficialAct(party: id, verb: verb, subject: subject, time: act.time) == act
        try need(same || !enforced("guard:authority.act"), .policy)
        try officers.check(act, approvals, at: clock.now())
    }

    // MARK: Keeping and publishing

    /// What an entry is about: a newer one takes its place.
    enum Place {
        case party(PartyID)
        case credential(PartyID, Bytes16)
        case point(Name, UInt8, PartyID, UInt32)
        case policy(UInt32)

        var key: [UInt8] {
            switch self {
            case .party(let id): Wire.list([[1], id.bytes])
            case .credential(let party, let person): Wire.list([[2], party.bytes, person.bytes])
            case .point(let step, let holder, let party, let epoch):
                Wire.list([[3], step.bytes, [holder], party.bytes, epoch.bigEndianBytes])
            case .policy(let version): Wire.list([[4], version.bigEndianBytes])
            }
        }
    }

    private func publish(_ place: Place, _ entry: SignedEntry) async throws(Refusal) {
        let now = clock.now()
        // By the rules of everybody: what they would leave out is not published.
        let next = try await directory(at: now).obeying(entry, at: now)
        let count = try await transaction { transaction -> UInt64? in
            if try transaction.get(Self.entries, place.key) == entry.wire { return nil }
            let count = try transaction.get(Self.state, Self.countKey).map { try Wire.u64($0) } ?? 0
            try transaction.put(Self.state, Self.countKey, (count + 1).bigEndianBytes)
            try transaction.put(Self.published, count.bigEndianBytes, entry.wire)
            try transaction.put(Self.entries, place.key, entry.wire)
            try transaction.put(Self.outbox, sha512(entry.wire).bytes, entry.wire)
            return count + 1
        }
        if let count { known.withLock { if $0.count + 1 == count { $0 = (count, next) } } }
        try await submit()
    }

    private static let countKey = Array("entries".utf8)
    /// `u64 number -> SignedEntry`: all that was ever published, in order.
    private static let published = Table("published")

    /// What was published so far, as everybody has it: kept, and read again where another has written.
    private func directory(at now: UInt64) async throws(Refusal) -> Exchanges.Directory {
        var (count, directory) = known.withLock { ($0.count, $0.directory) }
        let after = count
        let more: [[UInt8]]
        do {
            more = try await store.read { reading in
                try reading.scan(
                    Self.published, prefix: [], after: after == 0 ? nil : (after - 1).bigEndianBytes, limit: .max
                ).map(\.value)
            }
        } catch { throw Refusal(.unavailable) }
        for bytes in more { directory = try directory.obeying(try SignedEntry(wire: bytes), at: now) }
        count += UInt64(more.count)
        let read = (count: count, directory: directory)
        known.withLock { if read.count > $0.count { $0 = read } }
        return directory
    }

    /// What was published, in order, as much as one answer holds: each stands in the Ledger as well.
    /// - Parameter first: the number of the first, from 0.
    func published(from first: UInt64) async throws(Refusal) -> [[UInt8]] {
        let entries: [[UInt8]]
        do {
            entries = try await store.read { reading in
                try reading.scan(
                    Self.published, prefix: [], after: first == 0 ? nil : (first - 1).bigEndianBytes, limit: 256
                ).map(\.value)
            }
        } catch { throw Refusal(.unavailable) }
        var size = 8
        return Array(
            entries.prefix { entry in
                size += entry.count + 4
                return size <= Call.entries.bodyMax
            })
    }

    /// The newest entry of a party.
    public func entry(of party: PartyID) async throws(Refusal) -> DirectoryEntry? {
        let stored: [UInt8]?
        do { stored = try await store.read { try $0.get(Self.entries, Place.party(party).key) } } catch {
            throw Refusal(.unavailable)
        }
        guard let stored else { return nil }
        return try DirectoryEntry(wire: try SignedEntry(wire: stored).bytes)
    }

    /// Writes what waits to the Ledger: `list(entry, list(signatures))` each, behind a leaf of kind 2.
    func submit() async throws(Refusal) {
        let waiting: [(key: [UInt8], value: [UInt8])]
        do {
            waiting = try await store.read { try $0.scan(Self.outbox, prefix: [], after: nil, limit: 256) }
        } catch { throw Refusal(.unavailable) }
        guard !waiting.isEmpty else { return }
        let keys = waiting.map(\.key)
        try await ledger.append(waiting.map { Leaf(governance: $0.value) }, records: waiting.map(\.value))
        try await transaction { transaction in for key in keys { try transaction.remove(Self.outbox, key) } }
    }
}
