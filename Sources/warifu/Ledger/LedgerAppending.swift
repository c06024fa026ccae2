import ArgumentParser
import AsyncHTTPClient
import Foundation
import Ledger
import LedgerServer
import NIOCore
import NIOHTTP1
import Polymorphic
import Serving
import TransparencyLog

/// `warifu ledger append`
struct LedgerAppend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append", abstract: "Append leaves, or a public record, with a client certificate.")
    @Option(help: "URL of the append side, e.g. https://localhost:8443.") var url: String
    @Option(help: "Directory with ca.pem, client.pem and client.key.") var dir: String
    @Option(help: "A leaf in hexadecimal; may be given several times.") var leaf: [String] = []
    @Option(help: "File with a public record; its leaf is made from it.") var record: String?
    @Option(help: "Append so many leaves of random bytes: for trying out.") var random = 0
    @Flag(help: "Wait for the witnesses; with --out, write the proofs.") var witnessed = false
    @Option(help: "Directory for proof files, one for each leaf.") var out: String?
    @OptionGroup var output: LedgerOutput

    func run() async throws {
        try await ending {
            let files = LedgerFiles(directory: dir)
            let identity = DevelopmentCA.Identity(
                certificate: try files.text("client.pem"), key: try files.text("client.key"), fingerprint: [])
            let client = makeLedgerHTTPClient(tls: try NodeTLS.client(identity, root: try files.text("ca.pem")))
            do {
                try await append(client)
                try await client.shutdown()
            } catch {
                try? await client.shutdown()
                throw error
            }
        }
    }

    private func append(_ client: HTTPClient) async throws {
        var leaves = [(leaf: [UInt8], record: [UInt8])]()
        for text in leaf {
            guard let bytes = Hex.decode(text) else { throw ValidationError("a leaf is not hexadecimal") }
            leaves.append((bytes, []))
        }
        if let record {
            guard let body = try DurableFile(record).read() else { throw ValidationError("there is no file \(record)") }
            leaves.append((LedgerLeaf(record: body).bytes, body))
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<max(0, random) {
            leaves.append(([1, 1] + (0..<96).map { _ in UInt8.random(in: 0...255, using: &generator) }, []))
        }
        guard !leaves.isEmpty else { throw ValidationError("nothing to append: give --leaf, --record or --random") }
        var last = ""
        for start in stride(from: 0, to: leaves.count, by: 256) {
            let part = Array(leaves[start..<min(leaves.count, start + 256)])
            for (number, field) in try await call(client, part).enumerated() {
                last = try show(field, start + number)
            }
        }
        output.result([("appended", "\(leaves.count)"), ("last", last)])
    }

    private func call(_ client: HTTPClient, _ leaves: [(leaf: [UInt8], record: [UInt8])]) async throws -> [[UInt8]] {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        var request = HTTPClientRequest(url: base + (witnessed ? "/v1/append-witnessed" : "/v1/append"))
        request.method = .POST
        request.headers.add(name: "content-type", value: AppendAPI.contentType)
        let body = Wire.list([Wire.list(leaves.map(\.leaf)), Wire.list(leaves.map(\.record))])
        request.body = .bytes(ByteBuffer(bytes: body))
        let response: HTTPClientResponse
        do { response = try await client.execute(request, timeout: .seconds(15)) } catch {
            throw SourceFault.unreachable("no answer from \(base)")
        }
        let answer = Array(try await response.body.collect(upTo: 16 << 20).readableBytesView)
        guard response.status == .ok else {
            let code = (try? Wire.fields(of: answer, 2)).map { String(decoding: $0[0], as: UTF8.self) } ?? ""
            throw SourceFault.unreachable("refused with \(response.status.code) \(code)")
        }
        return try Wire.elements(of: try Wire.fields(of: answer, 1)[0])
    }

    /// - Returns: the index, as text.
    private func show(_ field: [UInt8], _ number: Int) throws -> String {
        guard witnessed else { return "\(field.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })" }
        let proof = try ProofFile(parsing: field)
        if let out {
            try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
            try Data(field).write(to: URL(fileURLWithPath: "\(out)/\(proof.index).tlog-proof"))
        }
        return "\(proof.index)"
    }
}
