import Device
import Exchanges
import Gateway
import Guards
import Polymorphic
import Ristretto255
import Simulation
import Testing

/// A transcryptor that was away: what it adopts, and what it learns from the Ledger alone.
@Suite struct AbsentTranscryptorTests {
    @Test func aTranscryptorAdoptsNoRecordThatItsAuthorDidNotSign() async throws {
        for isOff in [false, true] {
            try await Country.run(seed: 81) { country in
                let (names, t3) = (country.names, country.names.transcryptors[2])
                let patient = try await country.patient()
                try await country.settle(names.hospitalA)
                let isShut = Shared(true)
                let bodies = Caught()
                try await country.intercept(t3) { (call, body) in
                    guard call == .adopt, isShut.value else { return nil }
                    bodies.add(body)
                    throw Refusal(.unavailable)
                }
                try await country.deposit([country.record("signed")], of: patient)
                try await country.settle(names.hospitalA)
                isShut.change { $0 = false }
                let good = try AdoptCall(body: try #require(bodies.all.last))
                let forged = try Self.withForgedAuthor(good)
                guard isOff else {
                    let refused = await country.ask(.adopt, forged.body, at: t3, as: names.hospitalA)
                    #expect(refused.code == .unavailable)
                    let taken = await country.ask(.adopt, good.body, at: t3, as: names.hospitalA)
                    #expect(taken.code == nil)
                    return
                }
                let adopted = await Guards.withOff("guard:adopt.record") {
                    await country.ask(.adopt, forged.body, at: t3, as: names.hospitalA)
                }
                #expect(adopted.code == nil)
            }
        }
    }

    private static func withForgedAuthor(_ call: AdoptCall) throws -> AdoptCall {
        let records = try call.decide.records.map { record -> RecordSubmission in
            guard case .deposit(let deposit) = record else { return record }
            var signature = deposit.prefix.signature.bytes
            signature[40] ^= 1
            let prefix = EnvelopePrefix(
                deposit.prefix.header, deposit.prefix.knowledge, deposit.prefix.commitment,
                try Wire.fixed(signature))
            return .deposit(
                RecordSubmission.Deposit(prefix: prefix, bodyHash: deposit.bodyHash, previous: deposit.previous))
        }
        let decide = DecideCall(
            request: call.decide.request, origins: call.decide.origins, records: records, ties: call.decide.ties)
        return AdoptCall(decide: decide, intents: call.intents, chains: call.chains)
    }

    @Test func aStopThatOneTranscryptorKnowsHoldsAtAllThroughTheLedger() async throws {
        for isOff in [false, true] {
            try await Country.run(seed: 82) { country in
                let (names, transcryptors) = (country.names, country.names.transcryptors)
                let patient = try await country.patient()
                try await country.settle(names.hospitalA)
                country.network.setDown(transcryptors[0], true)
                let withdrawal = try #require(await patient.resident.phone.withdraw(patient.giveA))
                #expect(withdrawal.index == 2)
                country.network.setDown(transcryptors[0], false)
                country.network.setDown(transcryptors[1], true)
                await country.wait(seconds: 2)
                guard isOff else {
                    let refused = await failure { _ = try await country.found(of: patient) }
                    #expect(refused == .refused(by: transcryptors[2], Refusal(.intent)))
                    return
                }
                let served = await Guards.withOff("guard:transcryptor.leaves") {
                    await failure { _ = try await country.found(of: patient) }
                }
                #expect(served == nil)
            }
        }
    }
}

extension Country {
    /// Pays what a gateway owes.
    func settle(_ party: PartyID) async throws { try await gateway(party).requester.settle() }
}
