/// What whoever runs a node asks it (docs/interfaces.md, "Health, metrics, logs"): health and counters.
///
/// | `GET` | answer |
/// |---|---|
/// | `/healthz/started`, `/healthz/live`, `/healthz/ready` | 200 or 503, `{"ok":..,"checks":{..}}` |
/// | `/metrics` | Prometheus text |
public struct OperationsAPI: Sendable {
    static let metricsType = "text/plain; version=0.0.4; charset=utf-8"
    private let health: NodeHealth
    private let metrics: @Sendable () async -> String

    /// - Parameter metrics: the whole text of `/metrics`.
    public init(_ health: NodeHealth, metrics: @escaping @Sendable () async -> String) {
        (self.health, self.metrics) = (health, metrics)
    }

    /// Of a node with one server: its requests, and what it registered.
    public init(_ health: NodeHealth, _ metrics: NodeMetrics, requests: ServingMetrics) {
        self.init(health) { metrics.text() + requests.text(prefix: "warifu_http") }
    }

    /// - Returns: nil for another path.
    public func answer(_ request: ServedRequest) async -> ServedAnswer? {
        let report: @Sendable () async -> NodeHealth.Report
        switch request.path {
        case "/healthz/started": report = { [health] in health.started }
        case "/healthz/live": report = { [health] in health.live }
        case "/healthz/ready": report = { [health] in await health.ready() }
        case "/metrics":
            guard request.method == .get else { return ServedAnswer(405) }
            return ServedAnswer(200, text: await metrics(), type: Self.metricsType)
        default: return nil
        }
        guard request.method == .get else { return ServedAnswer(405) }
        return Self.answer(await report())
    }

    private static func answer(_ report: NodeHealth.Report) -> ServedAnswer {
        let checks = report.checks.map { "\(JSONText.quoted($0.name)):\($0.passes)" }.joined(separator: ",")
        let inside = checks.isEmpty ? "" : ",\"checks\":{\(checks)}"
        return ServedAnswer(
            report.isGood ? 200 : 503, text: "{\"ok\":\(report.isGood)\(inside)}\n", type: "application/json",
            headers: ["cache-control": "no-store"])
    }
}

/// Text inside JSON (RFC 8259, section 7).
enum JSONText {
    /// With its quotation marks; what is below a space, and DEL, becomes `\u00..`.
    static func quoted(_ text: some StringProtocol) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
