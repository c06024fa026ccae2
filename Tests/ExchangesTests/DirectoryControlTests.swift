import Exchanges
import Policy
import Polymorphic
import Ristretto255
import Testing
import VectorSupport

/// Attacks on the Directory: each is refused by one check, and succeeds without it.
@Suite struct DirectoryControlTests {
    static let now = DirectoryWorld.now

    // MARK: Snapshots

    @Test func aSnapshotOfAnotherIsRefused() throws {
        let world = try DirectoryWorld()
        let (base, left) = (try world.base(), try world.entries(replacing: world.policy(), by: nil))
        // A thief leaves the policy out.
        Control.withOff("guard:directory.snapshot", refused: .signature) {
            let forged = world.snapshot(left, time: Self.now + 1, signer: "thief")
            let directory = try base.taking(forged, at: Self.now + 1)
            try Control.wanted((try? directory.policy(at: Self.now)) == nil, "no policy")
        }
    }

    @Test func entriesThatTheAuthorityDidNotListAreRefused() throws {
        let world = try DirectoryWorld()
        let base = try world.base()
        let snapshot = world.snapshot(try world.entries(), time: Self.now + 1)
        let hospital = world.first(try world.entry(world.hospital))
        let cut = try Snapshot(
            wire: Wire.list([
                snapshot.signed, snapshot.signature,
                Wire.list(snapshot.entries.filter { $0 != hospital }.map(\.wire)),
            ]))
        Control.withOff("guard:directory.entries", refused: .signature) {
            let directory = try base.taking(cut, at: Self.now + 1)
            try Control.wanted((try? directory.party(world.hospital, at: Self.now)) == nil, "no hospital")
        }
    }

    @Test func anOlderSnapshotIsRefused() throws {
        let world = try DirectoryWorld()
        let hospital = world.first(try world.entry(world.hospital))
        let without = try world.strictly(world.entries(replacing: hospital, by: nil), onto: world.base())
        let old = world.snapshot(try world.entries())
        Control.withOff("guard:directory.rollback", refused: .directory) {
            _ = try without.taking(old, at: Self.now + 2).party(world.hospital, at: Self.now + 2)
        }
    }

    @Test func aSnapshotAheadOfTheClockIsRefused() throws {
        let world = try DirectoryWorld()
        let ahead = world.snapshot(try world.entries(), time: Self.now + 3_600)
        Control.withOff("guard:directory.ahead", refused: .time) {
            let directory = try world.empty().taking(ahead, at: Self.now)
            try Control.wanted(directory.age(at: Self.now + 3_600) == .fresh, "fresh an hour later")
        }
        let skewed = world.snapshot(try world.entries(), time: Self.now + 120)
        #expect(throws: Never.self) { try world.empty().taking(skewed, at: Self.now) }
    }

    @Test func anAgedSnapshotAdmitsNothing() throws {
        let directory = try DirectoryWorld().base()
        Control.withOff("guard:directory.age", refused: .directory) {
            try directory.check(breakGlass: false, at: Self.now + 901)
            try directory.check(breakGlass: true, at: Self.now + 86_401)
        }
    }

    // MARK: Parties

    @Test func nobodyAccreditsItself() throws {
        let world = try DirectoryWorld()
        let newcomer = try PartyID("newcomer")
        let entry = world.signed(try world.entry(newcomer).bytes, by: "newcomer")
        Control.withOff("guard:directory.authority", refused: .signature) {
            _ = try world.strictly(try world.entries() + [entry], onto: world.base())
                .party(newcomer, at: Self.now + 1)
        }
    }

    @Test func theAuthorityCannotTakeAPartysPlace() throws {
        let world = try DirectoryWorld()
        let taken = try world.entry(
            world.hospital, sequence: 2, keyEpoch: 2, opening: "authority", signer: "authority")
        let entries = try world.entries(
            replacing: world.first(world.entry(world.hospital)), by: world.next(taken, after: "authority"))
        Control.withOff("guard:directory.previous", refused: .signature) {
            let party = try world.strictly(entries, onto: world.base()).party(world.hospital, at: Self.now + 1)
            try Control.wanted(party.signing == world.authority.verifyingKey, "the hospital's place")
        }
    }

    /// A revocation that brings a key of the authority's would make it the party's "previous key".
    @Test func aRevocationChangesNoKey() throws {
        let world = try DirectoryWorld()
        let old = world.first(try world.entry(world.hospital))
        let revoked = try world.entry(
            world.hospital, sequence: 2, signer: "thief", until: Self.now)
        let back = try world.entry(
            world.hospital, sequence: 3, keyEpoch: 2, opening: "thief", signer: "thief")
        Control.withOff("guard:directory.revocation", refused: .length) {
            let first = try world.strictly(
                world.entries(replacing: old, by: world.first(revoked)), onto: world.base())
            let second = try world.strictly(
                world.entries(replacing: old, by: world.next(back, after: "thief")), onto: first, after: 2)
            let party = try second.party(world.hospital, at: Self.now + 2)
            try Control.wanted(party.signing == world.signer("thief").verifyingKey, "the hospital's place")
        }
    }

