import Crypto
import Foundation
import Guards
import Ristretto255

/// The content keys of one record: `dek 32 || pre 7 || kc 32 = hkdf("warifu/v1/envelope", K, lp(hh), 71)`.
struct BodyKeys: ~Copyable {
    let dek: SymmetricKey
    private let prefix: [UInt8]
    /// Commits the body to one key; stands in the Envelope.
    let commitment: [UInt8]
    private let hash: [UInt8]

    /// Bytes of a chunk of padded data, and of its tag.
    static let chunkBytes = 65_536
    static let tagBytes = 16

    init(_ key: borrowing SecretBytes, hash: Bytes32) {
        let keys = key.withBytes { hkdf(.envelope, ikm: $0, info: Wire.lengthPrefixed(hash.bytes), count: 71) }
        dek = keys.withBytes { SymmetricKey(data: $0[..<32]) }
        prefix = keys.withBytes { [UInt8]($0[32..<39]) }
        commitment = keys.withBytes { [UInt8]($0[39...]) }
        self.hash = hash.bytes
    }

    private func nonce(_ index: UInt32, last: Bool) throws -> AES.GCM.Nonce {
        try AES.GCM.Nonce(data: prefix + index.bigEndianBytes + [last ? 1 : 0])
    }

    /// Chunk i: `AES-256-GCM(dek, pre || u32(i) || u8(last), chunk, aad hh)`.
    func seal(_ chunk: UnsafeRawBufferPointer, _ index: UInt32, last: Bool) throws(Refusal) -> AES.GCM.SealedBox {
        do {
            return try AES.GCM.seal(chunk, using: dek, nonce: nonce(index, last: last), authenticating: hash)
        } catch { throw Refusal(.open) }
    }

    func open(_ chunk: ArraySlice<UInt8>, _ index: UInt32, last: Bool) throws(Refusal) -> Data {
        do {
            var combined = Data(capacity: 12 + chunk.count)  // nonce, ciphertext and tag in one copy
            combined.append(contentsOf: prefix + index.bigEndianBytes + [last ? 1 : 0])
            chunk.withUnsafeBufferPointer { combined.append($0) }
            return try AES.GCM.open(try AES.GCM.SealedBox(combined: combined), using: dek, authenticating: hash)
        } catch { throw Refusal(.open) }
    }
}

/// Padding that hides the length of a record up to an eighth: `pad(d) = d || 0x80 || 00..` to `padme(len d + 1)`.
public enum Padding {
    /// What stands between the data and the zeros.
    static let marker: [UInt8] = [0x80]

    /// The padded length for n bytes: n = max(n, 256), e = floor(log2 n), then the low bits below e's own length go up.
    static func padme(_ n: Int) -> Int {
        let n = max(n, 256)
        let e = Int.bitWidth - 1 - n.leadingZeroBitCount
        let bits = e - (Int.bitWidth - e.leadingZeroBitCount)
        let mask = (1 << bits) - 1
        return (n + mask) & ~mask
    }

    /// `pad(data)`, for what is small.
    public static func pad(_ data: [UInt8]) -> [UInt8] {
        let length = padme(data.count + 1)
        return data + marker + [UInt8](repeating: 0, count: length - data.count - 1)
    }

    /// - Throws: `padding`.
    public static func unpad(_ data: [UInt8]) throws(Refusal) -> [UInt8] {
        let end = data.lastIndex { $0 != 0 }
        guard let end, data[end] == marker[0], data.count == padme(end + 1) else { throw Refusal(.padding) }
        return Array(data[..<end])
    }
}

extension [UInt8] {
    /// Appends memory in one copy.
    mutating func append(raw: UnsafeRawBufferPointer) {
        raw.withMemoryRebound(to: UInt8.self) { append(contentsOf: $0) }
    }
}

/// Seals a body chunk by chunk: memory stays at a few chunks, whatever the length.
struct BodySealer: ~Copyable {
    private let keys: BodyKeys
    private var buffer: [UInt8] = []
    private var dataBytes = 0
    private var index: UInt32 = 0
    private var hasher = SHA256()

    var commitment: [UInt8] { keys.commitment }

    init(_ key: borrowing SecretBytes, hash: Bytes32) {
        keys = BodyKeys(key, hash: hash)
    }

    /// Takes data; hands sealed chunks to `sink` once it is sure that more follows.
    mutating func update(
        _ data: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        dataBytes += data.count
        try push(data, sink)
    }

