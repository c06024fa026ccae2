import Authority
import Device
import Exchanges
import Gateway
import Guards
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Testing

@testable import Simulation

/// What the authority and the number centre keep out, each with its negative control.
@Suite struct OfficeGuardTests {
    private func people() throws -> [SoftwareAuthenticator] {
        let site = RelyingParty(id: Array("x.warifu".utf8), origin: Array("https://x.warifu".utf8))
        return try (0..<3).map { number in
            try SoftwareAuthenticator(relyingParty: site, from: SeededRandom(seed: UInt64(number))) {
                (_, _) throws(Refusal) in .zero
            }
        }
    }

    @Test func twoOfficersSignOrNothingHappens() throws {
        let people = try people()
        let control = DualControl(people.prefix(2).map(\.officer))
        let act = OfficialAct(party: try PartyID("office"), verb: "open", subject: [1], time: 1_000)
        let both = people.prefix(2).map { $0.approve(act) }
        try control.check(act, both, at: 1_000)

        let twice = [both[0], both[0]]
        #expect(throws: Refusal(.policy)) { try control.check(act, twice, at: 1_000) }
        try Guards.withOff("guard:officers.two") { try control.check(act, twice, at: 1_000) }

        let stranger = [both[0], people[2].approve(act)]
        #expect(throws: Refusal(.signature)) { try control.check(act, stranger, at: 1_000) }
        try Guards.withOff("guard:officers.signature") { try control.check(act, stranger, at: 1_000) }

        #expect(throws: Refusal(.time)) { try control.check(act, both, at: 4_601) }
        try Guards.withOff("guard:officers.time") { try control.check(act, both, at: 4_601) }
    }

    @Test func officersApproveOneThing() async throws {
        try await Country.run(seed: 21) { country in
            let authority = try country.authority()
            let party = country.names.hospitalA
            let other = authority.act("revoke", country.names.hospitalB.bytes)
            let approvals = country.officerApprovals(other)
            let refused = await refusal { try await authority.revoke(party, other, approvals) }
            #expect(refused == Refusal(.policy))
            try await Guards.withOff("guard:authority.act") { try await authority.revoke(party, other, approvals) }
            await country.wait(seconds: 61)
            let directory = try await country.gateway(country.names.hospitalB).requester.directory.current()
            #expect(throws: Refusal(.directory)) { try directory.party(party, at: country.scheduler.now()) }
        }
    }

    @Test func onlyTheRegistryHashesNumbersAndNotTooMany() async throws {
        try await Country.run(seed: 22) { country in
            let (authority, names) = (try country.authority(), country.names)
            let blinded = try VOPRF.blind([1], by: SecretScalar(from: SeededRandom(seed: 1))).message
            let refused = await refusal { _ = try await authority.evaluate(blinded, for: names.hospitalA) }
            #expect(refused == Refusal(.directory))
            try await Guards.withOff("guard:authority.registry") {
                _ = try await authority.evaluate(blinded, for: names.hospitalA)
            }
            for _ in 0..<AuthorityNode.evaluationsPerHour {
                _ = try await authority.evaluate(blinded, for: names.numberCentre)
            }
            let tooMany = await refusal { _ = try await authority.evaluate(blinded, for: names.numberCentre) }
            #expect(tooMany == Refusal(.quota))
            try await Guards.withOff("guard:authority.rate") {
                _ = try await authority.evaluate(blinded, for: names.numberCentre)
            }
        }
    }

    @Test func enrolmentNeedsTwoOfficialsForThisPerson() async throws {
        try await Country.run(seed: 23) { country in
            let centre = try country.numberCentre()
            let phone = try await country.phone(of: "one", algorithm: .ed25519)
            let (one, keyHash) = (Array("one".utf8), try phone.keyHash())
            let act = centre.enrolmentAct(identity: one, keyHash: keyHash)
            let alone = await refusal {
                _ = try await centre.enrol(identity: one, keyHash: keyHash, act, [country.officials[0].approve(act)])
            }
            #expect(alone == Refusal(.policy))
            _ = try await Guards.withOff("guard:registry.dual-control") {
                try await centre.enrol(identity: one, keyHash: keyHash, act, [country.officials[0].approve(act)])
            }
            let (two, both) = (Array("two".utf8), country.officially(act))
            let other = await refusal {
                _ = try await centre.enrol(identity: two, keyHash: keyHash, act, both)
            }
            #expect(other == Refusal(.policy))
            _ = try await Guards.withOff("guard:registry.act") {
                try await centre.enrol(identity: two, keyHash: keyHash, act, both)
            }
        }
    }

    @Test func onePersonHasOnePseudonym() async throws {
        try await Country.run(seed: 24) { country in
            let resident = try await country.enrol("one")
            let second = try await country.phone(of: "another phone", algorithm: .es256)
            let centre = try country.numberCentre()
            let keyHash = try second.keyHash()
            let act = centre.enrolmentAct(identity: resident.identity, keyHash: keyHash)
            let refused = await refusal {
                _ = try await centre.enrol(
                    identity: resident.identity, keyHash: keyHash, act, country.officially(act))
            }
            #expect(refused == Refusal(.conflict))
            let offer = try await Guards.withOff("guard:registry.one-person") {
                try await centre.enrol(identity: resident.identity, keyHash: keyHash, act, country.officially(act))
            }
            #expect(offer.enrolment.enrolID != resident.enrolID)
        }
    }

    @Test func aNumberLeadsToItsPersonUntilItIsInvalid() async throws {
        try await Country.run(seed: 25) { country in
            let resident = try await country.enrol("one")
            let centre = try country.numberCentre()
            let before = try await centre.status(of: resident.number)
            #expect(before?.enrolID == resident.enrolID && before?.status == .active)
            let act = try await centre.invalidationAct(resident.number)
            try await centre.invalidate(resident.number, act, country.officially(act))
            let after = try await centre.status(of: resident.number)
            #expect(after?.status == .invalid)
            let unknown = try await centre.status(of: PersonalNumber(from: SeededRandom(seed: 9)))
            #expect(unknown == nil)
        }
    }

    @Test func aRecordOfTheLedgerIsTheOneThatItsLeafNames() async throws {
        try await Country.run(seed: 26) { country in
            let names = country.names
            let reader = try country.ledgerReader(of: nil, try PartyID("onlooker"), country.network)
            let leaf = try #require(try await country.ledger.leaves.first { $0[1] == Leaf.Kind.governance.rawValue })
            let hash = try Leaf(wire: leaf).detailHash
            let truth = try await reader.record(hash)
            #expect(Leaf(governance: truth).bytes == leaf)
            country.network.setLie(names.ledger) { call, _, _ in call == .record ? Wire.list([[1, 2, 3]]) : nil }
            let refused = await refusal { _ = try await reader.record(hash) }
            #expect(refused == Refusal(.ledger))
            let lie = try await Guards.withOff("guard:ledger.record-hash") { try await reader.record(hash) }
            #expect(lie == [1, 2, 3])
        }
    }
}
