import Guards
import Policy
import Polymorphic
import Ristretto255

/// The accreditation list as one transcryptor holds it: what the newest snapshot lists, and everything that was ever
/// listed, because later entries are judged by earlier ones. A value: a new one for each snapshot or Ledger record.
///
/// A snapshot that as a whole is not the authority's is refused. An entry in it that does not hold is left out alone:
/// its party has then no entry in force, and nobody else is kept from working.
public struct Directory: Sendable {
    /// What no entry can change. Pinned outside every database.
    public struct Anchors: Sendable {
        /// The authority, which has an entry as well: details of items without a row are sealed to its Z.
        public let authority: PartyID
        public let authorityKey: VerifyingKey
        /// The authority's pages, on which people sign.
        public let pages: RelyingParty
        /// In index order.
        public let transcryptors: [PartyID]
        /// From the ceremony record.
        public let route: Route

        public init(
            authority: PartyID, authorityKey: VerifyingKey, pages: RelyingParty, transcryptors: [PartyID], route: Route
        ) {
            (self.authority, self.authorityKey, self.pages) = (authority, authorityKey, pages)
            (self.transcryptors, self.route) = (transcryptors, route)
        }
    }

    public let anchors: Anchors
    /// Of the newest snapshot, Unix seconds; 0 before the first.
    public internal(set) var time: UInt64 = 0
    /// Of the entries of the newest snapshot.
    var entriesHash = Bytes64.zero
    /// The entries of the newest snapshot that do not hold, by their place in it.
    public internal(set) var refused: [Refusal] = []

    /// The newest entry of a party, and every key that it ever signed with.
    struct PartyFile: Sendable {
        var entry: DirectoryEntry
        var newest: AccreditedParty
        var signingKeys: [VerifyingKey]
        /// Whether the newest snapshot lists it, or the Ledger changed one that it listed.
        var isListed: Bool
    }
    /// A record, and whether the newest snapshot lists it.
    struct Listed<Record: Hashable & Sendable>: Sendable {
        var record: Record
        var isListed: Bool
    }
    /// A factor point and the holders that signed it; those that the newest snapshot lists.
    struct PointFile: Sendable {
        var point: Element
        var listed: Set<UInt8>
    }

    var parties: [PartyID: PartyFile] = [:]
    /// The newest credential of each person.
    var credentials: [Credential.Holder: Listed<Credential>] = [:]
    var points: [FactorPoint.Place: PointFile] = [:]
    var policies: [UInt32: Listed<PolicyRecord>] = [:]
    /// The policies that have the form by which rules judge.
    var documents: [UInt32: PolicyDocument] = [:]
    var pages: [Page: Listed<PageRecord>] = [:]
    /// Lookups of what is listed.
    var partyByTLSKey: [Bytes32: PartyID] = [:]
    var holderByCredential: [Bytes32: Credential.Holder] = [:]

    struct Page: Hashable, Sendable {
        let name: Name
        let version: UInt32
    }

    /// Nobody is accredited yet.
    public init(anchors: Anchors) { self.anchors = anchors }

    // MARK: Lookups

    /// A party with an entry in force.
    /// - Throws: `directory`.
    public func party(_ id: PartyID, at now: UInt64) throws(Refusal) -> AccreditedParty {
        guard let file = parties[id] else { throw Refusal(.directory) }
        try need(file.isListed || !enforced("guard:directory.listed"), .directory)
        try inForce(file.entry.dates, now)
        return file.newest
    }

    /// The party of a TLS connection.
    /// - Parameter tlsKeyHash: SHA-256 of the SubjectPublicKeyInfo of its certificate.
    /// - Throws: `peer` where no party has this key, `directory` where its entry is not in force.
    public func party(tlsKeyHash: Bytes32, at now: UInt64) throws(Refusal) -> AccreditedParty {
        guard let id = partyByTLSKey[tlsKeyHash] else { throw Refusal(.peer) }
        return try party(id, at: now)
    }

    /// The credential that a Request names, whatever party it is of.
    /// - Throws: `directory` unless it is listed and in force.
    public func credential(_ hash: Bytes32, at now: UInt64) throws(Refusal) -> Credential {
        guard let holder = holderByCredential[hash], let file = credentials[holder] else { throw Refusal(.directory) }
        try inForce(file.record.dates, now)
        return file.record
    }

    /// The newest entry of a party, in force or not; nil for one that was never accredited.
    public func entry(of id: PartyID) -> DirectoryEntry? { parties[id]?.entry }

    private func inForce(_ dates: Validity, _ now: UInt64) throws(Refusal) {
        try need(dates.contains(Instant(Int64(clamping: now))) || !enforced("guard:directory.dates"), .directory)
    }

    /// The parties in force that know persons or may be asked about them, each with the epoch of its pseudonyms.
    public func domains(at now: UInt64) -> [(party: PartyID, epoch: UInt32)] {
        parties.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.compactMap { id in
            guard (try? party(id, at: now)) != nil, let entry = parties[id]?.entry else { return nil }
            return (id, entry.pseudonymEpoch)
        }
    }

    /// Every key that a party ever signed with, the newest last: a record outlives the key of its author.
    public func signingKeys(of party: PartyID) -> [VerifyingKey] { parties[party]?.signingKeys ?? [] }

    /// The signing keys of the transcryptors whose entries are in force, by index.
    public func transcryptorKeys(at now: UInt64) -> [UInt8: VerifyingKey] {
        var keys: [UInt8: VerifyingKey] = [:]
        for (offset, id) in anchors.transcryptors.enumerated() {
            keys[UInt8(offset + 1)] = try? party(id, at: now).signing
        }
        return keys
    }

    /// The policy by which Requests are judged: the newest version that has begun.
    /// - Throws: `policy` where there is none.
    public func policy(at now: UInt64) throws(Refusal) -> PolicyRecord {
        let begun = policies.values.filter { $0.isListed && $0.record.notBefore <= now }.map(\.record)
        guard let newest = begun.max(by: { $0.version < $1.version }) else { throw Refusal(.policy) }
        return newest
    }

    /// The code of a page that has begun, in its newest version.
    public func page(_ name: Name, at now: UInt64) -> PageRecord? {
        let begun = pages.values.filter { $0.isListed && $0.record.name == name && $0.record.notBefore <= now }
        return begun.map(\.record).max { $0.version < $1.version }
    }

    /// How old the newest snapshot is.
    public func age(at now: UInt64) -> SnapshotAge { SnapshotAge(of: time, at: now) }

    /// Whether Requests may be decided by this snapshot at all.
    /// - Parameter breakGlass: the ground of the Request.
    /// - Throws: `directory`.
    public func check(breakGlass: Bool, at now: UInt64) throws(Refusal) {
        let admits = age(at: now).admits(breakGlass: breakGlass)
        try need(admits || !enforced("guard:directory.age"), .directory)
    }
}
