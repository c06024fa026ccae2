import AsyncHTTPClient
import Exchanges
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Polymorphic
import Ristretto255
import Serving
import ServiceLifecycle

/// Says who called and what came in; refuses what begins with a zero byte, with the code behind it.
struct Mirror: Node {
    let id: PartyID

    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        guard body.first != 0 else {
            let code = Refusal.Code.allCases[Int(body[1])]
            throw Refusal(code, at: body.count > 2 ? Int(body[2]) : nil)
        }
        return Array("\(peer.map(\.description) ?? "nobody") ".utf8) + body
    }
}

/// One node behind HTTPS, and identities that call it.
struct Place: Sendable {
    let authority: DevelopmentCA
    let known: DevelopmentCA.Identity
    let unknown: DevelopmentCA.Identity
    let port: Int
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    static let host = "mirror.warifu"
    var url: String { "https://\(Self.host):\(port)" }

    init(limits: ServingLimits = ServingLimits()) async throws {
        authority = try DevelopmentCA(name: "tests", now: Date())
        known = try authority.issue("hospital-a")
        unknown = try authority.issue("stranger")
        let identity = try authority.issue("mirror", hosts: [Self.host], callsOthers: true)
        let (node, caller) = (Mirror(id: try PartyID("mirror")), try PartyID("hospital-a"))
        let api = CallAPI(node, calls: [.decide, .head]) { [known] fingerprint in
            fingerprint.bytes == known.fingerprint ? caller : nil
        }
        var limits = limits
        limits.bodyMaxByPath = CallAPI.bodyMax
        // A machine that is busy is no fault of the server.
        limits.answerWithin = .seconds(60)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let server = try HTTPNode(
            .init(host: "127.0.0.1", port: 0),
            tls: try NodeTLS.server(identity, root: authority.certificate, admittingDevices: true), limits: limits,
            logger: logger, onReady: { ready.yield($0) },
            handler: { await api.answer($0) ?? ServedAnswer(404) })
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
        (self.group, task) = (group, Task { try await group.run() })
        var listening = ports.makeAsyncIterator()
        guard let port = await listening.next() else { throw CancellationError() }
        self.port = port
    }

    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await task.value
    }

    /// Runs `body` with a client of an identity.
    func client<R>(
        _ identity: DevelopmentCA.Identity?, root: String? = nil, _ body: (HTTPClient) async throws -> R
    ) async throws -> R {
        let client = HTTPTransport.client(
            try NodeTLS.client(identity, root: root ?? authority.certificate), hosts: [Self.host: "127.0.0.1"],
            connecting: 60, patience: 60)
        do {
            let result = try await body(client)
            try await client.shutdown()
            return result
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    func transport(_ client: HTTPClient, as own: PartyID?) -> HTTPTransport {
        HTTPTransport(client, own: own) { [url] in $0.description == "mirror" ? url : nil }
    }

    /// A raw request, for what a good client never sends.
    func call(
        _ client: HTTPClient, _ path: String, _ method: HTTPMethod = .POST, _ body: [UInt8] = [1],
        type: String? = CallAPI.contentType
    ) async throws -> (status: Int, body: [UInt8], headers: HTTPHeaders) {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        if let type { request.headers.add(name: "content-type", value: type) }
        if method != .GET { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return (Int(response.status.code), Array(bytes.readableBytesView), response.headers)
    }
}
