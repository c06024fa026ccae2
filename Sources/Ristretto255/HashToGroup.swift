import Crypto

/// Hashing to 64 uniform bytes, to scalars and to points: expand_message_xmd with SHA-512 (RFC 9380, 5.3.1), which for
/// 64 bytes of output is two hashes.
public struct MessageExpander {
    private var hasher: SHA512
    private let tag: [UInt8]

    /// The state after the block of zeros with which every message begins.
    private static let start: SHA512 = {
        var hasher = SHA512()
        hasher.update(data: [UInt8](repeating: 0, count: 128))
        return hasher
    }()

    /// - Parameter domain: the domain separation tag, 1...255 bytes.
    public init(domain: some Collection<UInt8>) {
        precondition((1...255).contains(domain.count), "a domain separation tag has 1 to 255 bytes")
        tag = Array(domain) + [UInt8(domain.count)]
        hasher = Self.start
    }

    /// Adds bytes to the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bufferPointer: bytes) }
    /// Adds bytes to the message.
    public mutating func update(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
            hasher.update(data: Array(bytes))
        }
    }

    private func finalize() -> SHA512.Digest {
        var first = hasher
        first.update(data: [0, 64, 0])
        first.update(data: tag)
        var second = SHA512()
        first.finalize().withUnsafeBytes { second.update(bufferPointer: $0) }
        second.update(data: [1])
        second.update(data: tag)
        return second.finalize()
    }

    /// The 64 uniform bytes.
    public func bytes() -> Bytes64 { finalize().withUnsafeBytes { raw in Bytes64 { $0.copyMemory(from: raw) } } }
    /// A public scalar.
    public func scalar() -> Scalar { Scalar(reducing: bytes()) }
    /// A point.
    public func point() -> Point { Point(uniform: bytes()) }
    /// A secret scalar, reduced straight into locked memory.
    public func secretScalar() -> SecretScalar {
        let scalar = SecretScalar()
        reduce(into: scalar.words)
        return scalar
    }

    func reduce(into words: UnsafeMutablePointer<ScalarWords>) {
        finalize().withUnsafeBytes { raw in
            Engine.scalarReduce(words, raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), raw.count)
        }
    }
}
