import Authority
import Device
import Exchanges
import Gateway
import Guards
import Polymorphic
import Ristretto255
import Simulation
import Testing

/// Stops, revocations, histories and enrolments at a transcryptor, each with its negative control.
@Suite struct TranscryptorStopTests {
    private static func find(_ country: Country, _ patient: Patient) async -> ExchangeFailure? {
        await failure { _ = try await country.found(of: patient) }
    }

    @Test func aConsentThatIsWithdrawnMeanwhileReleasesNothing() async throws {
        for isOff in [false, true] {
            try await Country.run(seed: 71) { country in
                let t1 = country.names.transcryptors[0]
                let patient = try await country.patient()
                try await country.intercept(t1) { (call, _) in
                    if call == .release { _ = try await patient.resident.phone.withdraw(patient.giveA) }
                    return nil
                }
                guard isOff else {
                    let refused = await Self.find(country, patient)
                    #expect(refused == .refused(by: t1, Refusal(.intent)))
                    return
                }
                let released = await Guards.withOff("guard:transcryptor.stop") { await Self.find(country, patient) }
                #expect(released == nil)
            }
        }
    }

    @Test func aRevokedPartyReceivesNothingWhateverTheSnapshotSays() async throws {
        for isOff in [false, true] {
            try await Country.run(seed: 73) { country in
                let names = country.names
                let patient = try await country.patient()
                let doctor = try country.doctor(names.hospitalA)
                func identify() async -> ExchangeFailure? {
                    await failure {
                        _ = try await country.gateway(names.hospitalA).identify(
                            try await country.present(patient.resident, at: names.hospitalA), for: country.use(),
                            by: doctor)
                    }
                }
                let act = try country.authority().act("revoke", names.hospitalA.bytes)
                try await country.authority().revoke(names.hospitalA, act, country.officerApprovals(act))
                guard isOff else {
                    guard case .refused(_, Refusal(.directory))? = await identify() else {
                        Issue.record("a revoked party was served")
                        return
                    }
                    return
                }
                let served = await Guards.withOff("guard:transcryptor.revocation") { await identify() }
                #expect(served == nil)
            }
        }
    }

    @Test func aReceiptIsTheRequestersOwn() async throws {
        try await Country.run(seed: 74) { country in
            let (names, t1) = (country.names, country.names.transcryptors[0])
            let patient = try await country.patient()
            let bodies = try await country.catchBodies(.decide, at: t1)
            _ = try await country.found(of: patient)
            let request = try DecideCall(body: try #require(bodies.all.last)).request.request
            let receipt = Receipt(
                requestDigest: sha512(request), outcome: .givenUp, count: 0, time: country.scheduler.now())
            let body = Wire.list([receipt.bytes, [UInt8](repeating: 0, count: 64)])
            let refused = await country.ask(.receipt, body, at: t1, as: names.hospitalA)
            #expect(refused.code == .signature)
            let taken = await Guards.withOff("guard:transcryptor.receipt") {
                await country.ask(.receipt, body, at: t1, as: names.hospitalA)
            }
            #expect(taken.code == nil)
        }
    }

    @Test func aHistoryIsShownToItsOwnPersonNow() async throws {
        try await Country.run(seed: 75) { country in
            let t1 = country.names.transcryptors[0]
            let patient = try await country.patient()
            let bodies = try await country.catchBodies(.head, at: t1)
            _ = try await patient.resident.phone.history()
            let query = try #require(bodies.all.last)
            let unsigned = Wire.list([try Wire.fields(of: query, 2)[0], [UInt8](repeating: 0, count: 64)])
            let refused = await country.ask(.head, unsigned, at: t1, as: nil)
            #expect(refused.code == .signature)
            let shown = await Guards.withOff("guard:transcryptor.query-signature") {
                await country.ask(.head, unsigned, at: t1, as: nil)
            }
            #expect(shown.code == nil)
            await country.wait(seconds: 200)
            let late = await country.ask(.head, query, at: t1, as: nil)
            #expect(late.code == .time)
            let replayed = await Guards.withOff("guard:transcryptor.query-time") {
                await country.ask(.head, query, at: t1, as: nil)
            }
            #expect(replayed.code == nil)
        }
    }

    @Test func onlyARegistryEnrolsAndOnlyWithTheTranscryptorsOwnPart() async throws {
        try await Country.run(seed: 76) { country in
            let (names, random) = (country.names, country.random("enrolment"))
            let enrolID: Bytes16 = random.draw()
            let body = Wire.list([enrolID.bytes])
            let refused = await country.ask(.contribute, body, at: names.transcryptors[0], as: names.hospitalA)
            #expect(refused.code == .directory)
            let contributed = await Guards.withOff("guard:enrolment.registry") {
                await country.ask(.contribute, body, at: names.transcryptors[0], as: names.hospitalA)
            }
            #expect(contributed.code == nil)
            // A registry that knows every part knows the base point of the person.
            var parts: [[UInt8]] = []
            for id in names.transcryptors {
                let made = try EnrolmentContribution(
                    enrolID: enrolID, transcryptor: id, z: SecretScalar(from: random),
                    key: country.pins.ceremony.pseudonyms.key, fresh: (random.draw(), random.draw(), random.draw()))
                let pair = made.ciphertext.pair
                parts.append(
                    Wire.list([pair.b.encoding.bytes, pair.c.encoding.bytes, made.proof.bytes.bytes]))
            }
            let enrol = Wire.list([enrolID.bytes, random.bytes(64), Wire.list(parts)])
            let own = await country.ask(.enrol, enrol, at: names.transcryptors[0], as: names.numberCentre)
            #expect(own.code == .participants)
            let signed = await Guards.withOff("guard:enrolment.own") {
                await country.ask(.enrol, enrol, at: names.transcryptors[0], as: names.numberCentre)
            }
            #expect(signed.code == nil)
        }
    }
}
