// expects: cannot convert value of type 'Label.Info'
import Polymorphic
import Ristretto255

func hash(_ bytes: [UInt8]) -> Bytes64 {
    #if MISUSE
        let label = Label.Info.sealedShare
    #else
        let label = Label.Digest.share
    #endif
    return digest(label, bytes)
}
