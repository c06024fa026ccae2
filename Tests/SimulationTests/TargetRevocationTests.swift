import Authority
import Exchanges
import Gateway
import Guards
import Policy
import Polymorphic
import Simulation
import Testing

/// A party that is revoked neither asks nor receives, from the leaf on.
@Suite struct TargetRevocationTests {
    @Test func aTargetThatWasRevokedMeanwhileReceivesNothing() async throws {
        for isOff in [false, true] {
            try await Country.run(seed: 271) { country in
                let names = country.names
                let patient = try await country.patient()
                let act = try country.authority().act("revoke", names.medical.bytes)
                try await country.authority().revoke(names.medical, act, country.officerApprovals(act))
                // The snapshots of all are older than the leaf.
                let find = { await failure { _ = try await country.found(of: patient) } }
                guard isOff else {
                    guard case .refused(_, Refusal(.directory))? = await find() else {
                        Issue.record("a revoked party received a person")
                        return
                    }
                    return
                }
                let delivered = await Guards.withOff("guard:transcryptor.revocation") { await find() }
                #expect(delivered == nil)
            }
        }
    }
}
