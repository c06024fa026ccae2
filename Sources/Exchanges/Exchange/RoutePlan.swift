import Polymorphic

/// Who makes which steps of a chain: consecutive steps of one holder are one call, and the last run goes with that
/// holder's release (PROTOCOL 8).
struct RoutePlan: Equatable, Sendable {
    struct Run: Equatable, Sendable {
        let holder: UInt8
        /// Steps from 0.
        let steps: Range<Int>
    }
    let runs: [Run]

    /// The holder that can go furthest goes next; of several the one with the smallest index.
    /// - Parameter participants: indexes, ascending.
    /// - Throws: `participants` where a step has no holder among them.
    init(_ route: Route, participants: [UInt8]) throws(Refusal) {
        var (runs, next) = ([Run](), 0)
        while next < route.steps.count {
            var best = Run(holder: 0, steps: next..<next)
            for holder in participants {
                var end = next
                while end < route.steps.count, route.steps[end].holders.contains(holder) { end += 1 }
                if end > best.steps.upperBound { best = Run(holder: holder, steps: next..<end) }
            }
            try need(!best.steps.isEmpty, .participants)
            runs.append(best)
            next = best.steps.upperBound
        }
        self.runs = runs
    }
}
