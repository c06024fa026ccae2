import ArgumentParser
import Foundation
import Policy

/// `warifu explain`: what a refusal means, its likely cause, what to do.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What a refusal code means, its likely cause, and what to do.",
        discussion: "Exit codes: 0 explained; 2 there is no code of this name, and the list is printed; 64 wrong use.")

    @Argument(help: "The code, as it stands in an answer or on the screen.") var code: [String] = []
    @Flag(help: "All codes.") var all = false
    @OptionGroup var output: WordsOptions

    func validate() throws {
        guard all != !code.isEmpty else { throw ValidationError("Name a code, or --all.") }
    }

    func run() async throws {
        let codes = all ? ExplainedCode.all : ExplainedCode.named(code.joined(separator: " "))
        let explanations = Explanations(codes, output.language)
        guard codes.isEmpty else {
            return print(output.json ? explanations.json : explanations.text)
        }
        let list = Explanations(ExplainedCode.all, output.language)
        print(output.json ? list.unknownJSON : list.unknownText)
        throw ExitCode(CommandCode.unknownCode.exitCode)
    }
}

/// How a command speaks.
struct WordsOptions: ParsableArguments {
    @Flag(help: "Print JSON.") var json = false
    @Option(help: "Language: ja or en. Without it that of the environment.") var lang: Language?

    init() {}

    /// What can be said of it before anything is parsed.
    static func before(_ arguments: [String]) -> WordsOptions {
        var options = WordsOptions()
        options.json = arguments.contains("--json")
        let lang = arguments.firstIndex(of: "--lang").flatMap { arguments.dropFirst($0 + 1).first }
        options.lang = lang.flatMap(Language.init(rawValue:))
        return options
    }

    var language: Language { lang ?? .ofEnvironment(ProcessInfo.processInfo.environment) }
}

/// Codes with their explanations in one language.
struct Explanations {
    /// One code in JSON.
    struct Entry: Encodable, Equatable {
        let code: String
        /// `node`, `fhir` or `command`.
        let family: String
        let meaning: String
        let cause: String
        let action: String

        init(_ code: ExplainedCode, _ language: Language) {
            (self.code, family) = (code.word, code.family.rawValue)
            meaning = code.text(.meaning, in: language)
            (cause, action) = (code.text(.cause, in: language), code.text(.action, in: language))
        }
    }

    private let codes: [ExplainedCode]
    private let language: Language

    init(_ codes: [ExplainedCode], _ language: Language) { (self.codes, self.language) = (codes, language) }

    /// An array of entries.
    var json: String { CommandJSON.text(codes.map { Entry($0, language) }) }

    var text: String { codes.map(text).joined(separator: "\n\n") }

    /// `{"error": entry, "codes": [..]}`.
    var unknownJSON: String {
        CommandJSON.text(UnknownCode(error: Entry(.command(.unknownCode), language), codes: words))
    }

    /// The list, for somebody who named a code that is not there.
    var unknownText: String {
        CitizenWords(language)(.unknownCode) + "\n" + words.map { "  \($0)" }.joined(separator: "\n")
    }

    private var words: [String] { Array(Set(codes.map(\.word))).sorted() }

    private struct UnknownCode: Encodable {
        let error: Entry
        let codes: [String]
    }

    private func text(_ code: ExplainedCode) -> String {
        let (entry, words) = (Entry(code, language), CitizenWords(language))
        let family: CitizenText =
            switch code.family {
            case .node: .fromNode
            case .fhir: .fromFHIR
            case .command: .fromCommand
            }
        return """
            \(entry.code) (\(words(family)))
              \(words(.meaning)): \(entry.meaning)
              \(words(.cause)): \(entry.cause)
              \(words(.action)): \(entry.action)
            """
    }
}

/// JSON as all commands print it: one line, keys in order.
enum CommandJSON {
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(value) else { preconditionFailure("what a command prints can be encoded") }
        return String(decoding: data, as: UTF8.self)
    }

    /// `2026-11-30T09:00:00Z`.
    static func time(_ seconds: UInt64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}