    @Test func aPartyThatIsNotKnownBeginsAtOne() throws {
        let world = try DirectoryWorld()
        // To a transcryptor that knows nobody yet, the authority shows a "later" entry of its own making.
        let made = try world.entry(world.hospital, sequence: 9, opening: "authority", signer: "authority")
        let entries = try world.entries(
            replacing: world.first(world.entry(world.hospital)), by: world.first(made))
        Control.withOff("guard:directory.first", refused: .directory) {
            _ = try world.strictly(entries, onto: world.empty()).party(world.hospital, at: Self.now + 1)
        }
    }

    @Test func oneNumberHasOneContent() throws {
        let world = try DirectoryWorld()
        let (old, other) = (try world.entry(world.hospital), try world.entry(world.hospital, tls: "other"))
        Control.withOff("guard:directory.conflict", refused: .conflict) {
            let entries = try world.entries(
                replacing: world.first(old), by: world.next(other, after: "hospital"))
            _ = try world.strictly(entries, onto: world.base())
                .party(tlsKeyHash: other.tlsKeyHash, at: Self.now + 1)
        }
        let (known, longer) = (try world.credential(), try world.credential(until: Self.now + 2 * DirectoryWorld.year))
        Control.withOff("guard:directory.conflict", refused: .conflict) {
            let entries = try world.entries(
                replacing: world.signed(known.bytes, by: "authority"),
                by: world.signed(longer.bytes, by: "authority"))
            _ = try world.strictly(entries, onto: world.base()).credential(longer.hash, at: Self.now + 1)
        }
        let version = DirectoryWorld.document.version
        let lax = PolicyRecord(version: version, policy: [], notBefore: 0)
        Control.withOff("guard:directory.conflict", refused: .conflict) {
            let entries = try world.entries(
                replacing: world.policy(), by: world.signed(lax.bytes, by: "authority"))
            let policy = try world.strictly(entries, onto: world.base()).policy(at: Self.now + 1)
            try Control.wanted(policy == lax, "the other policy")
        }
    }

    /// A snapshot that still lists a party does not bring it back once the Ledger revoked it.
    @Test func theLedgerCountsMoreThanTheSnapshot() throws {
        let world = try DirectoryWorld()
        let first = try world.entry(world.hospital)
        let second = try world.entry(world.hospital, sequence: 2, tls: "second")
        let entries = try world.entries(
            replacing: world.first(first), by: world.next(second, after: "hospital"))
        let revoked = try world.strictly(entries, onto: world.base())
            .obeying(world.first(second.revoked(at: Self.now)), at: Self.now)
        Control.withOff("guard:directory.sequence", refused: .directory) {
            _ = try world.strictly(entries, onto: revoked, after: 2).party(world.hospital, at: Self.now + 2)
        }
        let (known, ended) = (try world.credential(), try world.credential(sequence: 2, until: Self.now))
        let without = try world.base().obeying(world.signed(ended.bytes, by: "authority"), at: Self.now)
        Control.withOff("guard:directory.sequence", refused: .directory) {
            _ = try world.strictly(try world.entries(), onto: without).credential(known.hash, at: Self.now + 1)
        }
    }

