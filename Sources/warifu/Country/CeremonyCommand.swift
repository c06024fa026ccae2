import ArgumentParser
import Deployment
import Foundation
import Ristretto255

/// `warifu ceremony`
struct CeremonyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ceremony",
        abstract: "Make the keys that no single transcryptor has, through a folder that all participants share.",
        subcommands: [Prepare.self, Run.self])

    /// `warifu ceremony prepare`
    struct Prepare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What the participants agree on.")
        @Option(help: "Folder that all participants share.") var folder: String
        @Option(help: "card.json of a transcryptor; three times, in their order.") var card: [String]

        func run() async throws {
            do {
                let ceremony = CeremonyFolder(folder)
                try ceremony.prepare(try readCards(card), from: SystemRandom())
                print("compare this with every participant: \(try ceremony.fingerprint())")
            } catch { throw commandExit(error) }
        }
    }

    /// `warifu ceremony run`
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One transcryptor's part; all run at the same time, in any places that share the folder.")
        @OptionGroup var home: HomeOption
        @Option(help: "The transcryptor.") var id: String
        @Option(help: "Folder that all participants share.") var folder: String
        @Option(help: "Seconds that each round waits for the others.") var wait = 600

        func run() async throws {
            do {
                let ceremony = CeremonyFolder(folder)
                FileHandle.standardError.write(
                    Data("compare this with every participant: \(try ceremony.fingerprint())\n".utf8))
                _ = try await CeremonyRun(home.folder.node(id), ceremony, within: .seconds(wait))
                    .run(from: SystemRandom())
                print("the keys are made; the record stands in \(folder)/record")
            } catch { throw commandExit(error) }
        }
    }
}

func readCards(_ paths: [String]) throws -> [NodeCard] { try paths.map { try JSONFile.read(NodeCard.self, $0) } }

/// `warifu country`
struct CountryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "country", abstract: "What everybody in a country pins.", subcommands: [Pin.self])

    /// `warifu country pin`
    struct Pin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write country.json from the ceremony record and the cards of the nodes.")
        @OptionGroup var home: HomeOption
        @Option(help: "Folder of the ceremony.") var ceremony: String
        @Option(help: "card.json of a node; of all that are known.") var card: [String]

        func run() async throws {
            do {
                try home.folder.pin(CeremonyFolder(ceremony), try readCards(card))
                print(home.folder.country)
            } catch { throw commandExit(error) }
        }
    }
}
