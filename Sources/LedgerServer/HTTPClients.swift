public import AsyncHTTPClient
import Ledger
import NIOCore
import NIOHTTP1
import NIOSSL
import Serving
import TransparencyLog

/// A client for logs and witnesses. One for the process; shut it down before it goes.
public func makeLedgerHTTPClient(tls: TLSConfiguration? = nil) -> HTTPClient {
    HTTPTransport.client(tls, patience: 10)
}

private func call(
    _ client: HTTPClient, _ request: HTTPClientRequest, limit: Int, within: TimeAmount
) async throws -> (status: Int, body: [UInt8]) {
    do {
        let response = try await client.execute(request, timeout: within)
        let body = try await response.body.collect(upTo: limit)
        return (Int(response.status.code), Array(body.readableBytesView))
    } catch is NIOTooManyBytesError { throw SourceFault.tooLarge } catch {
        throw SourceFault.unreachable("no answer in time")
    }
}

/// A log behind a URL.
public struct HTTPSource: LogSource {
    private let client: HTTPClient
    private let prefix: String

    /// - Parameter url: the prefix under which `checkpoint` is found.
    public init(_ client: HTTPClient, url: String) {
        self.client = client
        prefix = url.hasSuffix("/") ? url : url + "/"
    }

    public func fetch(_ path: String, limit: Int) async throws -> [UInt8] {
        let (status, body) = try await call(
            client, HTTPClientRequest(url: prefix + path), limit: limit, within: .seconds(10))
        switch status {
        case 200: return body
        case 404: throw SourceFault.notFound
        default: throw SourceFault.unreachable("status \(status)")
        }
    }

    public func checkpoint(after known: [UInt8], wait: Duration) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: prefix + "checkpoint")
        request.headers.add(name: "if-none-match", value: CheckpointWait.tag(of: known))
        request.headers.add(name: "prefer", value: "wait=\(max(0, wait.components.seconds))")
        let (status, body) = try await call(client, request, limit: Note.byteMax, within: .seconds(10))
        switch status {
        case 200: return body
        case 304: return known
        default: throw SourceFault.unreachable("status \(status)")
        }
    }
}

/// A witness behind a URL.
public struct HTTPWitness: WitnessClient {
    private static let answerMax = 64 << 10
    private let client: HTTPClient
    private let prefix: String
    private let within: TimeAmount

    public init(_ client: HTTPClient, url: String, within: Duration = .seconds(1)) {
        self.client = client
        prefix = url.hasSuffix("/") ? url : url + "/"
        self.within = TimeAmount(within)
    }

    public func add(_ request: AddCheckpoint) async throws -> WitnessAnswer {
        var post = HTTPClientRequest(url: prefix + "add-checkpoint")
        post.method = .POST
        post.body = .bytes(ByteBuffer(bytes: request.encoded))
        let (status, body) = try await call(client, post, limit: Self.answerMax, within: within)
        return try WitnessAnswer(status: status, body: body)
    }

    public func latest(origin: String) async throws -> [UInt8]? {
        let request = HTTPClientRequest(url: "\(prefix)\(Witness.hash(origin))/checkpoint")
        let (status, body) = try await call(client, request, limit: Note.byteMax, within: within)
        switch status {
        case 200: return body
        case 404: return nil
        default: throw SourceFault.unreachable("status \(status)")
        }
    }
}
