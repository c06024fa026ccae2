import Guards
import Polymorphic
import Ristretto255

/// Which domains a Request may lead from and to, and the way between them (PROTOCOL 4.3, 8).
extension Directory {
    /// The pinned route between two domains, with the published points of both.
    /// - Throws: `source`, `target` where a domain has no point that all holders of a step published; `target` for a way
    ///   from a domain to itself.
    public func legs(from source: Domain, to destination: Domain) throws(Refusal) -> [RouteLeg] {
        try need(source != destination, .target)
        var legs: [RouteLeg] = []
        for step in anchors.route.steps {
            guard let from = point(of: step, for: source) else { throw Refusal(.source) }
            guard let to = point(of: step, for: destination) else { throw Refusal(.target) }
            legs.append(RouteLeg(step: step, source: from, destination: to))
        }
        return legs
    }

    /// `S` of a step for a domain; nil unless all holders of the step signed it. G for base.
    func point(of step: RouteStep, for domain: Domain) -> Element? {
        guard case .party(let party, let epoch) = domain else { return .generator }
        guard let file = points[FactorPoint.Place(step: step.id, party: party, epoch: epoch)] else { return nil }
        // One holder alone could lead pseudonyms to a point of its own making.
        let confirmed = file.listed.isSuperset(of: step.holders)
        return confirmed || !enforced("guard:directory.holders") ? file.point : nil
    }

    /// Checks the source of a Request: base, or the requester's own domain of the current epoch, or of the one before to
    /// rotate.
    /// - Throws: `source`, `directory`.
    public func check(source: Domain, of requester: PartyID, at now: UInt64) throws(Refusal) {
        guard case .party(let id, let epoch) = source else { return }
        let current = try party(requester, at: now).entry.pseudonymEpoch
        let isOwn = id == requester && (epoch == current || epoch == current &- 1)
        try need(isOwn || !enforced("guard:directory.source"), .source)
    }

    /// Checks the targets of a Request: parties with an entry in force, of the epoch that the Directory names. To rotate,
    /// the next epoch of the source alone.
    /// - Throws: `target`.
    public func check(targets: [Domain], from source: Domain, at now: UInt64) throws(Refusal) {
        for target in targets {
            guard case .party(let id, let epoch) = target else { continue }
            guard let entry = try? party(id, at: now).entry else { throw Refusal(.target) }
            let rotates = source == entry.domain && epoch &- 1 == entry.pseudonymEpoch
            let fits = epoch == entry.pseudonymEpoch || rotates
            try need(fits || !enforced("guard:directory.target"), .target)
        }
    }
}
