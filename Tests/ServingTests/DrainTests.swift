import Foundation
import NIOHTTP1
import Polymorphic
import Serving
import Testing

/// What happens to requests when a server stops.
@Suite(.timeLimit(.minutes(10))) struct DrainTests {
    /// Answers when the gate opens.
    private static func gated(
        _ open: AsyncStream<Void>, body: Int = 100_000
    ) -> @Sendable (DevelopmentCA.Identity) -> ServedHandler {
        let isOpen = Task { for await _ in open {} }
        return { _ in
            { request in
                if request.path == "/now" { return ServedAnswer(200) }
                await isOpen.value
                return ServedAnswer(200, [UInt8](repeating: UInt8(ascii: "a"), count: body))
            }
        }
    }

    @Test func everyRequestUnderWayIsAnsweredAndNoOtherIsTaken() async throws {
        let (open, gate) = AsyncStream.makeStream(of: Void.self)
        let health = NodeHealth(fresh: .zero)
        health.markStarted()
        let place = try await Place(health: health, handler: Self.gated(open))
        let idle = try await RawConnection.open(place, .tls(place.known))
        try await idle.send("GET /now HTTP/1.1\r\nhost: m\r\n\r\n")
        #expect(await idle.answers(1) == [200])
        #expect(await health.ready().isGood)
        try await place.client(place.known) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let answer = try await place.call(client, "/late", .GET)
                        return answer.status == 200 ? answer.body.count : 0
                    }
                }
                await place.heard.reaches(51)
                await place.beginStopping()
                // The connection that is kept alive without a request is ended, so it holds nothing up.
                _ = await idle.untilClosed()
                #expect(await !health.ready().isGood)
                await #expect(throws: (any Error).self) {
                    _ = try await RawConnection.open(place, .tls(place.known))
                }
                gate.finish()
                var whole = 0
                for try await count in group where count == 100_000 { whole += 1 }
                #expect(whole == 50)
            }
        }
        try await place.ended()
        #expect(place.heard.value == 51 && place.server.connectionCounts.open == 0)
    }

    @Test func aClientThatDoesNotEndHoldsNothingUp() async throws {
        var limits = ServingLimits()
        (limits.bodyWithin, limits.drainWithin, limits.idleSeconds) = (.seconds(3_600), .seconds(1), 3_600)
        let place = try await Place(limits: limits)
        let slow = try await RawConnection.open(place, .tls(place.known))
        try await slow.send(
            "POST /v1/decide HTTP/1.1\r\nhost: m\r\ncontent-type: application/warifu\r\ncontent-length: 9\r\n\r\nabc")
        let heads = try await RawConnection.open(place, .tls(place.known))
        try await heads.send("POST /v1/decide HTTP/1.1\r\nho")
        let silent = try await RawConnection.open(place, .bare)
        // All three are there before the end begins.
        let other = try await RawConnection.open(place, .tls(place.known))
        try await other.send("GET /v1/none HTTP/1.1\r\nhost: m\r\n\r\n")
        #expect(await other.answers(1) == [404])
        await place.beginStopping()
        try await place.ended()
        for connection in [slow, heads, silent, other] { _ = await connection.untilClosed() }
        #expect(place.heard.value == 1 && place.server.connectionCounts.open == 0)
    }

    /// Without TLS nothing waits for the other side: an answer that is still on its way must not be cut off.
    @Test(arguments: [true, false]) func aLargeAnswerIsWholeThoughItsReaderIsSlow(_ isPlain: Bool) async throws {
        let (open, gate) = AsyncStream.makeStream(of: Void.self)
        let size = 16 << 20
        let place = try await Place(isPlain: isPlain, handler: Self.gated(open, body: size))
        func connect() async throws -> RawConnection {
            try await RawConnection.open(place, isPlain ? .bare : .tls(place.known))
        }
        let idle = try await connect()
        try await idle.send("GET /now HTTP/1.1\r\nhost: m\r\n\r\n")
        #expect(await idle.answers(1) == [200])
        let reader = try await connect()
        try await reader.send("GET /large HTTP/1.1\r\nhost: m\r\n\r\n")
        await place.heard.reaches(2)
        try await reader.pause()
        await place.beginStopping()
        _ = await idle.untilClosed()
        gate.finish()
        // The answer fills what lies between both, and the server has ended the connection behind it.
        try await Task.sleep(for: .milliseconds(500))
        try await reader.read()
        let text = await reader.untilClosed()
        let body = try #require(text.range(of: "\r\n\r\n"))
        #expect(text.utf8.distance(from: body.upperBound, to: text.endIndex) == size)
        try await place.ended()
    }
}
