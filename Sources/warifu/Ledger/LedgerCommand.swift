import ArgumentParser
import Foundation
import Ledger
import TransparencyLog

/// `warifu ledger`: the public log, run, read and checked from the command line.
///
/// Exit codes: 0 done; 1 a proof, a signature or the log itself is wrong; 64 wrong use; 69 something cannot be reached;
/// 70 the ledger refuses to start (the message says what to do); 75 the store failed, start again.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The public log: serve it, append to it, prove, verify and audit it.",
        discussion: """
            Exit codes: 0 done; 1 a proof, a signature or the log itself is wrong; 64 wrong use; 69 something cannot be
            reached; 70 the ledger refuses to start; 75 the store failed, start again.
            """,
        subcommands: [
            LedgerKey.self, LedgerInit.self, LedgerServe.self, LedgerAppend.self, LedgerCheckpoint.self,
            LedgerProve.self,
            LedgerVerify.self, LedgerAudit.self, LedgerWitness.self, LedgerMirror.self,
        ])
}

/// How `warifu ledger` ends.
enum LedgerExit: Int32 {
    case wrong = 1, usage = 64, unreachable = 69, refusesToStart = 70, storeFailed = 75
}

/// One line on standard error, and the exit code that goes with the kind of error.
func ledgerExit(_ error: any Error) -> ExitCode {
    let exit: LedgerExit
    switch error {
    case let code as ExitCode: return code
    case is LogFault, is FollowerFault: exit = .wrong
    case is SourceFault, is LedgerRefusal: exit = .unreachable
    case is StartFault: exit = .refusesToStart
    case is StoreFault, is DurableFile.Fault: exit = .storeFailed
    default: exit = .usage
    }
    FileHandle.standardError.write(Data("warifu ledger: \(error)\n".utf8))
    return ExitCode(exit.rawValue)
}

extension AsyncParsableCommand {
    /// Runs a command's work and turns what it throws into an exit code.
    func ending(_ work: () async throws -> Void) async throws {
        do { try await work() } catch { throw ledgerExit(error) }
    }
}

/// Human lines on a terminal, one JSON object elsewhere or on demand.
struct LedgerOutput: ParsableArguments {
    @Flag(help: "Print one JSON object, as happens anyway when the output is no terminal.") var json = false

    private var isJSON: Bool { json || isatty(1) == 0 }

    /// The result.
    func result(_ fields: [(name: String, value: String)]) {
        guard isJSON else {
            let width = fields.map(\.name.count).max() ?? 0
            for (name, value) in fields {
                print("\(name.padding(toLength: width, withPad: " ", startingAt: 0))  \(value)")
            }
            return
        }
        let object = Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let data = try? encoder.encode(object) { print(String(decoding: data, as: UTF8.self)) }
    }

    /// A step on the way; only for people.
    func step(_ text: String) { if !isJSON { print("  ok  \(text)") } }

    /// A progress bar; only for people.
    func progress(_ done: UInt64, of all: UInt64) {
        guard !isJSON, all > 0 else { return }
        let width = 40
        let filled = Int(done * UInt64(width) / all)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        print("\r  [\(bar)] \(done) of \(all)", terminator: done == all ? "\n" : "")
        fflush(nil)
    }
}

/// The files of a ledger, witness or mirror in its directory.
struct LedgerFiles {
    let directory: String

    func path(_ name: String) -> String { directory + "/" + name }

    func text(_ name: String) throws -> String {
        guard let bytes = try DurableFile(path(name)).read(), let text = String(validating: bytes, as: UTF8.self) else {
            throw StartFault.configuration("\(path(name)) is missing; `warifu ledger init` makes it")
        }
        return text
    }

    func write(_ name: String, _ text: String) throws {
        guard !FileManager.default.fileExists(atPath: path(name)) else {
            throw StartFault.configuration("\(path(name)) is there already; nothing was changed")
        }
        try DurableFile(path(name)).write(Array(text.utf8))
    }

    func signer(_ name: String) throws -> NoteSigner {
        try SeedSigner.parse(privateKey: try text(name).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    func policy() throws -> WitnessPolicy { try WitnessPolicy(parsing: Array(try text("policy.txt").utf8)) }
}

/// Where a log is and what makes its checkpoints believed.
struct LedgerReading: ParsableArguments {
    @Option(help: "URL under which the log serves `checkpoint` and `tile`.") var url: String
    @Option(help: "Policy file: the log's key, witnesses, quorum.") var policy: String

    func load() throws -> (policy: WitnessPolicy, log: WitnessPolicy.Log) { try loadPolicy(policy) }
}

func loadPolicy(_ path: String) throws -> (policy: WitnessPolicy, log: WitnessPolicy.Log) {
    guard let bytes = try DurableFile(path).read() else {
        throw StartFault.configuration("there is no policy file \(path)")
    }
    let policy = try WitnessPolicy(parsing: bytes)
    guard let log = policy.logs.first else { throw StartFault.configuration("the policy names no log") }
    return (policy, log)
}

func unixTime() -> UInt64 { UInt64(max(0, Date().timeIntervalSince1970)) }
let systemTime = Timekeeping(now: unixTime, sleep: { try await Task.sleep(for: $0) })
