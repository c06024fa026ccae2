import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Attacks on records: on their keys, headers, bodies and Tickets.
@Suite struct AttackRecordTests {
    /// A record of the hospital about a person, which the pharmacy may not read.
    private struct Scene {
        let world: World
        let envelope: Envelope
        let secret: [UInt8]
        let row: Bytes16

        init(_ name: String) throws {
            let world = try World(name)
            secret = world.random.bytes(60)
            row = world.random.draw()
            let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
            envelope = try Envelope(wire: sealer.seal(secret, signer: world.hospital.signer))
            self.world = world
        }

        var header: RecordHeader { envelope.prefix.header }
        var thief: Party { world.pharmacy }

        /// A transcryptor's Ticket, after the checks of a deposit of the thief about a person of its own.
        func deposit(_ prefix: EnvelopePrefix, _ bodyHash: [UInt8], subject: borrowing DepositSubject.Made) throws {
            let rd = world.requestDigest()
            let tie = try subject.subject.tie(
                requestDigest: rd, item: 0, key: world.psn.key, fresh: world.random.draw())
            try DepositRules(
                requester: thief.id, authorKey: thief.signer.verifyingKey, nowMinute: 29_000_000, yGeneration: 1,
                requestDigest: rd, key: world.psn.key
            ).verify([.init(prefix: prefix, bodyHash: bodyHash)], item: 0, subject.item, tie: tie)
        }

        func ownSubject() throws -> DepositSubject.Made {
            let item = try world.encrypt(world.random.point(), as: AtParty.self)
            return DepositSubject.Made(
                item: item,
                subject: try DepositSubject(
                    of: item, exchange: world.random.draw(), key: world.psn.key, author: thief.key.z,
                    fresh: world.random.draw()))
        }
    }

