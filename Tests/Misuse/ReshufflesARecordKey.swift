// expects: cannot convert value of type 'EncryptedRecordKey'
import Polymorphic
import Ristretto255

func chain(
    _ rd: Bytes64, _ record: EncryptedRecordKey, _ person: EncryptedPseudonym, from: Domain, to: Domain,
    _ legs: [RouteLeg], _ key: ClassKey<PSN>
) -> ChainRequest {
    #if MISUSE
        let item = record  // data turned into an identifier
    #else
        let item = person
    #endif
    return ChainRequest(requestDigest: rd, held: [item], at: from, to: to, legs: legs, key: key)
}
