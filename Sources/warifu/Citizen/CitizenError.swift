import ArgumentParser
import Deployment
import Exchanges
import Foundation
import Policy
import Polymorphic

/// Any error of a command as a code that is explained; nothing of what was asked for is in it.
struct CitizenError {
    let code: ExplainedCode

    init(_ error: any Error) {
        switch error {
        case let fault as CommandFault: code = .command(fault.code)
        case let refusal as Refusal: code = .node(refusal.code)
        case CallFailure.refused(let refusal): code = .node(refusal.code)
        case CallFailure.noAnswer: code = .command(.unreachable)
        case DeploymentFault.refused(_, let word):
            code = ExplainedCode.named(word).first { $0.family == .node } ?? .node(.unavailable)
        case DeploymentFault.file, DeploymentFault.exists: code = .command(.phoneDamaged)
        case is StoreFailure: code = .command(.phoneDamaged)
        default: code = .command(.unreachable)
        }
    }

    var exitCode: Int32 {
        switch code {
        case .command(let code): code.exitCode
        case .node(.unavailable), .node(.ledger): 69
        default: 1
        }
    }

    /// What is printed on standard error.
    func text(_ output: WordsOptions) -> String {
        let language = output.language
        if output.json { return CommandJSON.text(["error": Explanations.Entry(code, language)]) }
        let words = CitizenWords(language)
        return """
            warifu citizen: \(code.word): \(code.text(.meaning, in: language))
              \(words(.cause)): \(code.text(.cause, in: language))
              \(words(.action)): \(code.text(.action, in: language))
            """
    }

    /// Says it, and is the exit code.
    func end(_ output: WordsOptions) -> ExitCode {
        FileHandle.standardError.write(Data((text(output) + "\n").utf8))
        return ExitCode(exitCode)
    }
}

extension CommandCode {
    /// How a command ends that says this.
    var exitCode: Int32 {
        switch self {
        case .unknownCode: 2
        case .doubts: 3
        case .wrongUse, .nationalNumber, .deskAddress, .needsYes: 64
        case .noPhone, .phoneDamaged, .countryFile, .officialKey: 66
        case .unreachable: 69
        case .phoneInUse: 75
        case .alreadyEnrolled, .notEnrolled, .noVisit, .deskRefused, .deskAnswer, .noSuchConsent, .notConfirmed: 1
        }
    }
}

/// Looks for a real My Number before an argument is parsed: what is wrong with an argument is said with the argument.
enum ArgumentCheck {
    /// Options whose values are random ids, folders and addresses, no fields of a person.
    private static let opaque: Set<String> = [
        "--visit", "--consent", "--desk", "--portal", "--phone", "--country", "--official",
    ]

    /// - Parameter arguments: without the name of the program.
    /// - Throws: `CommandFault` `nationalNumber`.
    static func refuseNationalNumber(in arguments: [String]) throws {
        guard arguments.first == "citizen" || arguments.first == "explain" else { return }
        var isOpaque = false
        for argument in arguments {
            let name = argument.prefix { $0 != "=" }
            defer { isOpaque = opaque.contains(argument) }
            guard !isOpaque, !opaque.contains(String(name)) else { continue }
            do { try NationalNumber.refuse(in: argument.utf8) } catch { throw CommandFault(.nationalNumber) }
        }
    }
}
