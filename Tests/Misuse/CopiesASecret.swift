// expects: 'secret' used after consume
import Ristretto255

func copies(_ secret: consuming SecretScalar) -> Bool {
    #if MISUSE
        let other = secret
    #else
        let other = secret.explicitCopy()
    #endif
    return other.isZeroOrOne == secret.isZeroOrOne
}
