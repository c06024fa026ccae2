import Authority
@testable import Deployment
import Exchanges
import Foundation
import Guards
import Policy
import Polymorphic
import Ristretto255
import Serving
import Testing

/// Calls of the authority by those who may not make them, over mutual TLS.
@Suite(.serialized) struct CallAttackTests {
    @Test func onlyTheNumberCentreEvaluates() async throws {
        try await TestCountry.with { country in
            let blinded = try Element(SecretScalar(from: SystemRandom()).timesGenerator()).encoding.bytes
            let body = Wire.list([blinded])
            let path = "/v1/evaluate"
            #expect(try await country.post(path, body, to: "authority").code == "peer")
            let hospital = try await country.post(path, body, to: "authority", as: ("hospital-a", "tls"))
            #expect(hospital.code == "directory")
            // A certificate of the same CA that stands in no entry.
            let system = try await country.post(path, body, to: "authority", as: ("hospital-a", "system"))
            #expect(system.code == "peer")
            let centre = try await country.post(path, body, to: "authority", as: ("number-centre", "tls"))
            #expect(centre.status == 200)

            let authority: AuthorityNode = try country.node("authority")
            let party = try PartyID("hospital-a")
            try await Guards.withOff("guard:authority.registry") {
                // The hospital could try out numbers.
                let answer = try await authority.answer(.evaluate, body, from: party)
                #expect(!answer.isEmpty)
            }
        }
    }

    @Test func aPointIsItsHoldersOwn() async throws {
        try await TestCountry.with { country in
            let step = country.pinned.pins.ceremony.route.steps[0]
            let foreign = try #require((UInt8(1)...3).first { $0 != step.holders[0] })
            let party = try PartyID("hospital-a")
            let point = FactorPoint(
                step: step.id, holder: step.holders[0], party: party, epoch: 7,
                point: try Element(SecretScalar(from: SystemRandom()).timesGenerator()))
            let signer = try country.home.node("t\(foreign)").signer()
            let body = SignedEntry(point.bytes, signatures: [signer(point.bytes)]).wire
            let refused = try await country.post("/v1/point", body, to: "authority", as: ("t\(foreign)", "tls"))
            #expect(refused.code == "signature")
            let before = try await country.published().count
            let authority: AuthorityNode = try country.node("authority")
            try await Guards.withOff("guard:directory.holder") {
                _ = try await authority.answer(.point, body, from: nil)
            }
            #expect(try await country.published().count == before + 1)
        }
    }
}
