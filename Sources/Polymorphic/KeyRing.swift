import Ristretto255

/// Secret keys of one use by key id: the current one and older ones that must still open. A new ring for each change.
public final class KeyRing: Sendable {
    private let keys: [UInt8: Key]
    /// The id that new tokens carry.
    public let current: UInt8

    private final class Key: Sendable {
        let bytes: SecretBytes
        init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
    }

    /// One key, which is the current one.
    /// - Parameter key: 32 bytes.
    public init(id: UInt8, key: consuming SecretBytes) { (keys, current) = ([id: Key(key)], id) }

    private init(_ keys: [UInt8: Key], current: UInt8) { (self.keys, self.current) = (keys, current) }

    /// The same keys with a new current one.
    public func adding(id: UInt8, key: consuming SecretBytes) -> KeyRing {
        var keys = self.keys
        keys[id] = Key(key)
        return KeyRing(keys, current: id)
    }

    /// The same keys without an old one.
    public func removing(id: UInt8) -> KeyRing {
        precondition(id != current, "the current key cannot be removed")
        var keys = self.keys
        keys[id] = nil
        return KeyRing(keys, current: current)
    }

    /// Lends the key of `id`.
    /// - Throws: `code` where there is none.
    public func with<R>(
        _ id: UInt8, orRefuse code: Refusal.Code, _ body: (borrowing SecretBytes) throws(Refusal) -> R
    ) throws(Refusal) -> R {
        guard let key = keys[id] else { throw Refusal(code) }
        return try body(key.bytes)
    }
}
