// expects: cannot convert value of type 'RecordHeader'
import Polymorphic
import Ristretto255

func share(
    _ maker: borrowing ShareMaker, _ header: RecordHeader, _ admitted: TicketedRecord, _ rd: Bytes64,
    _ share: borrowing ClassShare<KEM>, to party: PartyKey, _ fresh: (Bytes64, Bytes64)
) throws -> SealedShare {
    #if MISUSE
        let record = header
    #else
        let record = admitted
    #endif
    return try maker.share([record], permits: [true], requestDigest: rd, with: share, to: party, fresh: fresh)
}
