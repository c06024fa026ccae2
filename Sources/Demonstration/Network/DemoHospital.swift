import AsyncHTTPClient
import Deployment
import Device
import Exchanges
import FHIR
import Foundation
import NIOCore
import NIOHTTP1
import Polymorphic
import Serving

/// A hospital's own system: FHIR and the desk of its gateway over HTTPS, as docs/interfaces.md has them.
struct DemoHospital: Sendable {
    let about: ReadyFile.Hospital
    let client: HTTPClient

    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]

        /// - Throws: `DemoFault` where it is not JSON.
        func json(_ what: String) throws -> JSONValue {
            guard let root = try? JSONDocument(body).root else { throw DemoFault(check: what + ".json") }
            return root
        }
    }

    private static let answerMax = 64 << 20
    private static let json = "application/json"

    private func send(
        _ method: HTTPMethod, _ url: String, _ body: [UInt8]? = nil, type: String = json, token: Bool = true
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if token { request.headers.add(name: "authorization", value: "Bearer " + about.token) }
        if let body {
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: .seconds(300))
        let read = try await response.body.collect(upTo: Self.answerMax)
        return Answer(status: Int(response.status.code), body: Array(read.readableBytesView))
    }

    // MARK: FHIR

    /// Sends a transaction.
    func send(_ bundle: DemoBundle, token: Bool = true) async throws -> Answer {
        try await send(.POST, about.fhir, bundle.json, type: "application/fhir+json", token: token)
    }

    /// All pages of `Patient/ID/$everything`.
    func everything(_ patient: String) async throws -> [JSONValue] {
        var (next, read) = (Optional("\(about.fhir)/Patient/\(patient)/$everything"), [JSONValue]())
        while let url = next {
            let answer = try await send(.GET, url)
            guard answer.status == 200, read.count < 1_000_000 else {
                throw DemoFault(check: "everything.\(answer.status)")
            }
            let page = try answer.json("everything")
            read += (page["entry"]?.each ?? []).compactMap { $0["resource"] }
            next = page["link"]?.each.first { $0["relation"]?.string == "next" }?["url"]?.string
        }
        return read
    }

    // MARK: The desk

    func ask(_ path: String, _ members: [(String, JSONText)] = []) async throws -> Answer {
        try await send(.POST, about.desk + path, JSONText.object(members).bytes)
    }

    /// Somebody is here: the terminal shows a text, and the phone answers it.
    /// - Returns: the id of the visit.
    func visit(_ open: OpenPhone) async throws -> String {
        let begun = try await ask("/visits", [("purpose", "treatment")])
        guard begun.status == 201, let id = try begun.json("visit")["visit"]?.string else {
            throw DemoFault(check: "visit.\(begun.status)")
        }
        let shown = try await send(.GET, "\(about.desk)/visits/\(id)", token: false)
        let json = try shown.json("visit.shown")
        guard let text = json["text"]?.string.flatMap({ Data(base64Encoded: $0) }),
            let signature = json["signature"]?.string.flatMap({ Data(base64Encoded: $0) })
        else { throw DemoFault(check: "visit.shown") }
        let presentation = try await open.phone.present(try TerminalText(wire: Array(text)), Array(signature))
        let taken = try await send(
            .POST, "\(about.desk)/visits/\(id)/presentation", presentation.bytes, type: CallAPI.contentType,
            token: false)
        guard taken.status == 204 else { throw DemoFault(check: "visit.presented.\(taken.status)") }
        return id
    }
}
