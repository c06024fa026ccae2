import Crypto
import Policy
import Polymorphic
import Ristretto255

/// The credential of a person who acts for a party (PROTOCOL 4.2). Signed by the authority.
public struct Credential: Hashable, Sendable {
    public let party: PartyID
    public let personID: Bytes16
    /// The key with which the person signs Requests, in the form of alg 2.
    public let key: WebAuthnKey
    /// The pages on which the person signs.
    public let relyingParty: RelyingParty
    /// At most 64, all different.
    public let roles: [Name]
    /// Unix seconds; in force from here on ...
    public let notBefore: UInt64
    /// ... up to but not including this second.
    public let notAfter: UInt64
    /// Counts the credentials of this person, from 1.
    public let sequence: UInt64
    /// What is signed.
    public let bytes: [UInt8]
    /// `person_credential` of a Request: SHA-256 of `bytes`.
    public let hash: Bytes32

    /// RP id and origin, each at most.
    static let relyingPartyBytesMax = 255

    public init(
        party: PartyID, personID: Bytes16, key: WebAuthnKey, relyingParty: RelyingParty, roles: [Name],
        notBefore: UInt64, notAfter: UInt64, sequence: UInt64
    ) {
        (self.party, self.personID, self.key, self.relyingParty) = (party, personID, key, relyingParty)
        (self.roles, self.notBefore, self.notAfter, self.sequence) = (roles, notBefore, notAfter, sequence)
        bytes = pack(
            .credential, party.bytes, personID.bytes, key.bytes, relyingParty.id, relyingParty.origin,
            Wire.list(roles.map(\.bytes)), notBefore.bigEndianBytes, notAfter.bigEndianBytes, sequence.bigEndianBytes)
        hash = Self.hash(of: bytes)
    }

    /// Parses a credential; nothing is verified.
    /// - Throws: `label`, `length`, `trailing`, `text`, `point`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.credential, bytes, 9)
        party = try PartyID(fields[0])
        personID = try Wire.fixed(fields[1])
        key = try WebAuthnKey(wire: fields[2])
        // RP id and origin stand inside a JSON string that is compared byte for byte: nothing that would end it.
        for field in fields[3...4] {
            try need((1...Self.relyingPartyBytesMax).contains(field.count), .length)
            try need(field.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x5c }, .text)
        }
        relyingParty = RelyingParty(id: fields[3], origin: fields[4])
        roles = try Wire.names(fields[5], maximum: DirectoryEntry.rolesMax)
        (notBefore, notAfter) = (try Wire.u64(fields[6]), try Wire.u64(fields[7]))
        sequence = try Wire.u64(fields[8])
        self.bytes = bytes
        hash = Self.hash(of: bytes)
    }

    private static func hash(of bytes: [UInt8]) -> Bytes32 {
        Bytes32(filling: { out in SHA256.hash(data: bytes).withUnsafeBytes { out.copyMemory(from: $0) } })
    }

    /// When it is in force, unless another credential took its place.
    public var dates: Validity {
        Validity(
            notBefore: Instant(Int64(clamping: notBefore)), notAfter: Instant(Int64(clamping: notAfter)))
    }
    /// The person who acts.
    public var person: AccreditedPerson {
        AccreditedPerson(party: party, key: key, relyingParty: relyingParty, roles: Set(roles), dates: dates)
    }

    /// Whose credential it is: its party and the id that this gave the person.
    struct Holder: Hashable, Sendable {
        let party: PartyID
        let personID: Bytes16
    }
    var holder: Holder { Holder(party: party, personID: personID) }
}
