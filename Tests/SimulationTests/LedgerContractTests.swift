import Exchanges
import Ledger
import Polymorphic
import Ristretto255
import Simulation
import SimulationLedger
import Testing
import TransparencyLog

/// What every ledger of a country must keep; the same tests for the one in memory and the one that runs in earnest.
@Suite struct LedgerContractTests {
    /// A ledger without a country around it, in simulated time.
    struct Stand: Sendable {
        let ledger: any CountryLedger
        let scheduler: Scheduler
        let (t1, authority): (PartyID, PartyID)

        func send(_ call: Call, _ body: [UInt8], as peer: PartyID?) async -> Result<[UInt8], Refusal> {
            do throws(Refusal) { return .success(try await ledger.answer(call, body, from: peer)) } catch {
                return .failure(error)
            }
        }
        func append(_ leaves: [[UInt8]], _ records: [[UInt8]]? = nil, as peer: PartyID? = nil) async throws -> [UInt64]
        {
            let answer = try await send(.append, appendBody(leaves, records), as: peer ?? t1).get()
            return try Wire.elements(of: try Wire.fields(of: answer, 1)[0]).map {
                $0.reduce(0) { $0 << 8 | UInt64($1) }
            }
        }
        func follower(_ state: any FollowerState = MemoryFollowerState()) throws -> Follower {
            try Follower(
                policy: ledger.policy, log: ledger.log, source: ledger, state: state,
                now: { [scheduler] in scheduler.now() })
        }
    }

    static func run(_ kind: LedgerKind, _ body: @escaping @Sendable (Stand) async throws -> Void) async throws {
        let folder = try Folder()
        let scheduler = Scheduler(start: Country.begin)
        try await scheduler.run {
            let (t1, authority) = (try PartyID("t1"), try PartyID("authority"))
            let place = LedgerMaker.Place(
                seed: 3, id: try PartyID("ledger"), authority: authority, transcryptors: [t1], scheduler: scheduler)
            let ledger = try await kind.maker(folder).make(place)
            try await body(Stand(ledger: ledger, scheduler: scheduler, t1: t1, authority: authority))
            await ledger.close()
        }
        withExtendedLifetime(folder) {}
    }

