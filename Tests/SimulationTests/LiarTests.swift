import DataCentre
import Exchanges
import Gateway
import Guards
import Polymorphic
import Ristretto255
import Simulation
import Testing

/// A transcryptor or a store that lies is refused, and named.
@Suite struct LiarTests {
    @Test func anIntentOfAnotherRequestNamesItsTranscryptor() async throws {
        try await Country.run(seed: 41) { country in
            let (names, caught) = (country.names, Caught())
            let patient = try await country.patient()
            country.network.setLie(names.transcryptors[0]) { call, _, answer in
                guard call == .decide else { return nil }
                caught.add(answer)
                return caught.all[0]
            }
            _ = try await country.found(of: patient)
            let second = await failure { _ = try await country.found(of: patient) }
            guard case .lied(let liar)? = second else {
                Issue.record("not named: \(String(describing: second))")
                return
            }
            #expect(liar.index == 1 && liar.refusal == Refusal(.intent) && liar.evidence == caught.all[0])
            // Refused all the same, but nobody is named.
            let unnamed = await Guards.withOff("guard:exchanger.intent") {
                await failure { _ = try await country.found(of: patient) }
            }
            #expect(unnamed == .unusable(Refusal(.intent)))
        }
    }

    @Test func aFalseStepNamesItsMaker() async throws {
        try await Country.run(seed: 42) { country in
            let (names, caught) = (country.names, Caught())
            let patient = try await country.patient()
            // Transcryptor 1 answers with the steps of an earlier exchange: replayed.
            country.network.setLie(names.transcryptors[0]) { call, _, answer in
                guard call == .reshuffle else { return nil }
                caught.add(answer)
                return caught.all[0]
            }
            _ = try await country.found(of: patient)
            let second = await failure { _ = try await country.found(of: patient) }
            guard case .lied(let liar)? = second else {
                Issue.record("not named: \(String(describing: second))")
                return
            }
            #expect(liar.index == 1 && liar.refusal.code == .signature)
        }
    }

    @Test func aFalseShareNamesItsMaker() async throws {
        try await Country.run(seed: 43) { country in
            let names = country.names
            let patient = try await country.patient()
            try await country.deposit([country.record("one")], of: patient)
            country.network.setLie(names.transcryptors[1]) { call, _, bytes in
                guard call == .release, var answer = try? ReleaseCall.Answer(wire: bytes), !answer.recordKeys.isEmpty
                else { return nil }
                answer.recordKeys[answer.recordKeys.count - 1] ^= 1
                return answer.bytes
            }
            let found = try await country.found(of: patient)
            let failed = await failure {
                _ = try await country.gateway(names.hospitalA).fetch(
                    found, of: patient.atA, for: country.use(), by: try country.doctor(names.hospitalA))
            }
            guard case .lied(let liar)? = failed else {
                Issue.record("not named: \(String(describing: failed))")
                return
            }
            #expect(liar.index == 2 && liar.refusal.code == .seal)
        }
    }

    @Test func aStoreThatGivesAnotherRecordIsNamedAndNotItsAuthor() async throws {
        try await Country.run(seed: 44) { country in
            let names = country.names
            let patient = try await country.patient()
            let found = try await country.deposit(
                [country.record("one"), country.record("two", minute: 29_000_001)], of: patient)
            country.network.setLie(names.medical) { call, _, answer in
                guard call == .bodies, let bodies = try? Wire.elements(of: answer) else { return nil }
                return Wire.list(bodies.reversed())
            }
            func fetch() async throws {
                _ = try await country.gateway(names.hospitalA).fetch(
                    found, of: patient.atA, for: country.use(), by: try country.doctor(names.hospitalA))
            }
            let named = await failure { try await fetch() }
            #expect(named == .refused(by: names.medical, Refusal(.record)))
            // Without the check the author is blamed for what the store did.
            let framed = await Guards.withOff("guard:exchanger.body") { await failure { try await fetch() } }
            #expect(framed == .refused(by: names.hospitalA, Refusal(.open)))
        }
    }
}
