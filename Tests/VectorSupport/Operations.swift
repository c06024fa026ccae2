/// The operations that a test target answers, and the run of the negatives that call them. Another target takes part
/// with
///
///     var operations = Operations()
///     operations.register("request_check") { arguments in _ = try Request(arguments["req"].bytes, ..) }
///     let report = try operations.run { ($0 as? Refusal)?.code.rawValue }
///     #expect(report.failures.isEmpty)
///
/// and a line in `Conformance`.
public struct Operations {
    /// Calls the operation; it must throw the refusal. What it returns is not looked at.
    public typealias Body = (_ arguments: Vector) throws -> Void

    private var bodies: [String: Body] = [:]

    public init() {}

    /// The names that are registered.
    public var names: Set<String> { Set(bodies.keys) }

    public mutating func register(_ name: String, _ body: @escaping Body) {
        precondition(bodies[name] == nil, "\(name) is registered twice")
        bodies[name] = body
    }

    /// Calls one operation with arguments of one's own.
    public func call(_ name: String, _ arguments: Vector) throws {
        guard let body = bodies[name] else { throw Unknown(name: name) }
        try body(arguments)
    }

    /// An operation that nobody registered.
    public struct Unknown: Error, Hashable, Sendable {
        public let name: String
        public init(name: String) { self.name = name }
    }

    /// How the negatives went.
    public struct Report: Sendable {
        /// How many negatives of each operation ran.
        public fileprivate(set) var ran: [String: Int] = [:]
        /// Those that were not refused with exactly their code, and how they went.
        public fileprivate(set) var failures: [String] = []

        public var count: Int { ran.values.reduce(0, +) }
    }

    /// Calls every negative whose operation is registered.
    /// - Parameters:
    ///   - waiting: reasons of negatives that nobody answers yet; they are left out.
    ///   - code: the code of a refusal; nil for any other error, which is a failure.
    public func run(leavingOut waiting: Set<String> = [], code: (any Error) -> String?) throws -> Report {
        var report = Report()
        for negative in try Vectors.negatives() where !waiting.contains(negative.reason) {
            guard let body = bodies[negative.operation] else { continue }
            report.ran[negative.operation, default: 0] += 1
            do {
                try body(negative.arguments)
                report.failures.append("\(negative): accepted, not refused with \(negative.code)")
            } catch {
                let got = code(error)
                guard got != negative.code else { continue }
                report.failures.append("\(negative): \(got ?? "\(error)") instead of \(negative.code)")
            }
        }
        return report
    }
}
