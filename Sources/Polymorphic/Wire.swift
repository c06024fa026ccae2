import Ristretto255

extension FixedWidthInteger where Self: UnsignedInteger {
    /// Big-endian bytes (`u8 .. u128` of PROTOCOL 2.2).
    @inlinable public var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { [UInt8]($0) } }

    /// Reads exactly as many big-endian bytes as the type has.
    init?(bigEndianBytes bytes: some Collection<UInt8>) {
        guard bytes.count == Self.bitWidth / 8 else { return nil }
        // In place where the bytes lie in a row: this is called for every field of every record.
        let value = bytes.withContiguousStorageIfAvailable { raw -> Self in
            var value: Self = 0
            for byte in raw { value = value << 8 | Self(byte) }
            return value
        }
        self = value ?? bytes.reduce(0) { $0 << 8 | Self($1) }
    }
}

/// Building and taking apart byte strings (PROTOCOL 2.2).
public enum Wire {
    /// `lp(x) = u32(len x) || x`.
    public static func lengthPrefixed(_ bytes: some Collection<UInt8>) -> [UInt8] {
        UInt32(bytes.count).bigEndianBytes + bytes
    }

    /// `list(x1..xn) = lp(x1) || .. || lp(xn)`.
    public static func list(_ elements: [[UInt8]]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(elements.reduce(0) { $0 + 4 + $1.count })
        for element in elements {
            withUnsafeBytes(of: UInt32(element.count).bigEndian) { out.append(contentsOf: $0) }
            out.append(contentsOf: element)
        }
        return out
    }

    /// The elements of a `list`.
    /// - Parameter maximum: more elements than this are refused before they are copied.
    /// - Throws: `length` for a cut element or a rest that is none.
    public static func elements(
        of bytes: some Collection<UInt8>, maximum: Int = 4_096
    ) throws(Refusal) -> [[UInt8]] {
        var reader = WireReader(bytes)
        var out: [[UInt8]] = []
        while !reader.isAtEnd {
            try need(out.count < maximum, .length)
            out.append(try reader.lengthPrefixed(orRefuse: .length))
        }
        return out
    }

    /// The elements of a list that is bounded by its bytes: a snapshot of the Directory has as many as there are
    /// entries. An element costs its bytes and about fifty more.
    /// - Throws: `length` for more than `bytesMax` bytes, a cut element or a rest that is none.
    public static func elements(
        of bytes: some Collection<UInt8>, bytesMax: Int
    ) throws(Refusal) -> [[UInt8]] {
        try need(bytes.count <= bytesMax, .length)
        return try elements(of: bytes, maximum: bytesMax)
    }

    /// The elements of a list with a fixed number of fields (bodies of calls, PROTOCOL 8.1).
    /// - Throws: `length` for too few, `trailing` for too many.
    public static func fields(of bytes: some Collection<UInt8>, _ count: Int) throws(Refusal) -> [[UInt8]] {
        let all = try elements(of: bytes)
        try need(all.count >= count, .length)
        try need(all.count == count, .trailing)
        return all
    }

    /// A time, counter or minute: eight bytes of a value below 2^53.
    /// - Throws: `length`.
    public static func u64(_ bytes: some Collection<UInt8>) throws(Refusal) -> UInt64 {
        guard let value = UInt64(bigEndianBytes: bytes), value < 1 << 53 else { throw Refusal(.length) }
        return value
    }

    /// Four bytes.
    /// - Throws: `length`.
    static func u32(_ bytes: some Collection<UInt8>) throws(Refusal) -> UInt32 {
        guard let value = UInt32(bigEndianBytes: bytes) else { throw Refusal(.length) }
        return value
    }

    /// A value of fixed size.
    /// - Throws: `length`.
    public static func fixed<B: FixedBytes>(
        _ bytes: some Collection<UInt8>, as type: B.Type = B.self
    ) throws(Refusal) -> B {
        guard let value = B(bytes) else { throw Refusal(.length) }
        return value
    }
}

/// Reads a byte string from the front; every read past the end is refused with the caller's code. Arrays and slices of
/// arrays are read where they lie: a field is copied once, when it is taken out as an array.
public struct WireReader {
    private let bytes: ArraySlice<UInt8>
    /// How many bytes have been read.
    public private(set) var position = 0

    /// Begins at the first byte.
    public init(_ bytes: some Collection<UInt8>) {
        if let array = bytes as? [UInt8] {
            self.bytes = array[...]
        } else if let slice = bytes as? ArraySlice<UInt8> {
            self.bytes = slice
        } else {
            self.bytes = Array(bytes)[...]
        }
    }

    /// Whether nothing is left.
    public var isAtEnd: Bool { position == bytes.count }
    /// The bytes that have been read.
    public var consumed: ArraySlice<UInt8> { bytes.prefix(position) }

    /// The next `count` bytes.
    public mutating func take(_ count: Int, orRefuse code: Refusal.Code) throws(Refusal) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw Refusal(code) }
        defer { position += count }
        let start = bytes.startIndex + position
        return bytes[start..<start + count]
    }

    /// The next big-endian integer.
    public mutating func integer<I: FixedWidthInteger & UnsignedInteger>(
        _ type: I.Type, orRefuse code: Refusal.Code
    ) throws(Refusal) -> I {
        let slice = try take(I.bitWidth / 8, orRefuse: code)
        var value: I = 0
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: slice) }
        return I(bigEndian: value)
    }

    /// The next value of fixed size.
    public mutating func fixed<B: FixedBytes>(_ type: B.Type = B.self, orRefuse code: Refusal.Code) throws(Refusal) -> B
    {
        guard let value = B(try take(B.byteCount, orRefuse: code)) else { throw Refusal(code) }
        return value
    }

    /// The next `lp`.
    public mutating func lengthPrefixed(orRefuse code: Refusal.Code) throws(Refusal) -> [UInt8] {
        let count = try integer(UInt32.self, orRefuse: code)
        return Array(try take(Int(count), orRefuse: code))
    }
}

extension Element {
    /// Decodes a point of the wire.
    /// - Throws: `point`.
    init(wire bytes: some Collection<UInt8>) throws(Refusal) {
        do { try self.init(decoding: bytes) } catch { throw Refusal(.point) }
    }
    /// Encodes a computed point; the identity is refused.
    /// - Throws: `point`.
    init(computed point: Point) throws(Refusal) {
        do { try self.init(point) } catch { throw Refusal(.point) }
    }
}

extension Scalar {
    /// Decodes a scalar of the wire.
    /// - Throws: `scalar`.
    init(wire bytes: Bytes32) throws(Refusal) {
        do { try self.init(decoding: bytes) } catch { throw Refusal(.scalar) }
    }
}
