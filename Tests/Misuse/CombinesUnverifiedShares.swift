// expects: cannot convert value of type '[SealedShare]'
import Polymorphic

func combine(
    _ unmasking: borrowing Unmasking<PSN>, _ chain: VerifiedChain, _ sealed: [SealedShare],
    _ verified: [VerifiedShare<PSN>]
) throws -> [Pseudonym] {
    #if MISUSE
        let shares = sealed
    #else
        let shares = verified
    #endif
    return try unmasking.pseudonyms(chain, permits: [true], shares, participants: [1, 2])
}
