import Guards
import Synchronization

/// What a node counts, as Prometheus reads it (text format 0.0.4). Nothing in it is about a person: labels have names
/// from one list, and values of one form.
public final class NodeMetrics: Sendable {
    public enum Kind: String, Sendable {
        case counter, gauge
    }

    /// One value.
    public struct Sample: Sendable {
        public let labels: [String: String]
        public let value: Double
        public init(_ value: Double, _ labels: [String: String] = [:]) { (self.value, self.labels) = (value, labels) }
    }

    /// Why something cannot be registered.
    public enum Fault: Error, Equatable {
        /// It is no name for Prometheus.
        case name
        /// It is registered already.
        case taken
    }

    /// What a label may be called.
    public static let labels: Set<String> = ["call", "check", "code", "kind", "node", "outcome", "queue", "status"]
    /// Samples of one metric; more are left out.
    static let samplesMax = 64

    private struct Metric: Sendable {
        let name: String
        let help: String
        let kind: Kind
        let read: @Sendable () -> [Sample]
    }
    private let metrics = Mutex<[Metric]>([])

    public init() {}

    /// Registers something that is read whenever somebody asks.
    /// - Parameters:
    ///   - name: letters, digits and underscores; of a counter with `_total` at its end.
    ///   - help: one sentence.
    /// - Throws: `Fault`.
    public func register(
        _ name: String, _ help: String, _ kind: Kind, _ read: @escaping @Sendable () -> [Sample]
    ) throws {
        guard Self.isName(name) else { throw Fault.name }
        try metrics.withLock { metrics in
            guard !metrics.contains(where: { $0.name == name }) else { throw Fault.taken }
            metrics.append(Metric(name: name, help: help, kind: kind, read: read))
        }
    }

    /// Registers one value.
    /// - Throws: `Fault`.
    public func gauge(_ name: String, _ help: String, _ read: @escaping @Sendable () -> Double) throws {
        try register(name, help, .gauge) { [Sample(read())] }
    }

    /// Registers and returns a counter.
    /// - Throws: `Fault`.
    public func counter(_ name: String, _ help: String) throws -> NodeCounter {
        let counter = NodeCounter()
        try register(name, help, .counter) { [Sample(Double(counter.value))] }
        return counter
    }

    /// Everything that is registered, in that order.
    public func text() -> String {
        metrics.withLock { $0 }.map { metric in
            var out = "# HELP \(metric.name) \(Self.escaped(metric.help, quotes: false))\n"
            out += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in metric.read().filter(Self.isAllowed).prefix(Self.samplesMax) {
                let labels = sample.labels.sorted { $0.key < $1.key }.map {
                    "\($0.key)=\"\(Self.escaped($0.value, quotes: true))\""
                }
                out += metric.name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
                out += " \(Self.number(sample.value))\n"
            }
            return out
        }.joined()
    }

    /// A name from the list, and a short word as value: no name, number or id of a person looks like this.
    private static func isAllowed(_ sample: Sample) -> Bool {
        guard enforced("guard:serving.metric-label") else { return true }
        return sample.labels.allSatisfy { name, value in
            labels.contains(name) && (1...32).contains(value.utf8.count)
                && value.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
                && value.utf8.count { (0x30...0x39).contains($0) } <= 4
        }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), name.utf8.count <= 128 else { return false }
        return name.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
        }
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var out = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\"" where quotes: out += "\\\""
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}

/// Counts events, from any thread.
public final class NodeCounter: Sendable {
    private let count = Atomic<UInt64>(0)
    public init() {}

    public func add(_ more: UInt64 = 1) { count.wrappingAdd(more, ordering: .relaxed) }
    public var value: UInt64 { count.load(ordering: .relaxed) }
}
