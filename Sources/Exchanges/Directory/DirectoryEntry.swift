import Policy
import Polymorphic
import Ristretto255

/// The accreditation of one party (PROTOCOL 4.2): its roles and its keys. Signed by the authority and, after the first
/// entry, by the party's previous signing key.
public struct DirectoryEntry: Hashable, Sendable {
    public let party: PartyID
    /// At most 64, all different.
    public let roles: [Name]
    /// Counts the party's keys Z, from 1.
    public let keyEpoch: UInt32
    /// `Z`. Nothing may be sealed to it before its proof of possession holds: see `AccreditedParty`.
    public let key: Element
    public let possession: Knowledge
    public let signingKey: VerifyingKey
    /// SHA-256 of the SubjectPublicKeyInfo of its TLS certificate: how a connection is known.
    public let tlsKeyHash: Bytes32
    /// The epoch of the step secrets that its pseudonyms use, from 1.
    public let pseudonymEpoch: UInt32
    /// Unix seconds; in force from here on ...
    public let notBefore: UInt64
    /// ... up to but not including this second.
    public let notAfter: UInt64
    /// Counts the entries of this party, from 1.
    public let sequence: UInt64
    /// What is signed.
    public let bytes: [UInt8]

    static let rolesMax = 64

    public init(
        party: PartyID, roles: [Name], keyEpoch: UInt32, key: Element, possession: Knowledge,
        signingKey: VerifyingKey, tlsKeyHash: Bytes32, pseudonymEpoch: UInt32, notBefore: UInt64, notAfter: UInt64,
        sequence: UInt64
    ) {
        (self.party, self.roles, self.keyEpoch, self.key) = (party, roles, keyEpoch, key)
        (self.possession, self.signingKey, self.tlsKeyHash) = (possession, signingKey, tlsKeyHash)
        (self.pseudonymEpoch, self.notBefore, self.notAfter) = (pseudonymEpoch, notBefore, notAfter)
        self.sequence = sequence
        let who = [party.bytes, Wire.list(roles.map(\.bytes)), keyEpoch.bigEndianBytes, key.encoding.bytes]
        let keys = [possession.bytes.bytes, signingKey.bytes.bytes, tlsKeyHash.bytes, pseudonymEpoch.bigEndianBytes]
        let when = [notBefore.bigEndianBytes, notAfter.bigEndianBytes, sequence.bigEndianBytes]
        bytes = pack(.directory, fields: who + keys + when)
    }

    /// Parses an entry; nothing is verified.
    /// - Throws: `label`, `length`, `trailing`, `text`, `point`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.directory, bytes, 11)
        party = try PartyID(fields[0])
        roles = try Wire.names(fields[1], maximum: Self.rolesMax)
        keyEpoch = try Wire.u32(fields[2])
        key = try Element(wireOf: fields[3])
        possession = try Knowledge(wire: fields[4])
        signingKey = VerifyingKey(try Wire.fixed(fields[5]))
        tlsKeyHash = try Wire.fixed(fields[6])
        pseudonymEpoch = try Wire.u32(fields[7])
        (notBefore, notAfter) = (try Wire.u64(fields[8]), try Wire.u64(fields[9]))
        sequence = try Wire.u64(fields[10])
        self.bytes = bytes
    }

    /// When it is in force, unless another entry took its place.
    public var dates: Validity {
        Validity(
            notBefore: Instant(Int64(clamping: notBefore)), notAfter: Instant(Int64(clamping: notAfter)))
    }
    /// The domain of its pseudonyms now.
    public var domain: Domain { .party(party, epoch: pseudonymEpoch) }
    /// Whether this entry only ends `previous`: everything but the sequence and the last second is the same, so that
    /// the authority alone cannot slip in a key while it revokes.
    func only(ends previous: DirectoryEntry) -> Bool {
        let same = DirectoryEntry(
            party: party, roles: roles, keyEpoch: keyEpoch, key: key, possession: possession, signingKey: signingKey,
            tlsKeyHash: tlsKeyHash, pseudonymEpoch: pseudonymEpoch, notBefore: notBefore, notAfter: previous.notAfter,
            sequence: previous.sequence)
        return same == previous && notAfter <= previous.notAfter
    }

    /// The entry of the next sequence that ends this one (PROTOCOL 4.2): signed by the authority alone.
    public func revoked(at now: UInt64) -> DirectoryEntry {
        DirectoryEntry(
            party: party, roles: roles, keyEpoch: keyEpoch, key: key, possession: possession, signingKey: signingKey,
            tlsKeyHash: tlsKeyHash, pseudonymEpoch: pseudonymEpoch, notBefore: notBefore, notAfter: min(now, notAfter),
            sequence: sequence + 1)
    }
}

extension AccreditedParty {
    /// A party by its entry, once its key was shown to be its own: the only form in which others use it.
    /// - Throws: `scalar`, `knowledge`.
    init(_ entry: DirectoryEntry) throws(Refusal) {
        self.init(
            key: try PartyKey(
                party: entry.party, keyEpoch: entry.keyEpoch, element: entry.key, possession: entry.possession),
            signing: entry.signingKey, roles: Set(entry.roles), psnEpoch: entry.pseudonymEpoch, dates: entry.dates,
            sequence: entry.sequence)
    }
}
