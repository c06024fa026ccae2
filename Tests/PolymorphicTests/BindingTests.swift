import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Shares are combined only with those they belong to, and there is none of nothing.
@Suite struct BindingTests {
    /// Two persons, the same from Request to Request.
    private struct Exchange {
        let world: World
        let bases: [Point]
        var party: Party { world.medical }

        init(_ name: String) throws {
            world = try World(name)
            bases = [world.random.point(), world.random.point()]
        }

        func chain(to party: Party? = nil) throws -> VerifiedChain {
            let held = try bases.map { try world.encrypt(world.at($0, world.hospital.domain), as: AtParty.self) }
            return try world.verified(world.chain(held, from: world.hospital, to: party ?? self.party))
        }

        func share(_ chain: VerifiedChain, _ permits: [Bool], from index: UInt8) throws -> VerifiedShare<PSN> {
            try world.open(
                world.share(chain, permits, to: party, by: index), chain, permits, at: party, from: index)
        }

        func expected() throws -> [Bytes32] { try bases.map { try world.pseudonym($0, at: party.domain) } }
    }

    @Test func sharesOfTwoChainsMakeNobody() throws {
        let exchange = try Exchange("two chains")
        let (chain, other, permits) = (try exchange.chain(), try exchange.chain(), [true, true])
        let mixed = [try exchange.share(chain, permits, from: 1), try exchange.share(other, permits, from: 2)]
        let unmasking = exchange.party.key.unmasking(exchange.world.psn.key)
        let expected = try exchange.expected()
        for place in [chain, other] {
            expectRefusal(.share) {
                _ = try unmasking.pseudonyms(place, permits: permits, mixed, participants: [1, 2])
            }
            try Guards.withOff("guard:combine.binding") {
                let made = try unmasking.pseudonyms(place, permits: permits, mixed, participants: [1, 2])
                #expect(Set(made.map(\.encoding)).isDisjoint(with: expected))  // accepted, and of nobody
            }
        }
    }

    @Test func sharesOfAnotherRequestChainOrVerdictAreNotThoseOfThisOne() throws {
        let exchange = try Exchange("another request")
        let (chain, other) = (try exchange.chain(), try exchange.chain())
        let unmasking = exchange.party.key.unmasking(exchange.world.psn.key)
        let shares = try [1, 2].map { try exchange.share(other, [true, true], from: $0) }
        expectRefusal(.share) {
            _ = try unmasking.pseudonyms(chain, permits: [true, true], shares, participants: [1, 2])
        }
        // One item each, but not the same one.
        let first = try [1, 2].map { try exchange.share(chain, [true, false], from: $0) }
        expectRefusal(.share) {
            _ = try unmasking.pseudonyms(chain, permits: [false, true], first, participants: [1, 2])
        }
        let made = try unmasking.pseudonyms(chain, permits: [true, false], first, participants: [1, 2])
        let expected = try exchange.expected()
        #expect(made.map(\.encoding) == [expected[0]])
        // Another key of the same party.
        let later = OpeningKey(from: exchange.world.random).unmasking(exchange.world.psn.key)
        expectRefusal(.share) { _ = try later.pseudonyms(chain, permits: [true, false], first, participants: [1, 2]) }
    }

    @Test func anExpectationIsForTheClassKeyOfItsChain() throws {
        let exchange = try Exchange("class key")
        let (world, chain) = (exchange.world, try exchange.chain())
        let (other, _): (SharedKey<PSN>, [SecretBox]) = try Ceremony.make(PSN.self, n: 3, t: 2, world.random)
        expectRefusal(.share) {
            _ = try ShareExpectation(
                chain, permits: [true, true], from: 1, in: other, shareEpoch: 1, recipient: exchange.party.key,
                party: exchange.party.id, signer: world.transcryptor(1).verifyingKey)
        }
    }

