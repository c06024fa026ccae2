import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// The same key in new shares.
@Suite struct ResharingTests {
    typealias Run = ResharingRun<KEM>

    /// The key of one record by Shares of a sharing, as its reader makes it.
    private struct Record {
        let world: World
        let header: RecordHeader
        let key: SharedKey<KEM>

        init(_ name: String, _ key: SharedKey<KEM>) throws {
            world = try World(name)
            self.key = key
            let sealer = try EnvelopeSealer(
                world.header(world.hospital), subject: world.subject(), key: key.key, author: world.hospital.key.z,
                fresh: (world.random.draw(), world.random.draw(), world.random.draw()))
            header = try Envelope(wire: sealer.seal([7], signer: world.hospital.signer)).prefix.header
        }

        /// - Parameter holders: with the sharing that each of them uses.
        func combine(_ holders: [(UInt8, Sharing<KEM>)]) throws -> [UInt8] {
            let (reader, rd) = (world.pharmacy, Bytes64.zero)
            let shares = try holders.map { index, sharing in
                guard let box = sharing.shares[index] else { throw Refusal(.participants) }
                let t = world.transcryptor(1)  // who seals and signs does not matter here
                let record = try t.tickets.admit(header, t.tickets.ticket(for: header.hash, of: .zero), of: .zero)
                let sealed = try t.maker.share(
                    [record], permits: [true], requestDigest: rd, with: box.share, to: reader.partyKey,
                    fresh: (world.random.draw(), world.random.draw()))
                return try ShareExpectation<KEM>(
                    [header], permits: [true], requestDigest: rd, from: index, in: sharing.key,
                    shareEpoch: sharing.epoch, recipient: reader.key, party: reader.id, signer: t.verifyingKey
                ).open(sealed, with: reader.key, forbidden: [])
            }
            return try reader.key.unmasking(key.key).recordKeys(
                [header], requestDigest: rd, shares, participants: holders.map(\.0)
            )[0].encoding.withBytes { [UInt8]($0) }
        }
    }

    /// Every t holders of the new sharing have the key; with one of the old sharing among them nobody has.
    private func check(_ old: Sharing<KEM>, _ new: Sharing<KEM>, t: UInt8, name: String) throws {
        #expect(new.epoch == old.epoch + 1 && new.key.key.element == old.key.key.element)
        #expect(Set(new.key.shares).isDisjoint(with: old.key.shares) && new.key.isSharing(threshold: t))
        let record = try Record(name, old.key)
        let expected = try record.combine([(1, old), (2, old)])
        let n = UInt8(new.key.shares.count)
        for set in subsets(of: n, size: t).map({ $0.sorted() }) {
            let made = try record.combine(set.map { ($0, new) })
            #expect(made == expected)
            guard old.shares[set[0]] != nil else { continue }
            let mixed = [(set[0], old)] + set.dropFirst().map { ($0, new) }
            expectRefusal(.share) { _ = try record.combine(mixed) }
            try Guards.withOff("guard:combine.epoch") {
                let useless = try record.combine(mixed)
                #expect(useless != expected)
            }
        }
    }

    @Test(arguments: [[1, 2], [1, 3], [2, 3]] as [[UInt8]])
    func aRefreshByAnyTwoOfThreeKeepsTheKeyAndReplacesAllShares(_ dealers: [UInt8]) throws {
        let random = Seeded("refresh \(dealers)")
        let old = try Sharing<KEM>(n: 3, t: 2, random)
        let members = (1...3).compactMap { old.members[UInt8($0)] }
        let new = try Run.run(old, by: dealers, to: members, t: 2, random)
        try check(old, new, t: 2, name: "refresh \(dealers)")
    }

    @Test func aNewTranscryptorTakesThePlaceOfOneThatLeaves() throws {
        let random = Seeded("staff change")
        let old = try Sharing<KEM>(n: 3, t: 2, random)
        let newcomer = Member(random)
        let members = [1, 2].compactMap { old.members[$0] } + [newcomer]
        let new = try Run.run(old, by: [1, 2], to: members, t: 2, random)
        try check(old, new, t: 2, name: "staff change")
        #expect(new.members[3] === newcomer)
        // The one who left deals under its old index: not while the newcomer has that index.
        expectRefusal(.participants) { _ = try Run(old, by: [1, 3], to: members, t: 2, random) }
        // Its share is of no use in the next resharing, whatever it claims.
        let next = try Run(new, by: [2, 3], to: members, t: 2, random)
        let left = try #require(old.shares[3])
        expectRefusal(.share) { _ = try Run.Ceremony.Statement(next.roll, dealing: left.share, from: random) }
    }

