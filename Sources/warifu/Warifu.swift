import ArgumentParser

/// The one executable of Warifu.
@main
struct Warifu: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warifu",
        abstract: "Data about a person for those who may have it, without a number that joins everything.",
        subcommands: [
            Demo.self, Up.self, Citizen.self, Explain.self, InitCommand.self, CeremonyCommand.self, CountryCommand.self,
            DirectoryCommand.self,
            ServeCommand.self, LedgerCommand.self,
        ])

    /// Parses and runs. What might be a real My Number is refused before anything can repeat it.
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do { try ArgumentCheck.refuseNationalNumber(in: arguments) } catch {
            exit(withError: CitizenError(error).end(WordsOptions.before(arguments)))
        }
        await Self.main(arguments)
    }
}
