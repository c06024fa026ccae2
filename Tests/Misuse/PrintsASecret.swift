// expects: no exact matches in call to instance method 'appendInterpolation'
import Ristretto255

func log(_ secret: borrowing SecretScalar) -> String {
    #if MISUSE
        "\(secret)"
    #else
        "\(secret.isZeroOrOne)"
    #endif
}