    /// The stolen key pair under new randomness, in a record of the thief's own, which it then may fetch.
    @Test func aStolenKeyPairCannotBeLaunderedIntoARecordOfOnesOwn() throws {
        let scene = try Scene("laundering")
        let (world, thief) = (scene.world, scene.thief)
        let s = world.random.secret()
        let pair = scene.header.key.pair
        let laundered = Pair(
            b: try Element(pair.b.point + s.timesGenerator()),
            c: try Element(pair.c.point + s.times(world.kem.key.element.point)))
        let subject = try scene.ownSubject()
        let header = RecordHeader(
            try world.header(thief), subject: subject.subject.subject, key: EncryptedRecordKey(laundered))
        // It knows s, not the randomness of the pair.
        let proof = Knowledge.prove(s, point: laundered.b, bind: header.pairBind, fresh: world.random.draw())
        let (kc, bodyHash): (Bytes32, [UInt8]) = (world.random.draw(), world.random.bytes(32))
        let signed = EnvelopePrefix.signed(header.hash, proof, kc.bytes, bodyHash)
        let prefix = EnvelopePrefix(header, proof, kc, try #require(Bytes64(thief.signer.sign(signed))))
        func read() throws -> [UInt8] {
            try scene.deposit(prefix, bodyHash, subject: subject)
            let key = try world.recordKey(header, for: thief, row: world.random.draw())  // its own record, so it may
            return try scene.envelope.open(with: key, authorKeys: [world.hospital.signer.verifyingKey])
        }
        expectRefusal(.knowledge) { _ = try read() }
        let byRecord = try Guards.withOff("guard:record.knowledge") { try read() }
        let byProof = try Guards.withOff("guard:knowledge.verify") { try read() }
        #expect(byRecord == scene.secret && byProof == scene.secret)
    }

    /// `Z = B2 - B1` turns the Share of record 1, which the thief may have, into one of record 2. Nobody knows the z of
    /// it, so the thief must also see the bodies of the Shares: here they are unsealed, as if the memory of both
    /// transcryptors were read while they share. With sealing and possession each alone the attack fails.
    @Test func aKeyThatIsTheDifferenceOfTwoRecordsIsNotRegistered() throws {
        let scene = try Scene("Z = B2 - B1")
        let (world, thief) = (scene.world, scene.thief)
        let sealer = try world.sealer(world.header(thief), thief, subject: world.subject())
        let own = try Envelope(wire: sealer.seal([1], signer: thief.signer)).prefix.header
        let z = try Element(scene.header.key.pair.b.point - own.key.pair.b.point)
        let borrowed = thief.key.provePossession(party: thief.id, keyEpoch: 2, fresh: world.random.draw())
        func read() throws -> [UInt8] {
            let registered = try PartyKey(party: thief.id, keyEpoch: 2, element: z, possession: borrowed)
            var sum = Point.identity
            for index in [UInt8(1), 2] {
                let t = world.transcryptor(index)
                let record = try t.tickets.admit(own, t.tickets.ticket(for: own.hash, of: scene.row), of: scene.row)
                let seen = try t.maker.share(
                    [record], permits: [true], requestDigest: world.requestDigest(), with: t.kem, to: registered,
                    fresh: (world.random.draw(), world.random.draw())
                ).bytes
                let answer = try Element(wire: seen[8..<40]).point  // x_i * (B1 + Z) = x_i * B2
                sum = sum + MultiScalar.small(index == 1 ? 2 : -1, answer)
            }
            let key = RecordKey(SecretPoint(scene.header.key.pair.c.point - sum).encode())
            return try scene.envelope.open(with: key, authorKeys: [world.hospital.signer.verifyingKey])
        }
        try Guards.withOff("guard:share.sealed") {
            expectRefusal(.knowledge) { _ = try read() }
            let stolen = try Guards.withOff("guard:party.possession") { try read() }
            #expect(stolen == scene.secret)
        }
        Guards.withOff("guard:party.possession") {
            expectRefusal(oneOf: [.point, .open]) { _ = try read() }  // sealed to a key that nobody has
        }
    }

    /// A reader who was given K can seal whatever it likes under it; only the author's signature keeps the two apart.
    @Test func aReaderInLeagueWithTheStoreCannotPutAnotherBodyUnderTheAuthorsName() throws {
        let scene = try Scene("body swapped")
        let world = scene.world
        let key = try world.recordKey(scene.header, for: world.medical, row: scene.row)
        var sealer = BodySealer(key.encoding.explicitCopy(), hash: scene.header.hash)
        let lie = world.random.bytes(33)
        var body: [UInt8] = []
        try lie.withUnsafeBytes { try sealer.update($0) { body.append(contentsOf: $0) } }
        _ = try sealer.finish { body.append(contentsOf: $0) }
        let forged = scene.envelope.prefix.bytes + body
        func read() throws -> [UInt8] {
            let envelope = try Envelope(wire: forged)
            return try envelope.open(with: key, authorKeys: [world.hospital.signer.verifyingKey])
        }
        expectRefusal(.signature) { _ = try read() }
        let byRecord = try Guards.withOff("guard:record.signature") { try read() }
        let bySignature = try Guards.withOff("guard:signature.verify") { try read() }
        #expect(byRecord == lie && bySignature == lie)
    }

    /// Header, key, proof and body all made by the thief, in the hospital's name.
    @Test func aWholeRecordInAnothersNameIsRefused() throws {
        let scene = try Scene("whole record")
        let (world, thief) = (scene.world, scene.thief)
        let lie = world.random.bytes(20)
        let sealer = try world.sealer(world.header(world.hospital), thief, subject: world.subject())
        let envelope = try Envelope(wire: sealer.seal(lie, signer: thief.signer))
        func read() throws -> [UInt8] {
            let key = try world.recordKey(envelope.prefix.header, for: world.medical, row: scene.row)
            return try envelope.open(with: key, authorKeys: [world.hospital.signer.verifyingKey])
        }
        expectRefusal(.signature) { _ = try read() }
        let forged = try Guards.withOff("guard:record.signature") { try read() }
        #expect(forged == lie)
    }

    /// An author with two keys for one body shows two readers two texts under one signature. The second key comes from
    /// a K pair beside the header, such as the unsigned one of a translation to a new Y.
    @Test func oneSignedRecordDoesNotSayTwoThings() throws {
        let scene = try Scene("two texts")
        let world = scene.world
        let author = world.hospital
        let draft = try world.header(author)
        let sealer = try world.sealer(draft, author, subject: world.subject())
        let honest = try Envelope(wire: sealer.seal([], signer: author.signer)).prefix
        let first = try world.recordKey(honest.header, for: world.medical)
        let visible = [[UInt8](repeating: 0x41, count: 96), [UInt8](repeating: 0x42, count: 96)]
        var (second, two) = (first, TwoKeyBody?.none)
        while two == nil {
            second = RecordKey(SecretPoint(world.random.point()).encode())
            two = try TwoKeyBody(keys: [first, second], hash: honest.header.hash, visible: visible)
        }
        let made = try #require(two)
        let signed = EnvelopePrefix.signed(
            honest.header.hash, honest.knowledge, honest.commitment.bytes, BoxReader.hash(made.body))
        let prefix = EnvelopePrefix(
            honest.header, honest.knowledge, honest.commitment, try #require(Bytes64(author.signer.sign(signed))))
        let envelope = try Envelope(wire: prefix.bytes + made.body)
        let keys = [author.signer.verifyingKey]
        #expect(try envelope.open(with: first, authorKeys: keys) == made.texts[0])
        expectRefusal(.open) { _ = try envelope.open(with: second, authorKeys: keys) }
        let other = try Guards.withOff("guard:envelope.commitment") {
            try envelope.open(with: second, authorKeys: keys)
        }
        #expect(other == made.texts[1] && other != made.texts[0])
        #expect(made.texts[0].prefix(96).elementsEqual(visible[0]))
        #expect(made.texts[1][96..<192].elementsEqual(visible[1]))
    }

    /// The length of a body is seen by everybody on the way. With any padding allowed an author writes a name into it.
    @Test func anAuthorCannotBrandARecordByItsLength() throws {
        let scene = try Scene("brand")
        let world = scene.world
        let brand = 1_789  // whom the record is about, for those who watch the network
        let sealer = try world.sealer(world.header(world.hospital), world.hospital, subject: world.subject())
        let honest = try Envelope(wire: sealer.seal([1, 2, 3], signer: world.hospital.signer)).prefix
        let key = try world.recordKey(honest.header, for: world.medical)
        let padded = [1, 2, 3, 0x80] + [UInt8](repeating: 0, count: 256 + brand - 4)
        let body = try BoxReader.body(padded, key, hash: honest.header.hash)
        let signed = EnvelopePrefix.signed(
            honest.header.hash, honest.knowledge, honest.commitment.bytes, BoxReader.hash(body))
        let prefix = EnvelopePrefix(
            honest.header, honest.knowledge, honest.commitment,
            try #require(Bytes64(world.hospital.signer.sign(signed))))
        let envelope = try Envelope(wire: prefix.bytes + body)
        func read() throws -> [UInt8] { try envelope.open(with: key, authorKeys: [world.hospital.signer.verifyingKey]) }
        expectRefusal(.padding) { _ = try read() }
        let text = try Guards.withOff("guard:envelope.padding") { try read() }
        #expect(text == [1, 2, 3] && envelope.body.count - 272 == brand)  // a reader sees nothing unusual
    }

    @Test func aTicketOfAnotherPersonOpensNoRecord() throws {
        let scene = try Scene("ticket")
        let (world, thief) = (scene.world, scene.thief)
        let ownRow: Bytes16 = world.random.draw()  // the only person it has a consent of
        func read() throws -> [UInt8] {
            let rd = world.requestDigest()
            let shares = try [UInt8(1), 2].map { index -> VerifiedShare<KEM> in
                let t = world.transcryptor(index)
                let any = try t.tickets.ticket(for: scene.header.hash, of: scene.row)  // from the store
                let record = try t.tickets.admit(scene.header, any, of: ownRow)
                let sealed = try t.maker.share(
                    [record], permits: [true], requestDigest: rd, with: t.kem, to: thief.partyKey,
                    fresh: (world.random.draw(), world.random.draw()))
                return try ShareExpectation<KEM>(
                    [scene.header], permits: [true], requestDigest: rd, from: index, in: world.kem, shareEpoch: 1,
                    recipient: thief.key, party: thief.id, signer: t.verifyingKey
                ).open(sealed, with: thief.key, forbidden: world.forbidden)
            }
            let keys = try thief.key.unmasking(world.kem.key)
                .recordKeys([scene.header], shares, participants: [1, 2])
            return try scene.envelope.open(with: keys[0], authorKeys: [world.hospital.signer.verifyingKey])
        }
        expectRefusal(.ticket) { _ = try read() }
        let stolen = try Guards.withOff("guard:ticket.verify") { try read() }
        #expect(stolen == scene.secret)
    }
}

extension DepositSubject {
    /// An S pair and the item that it is of.
    struct Made: ~Copyable {
        let item: EncryptedPseudonym
        let subject: DepositSubject
    }
}
