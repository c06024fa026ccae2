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

    public var verifyingKey: VerifyingKey { signer.verifyingKey }
    public var openingElement: Element { opening.element }
}

/// The secret of one step, by reference.
public final class HeldStep: Sendable {
    public let secret: StepSecret
    public init(_ secret: consuming StepSecret) { self.secret = secret }
}
