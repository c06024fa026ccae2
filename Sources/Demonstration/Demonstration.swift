import Device
import Exchanges
import Policy
import Polymorphic
import Simulation
import Synchronization

/// Why the demonstration is worth nothing: something that it says did not hold.
public struct DemoFault: Error, Hashable, Sendable {
    /// What did not hold, `read.bytes` and its like.
    public let check: String
}

/// What stands at the end.
public struct DemoEnd: Sendable {
    /// What each party could see, from the beginning on.
    public let seen: [DemoSight]
    /// Whether the content could be searched for.
    public let isSearchable: Bool
    /// How many checks held.
    public let checks: Int
    /// What was searched for.
    public var items = DemoText.sights.filter { ![.asker, .purposeOfUse].contains($0) }
    /// What was left on the disk; nil where there was none.
    public var disk: DemoDisk?
}

/// The story of a patient who moves, in a whole country in one process. Every sentence is computed from the run; one
/// that does not hold ends it.
public struct Demonstration: Sendable {
    let seed: UInt64
    let records: DemoRecords
    let ledger: LedgerMaker
    let meter: @Sendable () -> DemoCost

    /// - Parameters:
    ///   - seed: the same one gives the same run.
    ///   - records: what is deposited.
    ///   - ledger: the one that the country runs on.
    ///   - meter: what was used up to now.
    public init(
        seed: UInt64, records: DemoRecords, ledger: LedgerMaker = .simulated, meter: @escaping @Sendable () -> DemoCost
    ) {
        (self.seed, self.records, self.ledger, self.meter) = (seed, records, ledger, meter)
    }

    /// Tells the story.
    /// - Parameter tell: gets each step when it is done.
    /// - Throws: `DemoFault`; what a node refuses against expectation.
    public func run(_ tell: @escaping @Sendable (DemoStep) -> Void) async throws -> DemoEnd {
        let (records, meter) = (records, meter)
        let start = meter()
        return try await Country.run(seed: seed, ledger: ledger) { country in
            let teller = DemoTeller(country, meter, tell)
            let story = DemoStory(country: country, teller: teller, records: records)
            try await story.founding(since: start)
            let moved = try await story.move()
            try await story.refusals(moved)
            return try await story.end()
        }
    }
}

/// Measures, searches, verifies and tells one step after another.
final class DemoTeller: Sendable {
    let country: Country
    let watch: DemoWatch
    private let meter: @Sendable () -> DemoCost
    private let tell: @Sendable (DemoStep) -> Void

    private struct State {
        var steps = 0
        var checks = 0
        /// Leaves that a phone showed before.
        var leaves: [ObjectIdentifier: Set<UInt64>] = [:]
    }
    private let state = Mutex(State())

    init(
        _ country: Country, _ meter: @escaping @Sendable () -> DemoCost, _ tell: @escaping @Sendable (DemoStep) -> Void
    ) {
        (self.country, self.meter, self.tell) = (country, meter, tell)
        let watch = DemoWatch(country.names)
        self.watch = watch
        country.network.setTap { watch.note($0) }
    }

    var checks: Int { state.withLock { $0.checks } }
    func now() -> DemoCost { meter() }

    /// - Throws: `DemoFault` unless it holds.
    func check(_ holds: Bool, _ what: String) throws(DemoFault) {
        guard holds else { throw DemoFault(check: what) }
        state.withLock { $0.checks += 1 }
    }

    /// What a step says.
    struct Said: Sendable {
        let what: DemoText
        let values: [Placeholder: DemoValue]
        /// A leaf that proves it, verified by the phone, beside those of the person's history.
        let leaf: UInt64?

        init(_ what: DemoText, _ values: [Placeholder: DemoValue] = [:], leaf: UInt64? = nil) {
            (self.what, self.values, self.leaf) = (what, values, leaf)
        }
    }

    /// Does a step, measures it alone, says what came of it, and looks at what could be seen.
    /// - Parameters:
    ///   - phone: of whom it is, once it is done; nil where it is nobody's.
    ///   - say: with what went by meanwhile; checks, and tells the search what is new.
    func step<R: Sendable>(
        _ actor: DemoParty, of phone: (R) -> Phone?, _ work: () async throws -> R,
        say: (R, DemoWatch.Glimpse) async throws -> Said
    ) async throws -> R {
        let before = watch.take()
        let start = meter()
        let result = try await work()
        let cost = meter() - start
        // Leaves are on their way to the ledger still; nobody waits for them but we, to show them.
        await country.wait(seconds: 2)
        let glimpse = watch.take()
        _ = watch.look(at: before, in: country)  // what went by between two steps counts at the end
        let said = try await say(result, glimpse)
        let after = watch.take()
        _ = watch.look(at: DemoWatch.Glimpse(passages: after.passages, hands: []), in: country)
        let whole = DemoWatch.Glimpse(passages: glimpse.passages, hands: glimpse.hands + after.hands)
        try await emit(actor, phone(result), said, cost, whole)
        return result
    }

    /// Tells a step that is done.
    func emit(
        _ actor: DemoParty, _ phone: Phone?, _ said: Said, _ cost: DemoCost, _ glimpse: DemoWatch.Glimpse
    ) async throws {
        var leaves = said.leaf.map { [$0] }
        if let phone { leaves = try await newLeaves(phone) + (leaves ?? []) }
        let number = state.withLock { state in
            state.steps += 1
            return state.steps
        }
        tell(
            DemoStep(
                number: number, actor: actor, what: said.what, values: said.values, cost: cost, leaves: leaves,
                sights: watch.look(at: glimpse, in: country)))
    }

    /// The history of a person, in which nothing may be doubtful.
    func history(_ phone: Phone) async throws -> History {
        let history = try await phone.history()
        try check(history.doubts.isEmpty, "history.doubts")
        return history
    }

    /// The leaves that the phone has not shown before, each verified by it.
    func newLeaves(_ phone: Phone) async throws -> [UInt64] {
        let history = try await history(phone)
        let all = Set(history.uses.flatMap { $0.words.values.map(\.leafIndex) } + history.entries.map(\.leafIndex))
        return state.withLock { state in
            let known = state.leaves[ObjectIdentifier(phone), default: []]
            state.leaves[ObjectIdentifier(phone)] = all
            return all.subtracting(known).sorted()
        }
    }
}
