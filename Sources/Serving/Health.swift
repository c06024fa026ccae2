public import Exchanges
import Synchronization

/// What a node says of itself to whoever runs it: has it started, does it live, is it ready. Names of checks and truth
/// values, nothing else.
public final class NodeHealth: Sendable {
    /// One thing without which a node cannot do its work.
    public struct Check: Sendable {
        /// Lower case, as it stands in the answer.
        public let name: String
        let passes: @Sendable () async -> Bool

        public init(_ name: String, _ passes: @escaping @Sendable () async -> Bool) {
            (self.name, self.passes) = (name, passes)
        }
    }

    /// The answer to one question.
    public struct Report: Sendable, Equatable {
        public let isGood: Bool
        /// In the order in which the checks were registered.
        public let checks: [Result]
        public struct Result: Sendable, Equatable {
            public let name: String
            public let passes: Bool
            public init(_ name: String, _ passes: Bool) { (self.name, self.passes) = (name, passes) }
        }
    }

    private struct State: Sendable {
        var hasStarted = false
        var isDraining = false
        var isBroken = false
        var checks: [Check] = []
        var last: (at: ContinuousClock.Instant, results: [Report.Result])?
        var round: Task<[Report.Result], Never>?
    }
    private let state = Mutex(State())
    private let within: Duration
    private let fresh: Duration

    /// - Parameters:
    ///   - within: a check that takes longer has failed.
    ///   - fresh: so long one round of checks answers all who ask.
    public init(checks: [Check] = [], within: Duration = .seconds(2), fresh: Duration = .seconds(1)) {
        (self.within, self.fresh) = (within, fresh)
        state.withLock { $0.checks = checks }
    }

    /// Registers one more check.
    public func add(_ check: Check) { state.withLock { $0.checks.append(check) } }
    /// Everything that a start does is done.
    public func markStarted() { state.withLock { $0.hasStarted = true } }
    /// The node takes no more work; from now on it is not ready.
    public func beginDraining() { state.withLock { $0.isDraining = true } }
    /// Only a new start can help, as after a commit with an unknown outcome.
    public func markBroken() { state.withLock { $0.isBroken = true } }

    public var isDraining: Bool { state.withLock { $0.isDraining } }

    public var started: Report { Report(isGood: state.withLock { $0.hasStarted }, checks: []) }
    public var live: Report { Report(isGood: state.withLock { !$0.isBroken }, checks: []) }

    /// Whether the node should be given work: it has started, lives, does not drain, and every check passes.
    public func ready() async -> Report {
        let results = await results()
        let takesWork = state.withLock { $0.hasStarted && !$0.isDraining && !$0.isBroken }
        return Report(isGood: takesWork && results.allSatisfy(\.passes), checks: results)
    }

    /// One round of checks for all who ask meanwhile: a question costs no more than the answer that is there.
    private func results() async -> [Report.Result] {
        let round = state.withLock { state -> Task<[Report.Result], Never>? in
            if let last = state.last, ContinuousClock.now - last.at < fresh { return nil }
            if let round = state.round { return round }
            let (checks, within) = (state.checks, within)
            let round = Task { await Self.run(checks, within) }
            state.round = round
            return round
        }
        guard let round else { return state.withLock { $0.last?.results ?? [] } }
        let results = await round.value
        state.withLock { state in
            guard state.round == round else { return }
            (state.round, state.last) = (nil, (.now, results))
        }
        return results
    }

    private static func run(_ checks: [Check], _ within: Duration) async -> [Report.Result] {
        var results: [Report.Result] = []
        let tasks = checks.map { check in Task { await passes(check, within) } }
        for (check, task) in zip(checks, tasks) { results.append(Report.Result(check.name, await task.value)) }
        return results
    }

    /// Nobody waits for a check that hangs.
    private static func passes(_ check: Check, _ within: Duration) async -> Bool {
        let first = FirstValue<Bool>()
        let work = Task { first.fill(await check.passes()) }
        let alarm = Task {
            try await Task.sleep(for: within)
            first.fill(false)
        }
        defer {
            work.cancel()
            alarm.cancel()
        }
        return await first.value()
    }
}

extension NodeHealth.Check {
    /// The store answers.
    public static func store(_ store: any NodeStore) -> Self {
        Self("store") {
            do { _ = try await store.read { try $0.get(Table("health"), []) } } catch { return false }
            return true
        }
    }

    /// The newest snapshot of the Directory is not too old. Nobody is asked for a newer one: that is other work's.
    public static func directory(_ keeper: DirectoryKeeper, _ clock: any Timekeeper) -> Self {
        Self("directory") { keeper.held.time > 0 && keeper.held.age(at: clock.now()).admits(breakGlass: false) }
    }

    /// Something was done lately, such as reading the Ledger.
    public static func lately(_ name: String, _ last: LastDone, within seconds: UInt64, _ clock: any Timekeeper) -> Self
    {
        Self(name) { last.isWithin(seconds, at: clock.now()) }
    }
}

/// When something was last done with success.
public final class LastDone: Sendable {
    private let time = Atomic<UInt64>(0)
    public init() {}

    /// - Parameter now: Unix seconds.
    public func mark(_ now: UInt64) { time.store(now, ordering: .relaxed) }
    /// Unix seconds; 0: never.
    public var last: UInt64 { time.load(ordering: .relaxed) }

    func isWithin(_ seconds: UInt64, at now: UInt64) -> Bool { last > 0 && (now < last || now - last <= seconds) }
}
