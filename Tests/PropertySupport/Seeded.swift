import Foundation
import Ristretto255

/// Random values that can be drawn again. The seed of the run and the name of the stream give all of them, so that a
/// test draws the same values alone and among others. `WARIFU_SEED` sets the seed; without it every run has a new one.
public final class Seeded: RandomSource {
    /// The seed of this run; printed once.
    public static let seed: UInt64 = {
        let given = ProcessInfo.processInfo.environment["WARIFU_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: .min ... .max)
        print("WARIFU_SEED=\(seed)")
        return seed
    }()

    private let state: Locked<UInt64>

    /// - Parameter stream: the name of the test.
    public init(_ stream: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        state = Locked(Self.mix(Self.seed) ^ Self.mix(hash))
    }

    // SplitMix64: enough for tests, and nothing else.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// The next 64 bits.
    public func next() -> UInt64 {
        state.withLock {
            $0 &+= 0x9e37_79b9_7f4a_7c15
            return Self.mix($0)
        }
    }

    public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var offset = 0
        while offset < buffer.count {
            withUnsafeBytes(of: next()) { word in
                let part = min(8, buffer.count - offset)
                UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + part]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: word[..<part]))
            }
            offset += 8
        }
    }

    /// An integer of the range; the small bias does not matter here.
    public func int(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }
    /// One of `choices`, which is not empty.
    public func pick<T>(_ choices: [T]) -> T { choices[int(in: 0...choices.count - 1)] }
    /// A permutation.
    public func shuffled<T>(_ values: [T]) -> [T] {
        var out = values
        for index in out.indices.dropFirst() { out.swapAt(index, int(in: 0...index)) }
        return out
    }
    /// A uniform scalar.
    public func scalar() -> Scalar { Scalar(reducing: draw()) }
    /// A uniform point.
    public func point() -> Point { Point(uniform: draw()) }
    /// A secret scalar that is neither 0 nor 1.
    public func secret() -> SecretScalar { SecretScalar(from: self) }
}

extension FixedBytes {
    /// The same bytes with one bit changed.
    public func flipping(bit: Int) -> Self {
        var value = self
        withUnsafeMutableBytes(of: &value) { $0[bit >> 3] ^= 1 << UInt8(bit & 7) }
        return value
    }
}

extension [UInt8] {
    /// The same bytes with one bit changed.
    public func flipping(bit: Int) -> [UInt8] {
        var value = self
        value[bit >> 3] ^= 1 << UInt8(bit & 7)
        return value
    }

    /// Bytes from hexadecimal digits; anything else in the text is left out.
    public init(hex text: String) {
        let digits = text.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
