import Device
import Exchanges
import Gateway
import Guards
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing

@testable import Portal

/// What the portal keeps out, each with its negative control.
@Suite struct PortalGuardTests {
    /// A phone that lost what it knew would believe a shorter history: the portal has seen the longer one.
    @Test func aHeadThatGoesBackIsRefused() async throws {
        try await Country.run(seed: 711) { country in
            let t1 = country.names.transcryptors[0]
            let store = MemoryNodeStore()
            let portal = try await country.startPortal(store)
            let resident = try await country.enrol("one")
            _ = try await resident.phone.give(try country.terms(to: country.names.hospitalA))
            let person = try await country.visit(resident)
            await country.wait(seconds: 3)
            let early = Held<[UInt8]?>(nil)
            country.network.setLie(t1) { call, _, answer in
                if call == .head, early.now == nil { early.set(answer) }
                return nil
            }
            let backup = try await country.copy(of: resident.phone, throughPortal: true)
            _ = try await country.copy(of: resident.phone, throughPortal: true).history()
            try await country.search(person)
            await country.wait(seconds: 3)
            let seen = try await country.copy(of: resident.phone, throughPortal: true).history()
            #expect(seen.doubts == [] && seen.uses.count == 2)
            // Now it hides its newest entry behind what it said before.
            country.network.setLie(t1) { call, _, _ in call == .head ? early.now : nil }
            let history = try await backup.history()
            #expect(history.doubts == [.silent(1)])
            #expect(portal.counts.wentBack == [1: 1])
            let proofs = store.contents[KeptHeads.evidence]?.values.map { $0 } ?? []
            let parts = try Wire.fields(of: try #require(proofs.first), 2)
            let (longer, shorter) = (try KeptHead(bytes: parts[0]), try KeptHead(bytes: parts[1]))
            #expect(proofs.count == 1 && longer.head.nextCounter == shorter.head.nextCounter + 1)
            let misled = try await Guards.withOff("guard:portal.head-forward") {
                try await country.copy(of: resident.phone, throughPortal: true).history()
            }
            #expect(misled.doubts == [] && misled.uses.contains { $0.words[1] == nil })
        }
    }

    /// Whoever answers in a transcryptor's place could have the portal keep a head that no true one reaches any more.
    @Test func aHeadThatItsTranscryptorDidNotSignIsRefused() async throws {
        try await lieOnce("guard:portal.head-signature", refused: .signature, seed: 712) { answer, _ in
            guard let head = try? Head(wire: answer.head) else { return answer }
            let high = Head(
                transcryptor: head.transcryptor, handle: head.handle, nextCounter: head.nextCounter + 1,
                checkpointSize: head.checkpointSize, time: head.time)
            return HeadAnswer(head: high.bytes, signature: answer.signature, details: answer.details)
        }
    }

    /// The head of another row, which is longer: nothing may be kept of it under this one.
    @Test func aHeadOfAnotherRowIsRefused() async throws {
        try await lieOnce("guard:portal.head-row", refused: .head, seed: 713) { answer, longer in longer ?? answer }
    }

    /// A transcryptor lies once; later it tells the truth, which must still be believed. With the guard off the lie
    /// stays and the truth is refused.
    private func lieOnce(
        _ name: String, refused code: Refusal.Code, seed: UInt64,
        _ change: @escaping @Sendable (_ answer: HeadAnswer, _ longer: HeadAnswer?) -> HeadAnswer
    ) async throws {
        try await Country.run(seed: seed) { country in
            let t1 = country.names.transcryptors[0]
            let portal = try await country.startPortal(MemoryNodeStore())
            let (one, other) = (try await country.enrol("one"), try await country.enrol("two"))
            _ = try await other.phone.give(try country.terms(to: country.names.hospitalA))
            await country.wait(seconds: 3)
            let (longer, body) = (Held<HeadAnswer?>(nil), Held<[UInt8]>([]))
            country.network.setLie(t1) { call, _, answer in
                if call == .head { longer.set(try? HeadAnswer(wire: answer)) }
                return nil
            }
            _ = try await other.phone.history()
            let lies = longer.now
            country.network.setLie(t1) { call, asked, answer in
                guard call == .head, let answer = try? HeadAnswer(wire: answer) else { return nil }
                body.set(asked)
                return change(answer, lies).bytes
            }
            let phone = try await country.copy(of: one.phone, throughPortal: true)
            let doubts = try await phone.history().doubts
            #expect(doubts == [.silent(1)])
            await #expect(throws: Refusal(code)) { try await portal.answer(.head, body.now, from: nil) }
            country.network.setLie(t1, nil)
            let truth = try await country.copy(of: one.phone, throughPortal: true).history()
            #expect(truth.doubts == [] && portal.counts.wentBack.isEmpty)
            // Without the guard.
            country.network.setLie(t1) { call, _, answer in
                guard call == .head, let answer = try? HeadAnswer(wire: answer) else { return nil }
                return change(answer, lies).bytes
            }
            try await Guards.withOff(name) { _ = try await portal.answer(.head, body.now, from: nil) }
            country.network.setLie(t1, nil)
            let refused = try await country.copy(of: one.phone, throughPortal: true).history()
            #expect(refused.doubts == [.silent(1)] && portal.counts.wentBack == [1: 1])
        }
    }
}
