import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Notes of a transcryptor to itself.
@Suite struct PropertyTokenTests {
    private func ring(_ random: Seeded, id: UInt8 = 1) -> KeyRing {
        KeyRing(id: id, key: SecretBytes(count: 32, from: random))
    }

    @Test func aHeldTokenFitsItsPartyEpochGenerationPairAndKeyOnly() throws {
        let world = try World("tokens")
        let random = world.random
        let keys = HeldTokenKeys(ring(random))
        let stranger = HeldTokenKeys(ring(random))
        for _ in 0..<300 {
            let pair = try world.encrypt(random.point(), as: AtParty.self)
            let row: Bytes16 = random.draw()
            let place = HeldToken.Place(party: world.hospital.id, epoch: 3, yGeneration: 2)
            let token = try keys.token(for: row, pair, at: place, fresh: random.draw())
            #expect(token.bytes.count == 45)
            #expect(try keys.row(of: token, pair, at: place) == row)
            let places = [
                HeldToken.Place(party: world.medical.id, epoch: 3, yGeneration: 2),
                HeldToken.Place(party: world.hospital.id, epoch: 4, yGeneration: 2),
                HeldToken.Place(party: world.hospital.id, epoch: 2, yGeneration: 3),
                HeldToken.Place(party: world.hospital.id, epoch: 3, yGeneration: 3),
            ]
            for other in places { expectRefusal(.row) { _ = try keys.row(of: token, pair, at: other) } }
            let others = [
                try world.encrypt(random.point(), as: AtParty.self),
                EncryptedPseudonym(Pair(b: pair.pair.c, c: pair.pair.b)),
                EncryptedPseudonym(Pair(b: pair.pair.b, c: try Element(random.point()))),
            ]
            for other in others { expectRefusal(.row) { _ = try keys.row(of: token, other, at: place) } }
            expectRefusal(.row) { _ = try stranger.row(of: token, pair, at: place) }
            // The same person again is another token: two Parties cannot compare theirs.
            #expect(try keys.token(for: row, pair, at: place, fresh: random.draw()) != token)
        }
    }

    @Test func everySingleBitOfTokensAndTicketsCounts() throws {
        let world = try World("token bits")
        let random = world.random
        let keys = HeldTokenKeys(ring(random))
        let tickets = TicketKeys(ring(random))
        let place = HeldToken.Place(party: world.hospital.id, epoch: 1, yGeneration: 1)
        for _ in 0..<4 {
            let pair = try world.encrypt(random.point(), as: AtParty.self)
            let token = try keys.token(for: random.draw(), pair, at: place, fresh: random.draw())
            for bit in 0..<8 * 45 {
                let changed = try HeldToken(wire: token.bytes.flipping(bit: bit))
                expectRefusal(.row, "bit \(bit)") { _ = try keys.row(of: changed, pair, at: place) }
            }
            let (hash, row): (Bytes32, Bytes16) = (random.draw(), random.draw())
            let ticket = try tickets.ticket(for: hash, of: row)
            for bit in 0..<8 * 33 {
                let changed = try Ticket(wire: ticket.bytes.flipping(bit: bit))
                expectRefusal(.ticket, "bit \(bit)") { try tickets.verify(changed, for: hash, of: row) }
            }
        }
        for count in [0, 44, 46] { expectRefusal(.length) { _ = try HeldToken(wire: random.bytes(count)) } }
        for count in [0, 32, 34] { expectRefusal(.length) { _ = try Ticket(wire: random.bytes(count)) } }
    }

    @Test func aTicketFitsItsRecordRowAndKeyOnly() throws {
        let random = Seeded("tickets")
        let keys = TicketKeys(ring(random))
        let stranger = TicketKeys(ring(random))
        for _ in 0..<1_000 {
            let (hash, row): (Bytes32, Bytes16) = (random.draw(), random.draw())
            let ticket = try keys.ticket(for: hash, of: row)
            try keys.verify(ticket, for: hash, of: row)
            expectRefusal(.ticket) { try keys.verify(ticket, for: random.draw(), of: row) }
            expectRefusal(.ticket) { try keys.verify(ticket, for: hash, of: random.draw()) }
            expectRefusal(.ticket) { try keys.verify(ticket, for: hash.flipping(bit: 0), of: row) }
            expectRefusal(.ticket) { try stranger.verify(ticket, for: hash, of: row) }
            let other = try Ticket(wire: [2] + ticket.bytes.dropFirst())
            expectRefusal(.ticket) { try keys.verify(other, for: hash, of: row) }
        }
    }

    @Test func oldKeysStillOpenUntilTheyAreRemoved() throws {
        let world = try World("key rings")
        let random = world.random
        let place = HeldToken.Place(party: world.hospital.id, epoch: 1, yGeneration: 1)
        let pair = try world.encrypt(random.point(), as: AtParty.self)
        let first = ring(random, id: 7)
        let second = first.adding(id: 8, key: SecretBytes(count: 32, from: random))
        let third = second.removing(id: 7)
        let row: Bytes16 = random.draw()
        let old = try HeldTokenKeys(first).token(for: row, pair, at: place, fresh: random.draw())
        let new = try HeldTokenKeys(second).token(for: row, pair, at: place, fresh: random.draw())
        #expect(old.bytes[0] == 7 && new.bytes[0] == 8)
        #expect(try HeldTokenKeys(second).row(of: old, pair, at: place) == row)
        #expect(try HeldTokenKeys(third).row(of: new, pair, at: place) == row)
        expectRefusal(.row) { _ = try HeldTokenKeys(third).row(of: old, pair, at: place) }
        expectRefusal(.row) { _ = try HeldTokenKeys(first).row(of: new, pair, at: place) }
        let (hash, ticketRow): (Bytes32, Bytes16) = (random.draw(), random.draw())
        let ticket = try TicketKeys(first).ticket(for: hash, of: ticketRow)
        try TicketKeys(second).verify(ticket, for: hash, of: ticketRow)
        expectRefusal(.ticket) { try TicketKeys(third).verify(ticket, for: hash, of: ticketRow) }
    }
}
