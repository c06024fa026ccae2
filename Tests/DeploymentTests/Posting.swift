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

/// What an attacker of a country does: any bytes to any path of any node.
extension TestCountry {
    struct Answer: Sendable {
        let status: Int
        /// Of a refusal.
        let code: String?
        let body: [UInt8]
    }

    /// - Parameter identity: node and name of its certificate; nil: none.
    func post(
        _ path: String, _ body: [UInt8], to node: String, type: String = CallAPI.contentType,
        method: HTTPMethod = .POST, as identity: (node: String, name: String)? = nil
    ) async throws -> Answer {
        guard let identity else { return try await post(client, path, body, to: node, type: type, method: method) }
        let own = try run.addresses.client(try home.node(identity.node).identity(identity.name), root: root)
        let result: Result<Answer, any Error>
        do {
            result = .success(try await post(own, path, body, to: node, type: type, method: method))
        } catch { result = .failure(error) }
        try await own.shutdown()
        return try result.get()
    }

    private func post(
        _ client: HTTPClient, _ path: String, _ body: [UInt8], to node: String, type: String, method: HTTPMethod
    ) async throws -> Answer {
        let base = run.addresses[try PartyID(node)]?.url ?? ""
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if method != .GET {
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: .seconds(120))
        let answer = Array(try await response.body.collect(upTo: 4 << 20).readableBytesView)
        return Answer(
            status: Int(response.status.code), code: (try? CallFailure.refusal(body: answer))?.code.rawValue,
            body: answer)
    }

    /// The same bytes in this process, where guards of a test can be off.
    /// - Returns: the status.
    func inside(_ api: ServedPart, _ path: String, _ body: [UInt8]) async throws -> Int? {
        await api(ServedRequest(method: .post, path: path, contentType: CallAPI.contentType, body: body))?.status
    }

    func node<N>(_ id: String) throws -> N {
        guard let node = run.node(id)?.node as? N else { throw DeploymentFault.usage("there is no \(id)") }
        return node
    }

    /// What the authority has published from a number on, as much as it answers.
    func published(from first: UInt64 = 0) async throws -> [[UInt8]] {
        let answer = try await post("/v1/entries", Wire.list([first.bigEndianBytes]), to: "authority")
        guard answer.status == 200 else { throw DeploymentFault.usage("status \(answer.status)") }
        return try Wire.elements(of: answer.body, maximum: 256)
    }
}
