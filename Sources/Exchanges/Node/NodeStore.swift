/// Where a node keeps what it must not lose: byte strings by table and key.
///
/// Consistency: transactions are serialisable, across processes. Durability: what a transaction wrote survives a kill
/// of the process and a power cut once `transaction` has returned; of a transaction that threw, or that did not return,
/// either all is there or nothing. Trusted: whoever can alter the store can make the node forget what it decided and
/// decide again; whoever can read it learns what the node knows, so a driver seals every value, bound to table and key.
public protocol NodeStore: Sendable {
    /// Reads a snapshot.
    func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws -> R
    /// Reads and writes. `body` may run more than once; its effects outside the transaction must not matter.
    func transaction<R: Sendable>(_ body: @Sendable (any NodeTransaction) throws -> R) async throws -> R
}

/// Names a table of one node, and says how much of its keys is about a person.
public struct Table: Hashable, Sendable {
    public let name: String
    public let keys: Keys

    /// What a driver keeps of a key outside the seal.
    public enum Keys: Hashable, Sendable {
        /// All of it: nothing in it is about a person.
        case open
        /// Of the first bytes, so many of them, a keyed hash; the rest as it is. A scan names these bytes in whole, or
        /// begins with nothing and then gets the entries in some fixed order.
        case hidden(first: Int)
        /// A keyed hash of the whole key. A scan begins with nothing.
        public static let hidden = Keys.hidden(first: .max)
    }

    public init(_ name: String, keys: Keys = .open) { (self.name, self.keys) = (name, keys) }

    /// A table is its name.
    public static func == (a: Table, b: Table) -> Bool { a.name == b.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

public protocol NodeReading: AnyObject {
    func get(_ table: Table, _ key: [UInt8]) throws -> [UInt8]?
    /// The entries whose keys begin with `prefix`, in byte order, at most `limit`, those behind `after` only. What is
    /// hidden of keys has no order that means anything, but always the same.
    func scan(_ table: Table, prefix: [UInt8], after: [UInt8]?, limit: Int) throws -> [(key: [UInt8], value: [UInt8])]
}

public protocol NodeTransaction: NodeReading {
    func put(_ table: Table, _ key: [UInt8], _ value: [UInt8]) throws
    func remove(_ table: Table, _ key: [UInt8]) throws
}

/// Why a store did not do what it was asked. The node answers `unavailable`.
public struct StoreFailure: Error, Sendable {
    /// Whether the transaction may have been written all the same.
    public let mayHaveCommitted: Bool
    public init(mayHaveCommitted: Bool) { self.mayHaveCommitted = mayHaveCommitted }
}