    @Test func epochsDoNotGoBack() throws {
        let world = try DirectoryWorld()
        let old = world.first(try world.entry(world.hospital))
        let second = world.next(try world.entry(world.hospital, sequence: 2, epoch: 2), after: "hospital")
        // Back to the epoch of step secrets that leaked.
        let third = world.next(try world.entry(world.hospital, sequence: 3), after: "hospital")
        let directory = try world.strictly(world.entries(replacing: old, by: second), onto: world.base())
        Control.withOff("guard:directory.epochs", refused: .directory) {
            let back = try world.strictly(
                world.entries(replacing: old, by: third), onto: directory, after: 2)
            try Control.wanted(try back.party(world.hospital, at: Self.now + 2).psnEpoch == 1, "the old epoch")
        }
        let same = world.next(
            try world.entry(world.hospital, sequence: 2, opening: "other"), after: "hospital")
        #expect(throws: Refusal(.directory), "another Z of the same epoch") {
            try world.strictly(world.entries(replacing: old, by: same), onto: world.base())
        }
    }

    @Test func aTLSKeyLeadsToOneParty() throws {
        let world = try DirectoryWorld()
        let (old, thief) = (try world.entry(world.clinic), try world.entry(world.clinic, sequence: 2, tls: "hospital"))
        let entries = try world.entries(replacing: world.first(old), by: world.next(thief, after: "clinic"))
        Control.withOff("guard:directory.tlskey", refused: .conflict) {
            let party = try world.strictly(entries, onto: world.base())
                .party(tlsKeyHash: thief.tlsKeyHash, at: Self.now + 1)
            try Control.wanted(party.key.party == world.clinic, "the hospital's connection")
        }
        // Refused, it harms the clinic alone, although it stands before the hospital.
        let time = Self.now + 1
        let directory = try world.base().taking(world.snapshot(entries, time: time), at: time)
        #expect(try directory.party(tlsKeyHash: thief.tlsKeyHash, at: time).key.party == world.hospital)
    }

    @Test func onlyWhatIsInForceIsFound() throws {
        let world = try DirectoryWorld()
        let (directory, later) = (try world.base(), Self.now + DirectoryWorld.year)
        Control.withOff("guard:directory.dates", refused: .directory) {
            _ = try directory.party(world.hospital, at: later)
        }
        Control.withOff("guard:directory.dates", refused: .directory) {
            _ = try directory.credential(try world.credential().hash, at: later)
        }
        let without = try world.strictly(
            world.entries(replacing: world.first(world.entry(world.hospital)), by: nil), onto: directory)
        Control.withOff("guard:directory.listed", refused: .directory) {
            _ = try without.party(world.hospital, at: Self.now + 1)
        }
    }

    // MARK: Points and epochs

    @Test func aPointNeedsAllItsHolders() throws {
        let world = try DirectoryWorld()
        let third = try PartyID("third")
        let others = try world.entries() + [world.first(try world.entry(third))]
        let destination = Domain.party(third, epoch: 1)
        let alone = try world.strictly(others + world.points(third, holders: [1, 3]), onto: world.empty())
        Control.withOff("guard:directory.holders", refused: .route) {
            _ = try alone.legs(from: .base, to: destination)
        }
        let own = try world.opening("thief").element
        let forged = try others + world.points(third, point: own, signedBy: "thief")
        Control.withOff("guard:directory.holder", refused: .signature) {
            let legs = try world.strictly(forged, onto: world.empty()).legs(from: .base, to: destination)
            try Control.wanted(legs.allSatisfy { $0.destination == own }, "the thief's point")
        }
    }

    @Test func aPointNeverChanges() throws {
        let world = try DirectoryWorld()
        let own = try world.opening("thief").element
        let known = Set(try world.points(world.clinic).map(\.bytes))
        let entries = try world.entries().filter { !known.contains($0.bytes) }
        let changed = try entries + world.points(world.clinic, point: own)
        Control.withOff("guard:directory.point", refused: .conflict) {
            let legs = try world.strictly(changed, onto: world.base())
                .legs(from: .base, to: .party(world.clinic, epoch: 1))
            try Control.wanted(legs.allSatisfy { $0.destination == own }, "the other point")
        }
    }

    @Test func aPointOfNoStepOrHolderIsRefused() throws {
        let world = try DirectoryWorld()
        for (step, holder, epoch) in [("v99", UInt8(1), UInt32(1)), ("v12", 3, 1), ("v12", 0, 1), ("v12", 1, 0)] {
            let point = FactorPoint(
                step: try Name(step), holder: holder, party: world.clinic, epoch: epoch, point: .generator)
            #expect(throws: Refusal(.route), "\(step) \(holder) \(epoch)") {
                try world.base().obeying(world.signed(point.bytes, by: "t1"), at: Self.now)
            }
        }
    }

    @Test func aRequestLeadsFromAndToEpochsInUse() throws {
        let world = try DirectoryWorld()
        let directory = try world.base()
        let (hospital, clinic) = (world.hospital, world.clinic)
        Control.withOff("guard:directory.source", refused: .source) {
            try directory.check(source: .party(hospital, epoch: 2), at: Self.now)
        }
        let from = Domain.party(hospital, epoch: 1)
        Control.withOff("guard:directory.target", refused: .target) {
            try directory.check(target: .party(clinic, epoch: 2), from: from, at: Self.now)
        }
        #expect(throws: Never.self) {
            try directory.check(source: .base, at: Self.now)
            try directory.check(source: from, at: Self.now)
            try directory.check(target: .party(clinic, epoch: 1), from: from, at: Self.now)
            try directory.check(target: .party(hospital, epoch: 2), from: from, at: Self.now)
        }
        for epoch in [UInt32(0), 3, .max] {
            #expect(throws: Refusal(.source)) {
                try directory.check(source: .party(hospital, epoch: epoch &+ (epoch == 0 ? 4 : 0)), at: Self.now)
            }
            #expect(throws: Refusal(.target)) {
                try directory.check(target: .party(hospital, epoch: epoch), from: from, at: Self.now)
            }
        }
        #expect(throws: Refusal(.target)) {
            try directory.check(target: .party(try PartyID("nobody"), epoch: 1), from: from, at: Self.now)
        }
    }
}
