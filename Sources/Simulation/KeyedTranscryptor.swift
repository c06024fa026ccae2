import Polymorphic
import Ristretto255

/// One transcryptor's keys.
public final class KeyedTranscryptor: Sendable {
    /// 1...3.
    public let index: UInt8
    public let id: PartyID
    public let signer: Signer
    public let psn: Held<PSN>
    public let kem: Held<KEM>
    public let opening: OpeningKey
    public let maker: ShareMaker
    public let tokens: HeldTokenKeys
    public let tickets: TicketKeys
    private let steps: [Name: SharedStep]

    init(
        index: UInt8, signer: Signer, psn: Held<PSN>, kem: Held<KEM>, steps: [(Name, SharedStep)],
        _ random: some RandomSource
    ) throws {
        (self.index, self.signer, self.psn, self.kem) = (index, signer, psn, kem)
        id = try PartyID("t\(index)")
        let opening = OpeningKey(from: random)
        maker = ShareMaker(signer: SigningKey(copying: signer.key), sender: opening.secretCopy())
        self.opening = opening
        tokens = HeldTokenKeys(KeyRing(id: 1, key: SecretBytes(count: 32, from: random)))
        tickets = TicketKeys(KeyRing(id: 1, key: SecretBytes(count: 32, from: random)))
        self.steps = Dictionary(uniqueKeysWithValues: steps)
    }

    func point(_ step: Name, _ domain: Domain) throws -> Element {
        guard let secret = steps[step] else { throw Refusal(.route) }
        return try secret.secret.factorPoint(for: domain)
    }

    /// This transcryptor's factor of one leg.
    public func factor(_ leg: RouteLeg, from source: Domain, to destination: Domain) throws -> StepFactor {
        guard let secret = steps[leg.step.id] else { throw Refusal(.route) }
        return try StepFactor(secret.secret, from: source, to: destination, leg: leg)
    }
}

/// A party's keys.
public final class KeyedParty: Sendable {
    public let id: PartyID
    public let signer: Signer
    public let opening: OpeningKey
    public let key: PartyKey
    public let domain: Domain

    public init(_ name: String, _ random: some RandomSource) throws {
        id = try PartyID(name)
        signer = Signer(random)
        let opening = OpeningKey(from: random)
        let possession = opening.provePossession(party: id, keyEpoch: 1, fresh: random.draw())
        key = try PartyKey(party: id, keyEpoch: 1, element: opening.element, possession: possession)
        self.opening = opening
        domain = .party(id, epoch: 1)
    }
}

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

    func finish(
        _ boxes: [UInt8: KeyCeremony<Class>.Signed]
    ) throws -> (share: Held<Class>, key: SharedKey<Class>) {
        guard let round = dealt.take() else { throw Refusal(.participants) }
        let result = try round.finish(boxes)
        let key = result.key
        return (Held(result.takeShare()), key)
    }
}
