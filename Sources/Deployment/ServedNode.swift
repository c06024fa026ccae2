import AsyncHTTPClient
import Exchanges
import Foundation
import Logging
import Polymorphic
import Ristretto255
public import SQLiteStore
import Serving
import ServiceLifecycle

/// A node that runs: its servers and what it does in between. Made by `NodeStarter`.
public final class ServedNode: Sendable {
    public let id: PartyID
    public let kind: NodeKind
    private let group: ServiceGroup
    private let running: Task<Void, any Error>
    private let closing: @Sendable () async -> Void
    /// The part itself, for callers in the same process; nil for a witness.
    public let node: (any Node)?
    /// Its store; nil for the ledger and a witness.
    public let store: SQLiteNodeStore?
    private let settled: @Sendable () async -> Bool
    private let renew: @Sendable () async -> Void
    private let ledger: SharedLedger?
    /// Where its servers listen, in their order.
    public let ports: [Int]

    /// What one node is made of.
    struct Plan {
        var servers: [(@escaping @Sendable (Int) -> Void) throws -> HTTPNode]
        var node: (any Node)?
        /// Stopped after the servers.
        var services: [any ServiceLifecycle.Service] = []
        var operations: Operations
        /// Whether it has done what others wait for at the beginning.
        var settled: @Sendable () async -> Bool = { true }
        /// Reads the Directory again, now.
        var renew: @Sendable () async -> Void = {}
        /// nil where it does not wait for the ledger.
        var ledger: SharedLedger?
        /// Lets go of stores and clients.
        var closing: @Sendable () async -> Void = {}
    }

    /// Starts it and waits until it listens.
    /// - Throws: what a server throws that cannot listen.
    init(_ id: PartyID, _ kind: NodeKind, _ plan: Plan, _ logger: Logger) async throws {
        (self.id, self.kind, closing) = (id, kind, plan.closing)
        (node, settled, renew, ledger) = (plan.node, plan.settled, plan.renew, plan.ledger)
        store = plan.operations.store
        let boxes = plan.servers.map { _ in FirstValue<Int?>() }  // a port; nil where its server ended
        let servers = try zip(plan.servers, boxes).map { make, box in try make { box.fill($0) } }
        var configuration = ServiceGroupConfiguration(
            services: (plan.services + servers).map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            }, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        let group = ServiceGroup(configuration: configuration)
        self.group = group
        // Apart from the caller's own life: nodes are stopped one after another, in an order.
        let task = Task.detached {
            do { try await group.run() } catch {
                for box in boxes { box.fill(nil) }
                throw error
            }
            for box in boxes { box.fill(nil) }
        }
        running = task
        var ports: [Int] = []
        for box in boxes {
            guard let port = await box.value() else {
                try await task.value
                throw DeploymentFault.usage("\(id) ended before it listened")
            }
            ports.append(port)
        }
        self.ports = ports
        plan.operations.health.markStarted()
    }

    public func isSettled() async -> Bool { await settled() }
    /// Reads the Directory again, now and not within the next seconds.
    public func renewDirectory() async { await renew() }

    /// How often calls of a transcryptor have waited for the next checkpoint, and how many seconds in all.
    public var ledgerWaits: (count: Int, seconds: Double) { ledger?.waits ?? (0, 0) }

    /// Answers what is under way, writes what waits, and lets go of everything.
    public func stop() async {
        await group.triggerGracefulShutdown()
        _ = try? await running.value
        await closing()
    }

    /// Returns when it has ended by itself.
    public func ended() async throws { try await running.value }
}
