import Foundation
import Guards
import Synchronization
import Testing
import TransparencyLog

@testable import Ledger

/// A log as tests serve it: a ledger's own tree, every answer of which can be changed on its way.
struct TamperedSource: LogSource {
    let inner: LocalSource
    var tamper: @Sendable (String, [UInt8]) -> [UInt8] = { $1 }
    func fetch(_ path: String, limit: Int) async throws -> [UInt8] {
        tamper(path, try await inner.fetch(path, limit: limit))
    }
}

final class MemoryState: FollowerState {
    let bytes = Mutex<[UInt8]?>(nil)
    func load() throws -> [UInt8]? { bytes.withLock { $0 } }
    func save(_ bytes: [UInt8]) throws { self.bytes.withLock { $0 = bytes } }
}

struct FollowerTests {
    let world: World
    init() throws { world = try World() }

    func follower(
        _ ledger: RunningLedger, _ state: any FollowerState,
        _ tamper: @escaping @Sendable (String, [UInt8]) -> [UInt8] = { $1 }
    ) throws -> Follower {
        try Follower(
            policy: world.policy, log: world.log, source: TamperedSource(inner: LocalSource(ledger), tamper: tamper),
            state: state, now: { 1_800_000_010 })
    }

    /// A ledger with leaves 0..<count in some order, witnessed.
    func filled(_ count: Int, _ store: any LedgerStore = MemoryLedgerStore()) async throws -> RunningLedger {
        let ledger = try await world.ledger(store)
        try await world.running(ledger) {
            for start in stride(from: 0, to: count, by: 1_000) {
                _ = try await ledger.sequencer.append((start..<min(count, start + 1_000)).map(submission))
            }
            _ = try await ledger.publisher.published(atLeast: UInt64(count), within: .seconds(120))
        }
        return ledger
    }

    @Test func itReadsEveryLeafOnceInOrderAcrossRestarts() async throws {
        let scratch = try Scratch()
        let store = MemoryLedgerStore()
        let state = DurableFile(scratch.path + "/follower")
        var read = [UInt8]()
        for (total, runs) in [(300, 1), (300, 9), (20_000, 1), (20_100, 9)] {
            let ledger = try await filled(total, store)
            // A new object each time, as after a restart; some are stopped half-way, some see a run and do not
            // acknowledge it.
            let follower = try follower(ledger, state)
            try await follower.update()
            for _ in 0..<runs {
                guard let run = try await follower.next() else { break }
                #expect(run.first * 98 == UInt64(read.count))
                read += run.bytes
                try await follower.acknowledge(run)
            }
            _ = try await follower.next()
        }
        #expect(try await store.leaves(0..<20_100) == read)
    }

    @Test func itFindsWatchedTagsProvesLeavesAndSaysHowFarBehindItIs() async throws {
        let ledger = try await filled(700)
        let follower = try follower(ledger, MemoryState())
        #expect(await follower.lag == Follower.Lag(leaves: 0, seconds: nil))
        await follower.watch([Array(leaf(33).tag), Array(leaf(9_999).tag)])
        try await follower.update()
        #expect(await follower.lag == Follower.Lag(leaves: 700, seconds: 0))
        let run = try #require(try await follower.next())
        #expect(run.watched.map(\.tag) == [Array(leaf(33).tag)])
        let index = try #require(run.watched.first?.index)
        let proof = try await follower.prove(index)
        try proof.verify(entry: leaf(33).bytes, policy: world.policy, log: world.log)
        await #expect(throws: LogFault.self) { try await follower.prove(700) }
        try await follower.acknowledge(run)
        #expect(await follower.lag.leaves == 0)
    }

    @Test func aLogThatShowsAnotherHistoryIsFoundOut() async throws {
        let state = MemoryState()
        let honest = try await filled(300)
        try await follower(honest, state).update()
        // The same keys sign another log: the witnesses are fooled here by giving them their memory back empty.
        let other = try await FollowerTests().forked(500)
        let reader = try follower(other, state)
        await #expect(throws: FollowerFault.self) { try await reader.update() }
        let fooled = try await Guards.withOff("guard:ledger.follower-consistency") {
            try await follower(other, state).update()
        }
        #expect(fooled.size == 500)
    }

    func forked(_ count: Int) async throws -> RunningLedger {
        let ledger = try await world.ledger(MemoryLedgerStore())
        try await world.running(ledger) {
            _ = try await ledger.appendWitnessed((5_000..<(5_000 + count)).map(submission))
        }
        return ledger
    }

    @Test func aCheckpointWithoutTheQuorumIsRefused() async throws {
        let ledger = try await filled(3)
        let signer = world.signer
        let alone = try follower(ledger, MemoryState()) { path, bytes in
            guard path == "checkpoint",
                let signed = try? SignedCheckpoint(
                    parsing: bytes, origin: World.origin, log: signer.key),
                let own = try? SignedCheckpoint(signed.checkpoint, by: signer)
            else { return bytes }
            return own.note.bytes
        }
        await #expect(throws: LogFault(.quorum, "too few witnesses have signed")) { try await alone.update() }
    }

