import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// A noncopyable value that moves on from round to round.
final class Seat<Value: ~Copyable> {
    var value: Value?
    init(_ value: consuming Value) { self.value = consume value }

    func take() throws -> Value {
        guard let value = value.take() else { throw Refusal(.conflict) }
        return value
    }
}

/// A whole ceremony by its rounds, as each transcryptor runs it.
@Suite struct PropertyKeyCeremonyTests {
    typealias Run = KeyCeremony<PSN>

    /// What goes around in one ceremony, and a place for everyone to lie.
    struct Room {
        let random: Seeded
        let roll: Run.Roll
        let signers: [SignerBox]
        var statements: [UInt8: Run.Signed] = [:]
        var commitments: [UInt8: Run.Commitment] = [:]
        /// By receiver, then by dealer.
        var boxes: [UInt8: [UInt8: Run.Signed]] = [:]
        var indexes: ClosedRange<UInt8> { 1...roll.n }

        init(_ name: String, n: UInt8, t: UInt8) throws {
            let random = Seeded(name)
            let signers = (1...n).map { _ in SignerBox(random) }
            self.random = random
            self.signers = signers
            roll = try Run.Roll(ceremony: random.draw(), t: t, keys: signers.map { $0.key.verifyingKey })
        }

        func signer(_ index: UInt8) -> SignerBox { signers[Int(index) - 1] }

        mutating func state() throws -> [UInt8: Seat<Run.Statement>] {
            var seats: [UInt8: Seat<Run.Statement>] = [:]
            for index in indexes {
                let statement = try Run.Statement(roll, index: index, from: random)
                statements[index] = statement.signed(by: signer(index).key)
                seats[index] = Seat(statement)
            }
            return seats
        }

        mutating func reveal(_ seats: [UInt8: Seat<Run.Statement>]) throws -> [UInt8: Seat<Run.Opened>] {
            var opened: [UInt8: Seat<Run.Opened>] = [:]
            for index in indexes {
                guard let seat = seats[index] else { continue }
                let round = try seat.take().reveal(after: statements)
                commitments[index] = round.commitment
                opened[index] = Seat(round)
            }
            return opened
        }

        mutating func deal(_ seats: [UInt8: Seat<Run.Opened>]) throws -> [UInt8: Seat<Run.Dealt>] {
            var dealt: [UInt8: Seat<Run.Dealt>] = [:]
            for index in indexes {
                guard let seat = seats[index] else { continue }
                let round = try seat.take().deal(
                    after: commitments, signer: signer(index).key, sender: random.secret(), from: random)
                for (j, box) in round.boxes { boxes[j, default: [:]][index] = box }
                dealt[index] = Seat(round)
            }
            return dealt
        }
    }

