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
import Synchronization

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

/// How often something happened, and a way to wait for it.
final class Tally: Sendable {
    private let count = Mutex(0)
    private let (changes, feed) = AsyncStream.makeStream(of: Int.self)

    var value: Int { count.withLock { $0 } }
    func add() {
        feed.yield(
            count.withLock { count in
                count += 1
                return count
            })
    }
    /// Waits until it has happened so often.
    func reaches(_ wanted: Int) async {
        guard value < wanted else { return }
        for await count in changes where count >= wanted { return }
    }
}

/// One node behind HTTPS, and identities that call it.
struct Place: Sendable {
    let authority: DevelopmentCA
    let known: DevelopmentCA.Identity
    let unknown: DevelopmentCA.Identity
    let port: Int
    let server: HTTPNode
    /// Requests that came through to the handler.
    let heard: Tally
    let isPlain: Bool
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    static let host = "mirror.warifu"
    var url: String { (isPlain ? "http" : "https") + "://\(Self.host):\(port)" }

    /// - Parameter handler: what is served instead of a mirror, given who is known.
    init(
        limits: ServingLimits = ServingLimits(), isPlain: Bool = false, health: NodeHealth? = nil,
        handler: (@Sendable (DevelopmentCA.Identity) throws -> ServedHandler)? = nil
    ) async throws {
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
        let calls: ServedHandler = { await api.answer($0) ?? ServedAnswer(404) }
        let inner = try handler?(known) ?? calls
        let heard = Tally()
        let server = try HTTPNode(
            .init(host: "127.0.0.1", port: 0),
            tls: isPlain
                ? nil : try NodeTLS.server(identity, root: authority.certificate, admittingDevices: true),
            limits: limits, health: health, logger: logger, onReady: { ready.yield($0) },
            handler: { request in
                heard.add()
                return await inner(request)
            })
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
        (self.server, self.heard, self.isPlain) = (server, heard, isPlain)
        (self.group, task) = (group, Task { try await group.run() })
        var listening = ports.makeAsyncIterator()
        guard let port = await listening.next() else { throw CancellationError() }
        self.port = port
    }

    /// Runs `body` at a place that is stopped afterwards.
    static func with(
        limits: ServingLimits = ServingLimits(), isPlain: Bool = false, health: NodeHealth? = nil,
        handler: (@Sendable (DevelopmentCA.Identity) throws -> ServedHandler)? = nil,
        _ body: (Place) async throws -> Void
    ) async throws {
        let place = try await Place(limits: limits, isPlain: isPlain, health: health, handler: handler)
        do { try await body(place) } catch {
            try await place.stop()
            throw error
        }
        try await place.stop()
    }

    /// Begins to stop, as at SIGTERM.
    func beginStopping() async { await group.triggerGracefulShutdown() }
    /// Waits until nothing is served any more.
    func ended() async throws { try await task.value }

    func stop() async throws {
        await beginStopping()
        try await ended()
    }

    /// Runs `body` with a client of an identity.
    func client<R>(
        _ identity: DevelopmentCA.Identity?, root: String? = nil, connecting: Int64 = 60,
        _ body: (HTTPClient) async throws -> R
    ) async throws -> R {
        let client = HTTPTransport.client(
            isPlain ? nil : try NodeTLS.client(identity, root: root ?? authority.certificate),
            hosts: [Self.host: "127.0.0.1"], connecting: connecting, patience: 60)
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
