import Polymorphic
import Ristretto255
import Transcryptor

/// Carries one participant through the rounds of a ceremony, whose states cannot be copied.
final class CeremonyRoom<Class: KeyClass> {
    let index: UInt8
    private var statement: KeyCeremony<Class>.Statement?
    private var opened: KeyCeremony<Class>.Opened?
    private var dealt: KeyCeremony<Class>.Dealt?

    init(_ roll: KeyCeremony<Class>.Roll, _ index: UInt8, _ random: some RandomSource) throws {
        self.index = index
        statement = try KeyCeremony<Class>.Statement(roll, index: index, from: random)
    }

    func state(_ signers: [Signer]) -> KeyCeremony<Class>.Signed {
        guard let signed = statement?.signed(by: signers[Int(index) - 1].key) else {
            preconditionFailure("the first round is over")
        }
        return signed
    }

    func reveal(_ statements: [UInt8: KeyCeremony<Class>.Signed]) throws -> KeyCeremony<Class>.Commitment {
        guard let round = statement.take() else { throw Refusal(.participants) }
        let next = try round.reveal(after: statements)
        let commitment = next.commitment
        opened = consume next
        return commitment
    }

    func deal(
        _ commitments: [UInt8: KeyCeremony<Class>.Commitment], _ signers: [Signer], _ random: some RandomSource
    ) throws {
        guard let round = opened.take() else { throw Refusal(.participants) }
        dealt = try round.deal(
            after: commitments, signer: signers[Int(index) - 1].key, sender: SecretScalar(from: random), from: random)
    }

    var boxes: [UInt8: KeyCeremony<Class>.Signed] { dealt?.boxes ?? [:] }

    /// The share for its holder, and the key.
    func finishShare(
        _ boxes: [UInt8: KeyCeremony<Class>.Signed]
    ) throws -> (share: ShareBox<Class>, key: SharedKey<Class>) {
        guard let round = dealt.take() else { throw Refusal(.participants) }
        let result = try round.finish(boxes)
        let key = result.key
        return (ShareBox(result.takeShare()), key)
    }

    func finish(
        _ boxes: [UInt8: KeyCeremony<Class>.Signed]
    ) throws -> (share: Held<Class>, key: SharedKey<Class>) {
        guard let round = dealt.take() else { throw Refusal(.participants) }
        let result = try round.finish(boxes)
        let key = result.key
        return (Held(result.takeShare()), key)
    }
}

/// Carries one holder of a step through the dealing of its halves.
final class StepRoom {
    let index: UInt8
    private let party: KeyedParty
    private var drawn: StepCeremony.Drawn?
    private var revealed: StepCeremony.Revealed?

    init(_ roll: StepCeremony.Roll, _ index: UInt8, _ party: KeyedParty, _ random: some RandomSource) throws {
        (self.index, self.party) = (index, party)
        drawn = try StepCeremony.Drawn(roll, index: index, from: random)
    }

    var opening: Bytes64? { drawn?.opening }
    var boxes: [UInt8: [UInt8]] { revealed?.boxes ?? [:] }

    func reveal(_ openings: [UInt8: Bytes64], _ random: some RandomSource) throws {
        guard let round = drawn.take() else { throw Refusal(.participants) }
        revealed = try round.reveal(after: openings, sender: party.opening.secretCopy(), from: random)
    }

    /// The secret for its holder's node.
    func finishHeld(_ boxes: [UInt8: [UInt8]], forbidden: [Element]) throws -> HeldStep {
        guard let round = revealed.take() else { throw Refusal(.participants) }
        return HeldStep(try round.finish(boxes, with: party.opening, forbidden: forbidden))
    }

    func finish(_ boxes: [UInt8: [UInt8]], forbidden: [Element]) throws -> SharedStep {
        guard let round = revealed.take() else { throw Refusal(.participants) }
        return SharedStep(try round.finish(boxes, with: party.opening, forbidden: forbidden))
    }
}

/// Hands a share over once.
final class ShareBox<Class: KeyClass> {
    private var share: ClassShare<Class>?
    init(_ share: consuming ClassShare<Class>) { self.share = consume share }

    /// - Throws: `participants` the second time.
    func take() throws(Refusal) -> ClassShare<Class> {
        guard let share = share.take() else { throw Refusal(.participants) }
        return share
    }
}