    final class SignerBox: Sendable {
        let key: SigningKey
        init(_ random: Seeded) { key = SigningKey(from: random) }
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (7, 4)] as [(UInt8, UInt8)])
    func everyoneEndsWithTheSameKeyAndItsOwnShare(_ n: UInt8, _ t: UInt8) throws {
        for round in 0..<5 {
            var room = try Room("ceremony \(n) \(t) \(round)", n: n, t: t)
            let dealt = try room.deal(room.reveal(room.state()))
            var keys: [SharedKey<PSN>] = []
            for index in room.indexes {
                let seat = try #require(dealt[index])
                let end = try seat.take().finish(room.boxes[index] ?? [:])
                keys.append(end.key)
                #expect(end.share.element == end.key.share(of: index) && end.share.index == index)
            }
            #expect(Set(keys.map(\.key.element)).count == 1 && Set(keys.map(\.shares)).count == 1)
        }
    }

    @Test func aBadBoxIsNamedAndTheComplaintConvictsItsDealer() throws {
        for round in 0..<30 {
            var room = try Room("bad box \(round)", n: 3, t: 2)
            let dealt = try room.deal(room.reveal(room.state()))
            let dealer = UInt8(1 + round % 3)
            let receiver = dealer % 3 + 1
            let context = room.roll.context
            // The dealer sends what another one should get, well sealed and signed.
            let fields = try unpack(.dkgKey, #require(room.statements[receiver]).message, 5)
            let oneTime = try Element(decoding: Wire.elements(of: fields[4])[Int(dealer) - 1])
            let lie = try Seal.seal(
                room.random.scalar().encoding.bytes, to: oneTime, info: context.boxInfo(dealer, receiver),
                sender: room.random.secret(), fresh: room.random.draw())
            let signed = Run.Signed(
                message: lie,
                signature: room.signer(dealer).key.sign(context.dealing(from: dealer, to: receiver, box: lie)))
            room.boxes[receiver]?[dealer] = signed
            let seat = try #require(dealt[receiver])
            let mine = try seat.take()
            expectRefusal(.subshare, at: Int(dealer)) { _ = try mine.finish(room.boxes[receiver] ?? [:]) }
            let complaint = try mine.complaint(about: dealer, signed)
            let commitments = try Commitments(wire: #require(room.commitments[dealer]).points, threshold: 2)
            let named = try complaint.judge(
                commitments: commitments, oneTimeKey: oneTime, dealerKey: room.signer(dealer).key.verifyingKey)
            #expect(named == dealer)
            // What was revealed opens none of the other boxes of that receiver.
            let revealed = OpeningKey(try SecretScalar(decoding: complaint.revealed))
            for (other, box) in room.boxes[receiver] ?? [:] where other != dealer {
                expectRefusal(.seal) { _ = try revealed.open(box.message, info: context.boxInfo(other, receiver)) }
            }
            expectRefusal(.participants) { _ = try mine.complaint(about: receiver, signed) }
        }
    }

    @Test func aLieInAnyRoundIsNamed() throws {
        func refused(
            _ code: Refusal.Code, at index: Int? = nil, _ round: Int, _ change: (inout Room) throws -> Void,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            var room = try Room("lie \(round) \(code)", n: 3, t: 2)
            expectRefusal(code, at: index, sourceLocation: sourceLocation) {
                let statements = try room.state()
                if round == 1 { try change(&room) }
                let opened = try room.reveal(statements)
                if round == 2 { try change(&room) }
                let dealt = try room.deal(opened)
                if round == 3 { try change(&room) }
                for index in room.indexes { _ = try dealt[index]?.take().finish(room.boxes[index] ?? [:]).key }
            }
        }
        try refused(.participants, 1) { $0.statements[2] = nil }
        try refused(.signature, 1) { room in
            let old = try #require(room.statements[3])
            room.statements[3] = Run.Signed(message: old.message, signature: old.signature.flipping(bit: 9))
        }
        try refused(.signature, 1) { $0.statements[3] = $0.statements[2] }
        try refused(.participants, 1) { room in  // of another ceremony
            let other = DealingContext(ceremony: room.random.draw(), keyClass: 1)
            let message = other.keyStatement(of: 2, opening: room.random.bytes(64), oneTimeKeys: [[], [], []])
            room.statements[2] = Run.Signed(message: message, signature: room.signer(2).key.sign(message))
        }
        try refused(.participants, 1) { room in  // of the other class
            let other = DealingContext(ceremony: room.roll.ceremony, keyClass: 2)
            let message = other.keyStatement(of: 2, opening: room.random.bytes(64), oneTimeKeys: [[], [], []])
            room.statements[2] = Run.Signed(message: message, signature: room.signer(2).key.sign(message))
        }
        try refused(.participants, at: 2, 2) { $0.commitments[2] = nil }
        try refused(.opening, at: 2, 2) { $0.commitments[2] = $0.commitments[3] }
        try refused(.opening, at: 3, 2) { room in
            let old = try #require(room.commitments[3])
            room.commitments[3] = Run.Commitment(points: old.points.reversed(), pop: old.pop)
        }
        try refused(.opening, at: 1, 2) { room in
            let old = try #require(room.commitments[1])
            room.commitments[1] = Run.Commitment(points: old.points + old.points, pop: old.pop)
        }
        try refused(.participants, 3) { $0.boxes[2]?[1] = nil }
        try refused(.signature, 3) { room in
            let other = room.boxes[2]?[3]
            room.boxes[2]?[1] = other
        }
        try refused(.signature, 3) { room in
            let other = room.boxes[3]?[1]
            room.boxes[2]?[1] = other
        }
    }
}
