import Exchanges
import Polymorphic

/// Makes the stores of a country's nodes. They outlive every crash of their node.
public struct StoreMaker: Sendable {
    public let make: @Sendable (_ node: PartyID) throws -> any NodeStore
    public init(_ make: @escaping @Sendable (_ node: PartyID) throws -> any NodeStore) { self.make = make }

    /// In memory.
    public static let memory = StoreMaker { _ in MemoryNodeStore() }
}
