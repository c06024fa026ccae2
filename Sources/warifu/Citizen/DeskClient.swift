import AsyncHTTPClient
import Deployment
import Exchanges
import Foundation
import Policy
import NIOCore
import NIOHTTP1
import Polymorphic
import Serving

/// Where one visit at a desk is. What a terminal shows is from outside: only what fits goes into a URL.
struct DeskVisit: Equatable {
    /// `https://host:port/desk/visits/ID`.
    let url: String

    /// - Throws: `CommandFault` `deskAddress`.
    init(desk: String, visit: String) throws {
        let isID = (1...128).contains(visit.utf8.count) && visit.utf8.allSatisfy(Self.isOfID)
        guard isID, desk.utf8.count <= 1_024, let parts = URLComponents(string: desk), parts.scheme == "https",
            parts.host?.isEmpty == false, parts.user == nil, parts.password == nil, parts.query == nil,
            parts.fragment == nil, !parts.path.contains("..")
        else { throw CommandFault(.deskAddress) }
        url = (desk.hasSuffix("/") ? String(desk.dropLast()) : desk) + "/visits/" + visit
    }

    private static func isOfID(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// What a terminal shows and signs, as the desk gives it.
struct ShownAtDesk: Decodable {
    /// Base64 both.
    let text: String
    let signature: String

    /// - Throws: `CommandFault` `deskAnswer`.
    static func parse(_ body: [UInt8]) throws -> (TerminalText, [UInt8]) {
        guard let shown = try? JSONDecoder().decode(ShownAtDesk.self, from: Data(body)),
            let text = Data(base64Encoded: shown.text), let signature = Data(base64Encoded: shown.signature),
            let read = try? TerminalText(wire: Array(text))
        else { throw CommandFault(.deskAnswer) }
        return (read, Array(signature))
    }
}

/// A desk as a phone talks to it: over TLS, without a credential.
struct DeskClient {
    private static let answerMax = 64 << 10
    private let client: HTTPClient
    private let visit: DeskVisit

    init(_ client: HTTPClient, _ visit: DeskVisit) { (self.client, self.visit) = (client, visit) }

    func shown() async throws -> (TerminalText, [UInt8]) {
        let (status, body) = try await send(HTTPClientRequest(url: visit.url))
        guard status == 200 else { throw Self.fault(status) }
        return try ShownAtDesk.parse(body)
    }

    func present(_ presentation: Presentation) async throws {
        var request = HTTPClientRequest(url: visit.url + "/presentation")
        request.method = .POST
        request.headers.add(name: "content-type", value: CallAPI.contentType)
        request.body = .bytes(ByteBuffer(bytes: presentation.bytes))
        let (status, _) = try await send(request)
        guard (200...299).contains(status) else { throw Self.fault(status) }
    }

    /// A visit that is over and one that never was look the same from outside.
    static func fault(_ status: UInt) -> CommandFault {
        switch status {
        case 403, 404, 410: CommandFault(.noVisit)
        case 502...504: CommandFault(.unreachable)
        default: CommandFault(.deskRefused)
        }
    }

    private func send(_ request: HTTPClientRequest) async throws -> (UInt, [UInt8]) {
        do {
            let response = try await client.execute(request, timeout: .seconds(30))
            let body = try await response.body.collect(upTo: Self.answerMax)
            return (response.status.code, Array(body.readableBytesView))
        } catch is NIOTooManyBytesError { throw CommandFault(.deskAnswer) } catch {
            throw CommandFault(.unreachable)
        }
    }
}
