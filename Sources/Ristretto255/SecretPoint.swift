/// A point that nobody else may learn: a shared secret that is used again, a record key before it is encoded. In locked
/// memory, wiped, neither copyable nor printable.
public struct SecretPoint: ~Copyable, @unchecked Sendable {  // unchecked: written only while it is made
    private let storage: UnsafeMutablePointer<Point>

    /// Moves a point into locked memory.
    public init(_ point: Point) {
        storage = LockedMemory.shared.allocate(MemoryLayout<Point>.stride).bindMemory(to: Point.self, capacity: 1)
        storage.initialize(to: point)
    }

    deinit { LockedMemory.shared.release(storage, MemoryLayout<Point>.stride) }

    /// `point + self`, in constant time.
    public borrowing func added(to point: Point) -> SecretPoint { SecretPoint(point + storage.pointee) }

    /// Encodes into locked memory: 32 bytes, all zero for the identity.
    public borrowing func encode() -> SecretBytes {
        SecretBytes(count: 32) { raw in
            Slots.with(1) { slots in
                storage.pointee.store(slots[0])
                Engine.encode(raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), slots[0])
                slots.wipe()
            }
        }
    }

    /// Gives the point out: its holder may know it (a pseudonym at its own party).
    public borrowing func reveal() -> Point { storage.pointee }
}

/// A batch of secret scalars in one piece of locked memory.
public struct SecretScalars: ~Copyable, @unchecked Sendable {  // unchecked: written only through `mutating` calls
    private let words: UnsafeMutablePointer<ScalarWords>
    /// How many they are.
    public let count: Int

    /// `count` scalars, each from the message that `message(index)` has built.
    public init(count: Int, hashing message: (Int) -> MessageExpander) {
        self.init(zeroes: count)
        for index in 0..<count { message(index).reduce(into: words + index) }
    }

    /// `count` uniform scalars, none of them 0 or 1.
    public init(count: Int, from random: some RandomSource) {
        self.init(zeroes: count)
        for index in 0..<count { words[index] = SecretScalar(from: random).words.pointee }
    }

    /// Decodes scalars of 32 bytes each.
    /// - Throws: `EncodingError.scalar`.
    public init(decoding encodings: [[UInt8]]) throws(EncodingError) {
        self.init(zeroes: encodings.count)
        for (index, bytes) in encodings.enumerated() { words[index] = try Scalar(decoding: bytes).words }
    }

    private init(zeroes count: Int) {
        self.count = count
        words = LockedMemory.shared.allocate(32 * max(count, 1)).bindMemory(to: ScalarWords.self, capacity: count)
        words.initialize(repeating: ScalarWords(), count: count)
    }

    /// The same scalars with another one in the first place: a polynomial through a given secret.
    public consuming func with(first scalar: borrowing SecretScalar) -> SecretScalars {
        if count > 0 { words[0] = scalar.words.pointee }
        return self
    }

    deinit { LockedMemory.shared.release(words, 32 * max(count, 1)) }

    /// `sum self[k] * x^k`: the scalars as the coefficients of a polynomial.
    public borrowing func polynomial(at x: Scalar) -> SecretScalar {
        var x = x.words
        let value = SecretScalar()
        for index in stride(from: count - 1, through: 0, by: -1) {
            Engine.scalarMultiply(value.words, value.words, &x)
            Engine.scalarAdd(value.words, value.words, words + index)
        }
        return value
    }

    /// `self[index] * base`, in constant time.
    public borrowing func times(_ base: FixedBase, at index: Int) -> Point {
        precondition(index < count)
        return Slots.with(1) { slots in
            Engine.multiply(slots[0], table: base.table, words + index)
            defer { slots.wipe() }
            return Point(loading: slots[0])
        }
    }

    /// `sum weights[j] * self[j]`.
    public borrowing func weightedSum(_ weights: [Scalar]) -> SecretScalar {
        precondition(weights.count == count)
        let sum = SecretScalar()
        let product = SecretScalar()
        for (index, weight) in weights.enumerated() {
            var weight = weight.words
            Engine.scalarMultiply(product.words, words + index, &weight)
            Engine.scalarAdd(sum.words, sum.words, product.words)
        }
        return sum
    }
}
