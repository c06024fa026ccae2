import Exchanges
import Policy
import Polymorphic
import Ristretto255
import Testing
import VectorSupport

/// The Directory as it should be: what is taken, what is found in it.
@Suite struct DirectoryTests {
    static let now = DirectoryWorld.now

    @Test func everybodyInASnapshotIsFound() throws {
        let world = try DirectoryWorld()
        let directory = try world.base()
        #expect(directory.refused == [])
        let entry = try world.entry(world.hospital)
        let party = try directory.party(world.hospital, at: Self.now)
        #expect(party.key.element == entry.key && party.signing == entry.signingKey && party.psnEpoch == 1)
        #expect(try directory.party(tlsKeyHash: entry.tlsKeyHash, at: Self.now).key == party.key)
        #expect(throws: Refusal(.peer)) { try directory.party(tlsKeyHash: .zero, at: Self.now) }
        #expect(throws: Refusal(.directory)) { try directory.party(PartyID("nobody"), at: Self.now) }
        let credential = try world.credential()
        #expect(try directory.credential(credential.hash, at: Self.now) == credential)
        #expect(throws: Refusal(.directory)) { try directory.credential(.zero, at: Self.now) }
        #expect(directory.transcryptorKeys(at: Self.now).count == 3)
        #expect(directory.signingKeys(of: world.hospital) == [entry.signingKey])
    }

    @Test func aSnapshotSurvivesTheWire() throws {
        let world = try DirectoryWorld()
        let snapshot = world.snapshot(try world.entries())
        #expect(try Snapshot(wire: snapshot.bytes) == snapshot)
        for entry in snapshot.entries { #expect(try DirectoryRecord(wire: entry.bytes).bytes == entry.bytes) }
        #expect(throws: Refusal(.label)) { try DirectoryRecord(wire: snapshot.signed) }
        #expect(throws: Refusal(.trailing)) { try Snapshot(wire: snapshot.bytes + Wire.list([[]])) }
    }

    @Test func aNodeSeesOneMoment() throws {
        let world = try DirectoryWorld()
        let directory = try world.base()
        let moment = try directory.moment(at: Self.now)
        #expect(moment.roll.t == 2 && moment.roll.transcryptors.count == 3)
        #expect(moment.policy.bytes == DirectoryWorld.document.bytes)
        let authority = try world.opening("authority").element
        #expect(moment.authorityKey == authority)
        let credential = try world.credential().hash
        #expect(moment.party(world.hospital) != nil && moment.credential(credential) != nil)
        let (from, to) = (Domain.party(world.hospital, epoch: 1), Domain.party(world.clinic, epoch: 1))
        let legs = try moment.legs(from: from, to: to)
        #expect(legs.map(\.step) == Route.production.steps)
        for leg in legs {
            let secret = world.secret(leg.step.id)
            let points = (try secret.factorPoint(for: from), try secret.factorPoint(for: to))
            #expect(leg.source == points.0 && leg.destination == points.1)
        }
        let fromBase = try moment.legs(from: .base, to: to)
        #expect(fromBase.allSatisfy { $0.source == .generator })
        #expect(throws: Refusal(.target)) { try moment.legs(from: from, to: from) }
        #expect(throws: Refusal(.directory)) { try directory.moment(at: Self.now + 901) }
        #expect(throws: Never.self) { try directory.moment(at: Self.now + 901, breakGlass: true) }
        #expect(throws: Refusal(.directory)) { try world.empty().moment(at: Self.now) }
    }

    static let ages: [(seconds: UInt64, age: SnapshotAge)] = [
        (0, .fresh), (60, .fresh), (61, .late), (900, .late), (901, .breakGlassOnly), (86_400, .breakGlassOnly),
        (86_401, .expired),
    ]

    @Test(arguments: ages.indices)
    func aSnapshotAges(_ index: Int) {
        let (seconds, age) = Self.ages[index]
        #expect(SnapshotAge(of: Self.now, at: Self.now + seconds) == age)
        #expect(age.admits(breakGlass: false) == (seconds <= 900))
        #expect(age.admits(breakGlass: true) == (seconds <= 86_400))
        #expect(age.alarms == (seconds > 60))
        #expect(SnapshotAge(of: Self.now + seconds, at: Self.now) == .fresh)
    }

    @Test func oneEntryThatDoesNotHoldKeepsNobodyElseFromWorking() throws {
        let world = try DirectoryWorld()
        // The clinic shows the proof of possession of another's key.
        let good = try world.entry(world.clinic)
        let bad = DirectoryEntry(
            party: good.party, roles: good.roles, keyEpoch: 1, key: good.key,
            possession: try world.entry(world.hospital).possession, signingKey: good.signingKey,
            tlsKeyHash: good.tlsKeyHash, pseudonymEpoch: 1, notBefore: good.notBefore, notAfter: good.notAfter,
            sequence: 1)
        let entries = try world.entries(replacing: world.first(good), by: world.first(bad))
        let directory = try world.empty().taking(world.snapshot(entries), at: Self.now)
        #expect(directory.refused.map(\.code) == [.knowledge])
        #expect(throws: Refusal(.directory)) { try directory.party(world.clinic, at: Self.now) }
        #expect(throws: Never.self) { try directory.party(world.hospital, at: Self.now) }
        // An entry of no kind is left out as well.
        let strange = world.signed(pack(.head, [1]), by: "authority")
        let more = try world.empty().taking(world.snapshot(try world.entries() + [strange]), at: Self.now)
        #expect(more.refused.map(\.code) == [.label])
        #expect(throws: Never.self) { try more.party(world.clinic, at: Self.now) }
    }

    @Test func aPartyChangesItsKeysWithItsPreviousOne() throws {
        let world = try DirectoryWorld()
        let old = world.first(try world.entry(world.hospital))
        let changed = try world.entry(
            world.hospital, sequence: 2, keyEpoch: 2, opening: "new z", signer: "new key", tls: "new tls")
        let directory = try world.strictly(
            world.entries(replacing: old, by: world.next(changed, after: "hospital")), onto: world.base())
        #expect(try directory.party(world.hospital, at: Self.now).signing == changed.signingKey)
        // Records signed with the old key can still be read; the old TLS key leads nowhere.
        #expect(directory.signingKeys(of: world.hospital).count == 2)
        let oldTLS = try world.entry(world.hospital).tlsKeyHash
        #expect(throws: Refusal(.peer)) { try directory.party(tlsKeyHash: oldTLS, at: Self.now) }
    }

    @Test func theAuthorityAloneRevokes() throws {
        let world = try DirectoryWorld()
        let entry = try world.entry(world.hospital)
        let revoked = world.first(entry.revoked(at: Self.now))
        let bySnapshot = try world.strictly(
            world.entries(replacing: world.first(entry), by: revoked), onto: world.base())
        let byLedger = try world.base().obeying(revoked, at: Self.now)
        for directory in [bySnapshot, byLedger] {
            #expect(throws: Refusal(.directory)) { try directory.party(world.hospital, at: Self.now) }
            #expect(throws: Refusal(.directory)) {
                try directory.party(tlsKeyHash: entry.tlsKeyHash, at: Self.now)
            }
            #expect(throws: Never.self) { try directory.party(world.clinic, at: Self.now) }
        }
        // What the authority signs for a moment later than now needs the party.
        let later = world.first(entry.revoked(at: Self.now + 3_600))
        #expect(throws: Refusal(.length)) { try world.base().obeying(later, at: Self.now) }
    }

