import Exchanges
import Polymorphic
import Synchronization

/// One life of a node, from a start to a crash. What a dead one still wants is nowhere heard: its store and its network
/// are gone, though its tasks may run on for a while.
public final class Life: Sendable {
    private let alive = Mutex(true)
    public init() {}
    public var isAlive: Bool { alive.withLock { $0 } }
    public func end() { alive.withLock { $0 = false } }
}

/// The store of one life of a node, over what outlives it.
struct LivingStore: NodeStore {
    let store: any NodeStore
    let life: Life
    /// Asked before and after each commit: whether the node dies there.
    let watch: @Sendable (CommitPoint) -> Bool

    enum CommitPoint: Sendable { case before, after }

    func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws -> R {
        guard life.isAlive else { throw StoreFailure(mayHaveCommitted: false) }
        return try await store.read(body)
    }

    func transaction<R: Sendable>(_ body: @Sendable (any NodeTransaction) throws -> R) async throws -> R {
        guard life.isAlive, !watch(.before) else { throw StoreFailure(mayHaveCommitted: false) }
        let result = try await store.transaction(body)
        guard !watch(.after) else { throw StoreFailure(mayHaveCommitted: true) }
        return result
    }
}

/// The network of one life of a node.
struct LivingTransport: Transport {
    let network: SimulatedNetwork
    let life: Life

    func send(
        _ call: Call, _ body: [UInt8], to node: PartyID, from caller: PartyID?
    ) async throws(CallFailure) -> [UInt8] {
        guard life.isAlive else { throw .noAnswer }
        let answer: [UInt8]
        do { answer = try await network.send(call, body, to: node, from: caller) } catch {
            throw life.isAlive ? error : .noAnswer
        }
        guard life.isAlive else { throw .noAnswer }
        return answer
    }
}
