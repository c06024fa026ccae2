import Foundation
import Guards
import NIOHTTP1
import Polymorphic
import Serving
import Testing

/// Requests that are no requests, over real TLS: each is refused within limits, and others are served meanwhile.
@Suite(.timeLimit(.minutes(10))) struct RouteAttackTests {
    private static func head(_ path: String, _ fields: String, method: String = "POST") -> String {
        "\(method) \(path) HTTP/1.1\r\nhost: mirror\r\ncontent-type: application/warifu\r\n\(fields)\r\n\r\n"
    }
    private static let good = head("/v1/decide", "content-length: 3") + "abc"

    /// What is sent, and how it may be answered: the whole of the statuses.
    private static let attacks: [(what: String, sent: String, statuses: Set<[Int]>)] = [
        ("too much, as it says", head("/v1/decide", "content-length: 2097153"), [[413]]),
        ("more than fits", head("/v1/decide", "content-length: 99999999999999999999"), [[400], [411], [413]]),
        ("a negative length", head("/v1/decide", "content-length: -1"), [[400], [411]]),
        ("a length that is none", head("/v1/decide", "content-length: 0x10"), [[400], [411]]),
        ("two lengths", head("/v1/decide", "content-length: 3\r\ncontent-length: 4") + "abc", [[400]]),
        ("no length", head("/v1/decide", "transfer-encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n", [[411]]),
        (
            "length and pieces", head("/v1/decide", "content-length: 3\r\ntransfer-encoding: chunked") + "3\r\nabc\r\n",
            [[400], [411]]
        ),
        ("a body of a question", head("/v1/decide", "content-length: 3", method: "GET") + "abc", [[413]]),
        (
            "pieces of a question",
            head("/v1/decide", "transfer-encoding: chunked", method: "GET") + "3\r\nabc\r\n0\r\n\r\n", [[411]]
        ),
        ("dots", head("/v1/../v1/decide", "content-length: 0"), [[404]]),
        ("hidden dots", head("/v1/%2e%2e/v1/decide", "content-length: 0"), [[404]]),
        ("a hidden letter", head("/v1/%64ecide", "content-length: 0"), [[404]]),
        ("two slashes", head("//v1/decide", "content-length: 0"), [[404]]),
        ("a slash behind", head("/v1/decide/", "content-length: 0"), [[404]]),
        ("a capital", head("/v1/Decide", "content-length: 0"), [[404]]),
        ("a zero", head("/v1/decide%00", "content-length: 0"), [[404]]),
        ("a query", head("/v1/decide?x", "content-length: 0"), [[404]]),
        // That form is allowed (RFC 9112, 3.2.2): the path in it counts.
        ("a whole address", head("http://other/v1/decide", "content-length: 3") + "abc", [[200]]),
        ("a whole address of nothing", head("http://other/v1/none", "content-length: 0"), [[404]]),
        ("a long path", head("/v1/" + String(repeating: "a", count: 600), "content-length: 0"), [[404]]),
        ("all of it", head("*", "content-length: 0", method: "OPTIONS"), [[405]]),
        ("a tunnel", "CONNECT mirror:443 HTTP/1.1\r\nhost: mirror\r\n\r\n", [[405], [400]]),
        ("an unknown method", head("/v1/decide", "content-length: 3", method: "PATCH") + "abc", [[405]]),
        ("another type", "POST /v1/decide HTTP/1.1\r\nhost: m\r\ncontent-length: 0\r\n\r\n", [[415]]),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [[400]]),
        ("noise", "\u{1}\u{2}\u{3}\r\n\r\n", [[400]]),
        ("noise behind a request", good + "\u{1}\u{2}\u{3}\r\n\r\n", [[200, 400]]),
        ("a long field", head("/v1/decide", "x: " + String(repeating: "a", count: 40_000)), [[400], []]),
        (
            "many fields", head("/v1/decide", (0..<200).map { "x\($0): a" }.joined(separator: "\r\n")),
            [[400], []]
        ),
    ]

    @Test func whatIsNoRequestIsRefusedAndOthersAreServed() async throws {
        var limits = ServingLimits()
        limits.lingers = .milliseconds(200)
        try await Place.with(limits: limits) { place in
            try await place.client(place.known) { client in
                var good = 0
                for (what, sent, statuses) in Self.attacks {
                    let before = place.heard.value
                    let attack = try await RawConnection.open(place, .tls(place.known))
                    await attack.trySend(sent)
                    // No answer comes behind the last: the connection would say so.
                    let seen = await attack.answers(statuses.map(\.count).max() ?? 1)
                    #expect(statuses.contains(seen), "\(what): \(seen)")
                    let reached = place.heard.value - before
                    let mayReach = seen.first == 415 || seen.first == 404 || seen.first == 200
                    #expect(reached == 0 || mayReach, "\(what) reached the node")
                    await attack.close()
                    if try await place.call(client, "/v1/decide").status == 200 { good += 1 }
                }
                #expect(good == Self.attacks.count)
            }
        }
    }

    @Test func aBodyOverTheLimitIsNotRead() async throws {
        let large = [UInt8](repeating: 1, count: (2 << 20) + 1)
        func status() async throws -> Int? {
            var status: Int?
            try await Place.with { place in
                try await place.client(place.known) { client in
                    status = try await place.call(client, "/v1/decide", .POST, large).status
                    #expect(place.heard.value == (status == 200 ? 1 : 0))
                }
            }
            return status
        }
        let refused = try await status()
        #expect(refused == 413)
        let taken = try await Guards.withOff("guard:serving.body-size") { try await status() }
        #expect(taken == 200)
    }

    @Test func aBodyWithoutALengthIsNotRead() async throws {
        let sent = Self.head("/v1/decide", "transfer-encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n"
        func statuses() async throws -> [Int] {
            var seen: [Int] = []
            try await Place.with { place in
                let attack = try await RawConnection.open(place, .tls(place.known))
                try await attack.send(sent)
                seen = await attack.answers(1)
                await attack.close()
            }
            return seen
        }
        let refused = try await statuses()
        #expect(refused == [411])
        let taken = try await Guards.withOff("guard:serving.length") { try await statuses() }
        #expect(taken == [200])
    }

    /// A refused request whose body goes on for ever would hold its connection for ever.
    @Test func aConnectionEndsBehindABodyThatWasNotRead() async throws {
        var limits = ServingLimits()
        limits.lingers = .milliseconds(100)
        let start = Self.head("/v1/decide", "content-length: 1000000000", method: "PATCH") + "some of it"
        try await Place.with(limits: limits) { place in
            let attack = try await RawConnection.open(place, .tls(place.known))
            try await attack.send(start)
            #expect(RawConnection.statuses(await attack.untilClosed()) == [405])
        }
        try await Guards.withOff("guard:serving.unread") {
            try await Place.with(limits: limits) { place in
                let attack = try await RawConnection.open(place, .tls(place.known))
                let short = Self.head("/v1/decide", "content-length: 20", method: "PATCH")
                try await attack.send(short)
                #expect(await attack.answers(1) == [405])
                // Much later than it lingers, the body still comes in, and the connection serves.
                try await Task.sleep(for: .seconds(1))
                try await attack.send(String(repeating: "a", count: 20) + Self.good)
                #expect(await attack.answers(2) == [405, 200])
                await attack.close()
            }
        }
    }

    @Test func whatIsSlowIsEndedAndOthersAreServed() async throws {
        var limits = ServingLimits()
        (limits.bodyWithin, limits.lingers, limits.idleSeconds) = (.seconds(2), .milliseconds(100), 10)
        try await Place.with(limits: limits) { place in
            try await place.client(place.known) { client in
                let heads = try await RawConnection.open(place, .tls(place.known))
                let bodies = try await RawConnection.open(place, .tls(place.known))
                let silent = try await RawConnection.open(place, .bare)
                try await heads.send("POST /v1/decide HTTP/1.1\r\n")
                try await bodies.send(Self.head("/v1/decide", "content-length: 100000"))
                let dripping = Task {
                    while !Task.isCancelled {
                        await heads.trySend("x: a\r\n")
                        await bodies.trySend("a")
                        try? await Task.sleep(for: .milliseconds(50))
                    }
                }
                let served = try await place.call(client, "/v1/decide").status
                #expect(served == 200)
                let (head, body) = (await heads.untilClosed(), await bodies.untilClosed())
                let nothing = await silent.untilClosed()
                dripping.cancel()
                await dripping.value
                // Too many header fields, or too long for them: whichever comes first ends it.
                #expect([[], [400]].contains(RawConnection.statuses(head)) && nothing.isEmpty)
                #expect(RawConnection.statuses(body) == [408])
                #expect(place.heard.value == 1)
            }
        }
    }

    @Test func aBodyThatEndsEarlyReachesNobody() async throws {
        try await Place.with { place in
            for _ in 0..<20 {
                let attack = try await RawConnection.open(place, .tls(place.known))
                try await attack.send(Self.head("/v1/decide", "content-length: 100") + "short")
                await attack.close()
            }
            try await place.client(place.known) { client in
                let served = try await place.call(client, "/v1/decide").status
                #expect(served == 200)
            }
            #expect(place.heard.value == 1)
        }
    }
}
