import Exchanges
import Foundation
import Guards
import NIOHTTP1
import Polymorphic
import Serving
import Synchronization
import Testing

/// What a node says of itself.
@Suite(.timeLimit(.minutes(5))) struct HealthTests {
    private func ask(_ api: OperationsAPI, _ path: String, _ method: ServedRequest.Method = .get) async -> (
        Int, String
    )? {
        await api.answer(ServedRequest(method: method, path: path)).map {
            ($0.status, String(decoding: $0.body, as: UTF8.self))
        }
    }

    @Test func aNodeIsReadyWhileEverythingHoldsAndNotAnyMoreWhenItDrains() async throws {
        let holds = Mutex(true)
        let health = NodeHealth(checks: [.init("store") { true }], fresh: .zero)
        health.add(.init("ledger") { holds.withLock { $0 } })
        let api = OperationsAPI(health, NodeMetrics(), requests: ServingMetrics())
        #expect(try #require(await ask(api, "/healthz/started")) == (503, "{\"ok\":false}\n"))
        #expect(try #require(await ask(api, "/healthz/live")) == (200, "{\"ok\":true}\n"))
        #expect(try #require(await ask(api, "/healthz/ready")).0 == 503)
        health.markStarted()
        #expect(try #require(await ask(api, "/healthz/started")) == (200, "{\"ok\":true}\n"))
        let good = "{\"ok\":true,\"checks\":{\"store\":true,\"ledger\":true}}\n"
        #expect(try #require(await ask(api, "/healthz/ready")) == (200, good))
        holds.withLock { $0 = false }
        let bad = "{\"ok\":false,\"checks\":{\"store\":true,\"ledger\":false}}\n"
        #expect(try #require(await ask(api, "/healthz/ready")) == (503, bad))
        holds.withLock { $0 = true }
        health.beginDraining()
        #expect(try #require(await ask(api, "/healthz/ready")).0 == 503)
        #expect(try #require(await ask(api, "/healthz/live")).0 == 200)
        health.markBroken()
        #expect(try #require(await ask(api, "/healthz/live")) == (503, "{\"ok\":false}\n"))
        #expect(try #require(await ask(api, "/metrics", .post)).0 == 405)
        #expect(try #require(await ask(api, "/healthz/ready", .post)).0 == 405)
        #expect(await ask(api, "/healthz") == nil)
    }

    @Test func aCheckThatHangsHasFailedAndManyWhoAskAreOneRound() async throws {
        let rounds = Mutex(0)
        let health = NodeHealth(
            checks: [
                .init("hangs") { await withCheckedContinuation { hanging.keep($0) } },
                .init("counts") {
                    rounds.withLock { $0 += 1 }
                    return true
                },
            ], within: .milliseconds(200), fresh: .seconds(3_600))
        health.markStarted()
        let answers = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { await health.ready().isGood } }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(answers == [Bool](repeating: false, count: 100))
        #expect(rounds.withLock { $0 } == 1)
        hanging.release()
    }
    private let hanging = Hanging()

    @Test func theStoreTheDirectoryAndWhatWasDoneLatelyAreChecked() async throws {
        struct Clock: Timekeeper {
            let time: UInt64
            func now() -> UInt64 { time }
        }
        struct Broken: NodeStore {
            func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws -> R {
                throw StoreFailure(mayHaveCommitted: false)
            }
            func transaction<R: Sendable>(_ body: @Sendable (any NodeTransaction) throws -> R) async throws -> R {
                throw StoreFailure(mayHaveCommitted: false)
            }
        }
        func passes(_ check: NodeHealth.Check) async -> Bool {
            let health = NodeHealth(checks: [check], fresh: .zero)
            health.markStarted()
            let report = await health.ready()
            return report.isGood
        }
        #expect(await passes(.store(MemoryNodeStore())))
        #expect(await !passes(.store(Broken())))
        let last = LastDone()
        #expect(await !passes(.lately("ledger", last, within: 60, Clock(time: 30))))
        last.mark(1_000)
        #expect(await passes(.lately("ledger", last, within: 60, Clock(time: 1_060))))
        #expect(await !passes(.lately("ledger", last, within: 60, Clock(time: 1_061))))
        let remains = try await PartyAttackTests.Remains.of(seed: 304)
        #expect(await passes(.directory(remains.keeper, Clock(time: remains.now + 900))))
        #expect(await !passes(.directory(remains.keeper, Clock(time: remains.now + 901))))
    }

    @Test func metricsAreWhatPrometheusReads() throws {
        let metrics = NodeMetrics()
        let counter = try metrics.counter("warifu_tended_total", "Rounds.")
        try metrics.gauge("warifu_waiting", "Leaves that wait,\nand \\ more.") { 2.5 }
        try metrics.register("warifu_calls_total", "Calls by \"outcome\".", .counter) {
            [.init(3, ["outcome": "done", "call": "decide"]), .init(.infinity, ["outcome": "refused"])]
        }
        counter.add()
        counter.add(2)
        #expect(
            metrics.text() == """
                # HELP warifu_tended_total Rounds.
                # TYPE warifu_tended_total counter
                warifu_tended_total 3
                # HELP warifu_waiting Leaves that wait,\\nand \\\\ more.
                # TYPE warifu_waiting gauge
                warifu_waiting 2.5
                # HELP warifu_calls_total Calls by "outcome".
                # TYPE warifu_calls_total counter
                warifu_calls_total{call="decide",outcome="done"} 3
                warifu_calls_total{outcome="refused"} +Inf

                """)
        #expect(throws: NodeMetrics.Fault.taken) { _ = try metrics.counter("warifu_waiting", "Again.") }
        for name in ["", "1a", "a b", "名前", String(repeating: "a", count: 129)] {
            #expect(throws: NodeMetrics.Fault.name) { _ = try metrics.counter(name, "Nothing.") }
        }
    }

    @Test func noLabelNamesAPerson() throws {
        let metrics = NodeMetrics()
        try metrics.register("warifu_reads_total", "Reads.", .counter) {
            [
                .init(1, ["patient": "p1"]), .init(1, ["node": "山田"]), .init(1, ["node": "1234567890123"]),
                .init(1, ["node": String(repeating: "a", count: 33)]), .init(1, ["node": "a b"]),
                .init(7, ["node": "t1"]),
            ]
        }
        let head = "# HELP warifu_reads_total Reads.\n# TYPE warifu_reads_total counter\n"
        #expect(metrics.text() == head + "warifu_reads_total{node=\"t1\"} 7\n")
        Guards.withOff("guard:serving.metric-label") {
            #expect(metrics.text().contains("patient=\"p1\"") && metrics.text().contains("1234567890123"))
        }
    }

    @Test func allOfItIsServedBesideTheCalls() async throws {
        let health = NodeHealth(fresh: .zero)
        health.markStarted()
        let (metrics, requests) = (NodeMetrics(), ServingMetrics())
        _ = try metrics.counter("warifu_some_total", "Some.")
        let operations = OperationsAPI(health, metrics, requests: requests)
        let calls = CallAPI(Mirror(id: try PartyID("mirror")), calls: [.head]) { _ in nil }
        let handler = ServedAnswer.first(of: [{ await operations.answer($0) }, { await calls.answer($0) }])
        try await Place.with(handler: { _ in handler }) { place in
            try await place.client(nil) { client in
                let ready = try await place.call(client, "/healthz/ready", .GET, type: nil)
                #expect(ready.status == 200 && ready.headers.first(name: "content-type") == "application/json")
                let text = try await place.call(client, "/metrics", .GET, type: nil)
                #expect(
                    text.status == 200 && String(decoding: text.body, as: UTF8.self).contains("warifu_some_total 0"))
                let called = try await place.call(client, "/v1/head").status
                #expect(called == 200)
                let none = try await place.call(client, "/other", .GET).status
                #expect(none == 404)
            }
        }
    }
}

/// Holds a check up until the test is over.
private final class Hanging: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Bool, Never>]>([])
    func keep(_ continuation: CheckedContinuation<Bool, Never>) { waiting.withLock { $0.append(continuation) } }
    func release() {
        let all = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for continuation in all { continuation.resume(returning: true) }
    }
}