    @Test(arguments: ["tile/entries/", "tile/0/", "tile/1/"]) func changedTilesAndBundlesAreFoundOut(_ prefix: String)
        async throws
    {
        let ledger = try await filled(70_000)
        let reader = { [world] in
            try Follower(
                policy: world.policy, log: world.log,
                source: TamperedSource(inner: LocalSource(ledger)) { path, bytes in
                    guard path.hasPrefix(prefix), !path.contains(".p/") else { return bytes }
                    var changed = bytes
                    changed[70] ^= 1
                    return changed
                }, state: MemoryState(), now: { 0 })
        }
        let follower = try reader()
        try await follower.update()
        await #expect(throws: LogFault.self) {
            _ = try await follower.run(from: 0)
            _ = try await follower.prove(5)
        }
        let guards = ["guard:ledger.bundle-root", "guard:ledger.tile-root"]
        let fooled = try reader()
        try await fooled.update()
        let proof = try await Guards.withOff(guards[0]) {
            try await Guards.withOff(guards[1]) {
                _ = try await fooled.run(from: 0)
                return try await fooled.prove(5)
            }
        }
        #expect(proof.index == 5)
    }

    @Test func aRightEdgeThatDoesNotGiveTheRootIsFoundOut() async throws {
        let ledger = try await filled(300)
        let tamper: @Sendable (String, [UInt8]) -> [UInt8] = { path, bytes in
            guard path.hasPrefix("tile/0/001.p/") else { return bytes }
            var changed = bytes
            changed[3] ^= 1
            return changed
        }
        await #expect(throws: LogFault.self) { try await follower(ledger, MemoryState(), tamper).update() }
        let fooled = try await Guards.withOff("guard:ledger.edge-root") {
            try await follower(ledger, MemoryState(), tamper).update()
        }
        #expect(fooled.size == 300)
    }

    @Test func aDamagedStateFileIsRefused() throws {
        for text in ["", "position\n", "position x\n", "position 3\nnot a note"] {
            let state = MemoryState()
            state.bytes.withLock { $0 = Array(text.utf8) }
            #expect(throws: (any Error).self) {
                try Follower(
                    policy: world.policy, log: world.log,
                    source: TamperedSource(
                        inner: LocalSource(LogTree(store: MemoryLedgerStore(), edge: TreeEdge())) { nil }),
                    state: state, now: { 0 })
            }
        }
    }

    @Test(arguments: [StoreKind.memory, .sqlite]) func aMirrorHoldsAndSignsEveryLeafAndServesTheSameLog(
        _ kind: StoreKind
    ) async throws {
        let scratch = try Scratch()
        let key = try NoteSigner(
            name: "mirror.example", algorithm: .cosignature, signer: SeedSigner(seed: [UInt8](repeating: 40, count: 32))
        )
        let ledgerStore = MemoryLedgerStore()
        let store = try await open(kind, scratch)
        let state = DurableFile(scratch.path + "/mirror")
        for count in [700, 9_000] {
            let ledger = try await filled(count, ledgerStore)
            let mirror = try await Mirror.open(
                policy: world.policy, log: world.log, source: LocalSource(ledger), store: store, state: state,
                signer: key,
                now: { 1_800_000_000 })
            #expect(try await mirror.update() == UInt64(count))
            #expect(try await mirror.update() == UInt64(count))
            let note = try #require(try await mirror.published())
            let signed = try SignedCheckpoint(
                parsing: note, origin: World.origin, log: world.signer.key, witnesses: [key.key])
            #expect(signed.root == ledger.sequencer.head.root)
            #expect(try signed.note.verify([key.key])[key.key] == 1_800_000_000)
            _ = try world.policy.verify(note, log: world.log)
            let report = try await Audit(LocalSource(mirror.tree) { signed }).run(signed.checkpoint)
            #expect(report.size == UInt64(count))
        }
        #expect(try await store.leaves(0..<9_000) == ledgerStore.leaves(0..<9_000))
        await store.close()
    }

    @Test(arguments: [0, 1, 255, 256, 257, 70_000]) func anAuditDerivesEverythingAndFindsEveryChange(_ count: Int)
        async throws
    {
        let ledger = try await filled(count)
        let head = ledger.sequencer.head
        let report = try await Audit(LocalSource(ledger)).run(head.checkpoint)
        #expect(report.size == UInt64(count) && report.root == head.root)
        #expect(report.tiles == Tile.all(size: UInt64(count)).count)
        guard count > 0 else { return }
        for path in Set(
            Tile.all(size: UInt64(count)).filter { $0.index == 0 }.flatMap {
                [$0.path, $0.level == 0 ? $0.entriesPath : $0.path]
            })
        {
            let changed = TamperedSource(inner: LocalSource(ledger)) { asked, bytes in
                guard asked == path else { return bytes }
                var bytes = bytes
                bytes[bytes.count - 1] ^= 1
                return bytes
            }
            await #expect(throws: LogFault.self) { try await Audit(changed).run(head.checkpoint) }
        }
    }
}
