import Exchanges
import Foundation
import Guards
import NIOHTTP1
import Polymorphic
import Serving
import Testing

/// Many connections that say nothing.
@Suite(.serialized, .timeLimit(.minutes(10))) struct CrowdTests {
    /// Opens connections until so many were taken, `many` in all.
    private func crowd(_ place: Place, _ many: Int) async throws -> [RawConnection] {
        var all: [RawConnection] = []
        for _ in 0..<many { all.append(try await RawConnection.open(place, .bare)) }
        return all
    }

    /// As many descriptors as a crowd needs at both ends, where the machine lets a process have them.
    private func allowDescriptors(_ wanted: rlim_t) -> Bool {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = min(wanted, limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return limit.rlim_cur >= wanted
    }

    @Test func moreThanAThousandIdleConnectionsKeepNobodyOut() async throws {
        try #require(allowDescriptors(4_096))
        var limits = ServingLimits()
        limits.idleSeconds = 3_600
        try await Place.with(limits: limits) { place in
            let crowd = try await crowd(place, 1_200)
            try await place.client(place.known) { client in
                let served = try await place.call(client, "/v1/decide").status
                #expect(served == 200)
            }
            #expect(place.server.connectionCounts.open <= 1_024)
            #expect(place.server.connectionCounts.evicted > 0)
            for connection in crowd { await connection.close() }
        }
    }

    @Test func withoutGivingUpPlacesACrowdKeepsOthersOut() async throws {
        var limits = ServingLimits()
        (limits.idleSeconds, limits.connectionsMax) = (3_600, 32)
        func served() async throws -> Bool {
            var served = false
            try await Place.with(limits: limits) { place in
                let crowd = try await crowd(place, 48)
                served = try await place.client(place.known, connecting: 5) { client in
                    (try? await place.call(client, "/v1/decide").status) == 200
                }
                for connection in crowd { await connection.close() }
            }
            return served
        }
        let isServed = try await served()
        #expect(isServed)
        let isOff = try await Guards.withOff("guard:serving.crowd") { try await served() }
        #expect(!isOff)
    }

    /// Whoever is being answered keeps its place.
    @Test func aRequestUnderWayIsNotGivenUp() async throws {
        var limits = ServingLimits()
        (limits.idleSeconds, limits.connectionsMax) = (3_600, 32)
        let (open, gate) = AsyncStream.makeStream(of: Void.self)
        let handler: @Sendable (DevelopmentCA.Identity) -> ServedHandler = { _ in
            { request in
                if request.path == "/slow" { for await _ in open {} }
                return ServedAnswer(200)
            }
        }
        try await Place.with(limits: limits, handler: handler) { place in
            let slow = try await RawConnection.open(place, .tls(place.known))
            try await slow.send("GET /slow HTTP/1.1\r\nhost: m\r\n\r\n")
            await place.heard.reaches(1)
            let crowd = try await crowd(place, 100)
            try await place.client(place.known) { client in
                let served = try await place.call(client, "/other", .GET).status
                #expect(served == 200)
            }
            #expect(!slow.isClosed)
            gate.finish()
            #expect(await slow.answers(1) == [200])
            for connection in crowd + [slow] { await connection.close() }
        }
    }
}
