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
        var tables: [Table: MemoryTable] = [:]
        var faults: [Fault?] = []
    }
    private let state = Locked(State())

    public init() {}

    /// A store with everything that another one held.
    public init(contents: [Table: [[UInt8]: [UInt8]]]) {
        state.withLock { $0.tables = contents.mapValues(MemoryTable.init) }
    }

    /// Everything that is stored, by table and key.
    public var contents: [Table: [[UInt8]: [UInt8]]] { state.withLock { $0.tables.mapValues(\.values) } }

    /// The next commits: nil lets one through.
    public func schedule(_ faults: [Fault?]) { state.withLock { $0.faults = faults } }

    /// Everything that is stored, for those who search it for what must not be there.
    public func everything() -> [[UInt8]] {
        state.withLock { state in state.tables.values.flatMap { $0.values.flatMap { [$0.key, $0.value] } } }
    }

    public func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws -> R {
        try state.withLock { try body(MemoryTransaction($0.tables)) }
    }

    public func transaction<R: Sendable>(_ body: @Sendable (any NodeTransaction) throws -> R) async throws -> R {
        try state.withLock { state in
            let transaction = MemoryTransaction(state.tables)
            let result = try body(transaction)
            let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
            if case .failed? = fault { throw StoreFailure(mayHaveCommitted: false) }
            for (table, entries) in transaction.writes {
                let kept = state.tables[table] ?? MemoryTable()
                state.tables[table] = kept
                for (key, value) in entries { kept.set(key, value) }
            }
            if case .doneButReportedFailed? = fault { throw StoreFailure(mayHaveCommitted: true) }
            return result
        }
    }
}

/// One table. Its keys are put in order when they are asked for in order for the first time, and kept so from then on.
private final class MemoryTable: @unchecked Sendable {  // unchecked: touched under the lock of its store alone
    private(set) var values: [[UInt8]: [UInt8]]
    private var order: [[UInt8]]?

    init(_ values: [[UInt8]: [UInt8]] = [:]) { self.values = values }

    func set(_ key: [UInt8], _ value: [UInt8]?) {
        let old = values.updateValue(value ?? [], forKey: key)
        if value == nil { values[key] = nil }
        guard order != nil, (old == nil) != (value == nil) else { return }
        let place = place(of: key)
        if value == nil { order?.remove(at: place) } else { order?.insert(key, at: place) }
    }

    /// Where the first key stands that is not before this one.
    private func place(of key: [UInt8]) -> Int {
        let order = order ?? []
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle].lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Keys with a prefix, behind another key, in order, as long as they are wanted.
    func keys(_ prefix: [UInt8], after: [UInt8]?, while wanted: ([UInt8]) -> Bool) {
        let order = order ?? values.keys.sorted { $0.lexicographicallyPrecedes($1) }
        self.order = order
        let start = after.map { $0.lexicographicallyPrecedes(prefix) ? prefix : $0 } ?? prefix
        for key in order[place(of: start)...] where key != after {
            guard key.starts(with: prefix), wanted(key) else { return }
        }
    }
}

/// Reads through to the tables; writes stay beside them until the commit.
private final class MemoryTransaction: NodeTransaction {
    private let tables: [Table: MemoryTable]
    private(set) var writes: [Table: [[UInt8]: [UInt8]?]] = [:]

    init(_ tables: [Table: MemoryTable]) { self.tables = tables }

    func get(_ table: Table, _ key: [UInt8]) -> [UInt8]? {
        if let written = writes[table]?[key] { return written }
        return tables[table]?.values[key]
    }

    func scan(_ table: Table, prefix: [UInt8], after: [UInt8]?, limit: Int) -> [(key: [UInt8], value: [UInt8])] {
        guard limit > 0 else { return [] }
        var found: [(key: [UInt8], value: [UInt8])] = []
        let written = writes[table] ?? [:]
        if let kept = tables[table] {
            kept.keys(prefix, after: after) { key in
                if written[key] == nil, let value = kept.values[key] { found.append((key, value)) }
                return found.count < limit
            }
        }
        let new = written.compactMap { key, value in value.map { (key: key, value: $0) } }.filter { entry in
            entry.key.starts(with: prefix) && after.map { $0.lexicographicallyPrecedes(entry.key) } ?? true
        }
        guard !new.isEmpty else { return found }
        found += new
        return Array(found.sorted { $0.key.lexicographicallyPrecedes($1.key) }.prefix(limit))
    }

    func put(_ table: Table, _ key: [UInt8], _ value: [UInt8]) { writes[table, default: [:]][key] = .some(value) }
    func remove(_ table: Table, _ key: [UInt8]) { writes[table, default: [:]][key] = .some(nil) }
}
