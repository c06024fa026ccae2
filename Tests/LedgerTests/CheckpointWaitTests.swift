import Guards
import Serving
import Synchronization
import Testing
import TransparencyLog

@testable import Ledger
@testable import LedgerServer

/// Readers who wait for the next checkpoint.
struct CheckpointWaitTests {
    /// Holds whoever comes until it is opened.
    private actor Barrier {
        private var held: [CheckedContinuation<Void, Never>] = []
        private var isOpen = false
        var count: Int { held.count }

        func pass() async {
            guard !isOpen else { return }
            await withCheckedContinuation { held.append($0) }
        }
        func open() {
            isOpen = true
            held.forEach { $0.resume() }
        }
        func holds(_ wanted: Int) async { while count < wanted { await Task.yield() } }
    }

    private static func request(_ headers: [String: String]) -> ServedRequest {
        ServedRequest(method: .get, path: "/checkpoint", headers: headers)
    }

    /// Who waits holds a connection: without a bound, some hundred idle readers would keep everybody else out.
    @Test func onlySoManyWaitAndOthersAreAnsweredAtOnce() async throws {
        let (barrier, note): (Barrier, [UInt8]) = (Barrier(), [1, 2, 3])
        let wait = CheckpointWait { _, _ in await barrier.pass() }
        let asked = Self.request(["if-none-match": CheckpointWait.tag(of: note), "prefer": "wait=5"])
        let most = CheckpointWait.waitersMax
        let waiting = (0..<most).map { _ in Task { await wait.isKnown(asked) { (note, 1) } } }
        await barrier.holds(most)
        let ended = Mutex(false)
        let oneMore = Task {
            defer { ended.withLock { $0 = true } }
            return await wait.isKnown(asked) { (note, 1) }
        }
        while await barrier.count == most, !ended.withLock({ $0 }) { await Task.yield() }
        #expect(await barrier.count == most)
        let over = Guards.withOff("guard:ledger.waiters") { Task { await wait.isKnown(asked) { (note, 1) } } }
        await barrier.holds(most + 1)
        await barrier.open()
        for task in waiting + [oneMore, over] { #expect(await task.value) }
        // The places are free again.
        #expect(await wait.isKnown(asked) { (note, 1) })
    }

    @Test func preferencesAreBoundedAndAnythingElseIsNone() {
        let all: [(String?, Int64?)] = [
            ("wait=1", 1), ("wait=5", 5), ("wait=86400", 5), ("wait=0", nil), ("wait=-1", nil), ("wait=", nil),
            ("wait=1.5", nil), ("respond-async", nil), (nil, nil), ("wait=99999999999999999999", nil),
        ]
        for (text, seconds) in all { #expect(CheckpointWait.seconds(text) == seconds, "\(text ?? "-")") }
    }

    @Test func theNextCheckpointComesAsSoonAsItIsThere() async throws {
        let world = try World()
        let ledger = try await world.ledger(MemoryLedgerStore())
        let read = ReadAPI(ledger, metrics: ServingMetrics())
        let node = try await ServerTests.start(handler: read.answer)
        let url = "http://127.0.0.1:\(node.port)/"
        try await world.running(ledger) {
            _ = try await ledger.sequencer.append([submission(1)])
            _ = try await ledger.publisher.published(atLeast: 1, within: .seconds(60))
            let follower = try Follower(
                policy: world.policy, log: world.log, source: HTTPSource(ServerTests.client(), url: url),
                state: MemoryState(), now: { 0 })
            #expect(try await follower.awaitChange(.zero) != nil)
            #expect(try await follower.update().size == 1)
            #expect(try await follower.run(from: 0)?.count == 1)
            #expect(try await follower.awaitChange(.zero) == nil)
            async let changed = follower.awaitChange(.seconds(5))
            _ = try await ledger.sequencer.append([submission(2)])
            var note = try await changed
            while note == nil { note = try await follower.awaitChange(.seconds(5)) }
            #expect(try await follower.update(with: note).size == 2)
            // From here on the leaves of the last bundle are fetched with the checkpoint.
            #expect(try await follower.run(from: 0)?.hashes == [submission(1).hash, submission(2).hash])

            let known = try #require(ledger.publisher.published?.note.bytes)
            #expect(await read.answer(Self.request([:])).body == known)
            let same = await read.answer(Self.request(["if-none-match": CheckpointWait.tag(of: known)]))
            #expect(same.status == 304 && same.body.isEmpty)
            #expect(await read.answer(Self.request(["if-none-match": "\"other\"", "prefer": "wait=5"])).status == 200)
        }
        try await node.stop()
    }
}
