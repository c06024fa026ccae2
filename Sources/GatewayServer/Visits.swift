import Exchanges
import FHIR
import Gateway
import Guards
import Policy
import Polymorphic
import Ristretto255

/// The visits that are open at the desk: what a terminal shows, and what a phone handed over. In memory: a visit lasts
/// two minutes.
final class Visits: Sendable {
    /// How long a visit lasts, in seconds: so long holds what a terminal shows (PROTOCOL 6).
    static let seconds: UInt64 = 120
    /// Visits at a time, and of one system: one that opens too many leaves room for the others.
    static let countMax = 1_024
    static let ofSystemMax = 256

    struct Visit: Sendable {
        let system: String
        let purpose: PurposeOfUse
        let text: TerminalText
        let signature: [UInt8]
        let expires: UInt64
        var presentation: Presentation?
        /// Its one exchange has begun.
        var isUsed = false
    }

    private let now: @Sendable () -> UInt64
    private let open = Locked<[String: Visit]>([:])

    /// - Parameter now: Unix seconds.
    init(now: @escaping @Sendable () -> UInt64) { self.now = now }

    /// - Parameter id: 128 random bits, as 32 hexadecimal digits.
    /// - Throws: `unavailable` where there are too many.
    func begin(
        _ id: String, for system: String, _ purpose: PurposeOfUse,
        _ terminal: (text: TerminalText, signature: [UInt8])
    ) throws(Problem) -> Visit {
        let visit = Visit(
            system: system, purpose: purpose, text: terminal.text, signature: terminal.signature,
            expires: now() + Self.seconds)
        try open.withLock { (open) throws(Problem) in
            open = open.filter { isAlive($0.value) }
            let own = open.values.count { $0.system == system }
            let hasRoom = open.count < Self.countMax && own < Self.ofSystemMax
            guard hasRoom || !enforced("guard:gateway.visits") else { throw Problem(.unavailable) }
            open[id] = visit
        }
        return visit
    }

    private func isAlive(_ visit: Visit) -> Bool { visit.expires > now() || !enforced("guard:gateway.visit-time") }

    /// What the terminal shows.
    /// - Throws: `forbidden` for one that is not there, is over, or has had its exchange.
    func shown(_ id: String) throws(Problem) -> Visit {
        try open.withLock { (open) throws(Problem) in try self.visit(id, open) }
    }

    private func visit(_ id: String, _ open: [String: Visit]) throws(Problem) -> Visit {
        guard let visit = open[id], isAlive(visit), !visit.isUsed || !enforced("guard:gateway.visit-once") else {
            throw Problem(.forbidden)
        }
        return visit
    }

    /// Takes what a phone hands over: the first one that can be read.
    /// - Throws: `forbidden` as `shown`, and where the person is here already: nobody takes her place.
    func present(_ presentation: Presentation, at id: String) throws(Problem) {
        try open.withLock { (open) throws(Problem) in
            let visit = try self.visit(id, open)
            let isFirst = visit.presentation == nil || visit.presentation == presentation
            guard isFirst || !enforced("guard:gateway.presented") else { throw Problem(.forbidden) }
            open[id]?.presentation = presentation
        }
    }

    /// Gives the person to the exchange that begins, and to no other.
    /// - Throws: `forbidden` for a visit that is not there, is over, used, another system's, or of nobody yet.
    func use(_ id: String, by system: String) throws(Problem) -> (visit: Visit, person: Presented) {
        try open.withLock { (open) throws(Problem) in
            let visit = try self.visit(id, open)
            let isOwn = visit.system == system || !enforced("guard:gateway.visit-owner")
            guard isOwn, let presentation = visit.presentation else { throw Problem(.forbidden) }
            open[id]?.isUsed = true
            return (visit, Presented(visit.text, presentation))
        }
    }
}
