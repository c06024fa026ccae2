import Polymorphic
import Ristretto255

/// An entry of the Directory about a party, as the latest snapshot has it.
public struct PartyEntry: Hashable, Sendable {
    public let party: PartyID
    public let roles: Set<Name>
    public let dates: Validity

    public init(party: PartyID, roles: Set<Name>, dates: Validity) {
        (self.party, self.roles, self.dates) = (party, roles, dates)
    }
}

/// A credential of the Directory: the person who acts.
public struct CredentialEntry: Hashable, Sendable {
    public let party: PartyID
    public let roles: Set<Name>
    public let dates: Validity

    /// Among the roles of a credential whose key the authority has seen to live in hardware. The pack of a credential
    /// has no other place for it.
    public static let hardwareMark = "hardware-key"

    public init(party: PartyID, roles: Set<Name>, dates: Validity) {
        (self.party, self.roles, self.dates) = (party, roles, dates)
    }

    public var isHardware: Bool { roles.contains { $0.description == Self.hardwareMark } }
}

/// Everything that the rules look at for a whole Request. It is fetched once, before any rule runs, so that no rule
/// sees a later state than another.
public struct RequestEvidence: Sendable {
    public var request: RequestFacts
    /// The requester's entry; nil: there is none.
    public var party: PartyEntry?
    /// The acting person's credential; nil: there is none.
    public var credential: CredentialEntry?
    public var policy: PolicyDocument
    /// Items already decided in each quota's window, by quota id, for this party and this acting person.
    public var counts: [Name: UInt64]
    /// Break-glass items: of this acting person in the last hour, of this party in the last day.
    public var breakGlassByOfficer: UInt64
    public var breakGlassBySite: UInt64
    /// A second person, other than the acting one, has approved this very Request (dual control).
    public var secondApproval: Bool

    public init(
        request: RequestFacts, party: PartyEntry?, credential: CredentialEntry?, policy: PolicyDocument,
        counts: [Name: UInt64] = [:], breakGlassByOfficer: UInt64 = 0, breakGlassBySite: UInt64 = 0,
        secondApproval: Bool = false
    ) {
        (self.request, self.party, self.credential, self.policy) = (request, party, credential, policy)
        (self.counts, self.secondApproval) = (counts, secondApproval)
        (self.breakGlassByOfficer, self.breakGlassBySite) = (breakGlassByOfficer, breakGlassBySite)
    }
}

/// What is known about the person of an item (PROTOCOL 8, decide (d)).
public enum Origin: Sendable {
    /// Box or token led to this row.
    case row(ConsentRow)
    /// It failed, with this code. The item makes a leaf all the same, or a Party could tell.
    case failed(Refusal.Code)
}

/// What is known about a record of an item (PROTOCOL 8, decide (e)).
public struct RecordEvidence: Hashable, Sendable {
    public var category: Name
    public var dataMinute: UInt64
    /// Why the deposit checks or the Ticket failed; nil: they hold.
    public var failure: Refusal.Code?

    public init(category: Name, dataMinute: UInt64, failure: Refusal.Code? = nil) {
        (self.category, self.dataMinute, self.failure) = (category, dataMinute, failure)
    }
}

/// Everything that the rules look at for one item.
public struct ItemEvidence: Sendable {
    public var origin: Origin
    public var records: [RecordEvidence]
    /// Items already decided in each quota's window for this person, by quota id.
    public var counts: [Name: UInt64]

    public init(origin: Origin, records: [RecordEvidence] = [], counts: [Name: UInt64] = [:]) {
        (self.origin, self.records, self.counts) = (origin, records, counts)
    }
}
