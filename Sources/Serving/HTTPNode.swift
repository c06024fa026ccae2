import Crypto
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

    /// - Parameters:
    ///   - tls: nil serves plain HTTP, for loopback and behind a proxy.
    ///   - onReady: gets the port as soon as it listens.
    /// - Throws: what NIOSSL throws for a bad configuration.
    public init(
        _ address: Address, tls: TLSConfiguration? = nil, limits: ServingLimits = ServingLimits(),
        metrics: ServingMetrics = ServingMetrics(), logger: Logger,
        onReady: @escaping @Sendable (Int) -> Void = { _ in },
        handler: @escaping ServedHandler
    ) throws {
        let gate = Gate(limits: limits, metrics: metrics, handler: handler)
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                idleTimeout: .seconds(limits.idleSeconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headersMax, maxHeaderListSize: limits.headersMax, maxHeaderFieldCount: 64
                )))
        application = Application(
            responder: CallbackResponder { (request: Request, context: PeerContext) in
                await gate.respond(request, context)
            },
            server: try tls.map { try .tls(plain, tlsConfiguration: $0) } ?? plain,
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connectionsMax, logger: logger)),
            onServerRunning: { onReady($0.localAddress?.port ?? 0) }, logger: logger)
    }

    /// Serves until the service group stops it; requests under way are answered.
    public func run() async throws { try await application.run() }
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
    let handler: ServedHandler

    func respond(_ request: Request, _ context: PeerContext) async -> Response {
        guard metrics.begin(limit: limits.requestsMax) else {
            return response(ServedAnswer(503, headers: ["retry-after": "1"]))
        }
        let start = ContinuousClock.now
        let answer = await answer(request, context)
        metrics.end(answer.status, after: ContinuousClock.now - start)
        return response(answer)
    }

    private func answer(_ request: Request, _ context: PeerContext) async -> ServedAnswer {
        guard let method = ServedRequest.Method(rawValue: request.method.rawValue), limits.methods.contains(method)
        else { return ServedAnswer(405) }
        guard let (path, query) = target(request.head.path ?? "") else { return ServedAnswer(404) }
        var body = [UInt8]()
        if method == .post || method == .put {
            // A length must be named, so that too much is refused before it is read.
            guard let length = request.headers[.contentLength].flatMap(Int.init), length >= 0 else {
                return ServedAnswer(411)
            }
            let most = limits.bodyMost(path)
            guard length <= most else { return ServedAnswer(413, headers: ["connection": "close"]) }
            guard let bytes = await collect(request.body, most) else {
                return ServedAnswer(408, headers: ["connection": "close"])
            }
            body = bytes
        }
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

    /// Path and query; nil for one that is too long, or has a query where none is taken.
    private func target(_ target: String) -> (path: String, query: String)? {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.utf8.count <= 512 else { return nil }
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
        let slot = Slot()
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

/// The first of two answers.
private final class Slot: Sendable {
    private struct State {
        var answer: ServedAnswer?
        var waiter: CheckedContinuation<ServedAnswer, Never>?
    }
    private let state = Mutex(State())

    func fill(_ answer: ServedAnswer) {
        state.withLock { state -> CheckedContinuation<ServedAnswer, Never>? in
            guard state.answer == nil else { return nil }
            state.answer = answer
            defer { state.waiter = nil }
            return state.waiter
        }?.resume(returning: answer)
    }

    func value() async -> ServedAnswer {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if state.answer == nil { state.waiter = continuation }
                return state.answer
            }
            if let now { continuation.resume(returning: now) }
        }
    }
}
