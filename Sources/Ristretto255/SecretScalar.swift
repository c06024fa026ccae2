import CSodium

/// A secret integer modulo L: a key, a share, a factor, a nonce. It cannot be copied, printed, encoded by `Codable` or
/// compared with `==`; it lives in locked memory and is wiped. All arithmetic on it takes constant time.
public struct SecretScalar: ~Copyable, @unchecked Sendable {  // unchecked: written only while it is made
    let words: UnsafeMutablePointer<ScalarWords>

    /// Zero, to be filled by the callers in this file.
    init() {
        words = LockedMemory.shared.allocate(32).bindMemory(to: ScalarWords.self, capacity: 1)
        words.initialize(to: ScalarWords())
    }

    deinit { LockedMemory.shared.release(words, 32) }

    /// Decodes 32 little-endian bytes.
    /// - Throws: `EncodingError.scalar` unless there are 32 bytes of a value below L that is neither 0 nor 1 (PROTOCOL
    ///   2.1).
    public init(decoding bytes: UnsafeRawBufferPointer) throws(EncodingError) {
        self.init()
        guard bytes.count == 32, let base = bytes.baseAddress,
            Engine.scalarDecode(words, base.assumingMemoryBound(to: UInt8.self)), !isZeroOrOne
        else { throw .scalar }
    }

    /// Decodes 32 little-endian bytes that the caller holds in ordinary memory (tests, key files once read).
    /// - Throws: `EncodingError.scalar` as above.
    public init(decoding bytes: [UInt8]) throws(EncodingError) {
        var failed = false
        self.init()
        bytes.withUnsafeBytes { raw in
            failed =
                raw.count != 32
                || !Engine.scalarDecode(words, raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self))
        }
        if failed || isZeroOrOne { throw .scalar }
    }

    /// Decodes 32 little-endian bytes of any value below L, 0 and 1 included: a subshare is one value of a random
    /// polynomial.
    /// - Throws: `EncodingError.scalar` for any other length or value.
    public init(decodingAny bytes: UnsafeRawBufferPointer) throws(EncodingError) {
        self.init()
        guard bytes.count == 32, let base = bytes.baseAddress,
            Engine.scalarDecode(words, base.assumingMemoryBound(to: UInt8.self))
        else { throw .scalar }
    }

    /// Reduces 64 little-endian bytes modulo L.
    public init(reducing bytes: UnsafeRawBufferPointer) {
        self.init()
        precondition(bytes.count == 64)
        Engine.scalarReduce(words, bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), 64)
    }

    /// A uniform scalar that is neither 0 nor 1.
    public init(from random: some RandomSource) {
        self.init()
        repeat {
            withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { wide in
                random.fill(wide)
                let base = wide.baseAddress.unsafelyUnwrapped
                Engine.scalarReduce(words, base.assumingMemoryBound(to: UInt8.self), 64)
                wipe(base, 64)
            }
        } while isZeroOrOne
    }

    /// Takes a public value where an interface wants a secret one: Lagrange coefficients, one, test vectors.
    public init(public value: Scalar) {
        self.init()
        words.pointee = value.words
    }

    /// Whether the value is 0 or 1, which no secret of the protocol may be. Takes constant time.
    public var isZeroOrOne: Bool {
        let value = words.pointee
        return (value.a & ~1) | value.b | value.c | value.d == 0
    }

    /// Lends the 32 little-endian bytes, for key derivation.
    public borrowing func withEncoding<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: words, count: 32))
    }

    /// A second copy: named, because each copy of a secret is a decision.
    public borrowing func explicitCopy() -> SecretScalar {
        let copy = SecretScalar()
        copy.words.pointee = words.pointee
        return copy
    }

    // MARK: Arithmetic

    /// The sum modulo L.
    public borrowing func plus(_ other: borrowing SecretScalar) -> SecretScalar {
        let out = SecretScalar()
        Engine.scalarAdd(out.words, words, other.words)
        return out
    }
    /// The difference modulo L.
    public borrowing func minus(_ other: borrowing SecretScalar) -> SecretScalar {
        let out = SecretScalar()
        Engine.scalarSubtract(out.words, words, other.words)
        return out
    }
    /// The product modulo L.
    public borrowing func times(_ other: borrowing SecretScalar) -> SecretScalar {
        let out = SecretScalar()
        Engine.scalarMultiply(out.words, words, other.words)
        return out
    }
    /// The product with a public factor modulo L.
    public borrowing func times(_ factor: Scalar) -> SecretScalar {
        let out = SecretScalar()
        var words = factor.words
        Engine.scalarMultiply(out.words, self.words, &words)
        return out
    }
    /// The inverse modulo L; zero, which no caller may pass, gives zero.
    public borrowing func inverse() -> SecretScalar {
        let out = SecretScalar()
        Engine.scalarInvert(out.words, words)
        return out
    }

    /// The response `self - challenge * secret` of a proof, with `self` its nonce. Public once computed.
    public borrowing func response(to challenge: Scalar, for secret: borrowing SecretScalar) -> Scalar {
        let product = secret.times(challenge)
        var out = ScalarWords()
        Engine.scalarSubtract(&out, words, product.words)
        return Scalar(words: out)
    }

    // MARK: Multiplication, always in constant time

    /// `self * point`.
    public borrowing func times(_ point: Point) -> Point {
        Slots.with(2) { slots in
            point.store(slots[0])
            Engine.multiply(slots[1], slots[0], words)
            defer { slots.wipe() }
            return Point(loading: slots[1])
        }
    }

    /// `self * base`, with the table of `base`.
    public borrowing func times(_ base: FixedBase) -> Point {
        Slots.with(1) { slots in
            Engine.multiply(slots[0], table: base.table, words)
            defer { slots.wipe() }
            return Point(loading: slots[0])
        }
    }

    /// `self * G`.
    public borrowing func timesGenerator() -> Point { times(FixedBase.generator) }

    /// `self * point`, kept in locked memory.
    public borrowing func secretProduct(with point: Point) -> SecretPoint { SecretPoint(times(point)) }

    /// `self * point`, encoded straight into locked memory: a shared secret. Zero bytes where the result is the
    /// identity.
    public borrowing func sharedSecret(with point: Point) -> SecretBytes {
        SecretBytes(count: 32) { raw in
            Slots.with(2) { slots in
                point.store(slots[0])
                Engine.multiply(slots[1], slots[0], words)
                Engine.encode(raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), slots[1])
                slots.wipe()
            }
        }
    }
}
