import Polymorphic
import Ristretto255

// The stages of one exchange at its requester. Each is made by the stage before it and spent once: it cannot be copied,
// so a Request that was not decided cannot be turned, and an unverified chain is not delivered. The code does not
// compile.

/// All participants have answered, each for itself, and something is permitted jointly.
public struct DecidedExchange: ~Copyable, Sendable {
    let prepared: PreparedExchange
    let intents: [SignedIntent]
    let verdict: JointVerdict

    init(_ prepared: PreparedExchange, _ intents: [SignedIntent], _ verdict: JointVerdict) {
        (self.prepared, self.intents, self.verdict) = (prepared, intents, verdict)
    }
}

/// The pseudonyms are turned, but for the steps that go with a release.
public struct TurnedExchange: ~Copyable, Sendable {
    let prepared: PreparedExchange
    let intents: [SignedIntent]
    let verdict: JointVerdict
    let plan: RoutePlan
    /// By target; without targets none.
    let steps: [[Step]]

    init(_ decided: consuming DecidedExchange, _ plan: RoutePlan, _ steps: [[Step]]) {
        (prepared, intents, verdict) = (decided.prepared, decided.intents, decided.verdict)
        (self.plan, self.steps) = (plan, steps)
    }
}

/// All participants have released over whole chains that the requester has verified.
public struct ReleasedExchange: ~Copyable, Sendable {
    let prepared: PreparedExchange
    let intents: [SignedIntent]
    let verdict: JointVerdict
    let chains: [VerifiedChain]
    let steps: [[Step]]
    /// What each participant sealed, by its index.
    let answers: [UInt8: ReleaseCall.Answer]

    init(
        _ turned: consuming TurnedExchange, _ chains: [VerifiedChain], _ steps: [[Step]],
        _ answers: [UInt8: ReleaseCall.Answer]
    ) {
        (prepared, intents, verdict) = (turned.prepared, turned.intents, turned.verdict)
        (self.chains, self.steps, self.answers) = (chains, steps, answers)
    }
}

/// What an exchange gave its requester.
public struct Outcome: Sendable {
    public let request: ExchangeRequest
    public let verdict: JointVerdict
    /// By item: the person under the requester's own pseudonym; nil where it is no target or the item is refused.
    public let persons: [KnownPerson?]
    /// What stores listed: by target, then by item. Empty for targets that are no store.
    public let listings: [[[DeliverCall.Listed]]]
    /// The fetched records that are permitted, in the order of the Request.
    public let records: [ReadableRecord]
    /// What the exchange still owes: receipts, and what absent transcryptors adopt.
    public let aftermath: Aftermath
}

/// A person as one party knows the person: the pseudonym, and the pair with the tokens by which transcryptors know it
/// again.
public struct KnownPerson: Hashable, Sendable {
    public let pseudonym: Pseudonym
    /// The epoch of the party's pseudonyms.
    public let epoch: UInt32
    /// (B*, C*).
    public var pair: EncryptedPseudonym
    /// By index 1...n; nil where a transcryptor has not adopted yet.
    public var tokens: [HeldToken?]

    public init(pseudonym: Pseudonym, epoch: UInt32, pair: EncryptedPseudonym, tokens: [HeldToken?]) {
        (self.pseudonym, self.epoch, self.pair, self.tokens) = (pseudonym, epoch, pair, tokens)
    }
}

/// A fetched record with its key: only its requester has one.
public struct ReadableRecord: Sendable {
    /// The item that it is about.
    public let item: Int
    public let envelope: Envelope
    let key: RecordKey
    let authorKeys: [VerifyingKey]

    /// Verifies and opens.
    /// - Throws: `open`, whatever is wrong: others are told no more (PROTOCOL 7).
    public func open() throws(Refusal) -> [UInt8] {
        do { return try envelope.open(with: key, authorKeys: authorKeys) } catch { throw Refusal(.open) }
    }
}
