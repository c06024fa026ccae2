import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Attacks on the deposit of records: what a Ticket must not be given for.
@Suite struct AttackDepositTests {
    /// The pharmacy deposits about a person that it holds.
    private final class Scene {
        let world: World
        let item: EncryptedPseudonym
        let subject: DepositSubject
        let row: Bytes16
        let rd: Bytes64
        var author: Party { world.pharmacy }

        init(_ name: String) throws {
            world = try World(name)
            item = try world.encrypt(world.random.point(), as: AtParty.self)
            subject = try DepositSubject(
                of: item, exchange: world.random.draw(), key: world.psn.key, author: world.pharmacy.key.z,
                fresh: world.random.draw())
            (row, rd) = (world.random.draw(), world.random.draw())
        }

        /// A record by the pharmacy, sealed and signed by it, with what `change` makes of the header.
        func record(
            _ text: [UInt8] = [1], about other: SubjectPair? = nil,
            _ change: (inout RecordHeader.Draft) throws -> Void = { _ in }
        ) throws -> Envelope {
            var draft = try world.header(author)
            try change(&draft)
            let sealer = try world.sealer(draft, author, subject: other ?? subject.subject)
            return try Envelope(wire: sealer.seal(text, signer: author.signer))
        }

        func tie() throws -> SamePerson {
            try subject.tie(requestDigest: rd, item: 0, key: world.psn.key, fresh: world.random.draw())
        }

        /// What a transcryptor does with a deposit: the checks, then a Ticket for each record.
        func tickets(_ envelopes: [Envelope], tie: SamePerson? = nil) throws -> [Ticket] {
            let rules = DepositRules(
                requester: author.id, authorKey: author.signer.verifyingKey, nowMinute: 29_000_000, yGeneration: 1,
                requestDigest: rd, key: world.psn.key)
            try rules.verify(
                envelopes.map { .init(prefix: $0.prefix, bodyHash: $0.bodyHash) }, item: 0, item, tie: tie ?? self.tie()
            )
            return try envelopes.map { try world.transcryptor(1).tickets.ticket(for: $0.prefix.header.hash, of: row) }
        }

        /// Whether a Ticket makes this record one of the person of the row.
        func isFetched(_ envelope: Envelope, _ ticket: Ticket) -> Bool {
            (try? world.transcryptor(1).tickets.admit(envelope.prefix.header, ticket, of: row)) != nil
        }
    }

    @Test func anHonestDepositIsTakenAndFetched() throws {
        let scene = try Scene("deposit")
        let records = try (0..<3).map { try scene.record([UInt8($0)]) }
        let tickets = try scene.tickets(records)
        #expect(zip(records, tickets).allSatisfy { scene.isFetched($0, $1) })
    }

    @Test func nobodyDepositsInAnothersName() throws {
        let scene = try Scene("author")
        let forged = try scene.record { $0.author = scene.world.hospital.id }
        expectRefusal(.author) { _ = try scene.tickets([forged]) }
        let tickets = try Guards.withOff("guard:deposit.author") { try scene.tickets([forged]) }
        #expect(scene.isFetched(forged, tickets[0]) && forged.prefix.header.author == scene.world.hospital.id)
    }

    @Test func nobodyDatesADepositBack() throws {
        let scene = try Scene("time")
        let old = try scene.record { $0.minute = 29_000_000 - 60 * 24 * 365 }
        expectRefusal(.time) { _ = try scene.tickets([old]) }
        expectRefusal(.time) { _ = try scene.tickets([scene.record { $0.minute = 29_000_011 }]) }
        for minute in [UInt64(28_999_990), 29_000_010] { _ = try scene.tickets([scene.record { $0.minute = minute }]) }
        let tickets = try Guards.withOff("guard:deposit.time") { try scene.tickets([old]) }
        #expect(scene.isFetched(old, tickets[0]))  // as if it had been there a year ago
    }

