import ArgumentParser
import Deployment
import Exchanges
import Policy
import Polymorphic
import Ristretto255
import Serving

/// Where things of one body are.
struct HomeOption: ParsableArguments {
    @Option(help: "Home folder.") var home: String
    var folder: CountryHome { CountryHome(home) }
}

/// `warifu init`
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a country's founders, a node, or somebody who acts for a party.",
        subcommands: [InitCountry.self, InitStaff.self, InitNode.self], defaultSubcommand: InitNode.self)
}

/// `warifu init country`
struct InitCountry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "country", abstract: "A certificate authority for development, two officers, two officials.")
    @OptionGroup var home: HomeOption

    func run() async throws {
        do { try home.folder.makeCountry(from: SystemRandom()) } catch { throw commandExit(error) }
        print(home.folder.path)
    }
}

/// `warifu init staff`
struct InitStaff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff", abstract: "Somebody who acts for a party, to be accredited by the authority.")
    @OptionGroup var home: HomeOption
    @Option(help: "The party.") var party: String
    @Option(help: "Name of the key's file.") var name: String
    @Option(help: "Role, such as physician; may be given several times.") var role: [String]

    func run() async throws {
        do {
            let roles = try role.map { name in
                guard let role = Role(rawValue: name) else { throw ValidationError("there is no role \(name)") }
                return role.name
            }
            let file = try home.folder.makeStaff(name, of: try PartyID(party), roles: roles, from: SystemRandom())
            print(file.path)
        } catch { throw commandExit(error) }
    }
}

/// `warifu init KIND`
struct InitNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Keys, certificate and card of a node.")
    @Argument(help: "What it is: \(NodeKind.allCases.map(\.rawValue).joined(separator: ", ")).") var kind: String
    @OptionGroup var home: HomeOption
    @Option(help: "Its name.") var id: String
    @Option(help: "Where other nodes come in: host:port; port 0 takes a free one at each start.") var listen =
        "127.0.0.1:0"
    @Option(help: "Of a ledger: where the public reads. Of a hospital: where its own systems come in. A port.")
    var secondPort: Int?

    func run() async throws {
        do {
            guard let kind = NodeKind(rawValue: kind) else { throw ValidationError("there is no kind \(kind)") }
            let address = try address(listen)
            let node = try home.folder.makeNode(
                NodeFolder.Making(kind, id: id, host: address.host, port: address.port, secondPort: secondPort),
                from: SystemRandom())
            print(node.path)
        } catch { throw commandExit(error) }
    }
}
