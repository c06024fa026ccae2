import CSodium

/// Where random bytes come from. Everything that draws takes one as an argument, so that a simulation can be
/// replayed from a seed.
public protocol RandomSource: Sendable {
    /// Overwrites all of `buffer`.
    func fill(_ buffer: UnsafeMutableRawBufferPointer)
}

extension RandomSource {
    /// `count` random bytes that are no secret of long life (salts of hedged values, identifiers).
    public func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            fill(UnsafeMutableRawBufferPointer(buffer))
            filled = count
        }
    }

    /// A random value of fixed size.
    public func draw<B: FixedBytes>(_ type: B.Type = B.self) -> B { B(filling: { fill($0) }) }
}

/// The operating system's generator.
public struct SystemRandom: RandomSource {
    /// Ready for use; the library behind it is initialised on first need.
    public init() { _ = LockedMemory.shared }
    /// Overwrites all of `buffer`.
    public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { return }
        randombytes_buf(base, buffer.count)
    }
}
