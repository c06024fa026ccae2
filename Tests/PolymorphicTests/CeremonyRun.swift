import Ristretto255
import VectorSupport

@testable import Polymorphic

/// A whole ceremony with the polynomials of the vectors: what each transcryptor publishes and ends with. Its states
/// cannot be copied, so that each participant keeps its own.
final class CeremonyRun<Class: KeyClass> {
    private typealias Ceremony = KeyCeremony<Class>

    private let index: UInt8
    private var statement: KeyCeremony<Class>.Statement?
    private var opened: KeyCeremony<Class>.Opened?
    private var dealt: KeyCeremony<Class>.Dealt?

    private init(_ roll: KeyCeremony<Class>.Roll, _ dealing: Vector, _ cast: Cast, _ random: SeededRandom) throws {
        index = try dealing["index"].index
        let dealer = try Dealer(
            roll.context, index: index,
            coefficients: SecretScalars(decoding: try dealing["coefficients"].byteStrings),
            fresh: try cast.randomness("knowledge", of: dealing["pop"], in: "proof"))
        statement = KeyCeremony<Class>.Statement(roll, index: index, dealer, random)
    }

    /// Runs all rounds and compares openings, commitments, shares and keys.
    static func run(_ section: Vector, _ cast: Cast, _ tally: inout Tally) throws {
        let dealings = try section["dealings"].elements
        let keys = try dealings.map { try cast.signingKey(try $0["index"].index).verifyingKey }
        let roll = try Ceremony.Roll(ceremony: try section["ceremony"].b16, t: try section["t"].index, keys: keys)
        let random = SeededRandom(for: "ceremony \(section)")
        let rooms = try dealings.map { try CeremonyRun(roll, $0, cast, random) }
        let statements = try byIndex(rooms) { try $0.state(cast) }
        let commitments = try byIndex(rooms) { try $0.reveal(statements) }
        for (room, dealing) in zip(rooms, dealings) {
            guard let statement = statements[room.index], let commitment = commitments[room.index]
            else { throw Cast.Missing(list: "\(dealing)") }
            try tally.same(unpack(.dkgKey, statement.message, 5)[3], dealing["opening"])
            try tally.same(commitment.points, list: dealing["commitments"])
        }
        for room in rooms { try room.deal(commitments, cast, random) }
        let boxes = try byIndex(rooms) { $0.dealt?.boxes ?? [:] }
        for (place, room) in rooms.enumerated() {
            let mine = boxes.compactMapValues { $0[room.index] }
            guard let round = room.dealt.take() else { throw Cast.Missing(list: "\(section)") }
            let result = try round.finish(mine)
            try tally.same(result.share.x.revealed, section["shares"][place])
            try tally.same(result.key.key.element.encoding.bytes, section["Y"])
            try tally.same(result.key.shares.map(\.encoding.bytes), list: section["X"])
        }
    }

    private static func byIndex<T>(_ rooms: [CeremonyRun], _ value: (CeremonyRun) throws -> T) throws -> [UInt8: T] {
        try Dictionary(uniqueKeysWithValues: rooms.map { ($0.index, try value($0)) })
    }

    private func state(_ cast: Cast) throws -> KeyCeremony<Class>.Signed {
        guard let signed = statement?.signed(by: try cast.signingKey(index)) else {
            throw Cast.Missing(list: "round 1")
        }
        return signed
    }

    private func reveal(
        _ statements: [UInt8: KeyCeremony<Class>.Signed]
    ) throws -> KeyCeremony<Class>.Commitment {
        guard let round = statement.take() else { throw Cast.Missing(list: "round 1") }
        let next = try round.reveal(after: statements)
        let commitment = next.commitment
        opened = consume next
        return commitment
    }

    private func deal(
        _ commitments: [UInt8: KeyCeremony<Class>.Commitment], _ cast: Cast, _ random: SeededRandom
    ) throws {
        guard let round = opened.take() else { throw Cast.Missing(list: "round 2") }
        dealt = try round.deal(
            after: commitments, signer: try cast.signingKey(index), sender: try cast.secret("t\(index)"), from: random)
    }
}
