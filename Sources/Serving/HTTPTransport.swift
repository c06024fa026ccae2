public import AsyncHTTPClient
public import Exchanges
import NIOCore
import NIOHTTP1
public import NIOSSL
import Polymorphic

/// Carries calls over HTTPS. Who calls is said by the client certificate; a server is believed by the name in its own.
public struct HTTPTransport: Transport {
    /// The base URLs of nodes, without a slash at the end.
    public typealias Addresses = @Sendable (PartyID) -> String?

    private let client: HTTPClient
    private let own: PartyID?
    private let address: Addresses

    /// - Parameters:
    ///   - client: one for each identity; its owner shuts it down.
    ///   - own: whose certificate it has; nil for a device.
    public init(_ client: HTTPClient, own: PartyID?, address: @escaping Addresses) {
        (self.client, self.own, self.address) = (client, own, address)
    }

    /// A client with the identity of one party; its owner shuts it down.
    /// - Parameters:
    ///   - tls: nil for plain HTTP and for servers that anybody may call.
    ///   - hosts: addresses for the names in certificates, where no name service knows them.
    ///   - connecting: how long a connection may take, in seconds.
    ///   - patience: how long a server may be silent, in seconds.
    public static func client(
        _ tls: TLSConfiguration?, hosts: [String: String] = [:], connecting: Int64 = 3, patience: Int64 = 30
    ) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = tls
        configuration.dnsOverride = hosts
        configuration.timeout = .init(connect: .seconds(connecting), read: .seconds(patience))
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        // Otherwise a refused handshake is tried again until the deadline.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    public func send(
        _ call: Call, _ body: [UInt8], to node: PartyID, from caller: PartyID?
    ) async throws(CallFailure) -> [UInt8] {
        guard caller == own, let base = address(node), body.count <= call.bodyMax else { throw .noAnswer }
        var request = HTTPClientRequest(url: base + CallAPI.prefix + call.rawValue)
        request.method = .POST
        request.headers.add(name: "content-type", value: CallAPI.contentType)
        request.body = .bytes(ByteBuffer(bytes: body))
        let (status, answer): (UInt, [UInt8])
        do {
            let response = try await client.execute(request, timeout: call.patience)
            let buffer = try await response.body.collect(upTo: call.bodyMax)
            (status, answer) = (response.status.code, Array(buffer.readableBytesView))
        } catch { throw .noAnswer }
        if status == 200 { return answer }
        // Without a refusal in it, something between us and the node has answered.
        guard let refusal = try? CallFailure.refusal(body: answer) else { throw .noAnswer }
        throw .refused(refusal)
    }
}

extension Call {
    /// How long an answer may take: bodies may be large, and a release waits for the Ledger.
    fileprivate var patience: TimeAmount {
        switch self {
        case .deliver, .bodies: .seconds(120)
        default: .seconds(30)
        }
    }
}
