import CSodium
import Crypto
import Ristretto255

/// `pack(label, f1..fn) = lp(label') || lp(f1) || .. || lp(fn)` (PROTOCOL 2.2).
func packed(_ label: some LabelBytes, _ fields: [[UInt8]]) -> [UInt8] { Wire.list([label.bytes] + fields) }

/// A structure that somebody signs: its label and its fields.
public func pack(_ label: Label.Signed, _ fields: [UInt8]...) -> [UInt8] { packed(label, fields) }
/// A structure that somebody signs, with its fields in an array.
public func pack(_ label: Label.Signed, fields: [[UInt8]]) -> [UInt8] { packed(label, fields) }
/// What a sealed box is for.
public func pack(_ label: Label.Info, _ fields: [UInt8]...) -> [UInt8] { packed(label, fields) }
/// Associated data of an AEAD.
public func pack(_ label: Label.AAD, _ fields: [UInt8]...) -> [UInt8] { packed(label, fields) }
/// A structure that nobody signs.
public func pack(_ label: Label.Packed, _ fields: [UInt8]...) -> [UInt8] { packed(label, fields) }

/// The fields of a structure with this label and exactly `count` fields.
/// - Throws: `length` for a cut or missing field, `label` for another label, `trailing` for a whole field too many.
public func unpack(_ label: Label.Signed, _ bytes: some Collection<UInt8>, _ count: Int) throws(Refusal) -> [[UInt8]] {
    try unpacked(label, bytes, count)
}
/// The fields of a structure that nobody signs.
public func unpack(_ label: Label.Packed, _ bytes: some Collection<UInt8>, _ count: Int) throws(Refusal) -> [[UInt8]] {
    try unpacked(label, bytes, count)
}

func unpacked(_ label: some LabelBytes, _ bytes: some Collection<UInt8>, _ count: Int) throws(Refusal) -> [[UInt8]] {
    let all = try Wire.elements(of: bytes)
    try need(all.first == label.bytes, .label)
    try need(all.count > count, .length)
    try need(all.count == count + 1, .trailing)
    return Array(all.dropFirst())
}

/// `digest(label, f1..fn) = SHA-512(pack(..))`.
public func digest(_ label: Label.Digest, _ fields: [UInt8]...) -> Bytes64 { digest(label, fields: fields) }

func digest(_ label: Label.Digest, fields: [[UInt8]]) -> Bytes64 { sha512(packed(label, fields)) }

/// `digest` with its fields fed in one by one where they lie: a secret one is not copied. The library wipes its state.
struct FieldDigest {
    private var hasher = SHA512()

    init(_ label: Label.Digest) { add(label.bytes) }

    mutating func add(_ field: some Collection<UInt8>) {
        hasher.update(data: UInt32(field.count).bigEndianBytes)
        if field.withContiguousStorageIfAvailable({ hasher.update(bufferPointer: .init($0)) }) == nil {
            hasher.update(data: Array(field))
        }
    }
    mutating func add(_ secret: borrowing SecretBytes) { secret.withBytes { add($0) } }

    func finish() -> Bytes64 { hasher.finalize().withUnsafeBytes { raw in Bytes64 { $0.copyMemory(from: raw) } } }
}

/// The fields of a `digest` that is itself a secret.
struct SecretFields {
    fileprivate let state: UnsafeMutablePointer<crypto_hash_sha512_state>

    func add(_ field: [UInt8]) { field.withUnsafeBytes { add($0) } }
    func add(_ secret: borrowing SecretBytes) { secret.withBytes { add($0) } }

    private func add(_ raw: UnsafeRawBufferPointer) {
        crypto_hash_sha512_update(state, UInt32(raw.count).bigEndianBytes, 4)
        crypto_hash_sha512_update(state, raw.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(raw.count))
    }
}

