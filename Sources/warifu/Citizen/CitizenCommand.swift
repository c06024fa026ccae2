import ArgumentParser
import Deployment
import Foundation
import Policy
import Polymorphic

/// `warifu citizen`: a person's phone in software, in a folder.
struct Citizen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "citizen",
        abstract: "A person's phone in a folder: be enrolled, present yourself, consent, read your history.",
        discussion: """
            Exit codes: 0 done; 1 refused; 3 the history may be incomplete; 64 wrong use; 66 a file is missing or
            damaged; 69 no answer; 75 the phone is in use. An error is told on standard error with its code, its likely
            cause and what to do; with --json as one object {"error": {"code", "family", "meaning", "cause", "action"}}.
            """,
        subcommands: [CitizenEnrol.self, CitizenPresent.self, CitizenConsent.self, CitizenHistory.self])
}

/// What all commands of a phone take.
struct CitizenOptions: ParsableArguments {
    @Option(help: "Folder of the phone.") var phone: String
    @Option(help: "Folder with country.json, addresses.json and ca.pem.") var country: String
    @OptionGroup var output: WordsOptions

    func folder(portal: String? = nil) -> PhoneFolder { PhoneFolder(phone, country: country, portal: portal) }

    var words: CitizenWords { CitizenWords(output.language) }

    /// Does the work, prints what it says, and ends with its exit code.
    func saying(_ work: () async throws -> CitizenAnswer) async throws {
        let answer: CitizenAnswer
        do { answer = try await work() } catch { throw CitizenError(error).end(output) }
        print(output.json ? answer.json : answer.lines.joined(separator: "\n"))
        fflush(nil)
        if let code = answer.exit { throw ExitCode(code.exitCode) }
    }
}

/// What a command says: in JSON and in sentences.
struct CitizenAnswer {
    let json: String
    let lines: [String]
    /// Why it does not end with 0, though it has an answer.
    var exit: CommandCode?

    init(_ value: some Encodable, _ lines: [String], exit: CommandCode? = nil) {
        (json, self.lines, self.exit) = (CommandJSON.text(value), lines, exit)
    }
}

/// Sentences of the catalogue in one language.
struct CitizenWords: Sendable {
    let language: Language
    init(_ language: Language) { self.language = language }

    func callAsFunction(_ text: CitizenText, _ values: [Placeholder: String] = [:]) -> String {
        guard let text = Messages.text(.citizen(text), in: language, values) else {
            preconditionFailure("a sentence is filled with other placeholders than it has; its test shows which")
        }
        return text
    }

    func callAsFunction(_ key: MessageKey) -> String { key.text[language] }

    /// The word of a vocabulary for a name on the wire; the name itself where it is none of ours.
    func term<T: Term>(_ type: T.Type, _ name: Name) -> String {
        T(name).map { $0.key.text[language] } ?? name.description
    }

    func list(_ items: [String]) -> String { items.joined(separator: language == .ja ? "、" : ", ") }
}
