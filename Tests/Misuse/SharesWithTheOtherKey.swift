// expects: cannot convert value of type 'ClassShare<KEM>'
import Polymorphic
import Ristretto255

func share(
    _ maker: borrowing ShareMaker, _ chain: VerifiedChain, _ psn: borrowing ClassShare<PSN>,
    _ kem: borrowing ClassShare<KEM>, to party: PartyKey, _ fresh: (Bytes64, Bytes64)
) throws -> SealedShare {
    #if MISUSE
        try maker.share(chain, permits: [true], with: kem, to: party, tokens: [], tickets: [], fresh: fresh)
    #else
        try maker.share(chain, permits: [true], with: psn, to: party, tokens: [], tickets: [], fresh: fresh)
    #endif
}
