import Foundation
import Guards
import Synchronization
import Testing
import TransparencyLog

@testable import Ledger

struct SequencerTests {
    @Test(arguments: StoreKind.allCases) func everyAnsweredLeafIsProvedUnderTheQuorum(_ kind: StoreKind) async throws {
        let scratch = try Scratch()
        let world = try World()
        let store = try await open(kind, scratch)
        let ledger = try await world.ledger(store)
        try await world.running(ledger) {
            let indices = try await append(0..<1_000, to: ledger)
            #expect(Set(indices) == Set(0..<1_000))
            let proofs = try await ledger.appendWitnessed([submission(5), submission(2_000)])
            #expect(proofs[0].index == indices[5] && proofs[1].index == 1_000)
            for (proof, number) in zip(proofs, [5, 2_000]) {
                let read = try ProofFile(parsing: proof.encoded)
                try read.verify(entry: leaf(number).bytes, policy: world.policy, log: world.log)
            }
            for (number, index) in indices.enumerated() {
                #expect(try await store.leaves(index..<(index + 1)) == leaf(number).bytes)
            }
        }
        let found = try await rehash(store)
        #expect(found.root == ledger.sequencer.head.root && found.size == 1_001)
        await store.close()
    }

    @Test func theOrderInsideAFlushIsThatOfTheGeneratorNotOfArrival() async throws {
        let world = try World()
        func order(seed: UInt64) async throws -> [UInt64] {
            let ledger = try await world.ledger(
                MemoryLedgerStore(), clients: [:].merging(world.clients) { $1 }, seed: seed)
            async let indices = ledger.sequencer.append((0..<64).map { try! submission($0) })  // the test's own leaves
            while ledger.sequencer.waiting < 64 { await Task.yield() }
            await ledger.sequencer.flush()
            return try await indices
        }
        let first = try await order(seed: 1)
        #expect(try await order(seed: 1) == first)
        #expect(try await order(seed: 2) != first)
        #expect(first != Array(0..<64) && Set(first) == Set(0..<64))
    }

