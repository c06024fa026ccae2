import Ristretto255

/// A store in memory, for simulations and tests. It survives the "crash" of a node that is made anew over it.
public final class MemoryNodeStore: NodeStore {
    /// What a store does at its next commit instead of returning.
    public enum Fault: Sendable {
        /// Nothing is written, and the caller is told that it failed.
        case failed
        /// All is written, and the caller is told that it failed.
        case doneButReportedFailed
    }

    private struct State {
        var tables: [Table: [[UInt8]: [UInt8]]] = [:]
        var faults: [Fault?] = []
    }
    private let state = Locked(State())

    public init() {}

    /// A store with everything that another one held.
    public init(contents: [Table: [[UInt8]: [UInt8]]]) { state.withLock { $0.tables = contents } }

    /// Everything that is stored, by table and key.
    public var contents: [Table: [[UInt8]: [UInt8]]] { state.withLock { $0.tables } }

    /// The next commits: nil lets one through.
    public func schedule(_ faults: [Fault?]) { state.withLock { $0.faults = faults } }

    /// Everything that is stored, for those who search it for what must not be there.
    public func everything() -> [[UInt8]] {
        state.withLock { state in state.tables.values.flatMap { $0.flatMap { [$0.key, $0.value] } } }
    }

    public func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws -> R {
        let tables = state.withLock { $0.tables }
        return try body(MemoryTransaction(tables))
    }

    public func transaction<R: Sendable>(_ body: @Sendable (any NodeTransaction) throws -> R) async throws -> R {
        try state.withLock { state in
            let transaction = MemoryTransaction(state.tables)
            let result = try body(transaction)
            let writes = transaction.writes
            transaction.forget()
            let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
            if case .failed? = fault { throw StoreFailure(mayHaveCommitted: false) }
            for (table, entries) in writes {
                for (key, value) in entries { state.tables[table, default: [:]][key] = value }
            }
            if case .doneButReportedFailed? = fault { throw StoreFailure(mayHaveCommitted: true) }
            return result
        }
    }
}

/// Reads through to the tables; writes stay beside them until the commit.
private final class MemoryTransaction: NodeTransaction {
    private var tables: [Table: [[UInt8]: [UInt8]]]
    private(set) var writes: [Table: [[UInt8]: [UInt8]?]] = [:]

    init(_ tables: [Table: [[UInt8]: [UInt8]]]) { self.tables = tables }

    /// Lets go of the tables, so that the commit changes them in place.
    func forget() { tables = [:] }

    func get(_ table: Table, _ key: [UInt8]) -> [UInt8]? {
        if let written = writes[table]?[key] { return written }
        return tables[table]?[key]
    }

    func scan(_ table: Table, prefix: [UInt8], after: [UInt8]?, limit: Int) -> [(key: [UInt8], value: [UInt8])] {
        var found = (tables[table] ?? [:]).filter { $0.key.starts(with: prefix) }
        for (key, value) in writes[table] ?? [:] where key.starts(with: prefix) { found[key] = value }
        return found.filter { entry in after.map { $0.lexicographicallyPrecedes(entry.key) } ?? true }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }.prefix(limit).map { ($0.key, $0.value) }
    }

    func put(_ table: Table, _ key: [UInt8], _ value: [UInt8]) { writes[table, default: [:]][key] = .some(value) }
    func remove(_ table: Table, _ key: [UInt8]) { writes[table, default: [:]][key] = .some(nil) }
}
