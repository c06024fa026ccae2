import Deployment
import Exchanges
import Foundation
import Guards
import Policy
import Polymorphic
import Ristretto255
import Testing

/// A whole country in one process: founded by commands, run over mutual TLS, found again after a stop.
@Suite(.serialized) struct CountryRunTests {
    private func inForce(_ directory: Exchanges.Directory, _ party: PartyID) -> Bool {
        (try? directory.party(party, at: SystemClock().now())) != nil
    }

    private func inForce(_ country: TestCountry, _ party: PartyID) async throws -> Bool {
        inForce(try await country.newcomer(), party)
    }

    @Test func whoeverLooksFirstSeesEverybodyAndAllPoints() async throws {
        try await TestCountry.with { country in
            let directory = try await country.newcomer()
            #expect(directory.refused.isEmpty)
            for making in CountryRun.nodes where making.kind.role != nil {
                let party = try PartyID(making.id)
                #expect(inForce(directory, party), "\(making.id)")
            }
            let (a, b) = (try PartyID("hospital-a"), try PartyID("hospital-b"))
            let moment = try directory.moment(at: SystemClock().now(), breakGlass: false)
            #expect(try moment.legs(from: .party(a, epoch: 1), to: .party(b, epoch: 1)).count == 3)
        }
    }

    @Test func oneOfficerIsNotEnoughAndASuspendedPartyComesBack() async throws {
        try await TestCountry.with { country in
            let party = try PartyID("hospital-b")
            await #expect(throws: DeploymentFault.refused(node: "authority", code: "policy")) {
                try await country.office(officers: 1).suspend(party)
            }
            #expect(try await inForce(country, party) == true)
            try await country.office().suspend(party)
            #expect(try await inForce(country, party) == false)
            // Not without its own key: the authority alone cannot slip in another one.
            let card = try country.home.node("hospital-b").card()
            await #expect(throws: DeploymentFault.self) { try await country.office().accredit(card) }
            let signer = try country.home.node("hospital-b").signer()
            try await country.office().accredit(card, previous: signer)
            #expect(try await inForce(country, party) == true)
        }
    }

    @Test func anotherStartFindsTheSameCountry() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/warifu-country-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try await TestCountry.with(folder) { country in
            try await country.office().suspend(try PartyID("hospital-b"))
            return try JSONFile.read(CountryFile.self, country.home.country + "/country.json")
        }
        try await TestCountry.with(folder) { country in
            #expect(try JSONFile.read(CountryFile.self, country.home.country + "/country.json") == first)
            let (a, b) = (try PartyID("hospital-a"), try PartyID("hospital-b"))
            #expect(try await inForce(country, b) == false)
            #expect(try await inForce(country, a) == true)
        }
    }

    @Test func secretsThatOthersMayReadAreNotUsed() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/warifu-country-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let home = CountryHome(folder)
        try home.makeCountry(from: SystemRandom())
        let node = try home.makeNode(NodeFolder.Making(.hospital, id: "hospital"), from: SystemRandom())
        #expect(throws: DeploymentFault.exists(node.path)) {
            try home.makeNode(NodeFolder.Making(.hospital, id: "hospital"), from: SystemRandom())
        }
        _ = try SecretFile(node.path + "/secrets").read()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: node.path + "/secrets")
        #expect(throws: DeploymentFault.self) { try SecretFile(node.path + "/secrets").read() }
    }
}
