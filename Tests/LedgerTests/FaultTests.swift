import Foundation
import Guards
import Synchronization
import Testing
import TransparencyLog

@testable import Ledger

/// Commits that fail, and commits that succeed and say they failed; fork guard; fences.
struct FaultTests {
    /// Sends leaves until the ledger ends; then starts it again on the same store and sends all of them once more.
    @Test(arguments: [
        MemoryLedgerStore.Fault.refused, .full, .unknownNotWritten, .unknownWritten,
    ]) func noAcknowledgedLeafIsLostWhateverACommitSays(_ fault: MemoryLedgerStore.Fault) async throws {
        let world = try World()
        let commits = Mutex(0)
        let store = MemoryLedgerStore(fault: {
            commits.withLock {
                $0 += 1; return $0 == 4 ? fault : nil
            }
        })
        let fatal = Mutex(false)
        let ledger = try await world.ledger(store, onFatal: { _ in fatal.withLock { $0 = true } })
        var acknowledged = [Int: UInt64]()
        let task = Task { await ledger.run() }
        for number in 0..<8 {
            if let index = try? await ledger.sequencer.append([submission(number)])[0] { acknowledged[number] = index }
        }
        ledger.stop()
        await task.value
        let isSafe = [.refused, .full].contains(fault)
        #expect(fatal.withLock { $0 } == !isSafe)
        #expect(acknowledged.count == (isSafe ? 7 : 3))
        let again = try await world.ledger(store)
        let indices = try await world.running(again) { try await append(0..<8, to: again) }
        #expect(Set(indices) == Set(0..<8))
        for (number, index) in acknowledged { #expect(indices[number] == index) }
    }

    @Test(arguments: [Failpoint.flushBegin, .headLocked, .sequenced, .headSigned, .written])
    func aFaultBeforeCommitWritesNothing(
        _ point: Failpoint
    ) async throws {
        struct Stop: Error {}
        let world = try World()
        let store = MemoryLedgerStore()
        let ledger = try await world.ledger(store, failpoints: { if $0 == point { throw Stop() } })
        await world.run(ledger) {
            #expect(await refusal { try await ledger.sequencer.append([submission(1)]) } == .stopped)
        }
        #expect(try await store.head().size == 0)
    }

    @Test func aFaultAfterCommitIsNotAnsweredAndTheLeafKeepsItsIndex() async throws {
        struct Stop: Error {}
        let world = try World()
        let store = MemoryLedgerStore()
        let ledger = try await world.ledger(store, failpoints: { if $0 == .committed { throw Stop() } })
        await world.run(ledger) {
            #expect(await refusal { try await ledger.sequencer.append([submission(1)]) } == .stopped)
        }
        let again = try await world.ledger(store)
        try await world.running(again) { () async throws in #expect(try await append(1..<2, to: again) == [0]) }
        #expect(try await store.head().size == 1)
    }

    // MARK: fork guard

    @Test func aRestoredBackupRefusesToStart() async throws {
        let world = try World()
        let store = MemoryLedgerStore()
        let first = try await world.ledger(store)
        try await world.running(first) { _ = try await first.appendWitnessed([submission(1)]) }
        let backup = store.copy()
        let second = try await world.ledger(store)
        try await world.running(second) { _ = try await second.appendWitnessed([submission(2)]) }
        let fault = await startFault { try await world.ledger(backup) }
        #expect(fault.map { if case .behindWitness(_, 2, 1) = $0 { true } else { false } } == true)
        #expect(fault?.description.contains("old copy") == true)
        // The attack: without the guard the old copy goes on, and signs another tree of two leaves.
        let forked = try await Guards.withOff("guard:ledger.witness-ahead") { try await world.ledger(backup) }
        async let index = forked.sequencer.append([submission(3)])
        while forked.sequencer.waiting < 1 { await Task.yield() }
        await forked.sequencer.flush()
        #expect(try await index == [1])
        #expect(forked.sequencer.head.size == second.sequencer.head.size)
        #expect(forked.sequencer.head.root != second.sequencer.head.root)
    }

    @Test func aStoreWithAnotherRootAtAWitnessedSizeRefusesToStart() async throws {
        let world = try World()
        let first = try await world.ledger(MemoryLedgerStore())
        try await world.running(first) { _ = try await first.appendWitnessed([submission(1)]) }
        let other = MemoryLedgerStore()
        var edge = TreeEdge()
        let batch = StoreContractTests.batch(50..<53, &edge)
        try await other.transaction { try $0.append(batch) }
        let fault = await startFault { try await world.ledger(other) }
        #expect(fault.map { if case .fork(_, 1) = $0 { true } else { false } } == true)
        _ = try await Guards.withOff("guard:ledger.witness-fork") { try await world.ledger(other) }
    }

    @Test func tooFewWitnessesThatAnswerRefuseTheStart() async throws {
        let world = try World()
        var clients = world.clients
        clients["w2.example"] = SilentWitness()
        _ = try await world.ledger(MemoryLedgerStore(), clients: clients)
        clients["w3.example"] = SilentWitness()
        let fault = await startFault { try await world.ledger(MemoryLedgerStore(), clients: clients) }
        #expect(fault == .witnessesSilent(answered: 1, of: 3))
        _ = try await Guards.withOff("guard:ledger.witnesses-silent") {
            try await world.ledger(MemoryLedgerStore(), clients: clients)
        }
    }

    @Test func aSizeThatWasSignedWithAnotherRootIsNotSignedAgain() async throws {
        let world = try World()
        for isOff in [false, true] {
            let store = MemoryLedgerStore()
            store.plant(signed: .emptyRoot, at: 1)
            let ledger = try await world.ledger(store)
            async let sent = refusal { try await ledger.sequencer.append([submission(1)]) }
            while ledger.sequencer.waiting < 1 { await Task.yield() }
            if isOff {
                await Guards.withOff("guard:ledger.signed-twice") { await ledger.sequencer.flush() }
            } else {
                await ledger.sequencer.flush()
            }
            #expect(await sent == (isOff ? nil : .stopped))
        }
    }

    @Test func aSequencerThatWasTakenOverIsFenced() async throws {
        let world = try World()
        let store = MemoryLedgerStore()
        let old = try await world.ledger(store)
        let new = try await world.ledger(store, takingOver: true)
        func send(_ ledger: RunningLedger, _ number: Int) async -> LedgerRefusal? {
            async let sent = refusal { try await ledger.sequencer.append([submission(number)]) }
            while ledger.sequencer.waiting < 1 { await Task.yield() }
            await ledger.sequencer.flush()
            return await sent
        }
        #expect(await send(new, 1) == nil)
        let attack = try await world.ledger(store)
        _ = try await store.transaction { try $0.fence() }
        #expect(await Guards.withOff("guard:ledger.fence") { await send(attack, 2) } == nil)
        #expect(await send(old, 3) == .fenced)
        #expect(try await store.head().size == 2)
    }

    @Test(arguments: ["leaf", "tile", "frontier", "last bundle"]) func aDamagedStoreRefusesToStart(_ what: String)
        async throws
    {
        let world = try World()
        let store = MemoryLedgerStore()
        var edge = TreeEdge()
        let batch = StoreContractTests.batch(0..<1_030, &edge)
        try await store.transaction { try $0.append(batch) }
        _ = try await world.ledger(store)
        store.damage { contents in
            switch what {
            case "leaf": contents.leaves[1_029 * 98 + 5] ^= 1
            case "tile": contents.tiles[Tile(level: 0, index: 1)]?[40] ^= 1
            case "frontier":
                let head = contents.head
                contents.head = StoredHead(
                    size: head.size, root: head.root, frontier: head.frontier.reversed(), fence: head.fence)
            default: contents.leaves[1_000 * 98 + 5] ^= 1
            }
        }
        let fault = await startFault { try await world.ledger(store) }
        #expect(fault.map { if case .damaged = $0 { true } else { false } } == true)
        _ = try await Guards.withOff("guard:ledger.right-edge") { _ = try await LogTree.open(store) }
    }

    @Test func aQuietLedgerIsSignedAgainSoThatItsCheckpointStaysFresh() async throws {
        let world = try World()
        let clock = Mutex<UInt64>(1_000)
        let key = try NoteSigner(
            name: "w.example", algorithm: .cosignature, signer: SeedSigner(seed: [UInt8](repeating: 70, count: 32)))
        let witness = try Witness(
            signer: key, logs: [world.signer.key], state: MemoryWitnessState(), now: { clock.withLock { $0 } },
            onFatal: { _ in })
        let policy = try WitnessPolicy(
            parsing: Array("log \(world.signer.key)\nwitness w \(key.key)\nquorum w\n".utf8))
        var configuration = LedgerConfiguration(origin: World.origin)
        configuration.refreshInterval = .milliseconds(5)
        let ledger = try await RunningLedger.start(
            configuration,
            RunningLedger.Parts(
                store: MemoryLedgerStore(), signer: world.signer, policy: policy,
                witnesses: ["w": LocalWitness(witness)],
                time: Timekeeping(now: { 1 }, sleep: { try await Task.sleep(for: $0) }), random: Seeded(1),
                onFatal: { _ in }))
        try await world.running(ledger) {
            _ = try await ledger.appendWitnessed([submission(1)])
            clock.withLock { $0 = 2_000 }
            var time: UInt64?
            while time != 2_000 {
                try await Task.sleep(for: .milliseconds(2))
                time = try ledger.publisher.published.flatMap { try policy.quorumTime(of: $0.note) }
            }
        }
        #expect(ledger.publisher.published?.size == 1)
    }

    @Test func aSlowWitnessHoldsNobodyUpAndASilentQuorumIsSaidSo() async throws {
        let world = try World()
        var clients = world.clients
        clients["w4.example"] = SilentWitness()
        let ledger = try await world.ledger(MemoryLedgerStore(), clients: clients)
        try await world.running(ledger) {
            let proofs = try await ledger.appendWitnessed([submission(1)])
            #expect(proofs.count == 1)
        }
        let silent = try await Guards.withOff("guard:ledger.witnesses-silent") {
            try await world.ledger(
                MemoryLedgerStore(), clients: ["w2.example": SilentWitness()],
                configure: { $0.witnessedTimeout = .milliseconds(50) })
        }
        try await world.running(silent) { () async throws in
            #expect(await refusal { try await silent.appendWitnessed([submission(1)]) } == .notWitnessed)
            #expect(try await silent.sequencer.append([submission(1)]) == [0])
        }
    }
}

extension World {
    /// As `running`, for bodies that do not throw.
    func run(_ ledger: RunningLedger, _ body: @Sendable () async -> Void) async {
        let task = Task { await ledger.run() }
        await body()
        ledger.stop()
        await task.value
    }
}
