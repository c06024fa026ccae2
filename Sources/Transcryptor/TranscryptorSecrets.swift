import Exchanges
import Polymorphic
import Ristretto255

/// Everything secret that one transcryptor holds.
public final class TranscryptorSecrets: Sendable {
    /// The signing key.
    let signer: SigningKey
    /// z.
    let opening: OpeningKey
    /// Makes Shares with both.
    let maker: ShareMaker
    /// z again, as the key of hedged randomness.
    let z: SecretScalar
    let psn: ClassShare<PSN>
    let kem: ClassShare<KEM>
    let steps: [Name: HeldStep]
    let tokens: HeldTokenKeys
    let tickets: TicketKeys
    let leaves: LeafMaker

    /// - Parameters:
    ///   - steps: the secrets of the steps that this transcryptor holds.
    ///   - tokenRing: `hk_i`, also for the openings of leaves.
    ///   - ticketRing: `tk_i`.
    public init(
        signer: consuming SigningKey, opening: consuming OpeningKey, psn: consuming ClassShare<PSN>,
        kem: consuming ClassShare<KEM>, steps: [Name: HeldStep], tokenRing: KeyRing, ticketRing: KeyRing
    ) {
        maker = ShareMaker(signer: SigningKey(copying: signer), sender: opening.secretCopy())
        z = opening.secretCopy()
        self.opening = opening
        leaves = LeafMaker(index: psn.index, ring: tokenRing)
        self.psn = psn
        self.kem = kem
        self.signer = signer
        self.steps = steps
        tokens = HeldTokenKeys(tokenRing)
        tickets = TicketKeys(ticketRing)
    }

    /// The point of a step for a domain, to be published; nil for a step that it does not hold.
    /// - Throws: `point`.
    public func factorPoint(_ step: Name, _ domain: Domain) throws(Refusal) -> Element? {
        guard let held = steps[step] else { return nil }
        return try held.secret.factorPoint(for: domain)
    }

    public var verifyingKey: VerifyingKey { signer.verifyingKey }
    public var openingElement: Element { opening.element }
}

/// The secret of one step, by reference.
public final class HeldStep: Sendable {
    public let secret: StepSecret
    public init(_ secret: consuming StepSecret) { self.secret = secret }
}
