import CSodium
import Ristretto255

/// libsodium's ristretto255, the independent implementation that everything here is compared with. Bytes in, bytes out;
/// nil where libsodium reports failure (also for a result that is the identity).
enum Sodium {
    private static let ready: Bool = sodium_init() >= 0

    private static func output(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int32) -> [UInt8]? {
        precondition(ready)
        var out = [UInt8](repeating: 0, count: count)
        let status = out.withUnsafeMutableBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
        return status == 0 ? out : nil
    }

    static func isValid(_ point: [UInt8]) -> Bool { ready && crypto_core_ristretto255_is_valid_point(point) == 1 }
    static func multiply(_ scalar: [UInt8], _ point: [UInt8]) -> [UInt8]? {
        output(32) { crypto_scalarmult_ristretto255($0, scalar, point) }
    }
    static func multiplyBase(_ scalar: [UInt8]) -> [UInt8]? {
        output(32) { crypto_scalarmult_ristretto255_base($0, scalar) }
    }
    static func add(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? { output(32) { crypto_core_ristretto255_add($0, a, b) } }
    static func subtract(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? {
        output(32) { crypto_core_ristretto255_sub($0, a, b) }
    }
    static func fromHash(_ wide: [UInt8]) -> [UInt8]? { output(32) { crypto_core_ristretto255_from_hash($0, wide) } }

    static func reduce(_ wide: [UInt8]) -> [UInt8]? {
        output(32) {
            crypto_core_ristretto255_scalar_reduce($0, wide)
            return 0
        }
    }
    static func scalarAdd(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? {
        output(32) {
            crypto_core_ristretto255_scalar_add($0, a, b)
            return 0
        }
    }
    static func scalarSubtract(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? {
        output(32) {
            crypto_core_ristretto255_scalar_sub($0, a, b)
            return 0
        }
    }
    static func scalarMultiply(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? {
        output(32) {
            crypto_core_ristretto255_scalar_mul($0, a, b)
            return 0
        }
    }
    static func scalarInvert(_ a: [UInt8]) -> [UInt8]? { output(32) { crypto_core_ristretto255_scalar_invert($0, a) } }
    static func expandedHash(_ bytes: [UInt8]) -> [UInt8] {
        output(64) { crypto_hash_sha512($0, bytes, UInt64(bytes.count)) } ?? []
    }
}
