import AsyncHTTPClient
@testable import Deployment
import Exchanges
import Foundation
import NIOCore
import NIOHTTP1
import Policy
import Polymorphic
import Ristretto255
import Serving
import ServiceLifecycle

/// A server between a phone and a node, under the node's own name: whoever runs the node, or holds its TLS key.
final class HidingProxy: Sendable {
    /// Changes an answer on its way: path and body.
    typealias Lie = @Sendable (_ path: String, _ body: [UInt8]) -> [UInt8]
    static let honest: Lie = { _, body in body }
    let lie = Locked<Lie>(HidingProxy.honest)

    /// Runs one in front of `url` while `body` runs.
    /// - Parameters:
    ///   - identity: nil serves plain HTTP.
    ///   - body: gets the proxy and its port.
    static func run<R: Sendable>(
        _ country: TestCountry, before url: String, identity: DevelopmentCA.Identity?,
        _ body: (HidingProxy, Int) async throws -> R
    ) async throws -> R {
        let (proxy, client, base) = (HidingProxy(), country.client, url.hasSuffix("/") ? String(url.dropLast()) : url)
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let tls = try identity.map { try NodeTLS.server($0, root: country.root, admittingDevices: true) }
        let server = try HTTPNode(
            .init(host: "127.0.0.1", port: 0), tls: tls, limits: NodeStarter.callLimits,
            logger: TestCountry.quiet("proxy"), onReady: { ready.yield($0) }
        ) { await proxy.forward($0, base, client) }
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: server)], logger: TestCountry.quiet("proxy")))
        let running = Task { try await group.run() }
        let result: Result<R, any Error>
        do {
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { throw Refusal(.unavailable) }
            result = .success(try await body(proxy, port))
        } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        _ = try? await running.value
        return try result.get()
    }

    private func forward(_ request: ServedRequest, _ base: String, _ client: HTTPClient) async -> ServedAnswer {
        var out = HTTPClientRequest(url: base + request.path)
        out.method = request.method == .get ? .GET : .POST
        if let type = request.contentType { out.headers.add(name: "content-type", value: type) }
        if request.method == .post { out.body = .bytes(ByteBuffer(bytes: request.body)) }
        do {
            let answer = try await client.execute(out, timeout: .seconds(60))
            let body = Array(try await answer.body.collect(upTo: 8 << 20).readableBytesView)
            let type = answer.headers.first(name: "content-type") ?? CallAPI.contentType
            let status = Int(answer.status.code)
            return ServedAnswer(status, status == 200 ? lie.withLock { $0 }(request.path, body) : body, type: type)
        } catch { return ServedAnswer(503) }
    }
}
