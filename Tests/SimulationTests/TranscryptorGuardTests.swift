import Device
import Exchanges
import Gateway
import Guards
import Polymorphic
import Ristretto255
import Simulation
import Testing

/// What a transcryptor keeps out of an exchange, each with its negative control.
@Suite struct TranscryptorGuardTests {
    /// The party of each exchange here.
    private static func find(_ country: Country, _ patient: Patient) async -> ExchangeFailure? {
        await failure { _ = try await country.found(of: patient) }
    }

    /// A body of `decide` with another signature of the gateway or of the person.
    private static func forged(_ body: [UInt8], gateway: Bool) throws -> [UInt8] {
        let call = try DecideCall(body: body)
        var (first, second) = (call.request.gateway, call.request.person)
        if gateway { first[0] ^= 1 } else { second[second.count - 1] ^= 1 }
        let request = SignedRequest(request: call.request.request, gateway: first, person: second)
        return DecideCall(request: request, origins: call.origins, records: call.records, ties: call.ties).body
    }

    @Test(arguments: [true, false]) func aRequestThatNobodySignedIsRefused(_ gateway: Bool) async throws {
        try await Country.run(seed: 61) { country in
            let t1 = country.names.transcryptors[0]
            let patient = try await country.patient()
            try await country.intercept(t1) { (call, body) in
                call == .decide ? try Self.forged(body, gateway: gateway) : nil
            }
            let refused = await Self.find(country, patient)
            #expect(refused == .refused(by: t1, Refusal(.signature)))
            let name = gateway ? "guard:transcryptor.gateway-signature" : "guard:transcryptor.person-signature"
            // With that one check off, the forged Request is decided (its later calls carry the true signatures).
            let passed = await Guards.withOff(name) { await Self.find(country, patient) }
            #expect(passed == nil)
        }
    }

    @Test func onlyAParticipantDecides() async throws {
        try await Country.run(seed: 62) { country in
            let names = country.names
            let patient = try await country.patient()
            let bodies = try await country.catchBodies(.decide, at: names.transcryptors[0])
            _ = try await country.found(of: patient)
            let body = try #require(bodies.all.last)
            let outside = names.transcryptors[2]
            let refused = await country.ask(.decide, body, at: outside, as: names.hospitalA)
            #expect(refused.code == .participants)
            let before = country.ledger.size
            let answered = await Guards.withOff("guard:transcryptor.participant") {
                await country.ask(.decide, body, at: outside, as: names.hospitalA)
            }
            #expect(answered.code == nil)
            await country.wait(seconds: 2)
            #expect(country.ledger.size > before)  // a use in the person's history that never was one
        }
    }

    @Test func nothingIsTurnedForWhomTheOwnVerdictRefuses() async throws {
        try await Country.run(seed: 63) { country in
            let names = country.names
            let patient = try await country.patient()
            _ = try await patient.resident.phone.withdraw(patient.giveA)
            let bodies = try await country.catchBodies(.decide, at: names.transcryptors[0])
            let refused = await Self.find(country, patient)
            #expect(refused == .notPermitted)
            let request = try DecideCall(body: try #require(bodies.all.last)).request
            let call = ReshuffleCall(request: request, target: 0, steps: [])
            let kept = await country.ask(.reshuffle, call.body, at: names.transcryptors[0], as: names.hospitalA)
            #expect(kept.code == .intent)
            let turned = await Guards.withOff("guard:transcryptor.own-verdict") {
                await country.ask(.reshuffle, call.body, at: names.transcryptors[0], as: names.hospitalA)
            }
            #expect(turned.code == nil)
        }
    }

    @Test func anExchangeThatIsOverIsNotTakenUpAgain() async throws {
        try await Country.run(seed: 64) { country in
            let (names, t1) = (country.names, country.names.transcryptors[0])
            let patient = try await country.patient()
            let bodies = try await country.catchBodies(.release, at: t1)
            _ = try await country.found(of: patient)
            let release = try ReleaseCall(body: try #require(bodies.all.last))
            let first = try #require(release.chains.first?.first)
            let call = ReshuffleCall(request: release.request, target: 0, steps: [first])
            let refused = await country.ask(.reshuffle, call.body, at: t1, as: names.hospitalA)
            #expect(refused.code == .intent)
            let turned = await Guards.withOff("guard:transcryptor.state") {
                await country.ask(.reshuffle, call.body, at: t1, as: names.hospitalA)
            }
            #expect(turned.code == nil)
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func nothingIsReleasedThatIsNotInTheLedger(_ kind: LedgerKind) async throws {
        try await Country.run(seed: 65, on: kind) { country in
            let ledger = country.names.ledger
            let patient = try await country.patient()
            // A ledger that takes no leaves: what the transcryptors wrote is nowhere.
            try await country.intercept(ledger) { (call, _) in
                call == .append ? Wire.list([Wire.list([]), Wire.list([])]) : nil
            }
            let refused = await Self.find(country, patient)
            guard case .refused(_, Refusal(.ledger))? = refused else {
                Issue.record("not refused: \(String(describing: refused))")
                return
            }
            let released = await Guards.withOff("guard:transcryptor.logged") { await Self.find(country, patient) }
            #expect(released == nil)
        }
    }

    @Test(arguments: LedgerKind.allCases)
    func aCheckpointThatNoWitnessSignedLatelyReleasesNothing(_ kind: LedgerKind) async throws {
        try await Country.run(seed: 66, on: kind) { country in
            let t1 = country.names.transcryptors[0]
            let patient = try await country.patient()
            try await country.intercept(t1) { (call, _) in
                guard call == .release else { return nil }
                for number in 0..<3 { country.ledger.setSilent(witness: number, true) }
                await country.wait(seconds: 62)
                return nil
            }
            func attempt() async -> ExchangeFailure? {
                for number in 0..<3 { country.ledger.setSilent(witness: number, false) }
                await country.wait(seconds: 61)
                return await Self.find(country, patient)
            }
            let refused = await attempt()
            #expect(refused != nil)
            let released = await Guards.withOff("guard:transcryptor.fresh-checkpoint") { await attempt() }
            #expect(released == nil)
        }
    }
}
