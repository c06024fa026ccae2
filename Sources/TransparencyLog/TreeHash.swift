import Crypto

/// A SHA-256 value of the Merkle tree: 32 bytes, kept as four words so that millions fit side by side. (RFC 6962, 2.1)
public struct TreeHash: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of one hash.
    public static let byteCount = 32
    /// The root of the tree without leaves: SHA-256 of nothing.
    public static let emptyRoot = TreeHash(SHA256().finalize())

    private let a, b, c, d: UInt64

    init(_ digest: SHA256.Digest) { self = digest.withUnsafeBytes { TreeHash(unchecked: $0) } }

    init(unchecked raw: UnsafeRawBufferPointer) {
        a = raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        b = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        c = raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        d = raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    }

    /// - Returns: nil unless `bytes` are exactly 32.
    public init?(_ bytes: some Sequence<UInt8>) {
        let copy = Array(bytes)
        guard copy.count == Self.byteCount else { return nil }
        self = copy.withUnsafeBytes { TreeHash(unchecked: $0) }
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var out = [UInt8]()
        out.reserveCapacity(Self.byteCount)
        append(to: &out)
        return out
    }

    /// Appends the 32 bytes to `out`.
    public func append(to out: inout [UInt8]) {
        withUnsafeBytes(of: (a, b, c, d)) { out.append(contentsOf: $0) }
    }

    /// The first eight bytes as a number: spreads well, says nothing of the rest.
    public var prefix: UInt64 { UInt64(bigEndian: a) }

    func write(to raw: UnsafeMutableRawPointer) {
        raw.storeBytes(of: a, toByteOffset: 0, as: UInt64.self)
        raw.storeBytes(of: b, toByteOffset: 8, as: UInt64.self)
        raw.storeBytes(of: c, toByteOffset: 16, as: UInt64.self)
        raw.storeBytes(of: d, toByteOffset: 24, as: UInt64.self)
    }

    public var description: String { Hex.encode(bytes) }
    /// As written in checkpoints and proofs: 44 characters of base64.
    public var base64: String { Base64.encode(bytes) }
}

/// The hashes of RFC 6962, 2.1: `leaf = SHA-256(0x00 || entry)`, `node = SHA-256(0x01 || left || right)`.
public enum Merkle {
    /// Hash of an entry.
    public static func leaf(_ entry: some ContiguousBytesLike) -> TreeHash {
        entry.withBytes { leaf(raw: $0) }
    }

    /// Hash of an entry that lies in `raw`.
    public static func leaf(raw: UnsafeRawBufferPointer) -> TreeHash {
        withUnsafeTemporaryAllocation(byteCount: raw.count + 1, alignment: 8) { buffer in
            buffer[0] = 0
            if raw.count > 0 { UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: raw) }
            return TreeHash(SHA256.hash(bufferPointer: UnsafeRawBufferPointer(buffer)))
        }
    }

    /// Hash of an inner node.
    public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
            buffer[0] = 1
            left.write(to: buffer.baseAddress! + 1)  // never nil: the allocation has 65 bytes
            right.write(to: buffer.baseAddress! + 33)
            return TreeHash(SHA256.hash(bufferPointer: UnsafeRawBufferPointer(buffer)))
        }
    }

    /// The root over a list of subtrees of one size, of which only the last may be smaller. Empty list: `emptyRoot`.
    ///
    /// Splitting at the largest power of two is the same over leaves and over whole subtrees, so this serves at each
    /// level.
    public static func root(_ hashes: some RandomAccessCollection<TreeHash>) -> TreeHash {
        // A stack of perfect subtrees, joined as a binary counter is; then the lone right nodes are promoted.
        var stack = [(height: Int, hash: TreeHash)]()
        for hash in hashes {
            var top = (height: 0, hash: hash)
            while let last = stack.last, last.height == top.height {
                top = (top.height + 1, node(last.hash, top.hash))
                stack.removeLast()
            }
            stack.append(top)
        }
        guard var acc = stack.popLast()?.hash else { return .emptyRoot }
        while let left = stack.popLast() { acc = node(left.hash, acc) }
        return acc
    }
}

extension SHA256 {
    static func hash(bufferPointer: UnsafeRawBufferPointer) -> Digest {
        var hasher = SHA256()
        hasher.update(bufferPointer: bufferPointer)
        return hasher.finalize()
    }
}

/// What lends its bytes without a copy: arrays and slices of arrays.
public protocol ContiguousBytesLike {
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}
extension Array: ContiguousBytesLike where Element == UInt8 {
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { try withUnsafeBytes(body) }
}
extension ArraySlice: ContiguousBytesLike where Element == UInt8 {
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { try withUnsafeBytes(body) }
}