    @Test func recordKeysAreOfTheirRecordsAndTheirRequest() throws {
        let world = try World("record binding")
        let (party, row) = (world.medical, Bytes16.zero)
        func record() throws -> RecordHeader {
            let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
            return try Envelope(wire: sealer.seal([1, 2, 3], signer: world.hospital.signer)).prefix.header
        }
        let (header, other) = (try record(), try record())
        let shares = try world.keyShares(header, for: party, row: row)
        let again = try world.keyShares(header, for: party, row: row)  // under another Request
        let foreign = try world.keyShares(other, for: party, row: row)
        let unmasking = party.key.unmasking(world.kem.key)
        let digest = shares[0].binding.requestDigest
        func keys(_ header: RecordHeader, _ digest: Bytes64, _ shares: [VerifiedShare<KEM>]) throws -> [UInt8] {
            try unmasking.recordKeys([header], requestDigest: digest, shares, participants: [1, 2])[0]
                .encoding.withBytes { [UInt8]($0) }
        }
        let key = try keys(header, digest, shares)
        expectRefusal(.share) { _ = try keys(header, again[0].binding.requestDigest, shares) }
        expectRefusal(.share) { _ = try keys(header, digest, [shares[0], again[1]]) }
        expectRefusal(.share) { _ = try keys(other, digest, shares) }
        expectRefusal(.share) { _ = try keys(header, digest, [shares[0], foreign[1]]) }
        try Guards.withOff("guard:combine.binding") {
            let mixed = try keys(header, digest, [shares[0], foreign[1]])
            #expect(mixed != key)
        }
    }

    @Test func thereIsNoShareOfNothing() throws {
        let exchange = try Exchange("nothing permitted")
        let (world, chain, t) = (exchange.world, try exchange.chain(), exchange.world.transcryptor(1))
        let (none, fresh): ([Bool], Bytes64) = ([false, false], world.random.draw())
        expectRefusal(.length) {
            _ = try t.maker.share(
                chain, permits: none, with: t.psn, to: exchange.party.partyKey, tokens: [], tickets: [],
                fresh: (fresh, fresh))
        }
        expectRefusal(.length) {
            _ = try t.maker.adopt(
                chain, permits: none, holder: t.psn.element, index: 1, shareEpoch: 1, to: exchange.party.partyKey,
                tokens: [], tickets: [], fresh: fresh)
        }
        expectRefusal(.length) { _ = try world.expectation(chain, none, at: exchange.party, from: 1) }
        expectRefusal(.length) {
            _ = try t.maker.share(
                [], permits: [], requestDigest: .zero, with: t.kem, to: exchange.party.partyKey, fresh: (fresh, fresh))
        }
    }

    @Test func aShareHasNoMoreRecordsThanWerePermitted() throws {
        let world = try World("records permitted")
        let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
        let header = try Envelope(wire: sealer.seal([], signer: world.hospital.signer)).prefix.header
        let t = world.transcryptor(1)
        let record = try t.tickets.admit(header, t.tickets.ticket(for: header.hash, of: .zero), of: .zero)
        func share(_ count: Int, _ permits: [Bool]) throws {
            _ = try t.maker.share(
                [TicketedRecord](repeating: record, count: count), permits: permits, requestDigest: .zero, with: t.kem,
                to: world.medical.partyKey, fresh: (world.random.draw(), world.random.draw()))
        }
        try share(1, [true, false])
        expectRefusal(.length) { try share(2, [true, false]) }
        expectRefusal(.length) { try share(1, []) }
        expectRefusal(.length) { try share(257, [Bool](repeating: true, count: 257)) }
        expectRefusal(.length) { try share(65_536, [Bool](repeating: true, count: 65_536)) }
    }

    @Test func anAdoptersShareIsForTheEndOfTheChainOnly() throws {
        let exchange = try Exchange("adopted elsewhere")
        let (world, chain) = (exchange.world, try exchange.chain())
        func adopted(at party: Party) throws {
            _ = try ShareExpectation(
                adopted: chain, permits: [true, true], from: 3, in: world.psn, shareEpoch: 1, recipient: party.key,
                party: party.id, signer: world.transcryptor(3).verifyingKey)
        }
        try adopted(at: exchange.party)
        expectRefusal(.target) { try adopted(at: world.pharmacy) }
    }

    @Test func anAdopterGivesATokenForEachPermittedItem() throws {
        let exchange = try Exchange("adopter's tokens")
        let (world, chain, permits) = (exchange.world, try exchange.chain(), [true, true])
        let t = world.transcryptor(3)
        let tokens = try world.tokens(chain, permits, at: exchange.party, by: 3)
        func adopt(_ tokens: [HeldToken], tickets: [Ticket] = []) throws {
            _ = try t.maker.adopt(
                chain, permits: permits, holder: t.psn.element, index: 3, shareEpoch: 1,
                to: exchange.party.partyKey, tokens: tokens, tickets: tickets, fresh: world.random.draw())
        }
        try adopt(tokens)
        expectRefusal(.length) { try adopt([tokens[0]]) }
        expectRefusal(.length) { try adopt(tokens + tokens) }
        let ticket = try Ticket(wire: [UInt8](repeating: 1, count: 33))
        expectRefusal(.length) { try adopt(tokens, tickets: [Ticket](repeating: ticket, count: 65_536)) }
    }
}
