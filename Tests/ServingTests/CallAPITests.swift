import AsyncHTTPClient
import Exchanges
import Foundation
import Guards
import NIOCore
import NIOHTTP1
import NIOSSL
import Polymorphic
import Ristretto255
import Testing

@testable import Serving

/// Calls over real TLS connections (PROTOCOL 8.1).
@Suite struct CallAPITests {
    private let mirror: PartyID
    private let hospital: PartyID
    init() throws { (mirror, hospital) = (try PartyID("mirror"), try PartyID("hospital-a")) }

    private func with(
        _ limits: ServingLimits = ServingLimits(), _ body: (Place) async throws -> Void
    ) async throws { try await Place.with(limits: limits, body) }

    @Test func aCallerIsThePartyOfItsCertificateAndADeviceIsNobody() async throws {
        try await with { place in
            try await place.client(place.known) { client in
                let transport = place.transport(client, as: hospital)
                for size in [1, 1_000, 2 << 20] {
                    let body = [UInt8](repeating: 7, count: size - 11 > 0 ? size - 11 : size)
                    let answer = try await transport.send(.decide, body, to: mirror, from: hospital)
                    #expect(answer == Array("hospital-a ".utf8) + body)
                }
                // A transport speaks for its own party alone, and only to nodes that it knows.
                await #expect(throws: CallFailure.noAnswer) {
                    try await transport.send(.decide, [1], to: mirror, from: mirror)
                }
                await #expect(throws: CallFailure.noAnswer) {
                    try await transport.send(.decide, [1], to: hospital, from: hospital)
                }
            }
            try await place.client(nil) { client in
                let answer = try await place.transport(client, as: nil).send(.head, [5], to: mirror, from: nil)
                #expect(answer == Array("nobody ".utf8) + [5])
            }
        }
    }

    @Test func aCertificateThatIsInNoEntryIsRefused() async throws {
        try await with { place in
            try await place.client(place.unknown) { client in
                let transport = place.transport(client, as: nil)
                await #expect(throws: CallFailure.refused(Refusal(.peer))) {
                    try await transport.send(.head, [5], to: mirror, from: nil)
                }
                let status = try await place.call(client, "/v1/head").status
                #expect(status == 403)
            }
        }
        // The same request, with that check alone off: the stranger is heard.
        let stranger = try DevelopmentCA(name: "tests", now: Date()).issue("stranger")
        let api = CallAPI(Mirror(id: mirror), calls: [.head]) { _ in nil }
        let request = ServedRequest(
            method: .post, path: "/v1/head", contentType: CallAPI.contentType, body: [5], peer: stranger.fingerprint)
        let refused = await api.answer(request)
        #expect(refused?.status == 403)
        let heard = await Guards.withOff("guard:serving.certificate") { await api.answer(request) }
        #expect(heard?.status == 200)
    }

    @Test func aCertificateOfAnotherAuthorityGetsNoConnection() async throws {
        try await with { place in
            let other = try DevelopmentCA(name: "others", now: Date())
            let identity = try other.issue("hospital-a")
            _ = try await place.client(identity) { client in
                await #expect(throws: CallFailure.noAnswer) {
                    try await place.transport(client, as: hospital).send(.decide, [1], to: mirror, from: hospital)
                }
            }
            // Nor is a server believed that another authority vouches for, or that has another name.
            _ = try await place.client(place.known, root: other.certificate) { client in
                await #expect(throws: CallFailure.noAnswer) {
                    try await place.transport(client, as: hospital).send(.decide, [1], to: mirror, from: hospital)
                }
            }
            try await place.client(place.known) { client in
                let elsewhere = HTTPTransport(client, own: hospital) { _ in "https://127.0.0.1:\(place.port)" }
                await #expect(throws: CallFailure.noAnswer) {
                    try await elsewhere.send(.decide, [1], to: mirror, from: hospital)
                }
            }
        }
    }

    @Test func everyRefusalComesBackAsItWasMeant() async throws {
        let statuses: [Refusal.Code: Int] = [
            .peer: 403, .directory: 403, .policy: 403, .conflict: 409, .intent: 409, .quota: 429, .ledger: 503,
            .unavailable: 503,
        ]
        try await with { place in
            try await place.client(place.known) { client in
                let transport = place.transport(client, as: hospital)
                for (number, code) in Refusal.Code.allCases.enumerated() {
                    await #expect(throws: CallFailure.refused(Refusal(code, at: 3))) {
                        try await transport.send(.decide, [0, UInt8(number), 3], to: mirror, from: hospital)
                    }
                    let raw = try await place.call(client, "/v1/decide", .POST, [0, UInt8(number)])
                    #expect(raw.status == statuses[code] ?? 400)
                    #expect(raw.headers.contains(name: "retry-after") == (raw.status == 503))
                }
            }
        }
    }

    @Test func wrongFormsAreRefusedByTheirStatusAlone() async throws {
        try await with { place in
            try await place.client(place.known) { client in
                for (path, method, type, status) in [
                    ("/v1/release", .POST, CallAPI.contentType, 404), ("/v1/", .POST, CallAPI.contentType, 404),
                    ("/v1/decide?x=1", .POST, CallAPI.contentType, 404), ("/", .GET, nil, 404),
                    ("/v1/decide", .GET, nil, 405), ("/v1/decide", .PUT, CallAPI.contentType, 405),
                    ("/v1/decide", .POST, "application/json", 415), ("/v1/decide", .POST, nil, 415),
                ] as [(String, NIOHTTP1.HTTPMethod, String?, Int)] {
                    let answer = try await place.call(client, path, method, type: type)
                    #expect(answer.status == status && answer.body.isEmpty, "\(method) \(path) \(type ?? "-")")
                }
                let large = try await place.call(
                    client, "/v1/decide", .POST, [UInt8](repeating: 1, count: (2 << 20) + 1))
                #expect(large.status == 413)
                // Others are served as before.
                let good = try await place.call(client, "/v1/decide")
                #expect(good.status == 200)
            }
        }
    }

    @Test func aBodyThatDoesNotComeInTimeIsGivenUpAndOthersAreServed() async throws {
        var limits = ServingLimits()
        limits.bodyWithin = .seconds(3)
        try await with(limits) { place in
            try await place.client(place.known) { client in
                let (chunks, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
                feed.yield(ByteBuffer(bytes: [1, 2, 3]))
                var slow = HTTPClientRequest(url: place.url + "/v1/decide")
                slow.method = .POST
                slow.headers.add(name: "content-type", value: CallAPI.contentType)
                slow.body = .stream(chunks, length: .known(Int64(1_000)))
                async let late = client.execute(slow, timeout: .seconds(60))
                let good = try await place.call(client, "/v1/decide")
                #expect(good.status == 200)
                let status = try await late.status.code
                feed.finish()
                #expect(status == 408)
            }
        }
    }
}
