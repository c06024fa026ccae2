import CSodium
import Polymorphic
import Ristretto255

/// Seals what a node stores: every value under the node's key, bound to its table and key, so that a stolen disk tells
/// nothing and no value can be put in another's place (requirement of every driver).
///
/// XChaCha20-Poly1305 with random nonces of 24 bytes, which never run out. What is hidden of keys is BLAKE2b under a
/// second key. Whoever holds the disk still sees the number of entries, their sizes and which change.
public final class StoreSealer: Sendable {
    /// The length of the key, in bytes.
    public static let keyBytes = 32
    private static let nonceBytes = 24
    private static let tagBytes = 16
    private static let hiddenBytes = 32

    private let seal: SecretBytes
    private let hide: SecretBytes

    /// - Parameter key: 32 bytes, kept outside the store.
    /// - Throws: `length`.
    public init(key: borrowing SecretBytes) throws(Refusal) {
        try need(key.count == Self.keyBytes, .length)
        seal = Self.derive(1, key)
        hide = Self.derive(2, key)
    }

    private static func derive(_ id: UInt64, _ key: borrowing SecretBytes) -> SecretBytes {
        key.withBytes { master in
            SecretBytes(count: keyBytes) { out in
                guard let master = master.bindMemory(to: UInt8.self).baseAddress,
                    let out = out.bindMemory(to: UInt8.self).baseAddress,
                    crypto_kdf_derive_from_key(out, keyBytes, id, "wrf-node", master) == 0
                else { preconditionFailure("no key could be derived") }  // never a key of zeros
            }
        }
    }

    /// Lends a key of 32 bytes to a function of C.
    private static func withKey<R>(_ key: borrowing SecretBytes, _ body: (UnsafePointer<UInt8>) -> R) -> R {
        key.withBytes { raw in
            guard let key = raw.bindMemory(to: UInt8.self).baseAddress else { preconditionFailure("a key has bytes") }
            return body(key)
        }
    }

    /// The key under which a driver stores an entry.
    public func stored(_ key: [UInt8], in table: Table) -> [UInt8] {
        guard case .hidden(let first) = table.keys, !key.isEmpty else { return key }
        let input = Wire.list([Array(table.name.utf8), Array(key.prefix(first))])
        var hash = [UInt8](repeating: 0, count: Self.hiddenBytes)
        Self.withKey(hide) { secret in
            _ = crypto_generichash(&hash, Self.hiddenBytes, input, UInt64(input.count), secret, Self.keyBytes)
        }
        return hash + key.dropFirst(first)
    }

    /// - Parameter stored: the key under which it is stored.
    public func seal(_ value: [UInt8], key: [UInt8], in table: Table, at stored: [UInt8]) -> [UInt8] {
        let plain = table.keys == .open ? value : Wire.list([key, value])
        let bound = Self.place(table, stored)
        var out = [UInt8](repeating: 0, count: Self.nonceBytes + plain.count + Self.tagBytes)
        out.withUnsafeMutableBytes { raw in
            let out = raw.assumingMemoryBound(to: UInt8.self)
            guard let nonce = out.baseAddress else { preconditionFailure("a nonce has bytes") }
            randombytes_buf(nonce, Self.nonceBytes)
            Self.withKey(seal) { secret in
                _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                    nonce + Self.nonceBytes, nil, plain, UInt64(plain.count), bound, UInt64(bound.count), nil, nonce,
                    secret)
            }
        }
        return out
    }

    /// - Returns: key and value of the entry.
    /// - Throws: `open` for what was not sealed for this place under this key.
    public func open(
        _ sealed: [UInt8], in table: Table, at stored: [UInt8]
    ) throws(Refusal) -> (key: [UInt8], value: [UInt8]) {
        try Self.parts(sealed.withUnsafeBytes { plain($0, in: table, at: stored) }, table, stored)
    }

    /// The same where the bytes are, as a driver finds them.
    public func open(
        _ sealed: UnsafeRawBufferPointer, in table: Table, at stored: [UInt8]
    ) throws(Refusal) -> (key: [UInt8], value: [UInt8]) {
        try Self.parts(plain(sealed, in: table, at: stored), table, stored)
    }

    private static func parts(
        _ plain: [UInt8]?, _ table: Table, _ stored: [UInt8]
    ) throws(Refusal) -> (key: [UInt8], value: [UInt8]) {
        guard let plain else { throw Refusal(.open) }
        if table.keys == .open { return (stored, plain) }
        let fields = try Wire.fields(of: plain, 2)
        return (fields[0], fields[1])
    }

    /// What was sealed; nil where the seal does not hold.
    private func plain(_ sealed: UnsafeRawBufferPointer, in table: Table, at stored: [UInt8]) -> [UInt8]? {
        let bytes = sealed.count - Self.nonceBytes - Self.tagBytes
        guard bytes >= 0, let nonce = sealed.assumingMemoryBound(to: UInt8.self).baseAddress else { return nil }
        let bound = Self.place(table, stored)
        var opened = false
        let plain = [UInt8](unsafeUninitializedCapacity: bytes) { room, count in
            opened = Self.withKey(seal) { secret in
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    room.baseAddress, nil, nil, nonce + Self.nonceBytes, UInt64(sealed.count - Self.nonceBytes), bound,
                    UInt64(bound.count), nonce, secret) == 0
            }
            count = opened ? bytes : 0
        }
        return opened ? plain : nil
    }

    private static func place(_ table: Table, _ stored: [UInt8]) -> [UInt8] {
        Wire.list([Array(table.name.utf8), stored])
    }
}
