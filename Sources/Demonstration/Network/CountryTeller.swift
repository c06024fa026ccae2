import Deployment
import Device
import Exchanges
import Logging
import Policy
import Polymorphic
import Synchronization

/// Keeps what all nodes log, in memory.
final class DemoLog: Sendable {
    private let lines = Mutex<[(node: String, text: String, code: String?)]>([])

    func add(_ node: String, _ text: String, code: String?) { lines.withLock { $0.append((node, text, code)) } }
    /// The code of the last refusal that a node logged.
    func lastCode(_ node: String) -> String? {
        lines.withLock { $0.last { $0.node == node && $0.code != nil }?.code }
    }
    var bytes: [UInt8] { lines.withLock { $0.flatMap { Array("\($0.node) \($0.text)\n".utf8) } } }

    func logger(_ node: String) -> Logger {
        var logger = Logger(label: node) { [self] _ in DemoLogHandler(node: node, log: self) }
        logger.logLevel = .info
        return logger
    }
}

private struct DemoLogHandler: LogHandler {
    let node: String
    let log: DemoLog
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        log.add(node, "\(event.message) \(all)", code: all["code"].map { "\($0)" })
    }
}

/// Measures, searches, verifies and tells one step after another, in a country that runs.
final class CountryTeller: Sendable {
    let run: CountryRun
    let watch: CountryWatch
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
        _ run: CountryRun, _ watch: CountryWatch, _ meter: @escaping @Sendable () -> DemoCost,
        _ tell: @escaping @Sendable (DemoStep) -> Void
    ) { (self.run, self.watch, self.meter, self.tell) = (run, watch, meter, tell) }

    typealias Said = DemoTeller.Said
    var checks: Int { state.withLock { $0.checks } }
    func now() -> DemoCost { meter() }

    /// - Throws: `DemoFault` unless it holds.
    func check(_ holds: Bool, _ what: String) throws(DemoFault) {
        guard holds else { throw DemoFault(check: what) }
        state.withLock { $0.checks += 1 }
    }

    /// What was asked for has to be there.
    func need<V>(_ value: V?, _ what: String) throws(DemoFault) -> V {
        guard let value else { throw DemoFault(check: what) }
        state.withLock { $0.checks += 1 }
        return value
    }

    /// Does a step, measures it alone, says what came of it, and looks at what could be seen.
    /// - Parameters:
    ///   - phone: of whom it is; nil where it is nobody's.
    ///   - leaves: so many new ones of that person's are waited for.
    ///   - say: with what went by meanwhile; checks, and tells the search what is new.
    func step<R>(
        _ actor: DemoParty, of phone: Phone? = nil, leaves: Int = 0, _ work: () async throws -> R,
        say: (R, [CountryWatch.Passage]) async throws -> Said
    ) async throws -> R {
        let before = watch.take()
        let start = meter()
        let result = try await work()
        let cost = meter() - start
        let during = watch.take()
        let new = try await newLeaves(phone, atLeast: leaves)
        let said = try await say(result, during)
        // What went by between two steps counts at the end.
        _ = try await watch.look(at: before, in: run)
        try await emit(actor, said, cost, new, during + watch.take())
        return result
    }

    /// Tells a step that is done.
    func emit(
        _ actor: DemoParty, _ said: Said, _ cost: DemoCost, _ leaves: [UInt64]?, _ passages: [CountryWatch.Passage]
    ) async throws {
        let all = said.leaf.map { leaf in ([leaf] + (leaves ?? [])).sorted() } ?? leaves
        let (sights, searched) = try await watch.look(at: passages, in: run)
        let number = state.withLock { state in
            state.steps += 1
            return state.steps
        }
        tell(
            DemoStep(
                number: number, actor: actor, what: said.what, values: said.values, cost: cost, leaves: all,
                sights: sights, searched: searched))
    }

    /// The history of a person, in which nothing may be doubtful.
    func history(_ phone: Phone) async throws -> History {
        let history = try await phone.history()
        try check(history.doubts.isEmpty, "history.doubts")
        return history
    }

    /// Waits for the leaves of what is not told.
    func pass(_ phone: Phone, leaves: Int) async throws { _ = try await newLeaves(phone, atLeast: leaves) }

    /// The leaves that the phone has not shown before, each verified by it against the witnessed tree. Those on their
    /// way are waited for.
    private func newLeaves(_ phone: Phone?, atLeast wanted: Int) async throws -> [UInt64]? {
        guard let phone else { return nil }
        let known = state.withLock { $0.leaves[ObjectIdentifier(phone), default: []] }
        var all = Set<UInt64>()
        for attempt in 0..<200 {
            let history = try await history(phone)
            all = Set(history.uses.flatMap { $0.words.values.map(\.leafIndex) } + history.entries.map(\.leafIndex))
            if all.subtracting(known).count >= wanted { break }
            try check(attempt < 199, "leaves")
            try await Task.sleep(for: .milliseconds(50))
        }
        let seen = all
        state.withLock { $0.leaves[ObjectIdentifier(phone)] = seen }
        return seen.subtracting(known).sorted()
    }
}
