import CDecaf

/// The arithmetic underneath: the only file that knows libdecaf. Another engine replaces this file.
///
/// A slot is 256 bytes, aligned to 32, that hold one point. Nothing here allocates.
enum Engine {
    typealias Slot = UnsafeMutableRawPointer

    static let slotBytes = 256
    static let slotAlignment = 32

    static func decode(_ slot: Slot, _ bytes: UnsafePointer<UInt8>, allowIdentity: Bool) -> Bool {
        // DECAF_SUCCESS is -1. The library refuses every non-canonical encoding, bit 255 set included.
        decaf_255_point_decode(slot, bytes, allowIdentity ? ~0 : 0) == -1
    }
    static func encode(_ bytes: UnsafeMutablePointer<UInt8>, _ slot: Slot) { decaf_255_point_encode(bytes, slot) }
    static func equal(_ a: Slot, _ b: Slot) -> Bool { decaf_255_point_eq(a, b) != 0 }

    static func add(_ sum: Slot, _ a: Slot, _ b: Slot) { decaf_255_point_add(sum, a, b) }
    static func subtract(_ difference: Slot, _ a: Slot, _ b: Slot) { decaf_255_point_sub(difference, a, b) }
    static func double(_ twice: Slot, _ a: Slot) { decaf_255_point_double(twice, a) }

    /// Constant time in the scalar and the point.
    static func multiply(_ product: Slot, _ base: Slot, _ scalar: UnsafePointer<ScalarWords>) {
        decaf_255_point_scalarmul(product, base, scalar)
    }
    /// `s*G + c*P`, in variable time.
    static func publicSum(
        _ sum: Slot, generator s: UnsafePointer<ScalarWords>, _ point: Slot, _ c: UnsafePointer<ScalarWords>
    ) { decaf_255_base_double_scalarmul_non_secret(sum, s, point, c) }
    /// RFC 9496, 4.3.4: the map of 64 uniform bytes.
    static func fromHash(_ slot: Slot, _ bytes: UnsafePointer<UInt8>) { decaf_255_point_from_hash_uniform(slot, bytes) }

    static var tableBytes: Int { decaf_255_sizeof_precomputed_s }
    static var tableAlignment: Int { max(decaf_255_alignof_precomputed_s, slotAlignment) }
    static func makeTable(_ table: UnsafeMutableRawPointer, _ base: Slot) { decaf_255_precompute(table, base) }
    /// Constant time in the scalar.
    static func multiply(_ product: Slot, table: UnsafeRawPointer, _ scalar: UnsafePointer<ScalarWords>) {
        decaf_255_precomputed_scalarmul(product, table, scalar)
    }

    static func scalarDecode(_ out: UnsafeMutablePointer<ScalarWords>, _ bytes: UnsafePointer<UInt8>) -> Bool {
        decaf_255_scalar_decode(out, bytes) == -1
    }
    static func scalarReduce(_ out: UnsafeMutablePointer<ScalarWords>, _ bytes: UnsafePointer<UInt8>, _ count: Int) {
        decaf_255_scalar_decode_long(out, bytes, count)
    }
    static func scalarAdd(
        _ out: UnsafeMutablePointer<ScalarWords>, _ a: UnsafePointer<ScalarWords>, _ b: UnsafePointer<ScalarWords>
    ) { decaf_255_scalar_add(out, a, b) }
    static func scalarSubtract(
        _ out: UnsafeMutablePointer<ScalarWords>, _ a: UnsafePointer<ScalarWords>, _ b: UnsafePointer<ScalarWords>
    ) { decaf_255_scalar_sub(out, a, b) }
    static func scalarMultiply(
        _ out: UnsafeMutablePointer<ScalarWords>, _ a: UnsafePointer<ScalarWords>, _ b: UnsafePointer<ScalarWords>
    ) { decaf_255_scalar_mul(out, a, b) }
    /// Constant time; zero has no inverse and gives zero.
    static func scalarInvert(_ out: UnsafeMutablePointer<ScalarWords>, _ a: UnsafePointer<ScalarWords>) {
        _ = decaf_255_scalar_invert(out, a)
    }
}

/// A scalar in memory: four 64-bit words, lowest first, which on a little-endian machine is its encoding.
struct ScalarWords: Equatable, BitwiseCopyable, Sendable {
    var a: UInt64 = 0
    var b: UInt64 = 0
    var c: UInt64 = 0
    var d: UInt64 = 0
}
