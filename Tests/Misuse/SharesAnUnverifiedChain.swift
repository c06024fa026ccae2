// expects: cannot convert value of type 'ChainRequest'
import Polymorphic
import Ristretto255

func share(
    _ maker: borrowing ShareMaker, _ request: ChainRequest, _ verified: VerifiedChain,
    _ share: borrowing ClassShare<PSN>, to party: PartyKey, _ fresh: (Bytes64, Bytes64)
) throws -> SealedShare {
    #if MISUSE
        let chain = request
    #else
        let chain = verified
    #endif
    return try maker.share(
        chain, permits: [true], with: share, to: party, tokens: [], tickets: [], fresh: fresh)
}
