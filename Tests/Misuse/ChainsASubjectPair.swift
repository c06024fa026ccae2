// expects: cannot convert value of type 'SubjectPair'
import Polymorphic
import Ristretto255

func chain(
    _ rd: Bytes64, _ header: RecordHeader, _ person: EncryptedPseudonym, from: Domain, to: Domain,
    _ legs: [RouteLeg], _ key: ClassKey<PSN>
) -> ChainRequest {
    #if MISUSE
        let item = header.subject  // no transcryptor gave a token for it
    #else
        let item = person
    #endif
    return ChainRequest(requestDigest: rd, held: [item], at: from, to: to, legs: legs, key: key)
}
