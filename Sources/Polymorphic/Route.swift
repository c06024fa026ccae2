import Guards
import Ristretto255

/// One step of the route: a reshuffle by one secret, and who holds that secret (PROTOCOL 4.3).
public struct RouteStep: Hashable, Sendable {
    /// Its name on the wire, such as `v12`.
    public let id: Name
    /// Indexes 1...n, ascending.
    public let holders: [UInt8]

    /// Nothing is checked before there is a route.
    public init(id: Name, holders: [UInt8]) { (self.id, self.holders) = (id, holders) }
}

/// The ordered steps that every pseudonym passes. Pinned by the ceremony record: a Directory entry cannot change it.
public struct Route: Hashable, Sendable {
    /// In the order in which they are made.
    public let steps: [RouteStep]
    /// So many transcryptors.
    public let n: UInt8
    /// So many of them make every step.
    public let t: UInt8

    /// So many transcryptors at most: the rules below try every set of them.
    static let transcryptorsMax: UInt8 = 16
    /// The number of a step is a byte.
    static let stepsMax = 255

    /// - Throws: `route` unless t <= n < 2t, there is a step, each has holders (1...n, ascending), every t - 1
    ///   transcryptors miss one that none of them holds, and every t hold all.
    public init(_ steps: [RouteStep], n: UInt8, t: UInt8) throws(Refusal) {
        try need(steps.count <= Self.stepsMax, .route)
        if enforced("guard:route.rules") {
            try need(t >= 1 && t <= n && Int(n) < 2 * Int(t) && n <= Self.transcryptorsMax && !steps.isEmpty, .route)
            let sets = steps.map { Set($0.holders) }
            for (step, set) in zip(steps, sets) {
                let ascending = step.holders == set.sorted() && !set.isEmpty
                try need(ascending && step.holders.allSatisfy { (1...n).contains($0) }, .route)
            }
            for few in subsets(of: n, size: t - 1) {
                try need(sets.contains { $0.isDisjoint(with: few) }, .route)
            }
            for enough in subsets(of: n, size: t) {
                try need(sets.allSatisfy { !$0.isDisjoint(with: enough) }, .route)
            }
        }
        (self.steps, self.n, self.t) = (steps, n, t)
    }

    /// n = 3, t = 2, steps v12, v13, v23, each held by the two that it names: any two transcryptors run all three, one
    /// alone misses one.
    public static let production: Route = {
        let holders: [(String, [UInt8])] = [("v12", [1, 2]), ("v13", [1, 3]), ("v23", [2, 3])]
        do {
            var steps: [RouteStep] = []
            for (id, indexes) in holders { steps.append(RouteStep(id: try Name(id), holders: indexes)) }
            return try Route(steps, n: 3, t: 2)
        } catch { preconditionFailure("the production route is invalid") }
    }()
}

/// Every subset of 1...n with `size` members.
func subsets(of n: UInt8, size: UInt8) -> [Set<UInt8>] {
    var out: [Set<UInt8>] = []
    for bits in 0..<(1 << Int(n)) where bits.nonzeroBitCount == Int(size) {
        var members = Set<UInt8>()
        for index in 0..<n where bits >> Int(index) & 1 == 1 { members.insert(index + 1) }
        out.append(members)
    }
    return out
}

/// One step between two given domains, with the published factor points.
public struct RouteLeg: Hashable, Sendable {
    /// Whose secret turns, and which one.
    public let step: RouteStep
    /// `S` of the source; G for base.
    public let source: Element
    /// `S` of the destination.
    public let destination: Element

    /// From the pinned route and the published points.
    public init(step: RouteStep, source: Element, destination: Element) {
        (self.step, self.source, self.destination) = (step, source, destination)
    }
}
