/// An integer modulo the group order L = 2^252 + 27742317777372353535851937790883648493. Public: challenges, responses,
/// weights, Lagrange coefficients. What must stay secret is a `SecretScalar`.
public struct Scalar: Sendable, Equatable, BitwiseCopyable {
    var words: ScalarWords

    init(words: ScalarWords) { self.words = words }

    /// 0.
    public static let zero = Scalar(UInt64(0))
    /// 1.
    public static let one = Scalar(UInt64(1))

    /// A small integer.
    public init(_ value: UInt64) { words = ScalarWords(a: value) }

    /// A 128-bit integer.
    public init(weight value: UInt128) {
        words = ScalarWords(a: UInt64(truncatingIfNeeded: value), b: UInt64(value >> 64))
    }

    /// Decodes 32 little-endian bytes of a value below L.
    /// - Throws: `EncodingError.scalar` for any other length or value (PROTOCOL 2.1).
    public init(decoding bytes: some Collection<UInt8>) throws(EncodingError) {
        guard let fixed = Bytes32(bytes) else { throw .scalar }
        try self.init(decoding: fixed)
    }

    /// Decodes 32 little-endian bytes of a value below L.
    /// - Throws: `EncodingError.scalar` for a value of L or more.
    public init(decoding bytes: Bytes32) throws(EncodingError) {
        var words = ScalarWords()
        let canonical = bytes.withBytes { raw in
            raw.withMemoryRebound(to: UInt8.self) { Engine.scalarDecode(&words, $0.baseAddress.unsafelyUnwrapped) }
        }
        guard canonical else { throw .scalar }
        self.words = words
    }

    /// Reduces 64 little-endian bytes modulo L; the bias is below 2^-259.
    public init(reducing bytes: Bytes64) {
        var words = ScalarWords()
        bytes.withBytes { raw in
            raw.withMemoryRebound(to: UInt8.self) { Engine.scalarReduce(&words, $0.baseAddress.unsafelyUnwrapped, 64) }
        }
        self.words = words
    }

    /// 32 bytes, little-endian.
    public var encoding: Bytes32 {
        Bytes32 { raw in withUnsafeBytes(of: words) { raw.copyMemory(from: $0) } }  // limbs are little-endian words
    }

    /// Whether it is 0.
    public var isZero: Bool { self == .zero }

    /// The bit at `index`, 0 the lowest.
    func bit(_ index: Int) -> Int {
        withUnsafeBytes(of: words) { Int($0[index >> 3] >> UInt8(index & 7)) & 1 }
    }

    /// The sum modulo L.
    public static func + (a: Scalar, b: Scalar) -> Scalar { combine(a, b, Engine.scalarAdd) }
    /// The difference modulo L.
    public static func - (a: Scalar, b: Scalar) -> Scalar { combine(a, b, Engine.scalarSubtract) }
    /// The product modulo L.
    public static func * (a: Scalar, b: Scalar) -> Scalar { combine(a, b, Engine.scalarMultiply) }
    /// The negative modulo L.
    public static prefix func - (a: Scalar) -> Scalar { .zero - a }

    /// The inverse modulo L, nil for zero.
    public var inverse: Scalar? {
        guard !isZero else { return nil }
        var (out, a) = (ScalarWords(), words)
        Engine.scalarInvert(&out, &a)
        return Scalar(words: out)
    }

    private static func combine(
        _ a: Scalar, _ b: Scalar,
        _ operation: (
            UnsafeMutablePointer<ScalarWords>, UnsafePointer<ScalarWords>,
            UnsafePointer<ScalarWords>
        ) -> Void
    ) -> Scalar {
        var out = ScalarWords()
        withUnsafePointer(to: a.words) { x in withUnsafePointer(to: b.words) { y in operation(&out, x, y) } }
        return Scalar(words: out)
    }
}

/// Why bytes are no point or no scalar.
public enum EncodingError: Error, Sendable, Hashable {
    /// Not 32 bytes, not canonical, not on the curve, or the identity.
    case point
    /// Not 32 bytes, or not below the group order.
    case scalar
}