    @Test func whatStandsInTheLedgerOnlyIsListedOnceASnapshotListsIt() throws {
        let world = try DirectoryWorld()
        let newcomer = try PartyID("newcomer")
        let entry = world.first(try world.entry(newcomer))
        let directory = try world.base().obeying(entry, at: Self.now)
        #expect(throws: Refusal(.directory)) { try directory.party(newcomer, at: Self.now) }
        let listed = try world.strictly(try world.entries() + [entry], onto: directory)
        #expect(throws: Never.self) { try listed.party(newcomer, at: Self.now) }
    }

    @Test func theSameSnapshotIsTakenAgainAndAnotherOfThatSecondIsNot() throws {
        let world = try DirectoryWorld()
        let directory = try world.base()
        #expect(throws: Never.self) { try directory.taking(world.snapshot(try world.entries()), at: Self.now) }
        let other = world.snapshot(Array(try world.entries().dropLast()))
        #expect(throws: Refusal(.conflict)) { try directory.taking(other, at: Self.now) }
    }

    @Test func entriesStandInByteOrderEachOnce() throws {
        let world = try DirectoryWorld()
        let twice = world.snapshot(try world.entries() + [world.policy()])
        #expect(throws: Refusal(.length)) { try world.empty().taking(twice, at: Self.now) }
    }

    @Test func theNewestPolicyAndPageThatHaveBegunAreInForce() throws {
        let world = try DirectoryWorld()
        func policy(_ version: UInt32, from time: UInt64) -> SignedEntry {
            world.signed(
                PolicyRecord(version: version, policy: [UInt8(version)], notBefore: time).bytes, by: "authority")
        }
        func page(_ version: UInt32, from time: UInt64) throws -> SignedEntry {
            let record = PageRecord(
                name: try Name("give"), version: version, codeHash: .filled(UInt8(version)), notBefore: time)
            return world.signed(record.bytes, by: "authority")
        }
        let entries = [
            policy(7, from: Self.now), policy(8, from: Self.now + 10), try page(1, from: 0),
            try page(2, from: Self.now + 10),
        ]
        let directory = try world.empty().taking(world.snapshot(entries), at: Self.now)
        #expect(try directory.policy(at: Self.now).version == 7)
        #expect(try directory.policy(at: Self.now + 10).version == 8)
        #expect(throws: Refusal(.policy)) { try directory.policy(at: Self.now - 1) }
        #expect(directory.page(try Name("give"), at: Self.now)?.version == 1)
        #expect(directory.page(try Name("give"), at: Self.now + 10)?.version == 2)
        #expect(directory.page(try Name("look"), at: Self.now) == nil)
    }
}
