import Crypto
import Ristretto255
import Synchronization

/// Randomness that can be replayed: SHA-512 of a seed and a counter. For simulations, tests and benchmarks only.
public final class SeededRandom: RandomSource {
    private let seed: UInt64
    private let counter = Mutex<UInt64>(0)

    public init(seed: UInt64) { self.seed = seed }

    /// A source of its own for each use, so that what one node draws does not depend on others.
    public init(seed: UInt64, name: String) {
        var hasher = SHA512()
        withUnsafeBytes(of: seed) { hasher.update(bufferPointer: $0) }
        hasher.update(data: Array(name.utf8))
        self.seed = hasher.finalize().withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }

    public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let block = counter.withLock { (counter: inout UInt64) -> UInt64 in
                counter += 1
                return counter
            }
            var hasher = SHA512()
            withUnsafeBytes(of: (seed, block)) { hasher.update(bufferPointer: $0) }
            let part = min(64, rest.count)
            hasher.finalize().withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: rest.prefix(part))
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<part]))
            }
            rest = rest.dropFirst(part)
        }
    }
}
