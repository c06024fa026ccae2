/// The nine services (REQUIREMENTS, U1 to U9).
public enum ServiceID: String, Term {
    case u1 = "U1"
    case u2 = "U2"
    case u3 = "U3"
    case u4 = "U4"
    case u5 = "U5"
    case u6 = "U6"
    case u7 = "U7"
    case u8 = "U8"
    case u9 = "U9"

    public var key: MessageKey { .service(self, .title) }
}

/// The texts that each service has.
public enum ServiceText: String, CaseIterable, Sendable {
    /// Its name.
    case title
    /// What it is for, in one or two sentences.
    case purpose
    /// What the person agrees to.
    case agreed
    /// What happens if the person refuses.
    case refusing
    /// Who learns what.
    case discloses
    /// Where the information is kept and for how long (`{days}`: at the requester).
    case kept
}

/// The usual Exchanges (PROTOCOL 8), and the two of administration.
public enum ExchangeKind: String, Term {
    /// Base to the requester: who is the person in front of me.
    case identify
    /// To a store: which records of the person are there.
    case find
    /// To a store, with records.
    case deposit
    /// Records to the requester; no target.
    case fetch
    /// To another centre.
    case link
    /// Batches from a store to the anonymising party.
    case study
    /// The requester's own pseudonyms to its next epoch: nothing is disclosed.
    case rotate
    /// A lost pseudonym back to base, under two-person control.
    case recover

    public var key: MessageKey { .exchange(self) }
}

/// One usual Exchange with its target.
public struct ExchangeUse: Hashable, Comparable, Sendable {
    public let kind: ExchangeKind
    /// The role of the target; nil where the requester itself or nobody is the target.
    public let target: PartyRole?

    private init(_ kind: ExchangeKind, _ target: PartyRole? = nil) { (self.kind, self.target) = (kind, target) }

    public static let identify = ExchangeUse(.identify)
    public static let fetch = ExchangeUse(.fetch)
    public static let rotate = ExchangeUse(.rotate)
    public static let recover = ExchangeUse(.recover)
    public static func find(_ target: PartyRole) -> ExchangeUse { ExchangeUse(.find, target) }
    public static func deposit(_ target: PartyRole) -> ExchangeUse { ExchangeUse(.deposit, target) }
    public static func link(_ target: PartyRole) -> ExchangeUse { ExchangeUse(.link, target) }
    public static func study(_ target: PartyRole) -> ExchangeUse { ExchangeUse(.study, target) }

    public static func < (a: ExchangeUse, b: ExchangeUse) -> Bool {
        (a.kind.rawValue, a.target?.rawValue ?? "") < (b.kind.rawValue, b.target?.rawValue ?? "")
    }
}
