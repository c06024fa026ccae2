// expects: binary operator '==' cannot be applied to two 'SecretBytes' operands
import Ristretto255

func same(_ a: borrowing SecretBytes, _ b: borrowing SecretBytes) -> Bool {
    #if MISUSE
        a == b  // stops at the first byte that differs, and tells which
    #else
        b.withBytes { a.constantTimeEquals($0) }
    #endif
}
