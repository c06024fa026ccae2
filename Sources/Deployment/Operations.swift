import Exchanges
import Serving

/// What whoever runs a node asks it: health, counters. One for each node, behind all of its servers.
struct Operations: Sendable {
    let health: NodeHealth
    let metrics = NodeMetrics()
    let requests = ServingMetrics()
    private let api: OperationsAPI

    init(_ checks: [NodeHealth.Check] = []) {
        health = NodeHealth(checks: checks)
        api = OperationsAPI(health, metrics, requests: requests)
    }

    /// - Returns: nil for another path.
    func answer(_ request: ServedRequest) async -> ServedAnswer? { await api.answer(request) }

    /// The first of several that knows a path; health and counters before them.
    func handler(_ others: [@Sendable (ServedRequest) async -> ServedAnswer?]) -> ServedHandler {
        { [self] request in
            if let answer = await answer(request) { return answer }
            for other in others { if let answer = await other(request) { return answer } }
            return ServedAnswer(404)
        }
    }
}
