import Guards
import Policy
import Polymorphic
import Ristretto255

/// Which domains a Request may lead from and to, and the way between them (PROTOCOL 4.3, 8).
extension Directory {
    /// The pinned route between two domains, with the published points of both.
    /// - Throws: `route` where a domain has no point that all holders of a step published; `target` for a way from a
    ///   domain to itself.
    public func legs(from source: Domain, to destination: Domain) throws(Refusal) -> [RouteLeg] {
        try need(source != destination, .target)
        var legs: [RouteLeg] = []
        for (offset, step) in anchors.route.steps.enumerated() {
            guard let from = point(of: step, for: source), let to = point(of: step, for: destination) else {
                throw Refusal(.route, at: offset + 1)
            }
            legs.append(RouteLeg(step: step, source: from, destination: to))
        }
        return legs
    }

    /// `S` of a step for a domain; nil unless all holders of the step signed it. G for base.
    private func point(of step: RouteStep, for domain: Domain) -> Element? {
        guard case .party(let party, let epoch) = domain else { return .generator }
        guard let file = points[FactorPoint.Place(step: step.id, party: party, epoch: epoch)] else { return nil }
        // One holder alone could lead pseudonyms to a point of its own making.
        let confirmed = file.listed.isSuperset(of: step.holders)
        return confirmed || !enforced("guard:directory.holders") ? file.point : nil
    }

    /// Checks that a source is in use: base, or the domain of a party of its current epoch, or of the one before to
    /// rotate.
    /// - Throws: `source`; `directory` for a party that is not in force.
    public func check(source: Domain, at now: UInt64) throws(Refusal) {
        guard case .party(let id, let epoch) = source else { return }
        let current = try party(id, at: now).psnEpoch
        let inUse = epoch == current || epoch == current &- 1
        try need(inUse || !enforced("guard:directory.source"), .source)
    }

    /// Checks that a target is in use: base, or a party with an entry in force, of the epoch that the Directory names.
    /// To rotate, the next epoch of the source.
    /// - Throws: `target`.
    public func check(target: Domain, from source: Domain, at now: UInt64) throws(Refusal) {
        guard case .party(let id, let epoch) = target else { return }
        guard let current = try? party(id, at: now).psnEpoch else { throw Refusal(.target) }
        let rotates = source == .party(id, epoch: current) && epoch &- 1 == current
        try need(epoch == current || rotates || !enforced("guard:directory.target"), .target)
    }

    /// The Directory as a node uses it at one moment.
    /// - Parameter breakGlass: whether only Requests on this ground will be judged by it.
    /// - Throws: `directory` where the snapshot is too old, or names no authority; `policy` without a policy in force,
    ///   or for one in another form.
    public func moment(at now: UInt64, breakGlass: Bool = false) throws(Refusal) -> DirectoryMoment {
        try check(breakGlass: breakGlass, at: now)
        guard let policy = documents[try policy(at: now).version] else { throw Refusal(.policy) }
        return DirectoryMoment(
            directory: self, now: now, policy: policy, authorityKey: try party(anchors.authority, at: now).key.element)
    }
}

/// A Directory at one moment: what is in force then, and nothing else.
public struct DirectoryMoment: DirectoryView {
    let directory: Directory
    let now: UInt64
    public let policy: PolicyDocument
    public let authorityKey: Element

    public var roll: ExchangeRequest.Roll {
        ExchangeRequest.Roll(
            transcryptors: directory.anchors.transcryptors, t: Int(directory.anchors.route.t))
    }
    public var pages: RelyingParty { directory.anchors.pages }
    public func party(_ id: PartyID) -> AccreditedParty? { try? directory.party(id, at: now) }

    public func credential(_ hash: Bytes32) -> AccreditedPerson? {
        try? directory.credential(hash, at: now).person
    }

    public func legs(from source: Domain, to destination: Domain) throws(Refusal) -> [RouteLeg] {
        try directory.check(source: source, at: now)
        try directory.check(target: destination, from: source, at: now)
        return try directory.legs(from: source, to: destination)
    }
}