/// The first `count` bytes of a `digest` of secret fields, which is a secret too: state and result stay in locked
/// memory.
/// - Parameter feed: adds the fields in their order.
func secretDigest(_ label: Label.Digest, count: Int, _ feed: (SecretFields) -> Void) -> SecretBytes {
    SecretBytes(count: count) { out in
        let room = SecretBytes(count: 64 + MemoryLayout<crypto_hash_sha512_state>.size) { room in
            let base = room.baseAddress.unsafelyUnwrapped  // a piece of locked memory is never empty
            let state = (base + 64).bindMemory(to: crypto_hash_sha512_state.self, capacity: 1)
            crypto_hash_sha512_init(state)
            let fields = SecretFields(state: state)
            fields.add(label.bytes)
            feed(fields)
            crypto_hash_sha512_final(state, base.assumingMemoryBound(to: UInt8.self))
        }
        room.withBytes { out.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}

/// SHA-512.
public func sha512(_ bytes: some Collection<UInt8>) -> Bytes64 {
    var hasher = SHA512()
    if bytes.withContiguousStorageIfAvailable({ hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
        hasher.update(data: Array(bytes))
    }
    return hasher.finalize().withUnsafeBytes { raw in Bytes64 { $0.copyMemory(from: raw) } }
}

/// `mac(key, label, f1..fn) = HMAC-SHA512(key, pack(..))`.
public func mac(_ key: borrowing SecretBytes, _ label: Label.MAC, _ fields: [UInt8]...) -> Bytes64 {
    mac(key, packed(label, fields))
}

func mac(_ key: borrowing SecretBytes, _ message: [UInt8]) -> Bytes64 {
    Bytes64 { hmacSHA512(key, message, into: $0) }
}

/// HMAC-SHA512 (RFC 2104) into 64 bytes. The state, from which the key could be told, is wiped.
private func hmacSHA512(_ key: borrowing SecretBytes, _ message: [UInt8], into out: UnsafeMutableRawBufferPointer) {
    withUnsafeTemporaryAllocation(of: crypto_auth_hmacsha512_state.self, capacity: 1) { room in
        let state = room.baseAddress.unsafelyUnwrapped  // neither this room nor a key nor `out` is ever empty
        key.withBytes { raw in
            _ = crypto_auth_hmacsha512_init(
                state, raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), raw.count)
        }
        crypto_auth_hmacsha512_update(state, message, UInt64(message.count))
        crypto_auth_hmacsha512_final(
            state, out.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self))
        sodium_memzero(state, MemoryLayout<crypto_auth_hmacsha512_state>.size)
    }
}

/// `mac` into locked memory, where the result is a key: its first `count` bytes.
func secretMAC(_ key: borrowing SecretBytes, _ label: Label.MAC, count: Int, _ fields: [UInt8]...) -> SecretBytes {
    let message = packed(label, fields)
    return SecretBytes(count: count) { out in
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { code in
            hmacSHA512(key, message, into: code)
            out.copyMemory(from: UnsafeRawBufferPointer(rebasing: code[..<count]))
            sodium_memzero(code.baseAddress.unsafelyUnwrapped, code.count)
        }
    }
}

/// Hashing to scalars and points, with secret fields fed in without a copy.
struct FieldExpander {
    private(set) var expander: MessageExpander

    init(_ label: some LabelBytes) { expander = MessageExpander(domain: label.bytes) }

    mutating func add(_ field: some Collection<UInt8>) {
        expander.update(UInt32(field.count).bigEndianBytes)
        expander.update(field)
    }
    mutating func add(_ field: some FixedBytes) {
        expander.update(UInt32(type(of: field).byteCount).bigEndianBytes)
        field.withBytes { expander.update($0) }
    }
    mutating func add(_ secret: borrowing SecretScalar) {
        expander.update([0, 0, 0, 32])
        secret.withEncoding { expander.update($0) }
    }
}

/// `toScalar(label, f1..fn)` over public fields.
func toScalar(_ label: Label.Scalar, _ fields: [UInt8]...) -> Scalar {
    var input = FieldExpander(label)
    for field in fields { input.add(field) }
    return input.expander.scalar()
}

/// HKDF-SHA512 (RFC 5869) from secret key material into locked memory.
func hkdf(_ salt: Label.Salt, ikm: UnsafeRawBufferPointer, info: [UInt8], count: Int) -> SecretBytes {
    let key = HKDF<SHA512>.deriveKey(
        inputKeyMaterial: SymmetricKey(data: ikm), salt: salt.bytes, info: info, outputByteCount: count)
    return SecretBytes(count: count) { out in key.withUnsafeBytes { out.copyMemory(from: $0) } }
}
