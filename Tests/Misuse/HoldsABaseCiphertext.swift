// expects: cannot convert value of type 'PolymorphicPseudonym'
import Polymorphic
import Ristretto255

func chain(
    _ rd: Bytes64, _ base: PolymorphicPseudonym, _ person: EncryptedPseudonym, from: Domain, to: Domain,
    _ legs: [RouteLeg], _ key: ClassKey<PSN>
) -> ChainRequest {
    #if MISUSE
        let item = base  // as if it were the party's own
    #else
        let item = person
    #endif
    return ChainRequest(requestDigest: rd, held: [item], at: from, to: to, legs: legs, key: key)
}
