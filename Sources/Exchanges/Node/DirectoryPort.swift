import Policy
import Polymorphic
import Ristretto255

/// The accreditation list as a node uses it at one moment: a verified snapshot that is still valid (PROTOCOL 4.2).
public protocol DirectoryView: Sendable {
    /// What every Request is checked against: transcryptors in index order, and t.
    var roll: ExchangeRequest.Roll { get }
    /// The policy in force.
    var policy: PolicyDocument { get }
    /// The authority's Z: details of items without a row are sealed to it.
    var authorityKey: Element { get }
    /// The authority's pages, on which people sign.
    var pages: RelyingParty { get }
    /// A party's entry, whose proof of possession was verified; nil where there is none in force.
    func party(_ id: PartyID) -> AccreditedParty?
    /// A person's credential by its SHA-256; nil where there is none in force.
    func credential(_ hash: Bytes32) -> AccreditedPerson?
    /// The pinned route with the published factor points of two domains.
    /// - Throws: `route` where a point is not published, `source` or `target` for an epoch that is not in use.
    func legs(from source: Domain, to destination: Domain) throws(Refusal) -> [RouteLeg]
}

/// Gives the snapshot that is valid now.
public protocol DirectoryPort: Sendable {
    /// - Parameter breakGlass: whether a Request on this ground is judged by it: it may be older then.
    /// - Throws: `directory` where the last snapshot is too old.
    func current(at now: UInt64, breakGlass: Bool) async throws(Refusal) -> any DirectoryView
}

extension DirectoryPort {
    /// For everything but Requests that break the glass.
    public func current(at now: UInt64) async throws(Refusal) -> any DirectoryView {
        try await current(at: now, breakGlass: false)
    }
}

/// A party in the Directory.
public struct AccreditedParty: Sendable {
    public let key: PartyKey
    public let signing: VerifyingKey
    public let roles: Set<Name>
    /// The epoch of its factors that is in use.
    public let psnEpoch: UInt32
    public let dates: Validity
    /// The number of the entry: a revocation names the next one.
    public let sequence: UInt64

    public init(
        key: PartyKey, signing: VerifyingKey, roles: Set<Name>, psnEpoch: UInt32, dates: Validity, sequence: UInt64
    ) {
        (self.key, self.signing, self.roles, self.psnEpoch) = (key, signing, roles, psnEpoch)
        (self.dates, self.sequence) = (dates, sequence)
    }
}

/// An acting person in the Directory.
public struct AccreditedPerson: Sendable {
    public let party: PartyID
    public let key: WebAuthnKey
    public let relyingParty: RelyingParty
    public let roles: Set<Name>
    public let dates: Validity

    public init(party: PartyID, key: WebAuthnKey, relyingParty: RelyingParty, roles: Set<Name>, dates: Validity) {
        (self.party, self.key, self.relyingParty) = (party, key, relyingParty)
        (self.roles, self.dates) = (roles, dates)
    }
}
