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
    private let random = SystemRandom()

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
            let starter = try NodeStarter(home.node(making.id), addresses: addresses, logger: logger(making.id))
            let tapped = tap.map { tap in { @Sendable in tap(making.id, $0, $1) } }
            let node = try await Tapping.$current.withValue(tapped) { try await starter.start() }
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

    // MARK: Founding

    /// Keys, ceremony, pins: what `warifu init`, `ceremony` and `country pin` do.
    private func found() async throws {
        if !FileManager.default.fileExists(atPath: home.path + "/ca/ca.pem") { try home.makeCountry(from: random) }
        for making in Self.nodes where !FileManager.default.fileExists(atPath: home.node(making.id).file("node.json")) {
            try home.makeNode(making, from: random)
        }
        for hospital in Self.hospitals {
            for person in Self.staff {
                try home.makeStaff(
                    person.name, of: try PartyID(hospital), roles: [person.role.name], from: random)
            }
        }
        let cards = try Self.nodes.map { try home.node($0.id).card() }
        let transcryptors = cards.filter { $0.kind == .transcryptor }
        let ceremony = CeremonyFolder(home.path + "/ceremony")
        try ceremony.prepare(transcryptors, from: random)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for card in transcryptors {
                let run = CeremonyRun(home.node(card.id), ceremony, within: .seconds(60))
                group.addTask { _ = try await run.run(from: SystemRandom()) }
            }
            try await group.waitForAll()
        }
        try home.pin(ceremony, cards)
    }

    /// What `warifu directory accredit` does for everybody; policy and ceremony record before them.
    private func accredit() async throws {
        let root = try NodeStarter.text(home.country + "/ca.pem")
        let client = try addresses.client(nil, root: root)
        let office = OfficeClient(
            client, addresses: addresses, authority: try PartyID("authority"),
            officers: try home.officers().map { try $0.load() })
        let result: Result<Void, any Error>
        do {
            try await accredit(office)
            result = .success(())
        } catch { result = .failure(error) }
        try await client.shutdown()
        try result.get()
        try JSONFile.write(["format": 1], home.path + "/founded")
    }

    private func accredit(_ office: OfficeClient) async throws {
        let now = SystemClock().now()
        try await office.publish(
            PolicyDocument.standard(version: 1, notBefore: Instant(Int64(now)), services: Service.all))
        try await office.record(try CeremonyFolder(home.path + "/ceremony").record())
        for making in Self.nodes where making.kind.role != nil {
            let card = try home.node(making.id).card()
            // A founding that was interrupted goes on where it stopped.
            if try await office.entry(of: try card.party()) == nil { try await office.accredit(card) }
        }
        for hospital in Self.hospitals {
            for person in ["physician"] + Self.staff.map(\.name) {
                try await office.accredit(
                    try AuthenticatorFile("\(home.path)/nodes/\(hospital)/staff/\(person).key").credential())
            }
        }
    }
}
