// expects: cannot convert value of type 'Element'
import Polymorphic
import Ristretto255

func share(
    _ maker: borrowing ShareMaker, _ chain: VerifiedChain, _ share: borrowing ClassShare<PSN>, _ z: Element,
    _ proved: PartyKey, _ fresh: (Bytes64, Bytes64)
) throws -> SealedShare {
    #if MISUSE
        let party = z
    #else
        let party = proved
    #endif
    return try maker.share(
        chain, permits: [true], with: share, to: party, tokens: [], tickets: [], fresh: fresh)
}
