import ArgumentParser

/// The one executable of Warifu.
@main
struct Warifu: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warifu",
        abstract: "Data about a person for those who may have it, without a number that joins everything.",
        subcommands: [
            Demo.self, Up.self, InitCommand.self, CeremonyCommand.self, CountryCommand.self, DirectoryCommand.self,
            ServeCommand.self, LedgerCommand.self,
        ])
}