    @Test(arguments: StoreKind.allCases) func aLeafThatIsInTheLogReturnsItsIndexAlsoAfterARestart(_ kind: StoreKind)
        async throws
    {
        let scratch = try Scratch()
        let world = try World()
        let store = try await open(kind, scratch)
        let ledger = try await world.ledger(store)
        let first = try await world.running(ledger) {
            let first = try await append(0..<600, to: ledger)
            #expect(try await append(0..<600, to: ledger) == first)
            let twice = try await ledger.sequencer.append([submission(700), submission(700)])
            #expect(twice[0] == twice[1] && twice[0] == 600)
            return first
        }
        let again = try await world.ledger(store)
        try await world.running(again) { () async throws in #expect(try await append(0..<600, to: again) == first) }
        #expect(try await store.head().size == 601)
        await store.close()
    }

    @Test func withoutTheCheckForDuplicatesALeafCountsTwice() async throws {
        let world = try World()
        let ledger = try await world.ledger(MemoryLedgerStore())
        func send() async throws -> UInt64 {
            async let index = ledger.sequencer.append([submission(1)])
            while ledger.sequencer.waiting < 1 { await Task.yield() }
            await ledger.sequencer.flush()
            return try await index[0]
        }
        #expect(try await send() == 0)
        #expect(try await send() == 0)
        #expect(try await Guards.withOff("guard:ledger.duplicate") { try await send() } == 1)
    }

    @Test func leavesAreRememberedForTwentyFiveHours() {
        let recent = RecentLeaves(remembered: 25 * 3_600)
        let start: UInt64 = 1_000_000
        for hour in 0..<60 {
            recent.insert([leaf(hour).hash], first: UInt64(hour), at: start + UInt64(hour) * 3_600)
            for older in max(0, hour - 24)...hour {
                #expect(recent.bundles(of: [leaf(older).hash.prefix]) == [0: [0]])
            }
        }
        #expect(recent.bundles(of: [leaf(0).hash.prefix]) == [:])
        #expect(recent.count < 40)
    }

    @Test func everyRememberedLeafIsFoundInItsBundleAndLittleMemoryIsUsed() throws {
        let recent = RecentLeaves(remembered: 25 * 3_600, leavesMin: 4_096)
        var random = Seeded(11)
        func hashes(_ count: Int) -> [TreeHash] {
            (0..<count).compactMap { _ in
                TreeHash((0..<4).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } })
            }
        }
        var all: [TreeHash] = []
        let from: UInt64 = 1_000  // leaves before it are forgotten already
        while all.count < 50_000 {
            let more = hashes(9_999)
            // Overlaps, as when a sequencer catches up twice.
            let back = min(all.count, 100)
            recent.insert(all.suffix(back) + more, first: from + UInt64(all.count - back), at: 5_000)
            all += more
        }
        #expect(recent.count == all.count)
        // 5.3 bytes a leaf, five segments by now; the last one is as large as those before it.
        #expect(recent.byteCount <= 11 * all.count)
        let found = recent.bundles(of: all.map(\.prefix))
        let forgotten = all.indices.filter { found[$0]?.contains((from + UInt64($0)) / 256) != true }
        #expect(forgotten == [])
        let misled = recent.bundles(of: hashes(20_000).map(\.prefix)).count
        #expect(misled < 200)
    }

    /// A ledger under load signs less often, one that was quiet does not wait for that.
    @Test func flushesKeepTheirPace() throws {
        var configuration = LedgerConfiguration(origin: "pace.example")
        configuration.flushInterval = .milliseconds(5)
        #expect(configuration.gathering(since: .zero) == .milliseconds(5))
        configuration.flushPace = .milliseconds(25)
        let all: [(since: Duration?, gathers: Int)] = [
            (nil, 5), (.zero, 25), (.milliseconds(10), 15), (.milliseconds(22), 5), (.seconds(60), 5),
        ]
        for (since, gathers) in all { #expect(configuration.gathering(since: since) == .milliseconds(gathers)) }
        try configuration.check()
        for wrong in [-1, 101] {
            configuration.flushPace = .milliseconds(wrong)
            #expect(throws: StartFault.self) { try configuration.check() }
        }
    }

    @Test func aFullPoolRefusesWithARetryHintAndLosesNothing() async throws {
        let world = try World()
        let store = MemoryLedgerStore()
        let ledger = try await world.ledger(store) { ($0.flushLeavesMax, $0.poolLeavesMax) = (8, 8) }
        async let waiting = ledger.sequencer.append((0..<8).map { try! submission($0) })  // the test's own leaves
        while ledger.sequencer.waiting < 8 { await Task.yield() }
        #expect(
            await refusal { try await ledger.sequencer.append([submission(9)]) } == .busy(retryAfterMilliseconds: 20))
        async let over = Guards.withOff("guard:ledger.pool-bound") {
            try await ledger.sequencer.append([submission(9)])
        }
        while ledger.sequencer.waiting < 9 { await Task.yield() }
        await ledger.sequencer.flush()
        await ledger.sequencer.flush()
        #expect(try await waiting.count == 8)
        #expect(try await over == [8])
    }

    @Test func badLeavesAreRefusedAndWithoutTheGuardTheyWouldGetIn() throws {
        let bad: [[UInt8]] = [
            [], [UInt8](repeating: 1, count: 97), [UInt8](repeating: 1, count: 99),
            [2, 1] + [UInt8](repeating: 0, count: 96), [1, 3] + [UInt8](repeating: 0, count: 96),
        ]
        for bytes in bad { #expect(throws: LedgerRefusal.leaf) { try LedgerLeaf(parsing: bytes) } }
        // A public record's leaf that carries something beside the record: what, nobody could say.
        let loaded = [1, 2, 1] + [UInt8](repeating: 0, count: 95)
        #expect(throws: LedgerRefusal.leaf) { try LedgerLeaf(parsing: loaded) }
        #expect(throws: Never.self) { try Guards.withOff("guard:ledger.leaf-form") { try LedgerLeaf(parsing: loaded) } }
        let record = LedgerLeaf(record: [1, 2, 3])
        #expect(throws: LedgerRefusal.record) { try LeafSubmission(record) }
        #expect(throws: LedgerRefusal.record) { try LeafSubmission(record, record: [1, 2]) }
        #expect(throws: LedgerRefusal.record) { try LeafSubmission(leaf(1), record: [1]) }
        #expect(throws: Never.self) { try Guards.withOff("guard:ledger.record") { try LeafSubmission(record) } }
        let long = [UInt8](repeating: 0, count: LeafSubmission.recordMax + 1)
        #expect(throws: LedgerRefusal.record) { try LeafSubmission(LedgerLeaf(record: long), record: long) }
    }

    @Test(arguments: StoreKind.allCases) func aPublicRecordIsKeptWithItsLeaf(_ kind: StoreKind) async throws {
        let scratch = try Scratch()
        let world = try World()
        let store = try await open(kind, scratch)
        let ledger = try await world.ledger(store)
        let body = [UInt8](repeating: 7, count: 3_000)
        try await world.running(ledger) {
            _ = try await ledger.sequencer.append([LeafSubmission(LedgerLeaf(record: body), record: body, appender: 3)])
        }
        #expect(try await store.record(Array(LedgerLeaf(record: body).detailHash)) == body)
        await store.close()
    }

    @Test func stoppingWritesWhatWaitsAndRefusesTheRest() async throws {
        let world = try World()
        let store = MemoryLedgerStore()
        let ledger = try await world.ledger(store) { $0.flushInterval = .milliseconds(100) }
        let task = Task { await ledger.run() }
        async let index = ledger.sequencer.append([submission(1)])
        while ledger.sequencer.waiting < 1 { await Task.yield() }
        ledger.stop()
        #expect(try await index == [0])
        await task.value
        #expect(await refusal { try await ledger.sequencer.append([submission(2)]) } == .stopped)
        #expect(try await store.head().size == 1)
    }

    @Test func cancellingTheTaskStopsTheLedgerToo() async throws {
        let world = try World()
        let ledger = try await world.ledger(MemoryLedgerStore())
        let task = Task { await ledger.run() }
        task.cancel()
        await task.value
        #expect(await refusal { try await ledger.sequencer.append([submission(2)]) } == .stopped)
    }
}