    /// y of the generation before has leaked, which is why there is a new one.
    @Test func nothingNewIsSealedUnderAKeyThatHasBeenReplaced() throws {
        let scene = try Scene("generation")
        let world = scene.world
        let leaked = world.random.secret()
        let old = ClassKey<KEM>(try Element(leaked.timesGenerator()))
        let secret = world.random.bytes(50)
        var draft = try world.header(scene.author)
        draft.yGeneration = 7
        let sealer = try EnvelopeSealer(
            draft, subject: scene.subject.subject, key: old, author: scene.author.key.z,
            fresh: (world.random.draw(), world.random.draw(), world.random.draw()))
        let record = try Envelope(wire: sealer.seal(secret, signer: scene.author.signer))
        func stolen() throws -> [UInt8] {
            _ = try scene.tickets([record])  // taken by all, as if nothing were wrong
            let pair = record.prefix.header.key.pair
            let key = RecordKey(SecretPoint(pair.c.point - leaked.times(pair.b.point)).encode())
            return try record.open(with: key, authorKeys: [scene.author.signer.verifyingKey])
        }
        expectRefusal(.record) { _ = try stolen() }
        let read = try Guards.withOff("guard:deposit.generation") { try stolen() }
        #expect(read == secret)
    }

    @Test func oneDepositIsAboutOnePersonOnly() throws {
        let scene = try Scene("subject")
        let other = try scene.world.subject()  // of somebody else
        let records = [try scene.record(), try scene.record(about: other)]
        expectRefusal(.subject) { _ = try scene.tickets(records) }
        let tickets = try Guards.withOff("guard:deposit.subject") { try scene.tickets(records) }
        // The record about the other person is now among those of this one.
        #expect(scene.isFetched(records[1], tickets[1]) && records[1].prefix.header.subject == other)
    }

    @Test func theSubjectOfADepositIsThePersonOfTheItem() throws {
        let scene = try Scene("tie")
        let world = scene.world
        let other = try DepositSubject(
            of: world.encrypt(world.random.point(), as: AtParty.self), exchange: world.random.draw(),
            key: world.psn.key,
            author: scene.author.key.z, fresh: world.random.draw())
        let record = try scene.record(about: other.subject)
        let tie = try other.tie(requestDigest: scene.rd, item: 0, key: world.psn.key, fresh: world.random.draw())
        expectRefusal(.equality) { _ = try scene.tickets([record], tie: tie) }
        let tickets = try Guards.withOff("guard:sameperson.verify") { try scene.tickets([record], tie: tie) }
        #expect(scene.isFetched(record, tickets[0]))  // somebody else's record, filed under this person
    }

    @Test func nobodyReplacesTheRecordOfAnotherAuthorOrCategory() throws {
        let scene = try Scene("previous")
        let world = scene.world
        let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: scene.subject.subject)
        let victim = try Envelope(wire: sealer.seal([7], signer: world.hospital.signer)).prefix.header
        let own = try scene.record().prefix.header
        let tickets = world.transcryptor(1).tickets
        func replace(_ old: RecordHeader, by new: RecordHeader) throws {
            try DepositRules.verify(
                new, replaces: old, ticket: tickets.ticket(for: old.hash, of: scene.row), keys: tickets, row: scene.row)
        }
        func successor(of old: RecordHeader, _ category: String = "LAB") throws -> RecordHeader {
            try scene.record {
                $0.previous = old.hash
                $0.category = try Name(category)
            }.prefix.header
        }
        let honest = try successor(of: own)
        try replace(own, by: honest)
        for (old, new) in [(victim, try successor(of: victim)), (own, try successor(of: own, "GEN"))] {
            expectRefusal(.prev) { try replace(old, by: new) }
            // Readers get the new one instead.
            try Guards.withOff("guard:deposit.previous") { try replace(old, by: new) }
        }
        // Nor with the header of another record than the one that it names, whose Ticket would not fit either.
        let next = try successor(of: honest)
        expectRefusal(.prev) { try replace(own, by: next) }
        // The Ticket of the one before must be of the same person.
        expectRefusal(.ticket) {
            try DepositRules.verify(
                honest, replaces: own, ticket: tickets.ticket(for: own.hash, of: world.random.draw()), keys: tickets,
                row: scene.row)
        }
    }
}
