import ArgumentParser
import AsyncHTTPClient
import Foundation
import Ledger
import LedgerServer
import SQLiteStore
import TransparencyLog

/// Gives `body` an HTTP client and shuts it down in every case.
func withHTTP<R>(_ body: (HTTPClient) async throws -> R) async throws -> R {
    let client = makeLedgerHTTPClient()
    do {
        let result = try await body(client)
        try await client.shutdown()
        return result
    } catch {
        try? await client.shutdown()
        throw error
    }
}

/// State that nobody needs to keep: for one run of a command.
final class NoState: FollowerState {
    func load() throws -> [UInt8]? { nil }
    func save(_ bytes: [UInt8]) throws {}
}

/// `warifu ledger checkpoint`
struct LedgerCheckpoint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Fetch the newest checkpoint and verify its signatures and quorum.")
    @OptionGroup var reading: LedgerReading
    @OptionGroup var output: LedgerOutput

    func run() async throws {
        try await ending {
            let (policy, log) = try reading.load()
            let bytes = try await withHTTP {
                try await HTTPSource($0, url: reading.url).fetch("checkpoint", limit: Note.byteMax)
            }
            let signed = try policy.verify(bytes, log: log)
            let by = try policy.cosigners(of: signed.note)
            output.result([
                ("origin", signed.checkpoint.origin), ("size", "\(signed.size)"), ("root", signed.root.base64),
                ("witnesses", by.sorted().joined(separator: " ")),
            ])
        }
    }
}

/// `warifu ledger prove`
struct LedgerProve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Make an inclusion proof from verified tiles.")
    @OptionGroup var reading: LedgerReading
    @Option(help: "Index of the leaf.") var index: UInt64
    @Option(help: "File for the proof; standard output without it.") var out: String?

    func run() async throws {
        try await ending {
            let (policy, log) = try reading.load()
            let proof = try await withHTTP { client in
                let follower = try Follower(
                    policy: policy, log: log, source: HTTPSource(client, url: reading.url), state: NoState(),
                    now: unixTime)
                try await follower.update()
                return try await follower.prove(index)
            }
            if let out {
                try Data(proof.encoded).write(to: URL(fileURLWithPath: out))
            } else {
                FileHandle.standardOutput.write(Data(proof.encoded))
            }
        }
    }
}

/// `warifu ledger verify`
struct LedgerVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify a proof file, offline, step by step.")
    @Option(help: "Proof file (.tlog-proof), or a URL of one.") var proof: String
    @Option(help: "The leaf in hexadecimal.") var leaf: String
    @Option(help: "Policy file: the log's key, witnesses, quorum.") var policy: String
    @OptionGroup var output: LedgerOutput

    func run() async throws {
        try await ending {
            let (policy, log) = try loadPolicy(policy)
            let file = try ProofFile(parsing: try await load())
            output.step("the file is a tlog-proof of version 1, for index \(file.index)")
            guard let bytes = Hex.decode(leaf) else { throw ValidationError("the leaf is not hexadecimal") }
            let signed = try SignedCheckpoint(parsing: file.note, origin: log.origin, log: log.key)
            output.step("the checkpoint of \(log.origin) over \(signed.size) leaves is signed by the log's key")
            _ = try policy.verify(file.note, log: log)
            let by = try policy.cosigners(of: signed.note).sorted().joined(separator: ", ")
            output.step("the witness quorum has signed it: \(by.isEmpty ? "the policy asks for none" : by)")
            try file.verify(entry: bytes, policy: policy, log: log)
            output.step("the leaf hashes up to the root \(signed.root.base64)")
            output.result([("verified", "yes"), ("index", "\(file.index)"), ("size", "\(signed.size)")])
        }
    }

    private func load() async throws -> [UInt8] {
        guard proof.hasPrefix("http://") || proof.hasPrefix("https://") else {
            guard let bytes = try DurableFile(proof).read() else { throw ValidationError("there is no file \(proof)") }
            return bytes
        }
        guard let slash = proof.lastIndex(of: "/") else { throw ValidationError("not a URL") }
        return try await withHTTP {
            try await HTTPSource($0, url: String(proof[...slash])).fetch(
                String(proof[proof.index(after: slash)...]), limit: ProofFile.byteMax)
        }
    }
}

/// `warifu ledger audit`
struct LedgerAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Derive the whole log again from its leaves and compare everything.")
    @OptionGroup var reading: LedgerReading
    @Option(help: "Tasks at a time.") var parallel = 4
    @OptionGroup var output: LedgerOutput

    func run() async throws {
        try await ending {
            let (policy, log) = try reading.load()
            let report = try await withHTTP { client in
                let source = HTTPSource(client, url: reading.url)
                let signed = try policy.verify(try await source.fetch("checkpoint", limit: Note.byteMax), log: log)
                output.step("the checkpoint over \(signed.size) leaves is signed by the log and the quorum")
                let output = output
                let audit = Audit(source, parallel: parallel) { output.progress($0, of: signed.size) }
                return try await audit.run(signed.checkpoint)
            }
            output.step("\(report.tiles) tiles and the root are what the leaves give")
            output.result([("audited", "yes"), ("size", "\(report.size)"), ("root", report.root.base64)])
        }
    }
}
