import AsyncHTTPClient
import Exchanges
import Foundation
import Ledger
import Policy
import Polymorphic
import Ristretto255

/// The founding of a country in one home. It may be interrupted at any step, by a loss of power as well: the next start
/// keeps what is whole and makes the rest.
extension CountryRun {
    /// Keys, ceremony, pins: what `warifu init`, `ceremony` and `country pin` do.
    func found() async throws {
        if !exists("ca/ca.pem") { try home.makeCountry(from: random) }
        for making in Self.nodes { try makeNode(making) }
        for hospital in Self.hospitals {
            for person in Self.staff {
                let file = AuthenticatorFile("\(home.path)/nodes/\(hospital)/staff/\(person.name).key")
                if try !file.isWhole() {
                    try home.makeStaff(
                        person.name, of: try PartyID(hospital), roles: [person.role.name], from: random)
                }
            }
        }
        let cards = try Self.nodes.map { try home.node($0.id).card() }
        let ceremony = CeremonyFolder(home.path + "/ceremony")
        try await hold(ceremony, cards.filter { $0.kind == .transcryptor })
        try home.pin(ceremony, cards)
    }

    private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: home.path + "/" + name) }
    private func remove(_ path: String) throws {
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }

    private func makeNode(_ making: NodeFolder.Making) throws {
        let folder = home.node(making.id)
        if exists("nodes/\(making.id)/node.json") {
            try home.complete(folder, making, from: random)
        } else {
            // A folder without node.json is no node: nobody has seen a key of it.
            try remove(folder.path)
            try home.makeNode(making, from: random)
        }
    }

    private func hold(_ ceremony: CeremonyFolder, _ cards: [NodeCard]) async throws {
        let nodes = cards.map { home.node($0.id) }
        let record = try? ceremony.record().bytes
        // A node writes `ceremony` after its shares.
        let isWhole = try record != nil && nodes.allSatisfy { try DurableFile($0.file("ceremony")).read() == record }
        if isWhole { return }
        if exists("ceremony/ceremony.json") {
            // Shares of a key that not everybody has; nothing was ever encrypted for it. The plan goes last.
            for node in nodes {
                try remove(node.file("shares"))
                try remove(node.file("ceremony"))
            }
            try remove(ceremony.path)
        }
        try ceremony.prepare(cards, from: random)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes {
                let run = CeremonyRun(node, ceremony, within: .seconds(60))
                group.addTask { _ = try await run.run(from: SystemRandom()) }
            }
            // The first that fails ends the others, which would wait for it.
            for try await _ in group {}
        }
    }

    // MARK: Accrediting

    /// What `warifu directory accredit` does for everybody; policy and ceremony record before them.
    func accredit() async throws {
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
        try await office.publish(try firstPolicy())
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

    /// The same after an interruption: a second one of its version would contradict the first.
    private func firstPolicy() throws -> PolicyDocument {
        let file = DurableFile(home.path + "/first-policy")
        if let kept = try file.read() { return try PolicyDocument(wire: kept) }
        let now = Instant(Int64(SystemClock().now()))
        let policy = PolicyDocument.standard(version: 1, notBefore: now, services: Service.all)
        try file.write(policy.bytes)
        return policy
    }
}