    @Test func threeHoldersBecomeFourAndOneOfThemLeavesAgain() throws {
        let random = Seeded("three of four")
        let two = try Sharing<KEM>(n: 3, t: 2, random)
        let members = (1...3).compactMap { two.members[UInt8($0)] } + [Member(random)]
        let three = try Run.run(two, by: [1, 3], to: members, t: 3, random)
        try check(two, three, t: 3, name: "three of four")
        // Back to two of three, dealt by the fourth as well, who then has nothing.
        let again = try Run.run(three, by: [1, 2, 4], to: Array(members.prefix(3)), t: 2, random)
        let record = try Record("two of three again", two.key)
        let (first, last) = (try record.combine([(1, two), (2, two)]), try record.combine([(2, again), (3, again)]))
        #expect(first == last && again.epoch == 3 && again.shares[4] == nil)
    }

    @Test func theRollIsOfHoldersWhoHaveTheKey() throws {
        let random = Seeded("resharing roll")
        let old = try Sharing<KEM>(n: 3, t: 2, random)
        let members = (1...3).compactMap { old.members[UInt8($0)] }
        func roll(_ dealers: [UInt8], _ members: [Member], t: UInt8, epoch: UInt32 = 1) throws {
            _ = try Resharing<KEM>.Roll(
                ceremony: random.draw(), old: old.key, oldEpoch: epoch,
                dealers: Dictionary(
                    uniqueKeysWithValues: dealers.map { ($0, (old.members[$0] ?? members[0]).verifyingKey) }),
                t: t, keys: members.map(\.verifyingKey), forbidden: [])
        }
        try roll([1, 2], members, t: 2)
        try roll([1, 2, 3], members, t: 2)
        for dealers in [[1], [2], [3]] as [[UInt8]] {
            expectRefusal(.constantTerm) { try roll(dealers, members, t: 2) }
        }
        for dealers in [[], [0, 1], [1, 4], [1, 255]] as [[UInt8]] {
            expectRefusal(.participants) { try roll(dealers, members, t: 2) }
        }
        for t in [0, 1, 4, 255] as [UInt8] { expectRefusal(.participants) { try roll([1, 2], members, t: t) } }
        expectRefusal(.participants) { try roll([1, 2], [], t: 2) }
        expectRefusal(.participants) { try roll([1, 2], [members[0], members[1], members[0]], t: 2) }
        expectRefusal(.participants) { try roll([1, 2], [members[1], members[0], members[2]], t: 2) }
        expectRefusal(.participants) { try roll([1, 2], (0..<17).map { _ in Member(random) }, t: 9) }
        for epoch in [0, .max] as [UInt32] { expectRefusal(.length) { try roll([1, 2], members, t: 2, epoch: epoch) } }
    }

    @Test func onlyHoldersOfThisSharingDealAndOnlyItsReceiversReceive() throws {
        let random = Seeded("resharing seats")
        let old = try Sharing<KEM>(n: 3, t: 2, random)
        let members = (1...3).compactMap { old.members[UInt8($0)] }
        let run = try Run(old, by: [1, 2], to: members, t: 2, random)
        let (first, third) = (try #require(old.shares[1]), try #require(old.shares[3]))
        expectRefusal(.participants) { _ = try Run.Ceremony.Statement(run.roll, dealing: third.share, from: random) }
        for index in [0, 1, 2, 4, 255] as [UInt8] {
            expectRefusal(.participants) { _ = try Run.Ceremony.Statement(run.roll, receiving: index, from: random) }
        }
        let other = ShareBox(try ClassShare<KEM>(index: 1, shareEpoch: 2, secret: first.share.x.explicitCopy()))
        expectRefusal(.share) { _ = try Run.Ceremony.Statement(run.roll, dealing: other.share, from: random) }
        let wrong = ShareBox(try ClassShare<KEM>(index: 1, shareEpoch: 1, secret: random.secret()))
        expectRefusal(.share) { _ = try Run.Ceremony.Statement(run.roll, dealing: wrong.share, from: random) }
    }
}
