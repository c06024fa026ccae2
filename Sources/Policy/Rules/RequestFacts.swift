import Polymorphic
import Ristretto255

/// The ground that a Request names (PROTOCOL 8).
public enum Basis: Hashable, Sendable {
    /// `0x01`.
    case consent
    /// `0x02 || list(reason code, text)`.
    case breakGlass(reason: Name, text: String)
    /// `0x03 || list(rule)`.
    case policyRule(Name)

    /// Bytes of the declared text, at most.
    static let textMax = 1_024

    /// - Throws: `length` for another form, `text` for a name or UTF-8 that is none.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        guard let kind = bytes.first else { throw Refusal(.length) }
        let fields = try Wire.elements(of: bytes.dropFirst(), maximum: 2)
        switch (kind, fields.count) {
        case (1, 0): self = .consent
        case (2, 2):
            try need(fields[1].count <= Self.textMax, .length)
            guard let text = String(validating: fields[1], as: UTF8.self) else { throw Refusal(.text) }
            self = .breakGlass(reason: try Name(fields[0]), text: text)
        case (3, 1): self = .policyRule(try Name(fields[0]))
        default: throw Refusal(.length)
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .consent: [1]
        case .breakGlass(let reason, let text): [2] + Wire.list([reason.bytes, Array(text.utf8)])
        case .policyRule(let rule): [3] + Wire.list([rule.bytes])
        }
    }

    public var ground: Ground {
        switch self {
        case .consent: .consent
        case .breakGlass: .breakGlass
        case .policyRule: .policyRule
        }
    }
}

/// A target of a Request, with what the Directory says about it.
public struct TargetFacts: Hashable, Sendable {
    public enum Place: Hashable, Sendable { case base, requesterFromBase, requesterNextEpoch, other }

    public let place: Place
    /// The roles of the target's entry in force; none for a party without one.
    public let roles: Set<Name>
    /// Whether the Request deposits records there.
    public let takesDeposits: Bool

    /// - Parameter source: the src of the Request.
    public init(_ target: Domain, of requester: PartyID, from source: Domain, roles: Set<Name>, takesDeposits: Bool) {
        place =
            switch target.party {
            case nil: .base
            case requester?: source == .base ? .requesterFromBase : .requesterNextEpoch
            default: .other
            }
        (self.roles, self.takesDeposits) = (roles, takesDeposits)
    }
}

/// What a Request asks, as far as the rules look at it. Its form and its signatures were checked before (PROTOCOL 8,
/// decide (b)).
public struct RequestFacts: Hashable, Sendable {
    public var requester: PartyID
    public var role: Name
    public var purpose: Name
    public var categories: Set<Name>
    /// First and last data minute, both included.
    public var dataFrom: UInt64
    public var dataTo: UInt64
    public var basis: Basis
    public var itemCount: Int
    public var targets: [TargetFacts]
    /// Whether it fetches records.
    public var fetches: Bool

    public init(
        requester: PartyID, role: Name, purpose: Name, categories: Set<Name>, dataFrom: UInt64, dataTo: UInt64,
        basis: Basis, itemCount: Int, targets: [TargetFacts], fetches: Bool
    ) {
        (self.requester, self.role, self.purpose, self.categories) = (requester, role, purpose, categories)
        (self.dataFrom, self.dataTo, self.basis) = (dataFrom, dataTo, basis)
        (self.itemCount, self.targets, self.fetches) = (itemCount, targets, fetches)
    }

    /// What it wants of each person, in the terms of a consent.
    public var consentUse: ConsentUse {
        // A role is a class of its own as well: `role:nurse` reaches every nurse.
        let classes = Role(role).map(RoleClass.classes) ?? []
        return ConsentUse(
            requester: requester, roleClasses: Set(classes.map(\.name)).union([role]), purpose: purpose,
            categories: categories)
    }
}