    private mutating func push(
        _ data: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var position = 0
        while position < data.count {
            if buffer.count == BodyKeys.chunkBytes { try flush(last: false, sink) }
            let room = BodyKeys.chunkBytes - buffer.count
            let part = UnsafeRawBufferPointer(rebasing: data[position..<min(position + room, data.count)])
            position += part.count
            if buffer.isEmpty, part.count == BodyKeys.chunkBytes, position < data.count {
                try seal(part, last: false, sink)  // a whole chunk, and more follows: no copy
            } else {
                buffer.append(raw: part)
            }
        }
    }

    private mutating func flush(last: Bool, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        var chunk: [UInt8] = []
        swap(&chunk, &buffer)
        try chunk.withUnsafeBytes { try seal($0, last: last, sink) }
        chunk.removeAll(keepingCapacity: true)
        swap(&chunk, &buffer)
    }

    private mutating func seal(
        _ chunk: UnsafeRawBufferPointer, last: Bool, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try need(index < .max, .envelopeLength)
        let sealed = try keys.seal(chunk, index, last: last)
        for part in [sealed.ciphertext, sealed.tag] {
            try part.withUnsafeBytes { raw in
                hasher.update(bufferPointer: raw)
                try sink(raw)
            }
        }
        index += 1
    }

    /// Pads, seals the last chunk and gives SHA-256 of the whole body.
    mutating func finish(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> [UInt8] {
        var zeroes = Padding.padme(dataBytes + 1) - dataBytes - 1
        try Padding.marker.withUnsafeBytes { try push($0, sink) }
        let block = [UInt8](repeating: 0, count: min(zeroes, BodyKeys.chunkBytes))
        while zeroes > 0 {
            let part = min(zeroes, block.count)
            try block.withUnsafeBytes { try push(UnsafeRawBufferPointer(rebasing: $0[..<part]), sink) }
            zeroes -= part
        }
        try flush(last: true, sink)
        return Array(hasher.finalize())
    }
}

/// Opens a body chunk by chunk. What it has handed out counts only once `finish` has returned.
struct BodyOpener: ~Copyable {
    private let keys: BodyKeys
    private var index: UInt32 = 0
    /// Zeros and the 0x80 before them are held back: they may be padding.
    private var marker = false
    private var zeroes = 0
    private var dataBytes = 0
    private var paddedBytes = 0

    /// - Parameter commitment: `kc` of the Envelope, compared in constant time.
    /// - Throws: `open`.
    init(_ key: borrowing SecretBytes, hash: Bytes32, commitment: [UInt8]) throws(Refusal) {
        keys = BodyKeys(key, hash: hash)
        let holds = constantTimeEquals(commitment, keys.commitment)
        try need(holds || !enforced("guard:envelope.commitment"), .open)
    }

    /// Opens the next chunk with its tag.
    /// - Throws: `open`.
    mutating func update(
        _ chunk: ArraySlice<UInt8>, last: Bool, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try need(chunk.count > BodyKeys.tagBytes && index < .max, .open)
        let plain = try keys.open(chunk, index, last: last)
        index += 1
        paddedBytes += plain.count
        try plain.withUnsafeBytes { try release($0, sink) }
    }

    private mutating func release(
        _ plain: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let end = plain.lastIndex(where: { $0 != 0 }) else {
            zeroes += plain.count
            return
        }
        try releaseHeld(sink)
        let isMarker = plain[end] == Padding.marker[0]
        let data = UnsafeRawBufferPointer(rebasing: plain[..<(isMarker ? end : end + 1)])
        dataBytes += data.count
        if !data.isEmpty { try sink(data) }
        (marker, zeroes) = (isMarker, plain.count - end - 1)
    }

    private mutating func releaseHeld(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        if marker {
            try Padding.marker.withUnsafeBytes { try sink($0) }
            dataBytes += 1
        }
        dataBytes += zeroes
        let block = [UInt8](repeating: 0, count: min(zeroes, BodyKeys.chunkBytes))
        while zeroes > 0 {
            let part = min(zeroes, block.count)
            try block.withUnsafeBytes { try sink(UnsafeRawBufferPointer(rebasing: $0[..<part])) }
            zeroes -= part
        }
        marker = false
    }

    /// - Throws: `padding` unless the data ends in 0x80 and zeros up to exactly its padded length.
    func finish() throws(Refusal) {
        let holds = marker && paddedBytes == Padding.padme(dataBytes + 1)
        try need(holds || !enforced("guard:envelope.padding"), .padding)
    }
}
