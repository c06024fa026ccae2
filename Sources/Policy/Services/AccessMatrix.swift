import Polymorphic

/// One row of the access matrix: what parties in these roles may ask, through whom, for what.
public struct AccessRow: Hashable, Sendable {
    /// `U1` to `U9`, or the name of a rule of administration.
    public var service: Name
    public var offered: Bool
    public var requesters: Set<Name>
    public var actor: Name
    public var purpose: Name
    public var categories: Set<Name>
    public var exchanges: Set<AllowedExchange>
    public var grounds: Set<Ground>
    /// The rule that a Request must name where the ground is a rule of the policy.
    public var rule: Name?

    public init(
        service: Name, offered: Bool, requesters: Set<Name>, actor: Name, purpose: Name, categories: Set<Name>,
        exchanges: Set<AllowedExchange>, grounds: Set<Ground>, rule: Name? = nil
    ) {
        (self.service, self.offered, self.requesters) = (service, offered, requesters)
        (self.actor, self.purpose, self.categories) = (actor, purpose, categories)
        (self.exchanges, self.grounds, self.rule) = (exchanges, grounds, rule)
    }
}

/// A usual Exchange in the matrix; its target by the name of a party role.
public struct AllowedExchange: Hashable, Sendable {
    public var kind: ExchangeKind
    public var target: Name?
    public init(_ kind: ExchangeKind, _ target: Name? = nil) { (self.kind, self.target) = (kind, target) }
    init(_ use: ExchangeUse) { (kind, target) = (use.kind, use.target?.name) }
}

/// Role x purpose x categories x targets (PROTOCOL 8, decide (c)). A Request is allowed if one row allows all of it.
public struct AccessMatrix: Hashable, Sendable {
    public var rows: [AccessRow]

    public init(rows: [AccessRow]) { self.rows = rows }

    /// The matrix of services, with the two flows of administration. Services that are not offered stand in it too, so
    /// that the refusal can say so.
    public init(_ services: [Service]) {
        rows = services.flatMap { service in
            service.flows.flatMap { Self.rows($0, of: service.id.name, offered: service.offered) }
        }
        for (rule, flow) in Administration.flows {
            guard let name = try? Name(rule.rawValue) else { continue }
            rows += Self.rows(flow, of: name, offered: true, rule: name)
        }
    }

    private static func rows(_ flow: Flow, of service: Name, offered: Bool, rule: Name? = nil) -> [AccessRow] {
        flow.actors.sorted().map { actor in
            AccessRow(
                service: service, offered: offered, requesters: Set(flow.requesters.map(\.name)), actor: actor.name,
                purpose: flow.purpose.name, categories: Set(flow.categories.map(\.name)),
                exchanges: Set(flow.exchanges.map(AllowedExchange.init)), grounds: flow.grounds, rule: rule)
        }
    }

    /// The rows that allow a Request of a party in these roles.
    func rows(allowing request: RequestFacts, by partyRoles: Set<Name>) -> [AccessRow] {
        rows.filter { $0.allows(request, by: partyRoles) }
    }
}

extension AccessRow {
    func allows(_ request: RequestFacts, by partyRoles: Set<Name>) -> Bool {
        guard !requesters.isDisjoint(with: partyRoles), actor == request.role, purpose == request.purpose,
            request.categories.isSubset(of: categories), grounds.contains(request.basis.ground)
        else { return false }
        if case .policyRule(let named) = request.basis, named != rule { return false }
        if request.fetches, !exchanges.contains(AllowedExchange(.fetch)) { return false }
        return request.targets.allSatisfy(allows)
    }

    private func allows(_ target: TargetFacts) -> Bool {
        guard target.place == .other || !target.takesDeposits else { return false }
        let kinds: Set<ExchangeKind> =
            switch target.place {
            case .base: [.recover]
            case .requesterFromBase: [.identify]
            case .requesterNextEpoch: [.rotate]
            case .other: target.takesDeposits ? [.deposit] : [.find, .link, .study]
            }
        return exchanges.contains { allowed in
            guard kinds.contains(allowed.kind) else { return false }
            return allowed.target.map { target.roles.contains($0) } ?? (target.place != .other)
        }
    }
}
