import ArgumentParser
import AsyncHTTPClient
import Deployment
import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255

/// `warifu directory`: acts of the authority's officers.
struct DirectoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory", abstract: "Who may take part: acts that two officers of the authority sign.",
        subcommands: [Accredit.self, Revoke.self, Suspend.self, Publish.self, Show.self])

    /// Whose act it is, and where the authority is.
    struct Officers: ParsableArguments {
        @Option(help: "Folder with country.json, addresses.json and ca.pem.") var country: String
        @Option(help: "An officer's key; two are needed.") var officer: [String] = []

        func act(_ work: (OfficeClient) async throws -> Void) async throws {
            do {
                let (pinned, addresses) = (try PinnedCountry(folder: country), try Addresses(folder: country))
                let client = try addresses.client(nil, root: try readText(country + "/ca.pem"))
                let office = OfficeClient(
                    client, addresses: addresses, authority: pinned.pins.anchors.authority,
                    officers: try officer.map { try AuthenticatorFile($0).load() })
                let result: Result<Void, any Error>
                do { result = .success(try await work(office)) } catch { result = .failure(error) }
                try await client.shutdown()
                try result.get()
            } catch { throw commandExit(error) }
        }
    }

    /// `warifu directory accredit`
    struct Accredit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A party by its card, or a person by the public key.")
        @OptionGroup var officers: Officers
        @Option(help: "card.json of a node.") var card: String?
        @Option(help: "The key of somebody who acts for a party.") var staff: String?
        @Option(help: "The node's own home, where it signs its next entry itself.") var nodeHome: String?

        func run() async throws {
            try await officers.act { office in
                if let staff { try await office.accredit(try AuthenticatorFile(staff).credential()) }
                guard let card else { return }
                let read = try JSONFile.read(NodeCard.self, card)
                let node = nodeHome.map { CountryHome($0).node(read.id) }
                let signer = try node?.signer()
                try await office.accredit(read, previous: signer)
            }
        }
    }

    /// `warifu directory revoke`
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A party is out, now.")
        @OptionGroup var officers: Officers
        @Option(help: "The party.") var party: String
        func run() async throws { try await officers.act { try await $0.revoke(try PartyID(party)) } }
    }

    /// `warifu directory suspend`
    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A party is out until it is accredited again.")
        @OptionGroup var officers: Officers
        @Option(help: "The party.") var party: String
        func run() async throws { try await officers.act { try await $0.suspend(try PartyID(party)) } }
    }

    /// `warifu directory publish`
    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The standard policy, and the record of the key ceremony.")
        @OptionGroup var officers: Officers
        @Option(help: "Folder of the ceremony whose record is published.") var ceremony: String?
        @Option(help: "Number of the policy, from 1.") var policy: UInt32?

        func run() async throws {
            try await officers.act { office in
                if let policy {
                    let now = Instant(Int64(SystemClock().now()))
                    try await office.publish(.standard(version: policy, notBefore: now, services: Service.all))
                }
                if let ceremony { try await office.record(try CeremonyFolder(ceremony).record()) }
            }
        }
    }

    /// `warifu directory show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Who is in force.")
        @OptionGroup var officers: Officers

        func run() async throws {
            try await officers.act { office in
                for party in try await office.inForce(try PinnedCountry(folder: officers.country).pins) {
                    print("\(party.id)\t\(party.roles.joined(separator: ","))\tuntil \(party.until)")
                }
            }
        }
    }
}

func readText(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw DeploymentFault.file("\(path) is missing")
    }
    return String(decoding: data, as: UTF8.self)
}
