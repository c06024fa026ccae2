import Polymorphic
import Ristretto255

/// For what and on which ground data is asked, as a Request says it.
public struct DataUse: Hashable, Sendable {
    public var role: Name
    public var purpose: Name
    public var categories: [Name]
    /// Minutes, both ends included.
    public var dataFrom: UInt64
    public var dataTo: UInt64
    public var basis: RequestBasis

    public init(
        role: Name, purpose: Name, categories: [Name], dataFrom: UInt64, dataTo: UInt64,
        basis: RequestBasis = .consent
    ) {
        (self.role, self.purpose, self.categories) = (role, purpose, categories)
        (self.dataFrom, self.dataTo, self.basis) = (dataFrom, dataTo, basis)
    }
}

/// A record that is to be deposited. Its content is opaque to everybody but its author and its readers.
public struct NewRecord: Sendable {
    /// The author's, unique for ever at the store.
    public var recordID: Bytes16
    /// About which of the persons.
    public var item: Int
    /// At which of the targets.
    public var target: Int
    public var category: Name
    /// The time the data is about, Unix time / 60.
    public var dataMinute: UInt64
    /// The record that it replaces.
    public var previous: ListedRecord?
    public var content: [UInt8]

    public init(
        recordID: Bytes16, item: Int = 0, target: Int = 0, category: Name, dataMinute: UInt64,
        previous: ListedRecord? = nil, content: [UInt8]
    ) {
        (self.recordID, self.item, self.target) = (recordID, item, target)
        (self.category, self.dataMinute, self.previous) = (category, dataMinute, previous)
        self.content = content
    }
}

/// A record as a store lists it: its header, and the Tickets by which transcryptors know their own checks again.
public struct ListedRecord: Hashable, Sendable {
    public let header: RecordHeader
    /// By index 1...n; nil where a transcryptor has not adopted yet.
    public let tickets: [Ticket?]

    public init(header: RecordHeader, tickets: [Ticket?]) { (self.header, self.tickets) = (header, tickets) }

    /// - Throws: `length` for another number of Tickets, or one that is none.
    public init(_ listed: DeliverCall.Listed, n: UInt8) throws(Refusal) {
        try need(listed.tickets.count == Int(n), .length)
        var tickets: [Ticket?] = []
        for bytes in listed.tickets { tickets.append(bytes.isEmpty ? nil : try Ticket(wire: bytes)) }
        self.init(header: listed.header, tickets: tickets)
    }
}

/// What a party wants to ask, before it is a Request: whoever asks again with other participants makes a new Request of
/// the same draft.
public struct ExchangeDraft: Sendable {
    /// About whom.
    public enum Persons: Sendable {
        /// The person who is here.
        case presented(Presentation, TerminalText)
        /// Persons that the party knows.
        case held([Pseudonym])
    }
    public var persons: Persons
    public var use: DataUse
    /// Who receives the persons' pseudonyms.
    public var targets: [PartyID]
    public var deposits: [NewRecord]
    /// What is fetched, each with the item it is about.
    public var fetches: [(item: Int, record: ListedRecord)]
    /// Where the bodies of what is fetched lie.
    public var store: PartyID?

    public init(
        _ persons: Persons, for use: DataUse, to targets: [PartyID] = [], deposits: [NewRecord] = [],
        fetches: [(item: Int, record: ListedRecord)] = [], from store: PartyID? = nil
    ) {
        (self.persons, self.use, self.targets) = (persons, use, targets)
        (self.deposits, self.fetches, self.store) = (deposits, fetches, store)
    }

    /// Whether the same can be asked again without the person: a Presentation is for one exchange id.
    var canBeAskedAgain: Bool { if case .held = persons { true } else { false } }
}

/// The person who acts for a party: signs each Request with the key of the credential (PROTOCOL 8).
public protocol ActingPerson: Sendable {
    /// SHA-256 of the credential.
    var credential: Bytes32 { get }
    /// `list(authenticatorData, clientDataJSON, signature)` over the Request.
    /// - Throws: `signature` where the person does not sign.
    func sign(_ request: [UInt8]) async throws(Refusal) -> [UInt8]
}
