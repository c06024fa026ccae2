import Exchanges
import SQLiteStore
import Serving

/// Sees what every node of a country is asked and what it answers: for a demonstration, in whose own process the
/// country runs.
public typealias ServedTap = @Sendable (_ node: String, ServedRequest, ServedAnswer) -> Void

/// What whoever runs a node asks it: health, counters. One for each node, behind all of its servers.
struct Operations: Sendable {
    let health: NodeHealth
    let metrics = NodeMetrics()
    let requests = ServingMetrics()
    private let api: OperationsAPI
    /// The node's own store, if it has one of entries.
    let store: SQLiteNodeStore?
    private let tap: (@Sendable (ServedRequest, ServedAnswer) -> Void)?

    init(
        _ checks: [NodeHealth.Check] = [], store: SQLiteNodeStore? = nil,
        tap: (@Sendable (ServedRequest, ServedAnswer) -> Void)?
    ) {
        (self.store, self.tap) = (store, tap)
        health = NodeHealth(checks: checks)
        api = OperationsAPI(health, metrics, requests: requests)
        if let store { Self.register(store, metrics) }
    }

    /// What a store does, for whoever runs the node. The names are fixed, so that registering them cannot fail.
    private static func register(_ store: SQLiteNodeStore, _ metrics: NodeMetrics) {
        let all: [(name: String, help: String, read: @Sendable (StoreUsage) -> Double)] = [
            ("reads", "Snapshots of the store that were read.", { Double($0.reads) }),
            ("transactions", "Transactions of the store; several may share a commit.", { Double($0.transactions) }),
            ("commits", "Commits of the store.", { Double($0.commits) }),
            ("commit_seconds", "Seconds in commits, the disk included.", { $0.commitSeconds }),
            ("cpu_seconds", "Seconds of CPU in reads and commits.", { $0.cpuSeconds }),
        ]
        for one in all {
            try? metrics.register("warifu_store_\(one.name)_total", one.help, .counter) {
                [NodeMetrics.Sample(one.read(store.usage))]
            }
        }
    }

    /// - Returns: nil for another path.
    func answer(_ request: ServedRequest) async -> ServedAnswer? { await api.answer(request) }

    /// The first of several that knows a path; health and counters before them.
    func handler(_ others: [@Sendable (ServedRequest) async -> ServedAnswer?]) -> ServedHandler {
        { [self] request in
            let answer = await answer(request, others)
            tap?(request, answer)
            return answer
        }
    }

    private func answer(
        _ request: ServedRequest, _ others: [@Sendable (ServedRequest) async -> ServedAnswer?]
    ) async -> ServedAnswer {
        if let answer = await answer(request) { return answer }
        for other in others { if let answer = await other(request) { return answer } }
        return ServedAnswer(404)
    }
}
