import AsyncHTTPClient
import Exchanges
import Foundation
import Logging
import Policy
import Polymorphic
import Ristretto255

/// A whole country in one process: `warifu up`. It does what the commands do, one after another, and then runs every
/// node as `warifu serve` does: the same code, the same messages, mutual TLS between them.
public final class CountryRun: Sendable {
    public let home: CountryHome
    public let addresses: Addresses
    private let logger: @Sendable (String) -> Logger
    private let tap: ServedTap?
    private let nodes = Locked<[ServedNode]>([])
    let random = SystemRandom()

    /// The nodes of a country on a laptop, in the order in which they start.
    public static let nodes: [NodeFolder.Making] = [
        .init(.witness, id: "witness1"), .init(.witness, id: "witness2"), .init(.witness, id: "witness3"),
        .init(.ledger, id: "ledger"), .init(.authority, id: "authority"), .init(.transcryptor, id: "t1"),
        .init(.transcryptor, id: "t2"), .init(.transcryptor, id: "t3"), .init(.numberCentre, id: "number-centre"),
        .init(.medicalCentre, id: "medical-centre"), .init(.hospital, id: "hospital-a"),
        .init(.hospital, id: "hospital-b"), .init(.portal, id: "portal"),
    ]
    public static let hospitals = ["hospital-a", "hospital-b"]
    /// Who acts for a hospital's systems, beside the physician that it is made with.
    static let staff: [(name: String, role: Role)] = [("clerk", .recordsClerk)]

    /// - Parameter tap: sees what all nodes are asked and answer; nil in earnest.
    public init(_ home: CountryHome, logger: @escaping @Sendable (String) -> Logger, tap: ServedTap? = nil) {
        (self.home, self.logger, self.tap) = (home, logger, tap)
        addresses = Addresses()
    }

    private var isFounded: Bool { FileManager.default.fileExists(atPath: home.path + "/founded") }

    /// Founds the country if there is none, and starts every node.
    /// - Throws: `DeploymentFault`; what a node throws that cannot start. Then nothing runs.
    public func start() async throws {
        if !FileManager.default.fileExists(atPath: home.country + "/country.json") { try await found() }
        for making in Self.nodes { addresses.set(try PartyID(making.id), try home.node(making.id).card().address) }
        do {
            try await startNodes { [.witness, .ledger, .authority].contains($0) }
            if !isFounded { try await accredit() }
            try await startNodes { $0 == .transcryptor }
            try await settle()
            try await startNodes { ![.witness, .ledger, .authority, .transcryptor].contains($0) }
            try addresses.write(folder: home.country)
        } catch {
            await stop()
            throw error
        }
    }

    /// Those that ask stop first, the ledger last.
    public func stop() async {
        let running = nodes.withLock { nodes in
            defer { nodes = [] }
            return nodes
        }
        for node in running.reversed() { await node.stop() }
    }

    public func node(_ id: String) -> ServedNode? { nodes.withLock { $0.first { $0.id.description == id } } }

    private func startNodes(_ which: (NodeKind) -> Bool) async throws {
        for making in Self.nodes where which(making.kind) {
            let starter = try NodeStarter(
                home.node(making.id), addresses: addresses, logger: logger(making.id), tap: tap)
            let node = try await starter.start()
            nodes.withLock { $0.append(node) }
        }
    }

    /// Waits until the transcryptors have published their factor points, and lets them read the Directory again.
    private func settle() async throws {
        let transcryptors = nodes.withLock { $0.filter { $0.kind == .transcryptor } }
        for node in transcryptors {
            for attempt in 0... {
                if await node.isSettled() { break }
                guard attempt < 3_000 else {
                    throw DeploymentFault.usage("\(node.id) cannot publish its factor points")
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        for node in transcryptors { await node.renewDirectory() }
    }
}
