import Synchronization

/// Counters of one server, as Prometheus reads them. No path, no peer, nothing personal is a label.
public final class ServingMetrics: Sendable {
    private struct Counts {
        var byStatus: [Int: UInt64] = [:]
        var underWay = 0
        /// Requests by the upper bound of their duration in milliseconds.
        var durations = [UInt64](repeating: 0, count: ServingMetrics.bounds.count + 1)
        var total: Duration = .zero
    }
    static let bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000]
    private let counts = Mutex(Counts())

    public init() {}

    /// - Returns: false if `limit` requests are under way; then the request does not count as begun.
    func begin(limit: Int) -> Bool {
        counts.withLock { counts in
            guard counts.underWay < limit else {
                counts.byStatus[503, default: 0] += 1
                return false
            }
            counts.underWay += 1
            return true
        }
    }

    func end(_ status: Int, after duration: Duration) {
        counts.withLock { counts in
            counts.underWay -= 1
            counts.byStatus[status, default: 0] += 1
            counts.total += duration
            let milliseconds = duration / .milliseconds(1)
            counts.durations[Self.bounds.firstIndex { milliseconds <= Double($0) } ?? Self.bounds.count] += 1
        }
    }

    /// Prometheus text, each name with `prefix`.
    public func text(prefix: String) -> String {
        counts.withLock { counts in
            var out = "# HELP \(prefix)_requests_total Requests that were answered, by status.\n"
            out += "# TYPE \(prefix)_requests_total counter\n"
            for (status, count) in counts.byStatus.sorted(by: { $0.key < $1.key }) {
                out += "\(prefix)_requests_total{status=\"\(status)\"} \(count)\n"
            }
            out += "# HELP \(prefix)_requests_under_way Requests that are being answered.\n"
            out += "# TYPE \(prefix)_requests_under_way gauge\n\(prefix)_requests_under_way \(counts.underWay)\n"
            out += "# HELP \(prefix)_request_seconds How long answers took.\n"
            out += "# TYPE \(prefix)_request_seconds histogram\n"
            var sum: UInt64 = 0
            for (bound, count) in zip(Self.bounds.map { "\(Double($0) / 1_000)" } + ["+Inf"], counts.durations) {
                sum += count
                out += "\(prefix)_request_seconds_bucket{le=\"\(bound)\"} \(sum)\n"
            }
            return out
                + "\(prefix)_request_seconds_sum \(counts.total / .seconds(1))\n"
                + "\(prefix)_request_seconds_count \(sum)\n"
        }
    }
}
