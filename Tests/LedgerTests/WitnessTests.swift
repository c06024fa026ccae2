import Foundation
import Guards
import Synchronization
import Testing
import TransparencyLog

@testable import Ledger

/// The status codes of tlog-witness, one by one, and what each check keeps out.
struct WitnessTests {
    let world: World
    let witness: Witness
    let state: MemoryWitnessState
    /// Roots and proofs of the log up to 300 leaves.
    let tree: LogTree
    let roots: [TreeHash]

    init() async throws {
        world = try World()
        witness = try #require(world.witnesses["w2.example"])
        state = try #require(world.states["w2.example"])
        let store = MemoryLedgerStore()
        var edge = TreeEdge()
        let batch = StoreContractTests.batch(0..<300, &edge)
        try await store.transaction { try $0.append(batch) }
        tree = try await LogTree.open(store)
        var small = TreeEdge()
        var roots = [small.root]
        for number in 0..<300 {
            small.append(leaf(number).hash)
            roots.append(small.root)
        }
        self.roots = roots
    }

    func body(old: UInt64, new: UInt64, root: TreeHash? = nil, origin: String = World.origin) async throws -> [UInt8] {
        let checkpoint = Checkpoint(origin: origin, size: new, root: root ?? roots[Int(new)])
        let signed = try SignedCheckpoint(checkpoint, by: world.signer)
        let proof = old <= new ? try await tree.prove(.consistency(old: old, new: new)) : []
        return AddCheckpoint(old: old, proof: proof, note: signed.note.bytes).encoded
    }

    @Test func itSignsEveryExtensionAndServesTheLastOne() async throws {
        for (old, new) in [(0, 0), (0, 7), (7, 7), (7, 256), (256, 300)] as [(UInt64, UInt64)] {
            let response = await witness.add(try await body(old: old, new: new))
            #expect(response.status == 200, "\(old) to \(new)")
            #expect(response.body.first == 0xe2)
        }
        let served = await witness.checkpoint(originHash: Witness.hash(World.origin))
        let policy = try WitnessPolicy(
            parsing: Array("log \(world.signer.key)\nwitness w \(witness.key)\nquorum w\n".utf8))
        #expect(try policy.verify(served.body, log: world.log).size == 300)
        #expect(await witness.checkpoint(originHash: Witness.hash("other")).status == 404)
    }

    @Test func aSmallerTreeIsAConflictThatNamesTheSize() async throws {
        _ = await witness.add(try await body(old: 0, new: 300))
        let response = await witness.add(try await body(old: 7, new: 100))
        #expect(
            response.status == 409 && response.body == Array("300\n".utf8) && response.contentType == "text/x.tlog.size"
        )
        #expect(try WitnessAnswer(response).size == 300)
    }

    @Test func withoutTheConsistencyProofAWitnessSignsARewrittenLog() async throws {
        _ = await witness.add(try await body(old: 0, new: 300))
        let rewritten = try await body(old: 300, new: 300, root: roots[299])
        #expect(await witness.add(rewritten).status == 422)
        #expect(await Guards.withOff("guard:witness.consistency") { await witness.add(rewritten) }.status == 200)
    }

    @Test func badProofsAreUnprocessable() async throws {
        _ = await witness.add(try await body(old: 0, new: 7))
        let good = try AddCheckpoint(parsing: try await body(old: 7, new: 300))
        let broken = AddCheckpoint(old: 7, proof: good.proof.dropLast(), note: good.note)
        #expect(await witness.add(broken.encoded).status == 422)
        let fresh = try #require(world.witnesses["w3.example"])
        #expect(await fresh.add(try await body(old: 0, new: 0, root: roots[1])).status == 422)
        #expect(await fresh.add(AddCheckpoint(old: 0, proof: [roots[1]], note: good.note).encoded).status == 422)
    }

    @Test func malformedUnknownAndUnsignedAreToldApart() async throws {
        #expect(await witness.add([]).status == 400)
        #expect(await witness.add(try await body(old: 8, new: 7)).status == 400)
        #expect(await witness.add(try await body(old: 0, new: 7, origin: "other.example")).status == 404)
        let stranger = try NoteSigner(name: World.origin, signer: SeedSigner(seed: [UInt8](repeating: 77, count: 32)))
        let signed = try SignedCheckpoint(Checkpoint(origin: World.origin, size: 7, root: roots[7]), by: stranger)
        let forged = AddCheckpoint(old: 0, proof: [], note: signed.note.bytes).encoded
        #expect(await witness.add(forged).status == 403)
        #expect(await Guards.withOff("guard:witness.log-signature") { await witness.add(forged) }.status == 200)
    }

    @Test func withoutStoringBeforeAnsweringAWitnessForgetsWhatItPromised() async throws {
        let forgetful = await Guards.withOff("guard:witness.persist") {
            await witness.add((try? await body(old: 0, new: 7)) ?? [])
        }
        #expect(forgetful.status == 200)
        #expect(await witness.add(try await body(old: 0, new: 7, root: roots[8])).status == 200)
        #expect(await witness.add(try await body(old: 0, new: 7)).status == 409)
    }

    @Test func aWitnessThatCannotStoreDoesNotAnswerAndEnds() async throws {
        struct Broken: WitnessState {
            struct Full: Error {}
            func load(_ originHash: String) throws -> [UInt8]? { nil }
            func save(_ originHash: String, _ note: [UInt8]) throws { throw Full() }
        }
        let ended = Mutex(false)
        let key = try NoteSigner(
            name: "w9.example", algorithm: .cosignature, signer: SeedSigner(seed: [UInt8](repeating: 9, count: 32)))
        let broken = try Witness(
            signer: key, logs: [world.signer.key], state: Broken(), now: { 1 },
            onFatal: { _ in ended.withLock { $0 = true } })
        #expect(await broken.add(try await body(old: 0, new: 7)).status == 500)
        #expect(ended.withLock { $0 })
    }

    @Test func theStateInADirectorySurvivesTheObject() async throws {
        let scratch = try Scratch()
        for (old, new) in [(0, 7), (7, 300)] as [(UInt64, UInt64)] {
            let key = try NoteSigner(
                name: "w9.example", algorithm: .cosignature, signer: SeedSigner(seed: [UInt8](repeating: 9, count: 32)))
            let witness = try Witness(
                signer: key, logs: [world.signer.key], state: WitnessDirectory(scratch.path), now: { 1 },
                onFatal: { _ in })
            #expect(await witness.add(try await body(old: old, new: new)).status == 200)
        }
    }

    @Test func manyAtOnceLeadToOneHistory() async throws {
        let statuses = await withTaskGroup(of: Int.self) { group in
            for size in UInt64(1)...60 {
                group.addTask { await witness.add((try? await body(old: 0, new: size)) ?? []).status }
            }
            return await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 200 } == 1)
        #expect(statuses.count { $0 == 409 } == 59)
    }
}

extension WitnessAnswer {
    var size: UInt64? { if case .conflict(let size) = self { size } else { nil } }
}
