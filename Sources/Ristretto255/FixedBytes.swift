/// A value of a fixed number of bytes that holds no secret: encodings, digests, identifiers.
public protocol FixedBytes: Hashable, Sendable, BitwiseCopyable {
    /// The number of bytes.
    static var byteCount: Int { get }
    /// All bytes zero.
    static var zero: Self { get }
}

extension FixedBytes {
    /// Copies `bytes`; nil unless there are exactly `byteCount` of them.
    @inlinable public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self = .zero
        withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: bytes) }
    }

    /// Lets `fill` write all bytes.
    public init<E: Error>(filling fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        var value = Self.zero
        try withUnsafeMutableBytes(of: &value) { (raw: UnsafeMutableRawBufferPointer) throws(E) in try fill(raw) }
        self = value
    }

    /// The bytes as an array.
    @inlinable public var bytes: [UInt8] { Swift.withUnsafeBytes(of: self) { [UInt8]($0) } }

    /// The bytes in place, for hashing and copying.
    @inlinable
    public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try Swift.withUnsafeBytes(of: self) { (raw: UnsafeRawBufferPointer) throws(E) in try body(raw) }
    }
}

/// 16 bytes: identifiers of exchanges, records, enrolments and rows.
public struct Bytes16: FixedBytes {
    var a: UInt64 = 0
    var b: UInt64 = 0
    init() {}
    /// The number of bytes.
    public static let byteCount = 16
    /// All bytes zero.
    public static let zero = Bytes16()
}

/// 32 bytes: encodings of points and scalars, truncated digests.
public struct Bytes32: FixedBytes {
    var a = Bytes16()
    var b = Bytes16()
    init() {}
    /// The number of bytes.
    public static let byteCount = 32
    /// All bytes zero.
    public static let zero = Bytes32()
}

/// 64 bytes: SHA-512 digests, proofs of two scalars, fresh randomness.
public struct Bytes64: FixedBytes {
    /// The first 32 bytes.
    public internal(set) var first = Bytes32()
    /// The last 32 bytes.
    public internal(set) var last = Bytes32()
    init() {}
    /// Joins two halves.
    public init(_ first: Bytes32, _ last: Bytes32) { (self.first, self.last) = (first, last) }
    /// The number of bytes.
    public static let byteCount = 64
    /// All bytes zero.
    public static let zero = Bytes64()
}
