import Deployment
import Foundation
import Policy

/// Asks the person before anything is signed.
struct CitizenQuestion {
    let words: CitizenWords
    /// Whether the person has agreed by an option.
    let isAnswered: Bool
    /// Whether somebody can be asked.
    var isTerminal: () -> Bool = { isatty(STDIN_FILENO) == 1 }
    /// Reads one line.
    var read: () -> String? = { readLine() }
    /// Shows what it is about; standard error, because an answer may go elsewhere.
    var show: (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }

    /// Shows what it is about, also to somebody who has agreed already.
    /// - Throws: `CommandFault` `needsYes`, `notConfirmed`.
    func ask(_ about: [String]) throws {
        show(about.joined(separator: "\n") + "\n")
        guard !isAnswered else { return }
        guard isTerminal() else { throw CommandFault(.needsYes) }
        show("\n" + words(.question) + " ")
        let line = (read() ?? "").trimmingCharacters(in: .whitespaces).lowercased()
        guard ["y", "yes", "はい"].contains(line) else { throw CommandFault(.notConfirmed) }
    }
}
