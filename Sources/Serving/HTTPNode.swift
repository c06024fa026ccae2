import Crypto
import Guards
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
public import ServiceLifecycle
import SwiftASN1
import Synchronization
import X509

/// The HTTP server that nodes share: bounds on everything, optional mutual TLS, counters, graceful stop.
public struct HTTPNode: Service {
    /// Where it listens; port 0 takes a free one.
    public struct Address: Sendable {
        public var host: String
        public var port: Int
        public init(host: String, port: Int) { (self.host, self.port) = (host, port) }
    }

    private let application: Application<CallbackResponder<PeerContext>>
    private let connections: Connections
    private let limits: ServingLimits
    private let health: NodeHealth?
    private let logger: Logger

    /// - Parameters:
    ///   - tls: nil serves plain HTTP, for loopback and behind a proxy.
    ///   - health: is told when draining begins.
    ///   - onReady: gets the port as soon as it listens.
    /// - Throws: what NIOSSL throws for a bad configuration.
    public init(
        _ address: Address, tls: TLSConfiguration? = nil, limits: ServingLimits = ServingLimits(),
        metrics: ServingMetrics = ServingMetrics(), health: NodeHealth? = nil, logger: Logger,
        onReady: @escaping @Sendable (Int) -> Void = { _ in },
        handler: @escaping ServedHandler
    ) throws {
        let gate = Gate(limits: limits, metrics: metrics, health: health, handler: handler)
        let connections = Connections(
            most: limits.connectionsMax, lingers: limits.lingers, closesUnread: enforced("guard:serving.unread"),
            evicts: enforced("guard:serving.crowd"))
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [connections.watch()], idleTimeout: .seconds(limits.idleSeconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headersMax, maxHeaderListSize: limits.headersMax, maxHeaderFieldCount: 64
                )))
        application = Application(
            responder: CallbackResponder { (request: Request, context: PeerContext) in
                await gate.respond(request, context)
            },
            server: try tls.map { try Self.builder(plain, $0) } ?? plain,
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connectionsMax, logger: logger)),
            onServerRunning: { onReady($0.localAddress?.port ?? 0) }, logger: logger)
        (self.connections, self.limits, self.health, self.logger) = (connections, limits, health, logger)
    }

    private static func builder(_ plain: HTTPServerBuilder, _ tls: TLSConfiguration) throws -> HTTPServerBuilder {
        if enforced("guard:serving.client-chain") { return try .tls(plain, tlsConfiguration: tls) }
        return try .tls(
            plain,
            configuration: .init(
                tlsConfiguration: tls, customVerificationCallback: { $1.succeed(.certificateVerified) }))
    }

    /// Connections that are open, and how many gave up their place to others.
    public var connectionCounts: (open: Int, evicted: UInt64) { (connections.count, connections.evicted) }

    /// Serves until the service group stops it: then it takes no connection, ends those that are idle, and answers the
    /// requests that are under way. What is not done within `limits.drainWithin` is cut.
    public func run() async throws {
        let alarm = Mutex<Task<Void, Never>?>(nil)
        defer { alarm.withLock { $0?.cancel() } }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: { [connections, limits, health, logger] in
                health?.beginDraining()
                let task = Task {
                    guard (try? await Task.sleep(for: limits.drainWithin)) != nil else { return }
                    let count = connections.cutAll()
                    if count > 0 { logger.warning("connections were cut at the end", metadata: ["count": "\(count)"]) }
                }
                alarm.withLock { $0 = task }
            }
        } onCancel: { [connections] in
            connections.cutAll()
        }
    }
}

/// Knows the client certificate of its connection.
struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// SHA-256 of the SPKI of the validated client certificate.
    func peer() async -> [UInt8]? {
        // HTTP/1.1: the TLS handler is on the connection's channel. HTTP/2: on the parent of the stream's channel.
        for channel in [channel, channel.parent].compactMap({ $0 }) {
            guard let certificate = try? await channel.nioSSL_peerCertificate().get(),
                let der = try? certificate.toDERBytes()
            else { continue }
            return PeerCache.shared.digest(ofDER: der)
        }
        return nil
    }
}

/// Digests of certificates that were parsed before.
private final class PeerCache: Sendable {
    static let shared = PeerCache()
    private static let countMax = 1_024
    private let known = Mutex<[[UInt8]: [UInt8]]>([:])

