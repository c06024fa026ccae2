import CSodium
import Glibc

/// Memory for secrets: locked in RAM where the system allows it, left out of core dumps, wiped when given back.
///
/// Small pieces come from slabs of libsodium's guarded allocator, because one guarded allocation for each scalar
/// would cost three pages and a system call.
final class LockedMemory: Sendable {
    static let shared = LockedMemory()

    /// Pieces of 32, 64, .. 8192 bytes; larger ones are allocated on their own.
    private static let classes = 9
    private static let slabBytes = 65_536

    /// Free pieces by size class, as addresses: a pointer is not Sendable, and only this class turns one back.
    private let free = Locked([[UInt]](repeating: [], count: LockedMemory.classes))

    private init() {
        // sodium_init is safe to call at any time and from any thread; -1 means that no randomness can be had.
        precondition(sodium_init() >= 0, "libsodium could not be initialised")
    }

    private static func sizeClass(_ byteCount: Int) -> Int? {
        for (index, size) in (0..<classes).map({ ($0, 32 << $0) }) where byteCount <= size { return index }
        return nil
    }

    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        guard let index = Self.sizeClass(byteCount) else { return Self.guarded(byteCount) }
        let address = free.withLock { (lists: inout [[UInt]]) -> UInt in
            if let address = lists[index].popLast() { return address }
            let slab = UInt(bitPattern: Self.guarded(Self.slabBytes))
            let size = 32 << index
            lists[index] = stride(from: size, to: Self.slabBytes, by: size).map { slab + UInt($0) }
            return slab
        }
        guard let pointer = UnsafeMutableRawPointer(bitPattern: address) else {
            preconditionFailure("the pool held a null address")
        }
        return pointer
    }

    /// Wipes the piece and takes it back.
    func release(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
        guard let index = Self.sizeClass(byteCount) else { return sodium_free(pointer) }
        sodium_memzero(pointer, 32 << index)
        free.withLock { $0[index].append(UInt(bitPattern: pointer)) }
    }

    private static func guarded(_ byteCount: Int) -> UnsafeMutableRawPointer {
        guard let memory = sodium_malloc(byteCount) else { preconditionFailure("out of locked memory") }
        sodium_memzero(memory, byteCount)
        return memory
    }
}

/// Secret bytes: cannot be copied, printed or compared with `==`; in locked memory, wiped at the end of their life.
public struct SecretBytes: ~Copyable, @unchecked Sendable {  // unchecked: written only while it is made
    let pointer: UnsafeMutableRawPointer
    /// The number of bytes.
    public let count: Int

    /// Lets `fill` write `count` bytes, which are zero at first.
    public init<E: Error>(count: Int, filling fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        self.count = count
        pointer = LockedMemory.shared.allocate(count)
        try fill(UnsafeMutableRawBufferPointer(start: pointer, count: count))
    }

    /// Copies bytes that the caller holds (a key read from its store, an injected value of a test vector).
    public init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// Fresh random bytes.
    public init(count: Int, from random: some RandomSource) {
        self.init(count: count) { random.fill($0) }
    }

    deinit { LockedMemory.shared.release(pointer, count) }

    /// Lends the bytes. What `body` copies out of them is the caller's to wipe.
    public borrowing func withBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: pointer, count: count))
    }

    /// Compares in constant time; the lengths are not secret.
    public borrowing func constantTimeEquals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard other.count == count, let base = other.baseAddress else { return other.count == count }
        return sodium_memcmp(pointer, base, count) == 0
    }

    /// Whether all bytes are zero, in constant time.
    public var isZero: Bool { sodium_is_zero(pointer, count) == 1 }

    /// A second copy, in locked memory of its own: named, because each copy of a secret is a decision.
    public borrowing func explicitCopy() -> SecretBytes {
        withBytes { raw in SecretBytes(copying: raw) }
    }
}

/// Compares two public-length byte strings in constant time: for tags and commitments, where the first differing
/// byte must not show.
public func constantTimeEquals(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    let compared = a.withContiguousStorageIfAvailable { x in
        b.withContiguousStorageIfAvailable { y -> Bool in
            guard let x = x.baseAddress, let y = y.baseAddress else { return true }
            return sodium_memcmp(x, y, a.count) == 0
        }
    }
    return (compared ?? nil) ?? constantTimeEquals([UInt8](a), [UInt8](b))
}

/// Overwrites memory that held a secret; the compiler cannot remove the call.
func wipe(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) { sodium_memzero(pointer, byteCount) }
