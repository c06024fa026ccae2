import PropertySupport
import Ristretto255

@testable import Polymorphic

/// A share that a test passes around.
final class ShareBox<Class: KeyClass>: Sendable {
    let share: ClassShare<Class>
    init(_ share: consuming ClassShare<Class>) { self.share = share }
}

/// One who takes part in ceremonies: a signing key, under whatever index.
final class Member: Sendable {
    let signer: SigningKey
    let verifyingKey: VerifyingKey
    init(_ random: Seeded) {
        signer = SigningKey(from: random)
        verifyingKey = signer.verifyingKey
    }
}

/// A sharing as its holders have it.
struct Sharing<Class: KeyClass> {
    let key: SharedKey<Class>
    let epoch: UInt32
    /// By index.
    var members: [UInt8: Member]
    var shares: [UInt8: ShareBox<Class>]

    /// Made by a ceremony.
    init(n: UInt8, t: UInt8, _ random: Seeded) throws {
        let (key, secrets): (SharedKey<Class>, [SecretBox]) = try Ceremony.make(Class.self, n: n, t: t, random)
        (self.key, epoch) = (key, 1)
        members = Dictionary(uniqueKeysWithValues: (1...n).map { ($0, Member(random)) })
        shares = [:]
        for index in 1...n {
            let x = secrets[Int(index) - 1].scalar.explicitCopy()
            shares[index] = ShareBox(try ClassShare(index: index, shareEpoch: 1, secret: x))
        }
    }

    fileprivate init(
        _ key: SharedKey<Class>, _ epoch: UInt32, _ members: [UInt8: Member], _ shares: [UInt8: ShareBox<Class>]
    ) { (self.key, self.epoch, self.members, self.shares) = (key, epoch, members, shares) }
}

/// What goes around in one resharing, and a place for everyone to lie.
struct ResharingRun<Class: KeyClass> {
    typealias Ceremony = Resharing<Class>

    let old: Sharing<Class>
    let roll: Ceremony.Roll
    let random: Seeded
    /// Of the new sharing, and of dealers who leave.
    let members: [UInt8: Member]
    var statements: [UInt8: Ceremony.Signed] = [:]
    var commitments: [UInt8: Ceremony.Commitment] = [:]
    /// By receiver, then by dealer.
    var boxes: [UInt8: [UInt8: Ceremony.Signed]] = [:]

    /// - Parameter members: of the new sharing, 1...n.
    init(_ old: Sharing<Class>, by dealers: [UInt8], to members: [Member], t: UInt8, _ random: Seeded) throws {
        (self.old, self.random) = (old, random)
        var all: [UInt8: Member] = [:]
        var dealerKeys: [UInt8: VerifyingKey] = [:]
        for index in dealers {
            all[index] = old.members[index]
            dealerKeys[index] = old.members[index]?.verifyingKey
        }
        for (place, member) in members.enumerated() { all[UInt8(place + 1)] = member }
        self.members = all
        roll = try Ceremony.Roll(
            ceremony: random.draw(), old: old.key, oldEpoch: old.epoch, dealers: dealerKeys, t: t,
            keys: members.map(\.verifyingKey), forbidden: [old.key.key.element])
    }

    func member(_ index: UInt8) throws -> Member {
        guard let member = members[index] else { throw Refusal(.participants) }
        return member
    }

    mutating func state(
        _ shares: [UInt8: ShareBox<Class>]? = nil
    ) throws -> [UInt8: Seat<Ceremony.Statement>] {
        var seats: [UInt8: Seat<Ceremony.Statement>] = [:]
        for index in roll.everyone {
            let seat: Seat<Ceremony.Statement>
            if roll.dealers[index] != nil, let box = (shares ?? old.shares)[index] {
                seat = Seat(try Ceremony.Statement(roll, dealing: box.share, from: random))
            } else {
                seat = Seat(try Ceremony.Statement(roll, receiving: index, from: random))
            }
            statements[index] = seat.value?.signed(by: try member(index).signer)
            seats[index] = seat
        }
        return seats
    }

    mutating func reveal(_ seats: [UInt8: Seat<Ceremony.Statement>]) throws -> [UInt8: Seat<Ceremony.Opened>] {
        var opened: [UInt8: Seat<Ceremony.Opened>] = [:]
        for index in roll.everyone {
            guard let seat = seats[index] else { continue }
            let round = try seat.take().reveal(after: statements)
            commitments[index] = round.commitment
            opened[index] = Seat(round)
        }
        return opened
    }

    mutating func deal(_ seats: [UInt8: Seat<Ceremony.Opened>]) throws -> [UInt8: Seat<Ceremony.Dealt>] {
        var dealt: [UInt8: Seat<Ceremony.Dealt>] = [:]
        for index in roll.everyone {
            guard let seat = seats[index] else { continue }
            let round = try seat.take().deal(
                after: commitments, signer: try member(index).signer, sender: random.secret(), from: random)
            for (j, box) in round.boxes { boxes[j, default: [:]][index] = box }
            dealt[index] = Seat(round)
        }
        return dealt
    }

    /// What the receivers end with: all the same key.
    func finish(_ seats: [UInt8: Seat<Ceremony.Dealt>]) throws -> Sharing<Class> {
        var (shares, keys): ([UInt8: ShareBox<Class>], [SharedKey<Class>]) = ([:], [])
        for index in 1...roll.n {
            guard let seat = seats[index] else { throw Refusal(.participants) }
            let end = try seat.take().finish(boxes[index] ?? [:])
            keys.append(end.key)
            shares[index] = ShareBox(end.takeShare())
        }
        guard Set(keys.map(\.key.element)).count == 1, Set(keys.map(\.shares)).count == 1 else {
            throw Refusal(.conflict)
        }
        return Sharing(keys[0], roll.shareEpoch, members.filter { roll.receives($0.key) }, shares)
    }

    /// All rounds, with everyone honest.
    static func run(
        _ old: Sharing<Class>, by dealers: [UInt8], to members: [Member], t: UInt8, _ random: Seeded
    ) throws -> Sharing<Class> {
        var run = try ResharingRun(old, by: dealers, to: members, t: t, random)
        let dealt = try run.deal(run.reveal(run.state()))
        return try run.finish(dealt)
    }
}