    func digest(ofDER der: [UInt8]) -> [UInt8]? {
        if let digest = known.withLock({ $0[der] }) { return digest }
        guard let certificate = try? Certificate(derEncoded: der) else { return nil }
        let digest = Array(SHA256.hash(data: certificate.publicKey.subjectPublicKeyInfoBytes))
        known.withLock { known in
            if known.count >= Self.countMax { known.removeAll() }
            known[der] = digest
        }
        return digest
    }
}

/// Puts the bounds in front of the handler.
private struct Gate: Sendable {
    let limits: ServingLimits
    let metrics: ServingMetrics
    let health: NodeHealth?
    let handler: ServedHandler

    func respond(_ request: Request, _ context: PeerContext) async -> Response {
        guard metrics.begin(limit: limits.requestsMax) else {
            return response(ServedAnswer(503, headers: ["retry-after": "1", "connection": "close"]))
        }
        let start = ContinuousClock.now
        var answer = await answer(request, context)
        metrics.end(answer.status, after: ContinuousClock.now - start)
        // Whoever asks again does so elsewhere.
        if health?.isDraining == true { answer.headers["connection"] = "close" }
        return response(answer)
    }

    /// Refuses before the body is read: what stands in the connection behind it is of no use any more.
    private func refuse(_ status: Int, _ request: Request) -> ServedAnswer {
        let hasBody = request.headers[.contentLength].map { $0 != "0" } ?? (request.headers[.transferEncoding] != nil)
        return ServedAnswer(status, headers: hasBody ? ["connection": "close"] : [:])
    }

    private func answer(_ request: Request, _ context: PeerContext) async -> ServedAnswer {
        guard let method = ServedRequest.Method(rawValue: request.method.rawValue), limits.methods.contains(method)
        else { return refuse(405, request) }
        guard let (path, query) = target(request.head.path ?? "") else { return refuse(404, request) }
        // A length must be named, so that too much is refused before it is read.
        let length = request.headers[.contentLength].flatMap(Int.init)
        let takesBody = method == .post || method == .put
        if enforced("guard:serving.length") {
            guard request.headers[.transferEncoding] == nil, !takesBody || length ?? -1 >= 0 else {
                return refuse(411, request)
            }
        }
        let most = takesBody ? limits.bodyMost(path) : 0
        if enforced("guard:serving.body-size") {
            guard length ?? 0 <= most else { return refuse(413, request) }
        }
        guard let body = await collect(request.body, max(most, length ?? 0)) else { return refuse(408, request) }
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
        }
        let served = ServedRequest(
            method: method, path: path, query: query, contentType: request.headers[.contentType], headers: headers,
            body: body, peer: await context.peer())
        return await bounded(served)
    }

    /// Path and query; nil for one that is too long, or has a query where none is taken. A path is compared as it came,
    /// and never decoded: `%2e` is no dot.
    private func target(_ target: String) -> (path: String, query: String)? {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.utf8.count <= 512, path.first == "/" else { return nil }
        let query = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || limits.queryMax > 0, query.utf8.count <= limits.queryMax else { return nil }
        return (String(path), String(query))
    }

    /// The whole body; nil where it does not come in time, or is not what was announced.
    private func collect(_ body: RequestBody, _ most: Int) async -> [UInt8]? {
        await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { (try? await body.collect(upTo: most)).map { Array($0.readableBytesView) } }
            group.addTask {
                try? await Task.sleep(for: limits.bodyWithin)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// The handler's answer, or 503 when it takes too long; then its task is cancelled and nobody waits for it.
    private func bounded(_ request: ServedRequest) async -> ServedAnswer {
        let slot = FirstValue<ServedAnswer>()
        let work = Task { slot.fill(await handler(request)) }
        let alarm = Task {
            try await Task.sleep(for: limits.answerWithin)
            slot.fill(ServedAnswer(503, headers: ["retry-after": "1"]))
        }
        let answer = await slot.value()
        alarm.cancel()
        work.cancel()
        return answer
    }

    private func response(_ answer: ServedAnswer) -> Response {
        var fields = HTTPFields()
        fields[.contentType] = answer.contentType
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return Response(
            status: .init(code: answer.status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }
}