    @Test(arguments: LedgerKind.allCases)
    func eachLeafHasOneIndexForEver(_ kind: LedgerKind) async throws {
        try await Self.run(kind) { stand in
            let first = try await stand.append((0..<3).map(exchangeLeaf))
            #expect(first.sorted() == [0, 1, 2])
            let second = try await stand.append([3, 1, 3, 4].map(exchangeLeaf))
            #expect(second[1] == first[1] && second[0] == second[2])
            #expect(Set([second[0], second[3]]) == [3, 4] && stand.ledger.size == 5)
            let leaves = try await stand.ledger.leaves
            for (number, index) in [(0, first[0]), (1, first[1]), (2, first[2]), (3, second[0]), (4, second[3])] {
                #expect(leaves[Int(index)] == exchangeLeaf(number))
            }
            // From many callers at the same time.
            let indexes = try await withThrowingTaskGroup(of: (Int, UInt64).self) { group in
                for number in 0..<40 {
                    group.addTask { (number, try await stand.append([exchangeLeaf(number)])[0]) }
                }
                return try await group.reduce(into: [Int: UInt64]()) { $0[$1.0] = $1.1 }
            }
            #expect(Set(indexes.values) == Set(0..<40) && indexes[1] == first[1])
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func whatIsAnsweredIsProvedAndReadInOrder(_ kind: LedgerKind) async throws {
        try await Self.run(kind) { stand in
            let (state, reader) = (MemoryFollowerState(), try stand.follower())
            for start in [0, 1, 200, 300] { _ = try await stand.append((start..<(start + 300)).map(exchangeLeaf)) }
            #expect(stand.ledger.size == 600)
            #expect(try await reader.update().size == 600)
            for index: UInt64 in [0, 255, 256, 511, 512, 599] {
                #expect(await stand.ledger.proves(index))
                let leaf = try await stand.ledger.leaves[Int(index)]
                try await reader.prove(index).verify(entry: leaf, policy: stand.ledger.policy, log: stand.ledger.log)
            }
            #expect(await stand.ledger.proves(600) == false)
            // Another reader, stopped half-way.
            var read: [UInt8] = []
            for _ in 0..<2 {
                let follower = try stand.follower(state)
                try await follower.update()
                guard let run = try await follower.next() else { break }
                read += run.bytes
                try await follower.acknowledge(run)
                _ = try await stand.append([exchangeLeaf(9_000)])
            }
            #expect(read == (try await stand.ledger.leaves).flatMap { $0 })
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func aPublicRecordIsKeptWithItsLeaf(_ kind: LedgerKind) async throws {
        try await Self.run(kind) { stand in
            let record = [UInt8](repeating: 7, count: 2_000)
            let leaf = Leaf(governance: record)
            _ = try await stand.append([leaf.bytes, exchangeLeaf(1)], [record, []])
            let asked = Wire.list([leaf.detailHash.bytes])
            for peer in [stand.t1, stand.authority, nil] {
                let answer = try await stand.send(.record, asked, as: peer).get()
                #expect(try Wire.fields(of: answer, 1)[0] == record)
            }
            #expect(await stand.send(.record, Wire.list([[UInt8](repeating: 1, count: 32)]), as: nil).code == .ledger)
            for (leaves, records, code): ([[UInt8]], [[UInt8]], Refusal.Code) in [
                ([leaf.bytes], [[]], .record), ([leaf.bytes], [record + [0]], .record),
                ([exchangeLeaf(2)], [record], .record), ([leaf.bytes], [], .length),
                ([[1, 2] + exchangeLeaf(2).dropFirst(2)], [record], .length), ([[1, 2, 3]], [[]], .length),
                ([[2] + exchangeLeaf(2).dropFirst()], [[]], .length),
            ] {
                #expect(await stand.send(.append, appendBody(leaves, records), as: stand.t1).code == code)
            }
            #expect(stand.ledger.size == 2)
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func whoMayAppendWhat(_ kind: LedgerKind) async throws {
        try await Self.run(kind) { stand in
            let stranger = try PartyID("hospital-a")
            let record = [UInt8](repeating: 7, count: 20)
            let (exchange, entry) = (
                appendBody([exchangeLeaf(1)]), appendBody([Leaf(governance: record).bytes], [record])
            )
            for peer in [nil, stranger] {
                #expect(await stand.send(.append, exchange, as: peer).code == .peer)
                #expect(await stand.send(.append, entry, as: peer).code == .peer)
            }
            #expect(await stand.send(.append, exchange, as: stand.authority).code == .peer)
            #expect(await stand.send(.append, entry, as: stand.authority).code == nil)
            #expect(await stand.send(.append, exchange, as: stand.t1).code == nil)
            #expect(await stand.send(.decide, exchange, as: stand.t1).code == .peer)
            #expect(stand.ledger.size == 2)
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func aCallHasLimits(_ kind: LedgerKind) async throws {
        try await Self.run(kind) { stand in
            let (t1, most) = (stand.t1, LeafSubmission.perCallMax)
            let tooLong = [UInt8](repeating: 0, count: Call.append.bodyMax)
            for body in [
                [], [1], appendBody([]), appendBody((0...most).map(exchangeLeaf)),
                appendBody([Leaf(governance: tooLong).bytes], [tooLong]), exchangeLeaf(1) + [0],
            ] {
                #expect(await stand.send(.append, body, as: t1).code == .length)
            }
            let indexes = try await stand.append((0..<most).map(exchangeLeaf))
            #expect(Set(indexes).count == most && stand.ledger.size == UInt64(most))
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func withoutAQuorumOfWitnessesNothingIsPublished(_ kind: LedgerKind) async throws {
        try await Self.run(kind) { stand in
            let reader = try stand.follower()
            _ = try await stand.append([exchangeLeaf(0)])
            stand.ledger.setSilent(witness: 2, true)
            _ = try await stand.append([exchangeLeaf(1)])
            #expect(try await reader.update().size == 2)
            stand.ledger.setSilent(witness: 0, true)
            // Durable, with an index, and not yet to be shown.
            #expect(try await stand.append([exchangeLeaf(2)]) == [2])
            #expect(try await reader.update().size == 2)
            #expect(await stand.ledger.proves(2) == false)
            stand.ledger.setSilent(witness: 0, false)
            await stand.scheduler.sleep(milliseconds: 30_000)
            #expect(try await reader.update().size == 3)
            #expect(await stand.ledger.proves(2))
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func aQuietLogIsSignedAgain(_ kind: LedgerKind) async throws {
        try await Self.run(kind) { stand in
            _ = try await stand.append([exchangeLeaf(0)])
            let keys = stand.ledger.policy.witnesses.map(\.key)
            for _ in 0..<3 {
                await stand.scheduler.sleep(milliseconds: 60_000)
                let note = try Note(parsing: try await stand.ledger.fetch("checkpoint", limit: Note.byteMax))
                let oldest = try note.verify(keys).values.min() ?? 0
                #expect(oldest + 20 >= stand.scheduler.now())
            }
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func aNewLifeHasAllOfTheOldOne(_ kind: LedgerKind) async throws {
        try await Self.run(kind) { stand in
            let (reader, record) = (try stand.follower(), [UInt8](repeating: 7, count: 20))
            _ = try await stand.append((0..<300).map(exchangeLeaf))
            _ = try await stand.append([Leaf(governance: record).bytes], [record])
            let before = try await stand.ledger.leaves
            try await reader.update()
            try await stand.ledger.restart()
            #expect(try await stand.ledger.leaves == before)
            #expect(try await stand.append([exchangeLeaf(7), exchangeLeaf(300)])[0] < 300)
            #expect(try await reader.update().size == 302)
            let asked = Wire.list([Leaf(governance: record).detailHash.bytes])
            #expect(await stand.send(.record, asked, as: nil).code == nil)
        }
    }
}
