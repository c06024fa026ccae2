import Polymorphic
import Ristretto255

/// One transcryptor's keys.
public final class KeyedTranscryptor: Sendable {
    /// 1...3.
    public let index: UInt8
    public let id: PartyID
    /// Its decryption key and its signing key.
    public let party: KeyedParty
    public let signer: Signer
    public let psn: Held<PSN>
    public let kem: Held<KEM>
    public let maker: ShareMaker
    public let tokens: HeldTokenKeys
    public let tickets: TicketKeys
    private let steps: [Name: SharedStep]

    init(
        index: UInt8, party: KeyedParty, psn: Held<PSN>, kem: Held<KEM>, steps: [Name: SharedStep],
        _ random: some RandomSource
    ) throws {
        (self.index, self.party, self.signer, self.psn, self.kem) = (index, party, party.signer, psn, kem)
        id = party.id
        maker = ShareMaker(signer: SigningKey(copying: party.signer.key), sender: party.opening.secretCopy())
        tokens = HeldTokenKeys(KeyRing(id: 1, key: SecretBytes(count: 32, from: random)))
        tickets = TicketKeys(KeyRing(id: 1, key: SecretBytes(count: 32, from: random)))
        self.steps = steps
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
