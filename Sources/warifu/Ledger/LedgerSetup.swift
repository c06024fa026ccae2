import ArgumentParser
import Foundation
import Ledger
import SQLiteStore
import Serving
import TransparencyLog

/// `warifu ledger key`
struct LedgerKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make a signing key; prints the public one.")
    @Option(help: "Name of the signer, e.g. ledger.example/exchange-2026.") var name: String
    @Option(help: "File for the private key; only its owner can read it.") var out: String
    @Flag(help: "A cosignature key, for a witness or a mirror.") var cosignature = false
    @OptionGroup var output: LedgerOutput

    func run() async throws {
        try await ending {
            let key = try makeKey(name, cosignature ? .cosignature : .ed25519, LedgerFiles(directory: "."), out)
            output.result([("key", key.description)])
        }
    }
}

/// Draws a seed and writes the private key.
func makeKey(_ name: String, _ algorithm: NoteAlgorithm, _ files: LedgerFiles, _ file: String) throws -> NoteVerifierKey
{
    var random = SystemRandomNumberGenerator()
    let seed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    let text = try SeedSigner.privateKeyText(name: name, algorithm: algorithm, seed: seed)
    if file.hasPrefix("/") {
        try LedgerFiles(directory: "").write(String(file.dropFirst()), text + "\n")
    } else {
        try files.write(file, text + "\n")
    }
    return try SeedSigner.parse(privateKey: text).key
}

/// `warifu ledger init`
struct LedgerInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a new ledger in a directory: key, policy, list of appenders, store.")
    @Option(help: "Directory; it is made if it is not there.") var dir: String
    @Option(help: "Name of the log, for ever: ledger.<domain>/exchange-<year>.") var origin: String
    @Option(help: "A witness as <vkey>=<url>; may be given several times.") var witness: [String] = []
    @Option(help: "How many witnesses make the quorum; more than half by default.") var quorum: Int?
    @Option(help: "URL under which the log will be read, for the policy file.") var url: String?
    @Flag(help: "Make a certificate authority and certificates for development as well.") var development = false
    @OptionGroup var output: LedgerOutput

    func run() async throws {
        try await ending {
            try FileManager.default.createDirectory(atPath: dir, withIntermediateDirectories: true)
            let files = LedgerFiles(directory: dir)
            let key = try makeKey(origin, .ed25519, files, "log.key")
            let policy = try policyText(key)
            _ = try WitnessPolicy(parsing: Array(policy.utf8))
            try files.write("policy.txt", policy)
            var appenders = "# number role id SHA-256-of-the-public-key\n"
            if development { appenders += try certificates(files) }
            try files.write("appenders.txt", appenders)
            let store = try SQLiteLedgerStore(path: files.path("ledger.sqlite"))
            await store.close()
            output.result([("key", key.description), ("policy", files.path("policy.txt"))])
        }
    }

    private func policyText(_ key: NoteVerifierKey) throws -> String {
        var text = "log \(key)\(url.map { " " + $0 } ?? "")\n"
        var names = [String]()
        for entry in witness {
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            // Base64 padding ends the key; the URL begins behind the last `=` before `http`.
            guard let split = entry.range(of: "=http"), parts.count == 2 else {
                throw StartFault.configuration("a witness is <vkey>=<url>")
            }
            let vkey = try NoteVerifierKey(parsing: entry[..<split.lowerBound])
            names.append(vkey.name)
            text += "witness \(vkey.name) \(vkey) \(entry[entry.index(after: split.lowerBound)...])\n"
        }
        guard !names.isEmpty else { return text + "quorum none\n" }
        let threshold = quorum ?? names.count / 2 + 1
        return text + "group witnesses \(threshold) \(names.joined(separator: " "))\nquorum witnesses\n"
    }

    private func certificates(_ files: LedgerFiles) throws -> String {
        let authority = try DevelopmentCA(name: "warifu development", now: Date())
        let server = try authority.issue("ledger", hosts: ["localhost"])
        let client = try authority.issue("t1.example")
        for (name, text) in [
            ("ca.pem", authority.certificate), ("server.pem", server.certificate), ("server.key", server.key),
            ("client.pem", client.certificate), ("client.key", client.key),
        ] { try files.write(name, text) }
        return "1 transcryptor t1.example \(Hex.encode(client.fingerprint))\n"
    }
}
