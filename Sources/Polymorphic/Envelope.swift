import Crypto
import Guards
import Ristretto255

/// What stands before the body of an Envelope:
/// `u32(len header) || header || pok_k 64 || kc 32 || sig 64` (PROTOCOL 7).
public struct EnvelopePrefix: Hashable, Sendable {
    /// Who wrote what when.
    public let header: RecordHeader
    /// `pok_k`, 64 bytes.
    public let knowledge: Knowledge
    /// `kc`, 32 bytes.
    public let commitment: Bytes32
    /// The author's signature over `pack("record", hh, pok_k, kc, SHA-256(body))`.
    public let signature: Bytes64

    /// The smallest body: one chunk of 256 bytes and its tag.
    static let bodyMin = 272

    /// The parts as a transcryptor gets them, without the body; nothing is verified.
    public init(_ header: RecordHeader, _ knowledge: Knowledge, _ commitment: Bytes32, _ signature: Bytes64) {
        (self.header, self.knowledge, self.commitment, self.signature) = (header, knowledge, commitment, signature)
    }

    /// The bytes of the wire.
    public var bytes: [UInt8] {
        Wire.lengthPrefixed(header.bytes) + knowledge.bytes.bytes + commitment.bytes + signature.bytes
    }

    /// Reads the prefix of an Envelope.
    /// - Parameters:
    ///   - bytes: at least the prefix; at most `4 + 1024 + 160` of them are looked at.
    ///   - total: the length of the whole Envelope.
    ///   - other: a header of the same Request, whose S pair need not be decoded again.
    /// - Throws: `envelope length`, then those of the header.
    public init(
        wire bytes: some Collection<UInt8>, total: Int, beside other: RecordHeader? = nil
    ) throws(Refusal) {
        let start = Array(bytes.prefix(4))
        guard let count = UInt32(bigEndianBytes: start), total - Self.bodyMin - 164 >= Int(count)
        else { throw Refusal(.envelopeLength) }
        try need(count <= RecordHeader.bytesMax, .headerLength)
        var reader = WireReader(bytes.prefix(164 + Int(count)))
        let headerBytes = try reader.lengthPrefixed(orRefuse: .envelopeLength)
        knowledge = try Knowledge(wire: try reader.take(64, orRefuse: .envelopeLength))
        commitment = try reader.fixed(orRefuse: .envelopeLength)
        signature = try reader.fixed(orRefuse: .envelopeLength)
        header = try RecordHeader(wire: headerBytes, beside: other)
    }

    /// What the author signs.
    static func signed(_ hash: Bytes32, _ knowledge: Knowledge, _ commitment: [UInt8], _ bodyHash: [UInt8]) -> [UInt8] {
        pack(.record, hash.bytes, knowledge.bytes.bytes, commitment, bodyHash)
    }

    /// The checks of a store and of every reader.
    /// - Parameters:
    ///   - bodyHash: SHA-256 of the body.
    ///   - keys: every key that the author ever had in the Directory (a deposit: the one that is valid now).
    /// - Throws: `signature`, `scalar`, `knowledge`.
    public func verify(bodyHash: [UInt8], authorKeys keys: [VerifyingKey]) throws(Refusal) {
        if enforced("guard:record.signature") {
            let message = Self.signed(header.hash, knowledge, commitment.bytes, bodyHash)
            let signed = keys.contains { (try? $0.verify(signature.bytes, over: message)) != nil }
            try need(signed, .signature)
        }
        // Without this proof an author launders a stolen key pair into a record of its own (PROTOCOL 12.5).
        if enforced("guard:record.knowledge") {
            try knowledge.verify(point: header.key.pair.b, bind: header.pairBind)
        }
    }
}

/// Writes one Envelope as a stream: the body first, chunk by chunk, then the prefix that stands before it, because the
/// author signs the hash of the body. Memory stays at two chunks.
public struct EnvelopeSealer: ~Copyable {
    /// What will stand before the body.
    public let header: RecordHeader
    private let knowledge: Knowledge
    private var body: BodySealer

    /// The length of the prefix, so that a file can leave room for it.
    public var prefixCount: Int { 4 + header.bytes.count + 160 }
    /// `hh`.
    public var hash: Bytes32 { header.hash }

    /// - Parameters:
    ///   - author: the author's own z.
    ///   - fresh: 64 random bytes each for K, r and the proof.
    /// - Throws: `header length`, `point`.
    public init(
        _ draft: RecordHeader.Draft, subject: SubjectPair, key: ClassKey<KEM>, author: borrowing SecretScalar,
        fresh: (Bytes64, Bytes64, Bytes64)
    ) throws(Refusal) {
        let point = Self.recordKey(author, fresh.0, draft.recordID)
        let encrypted = try key.encrypt(point, key: author, fresh: fresh.1)
        let header = RecordHeader(draft, subject: subject, key: EncryptedRecordKey(encrypted.pair))
        try need(header.bytes.count <= RecordHeader.bytesMax, .headerLength)
        self.header = header
        knowledge = Knowledge.prove(
            encrypted.r, point: encrypted.pair.b, bind: header.pairBind, fresh: fresh.2)
        body = BodySealer(SecretPoint(point).encode(), hash: header.hash)
    }

    /// `K = toPoint("kem", z, rand, record_id)`.
    static func recordKey(_ author: borrowing SecretScalar, _ fresh: Bytes64, _ id: Bytes16) -> Point {
        var input = FieldExpander(Label.Point.kem)
        input.add(author)
        input.add(fresh)
        input.add(id)
        return input.expander.point()
    }

    /// Takes data and hands sealed chunks to `sink`.
    public mutating func update(
        _ data: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws { try body.update(data, sink) }

    /// Seals what is left and signs.
    /// - Returns: the prefix, which stands before the body.
    public consuming func finish(
        signer: borrowing SigningKey, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> EnvelopePrefix {
        let hash = try body.finish(sink)
        let commitment: Bytes32 = try Wire.fixed(body.commitment)
        let signature = signer.sign(EnvelopePrefix.signed(header.hash, knowledge, commitment.bytes, hash))
        return EnvelopePrefix(header, knowledge, commitment, try Wire.fixed(signature))
    }

    /// Seals a record that fits in memory.
    /// - Returns: the whole Envelope.
    public consuming func seal(_ data: [UInt8], signer: borrowing SigningKey) throws(Refusal) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: prefixCount)
        let padded = Padding.padme(data.count + 1)
        out.reserveCapacity(out.count + padded + 16 * (padded / BodyKeys.chunkBytes + 1))
        do {
            try data.withUnsafeBytes { try update($0) { out.append(raw: $0) } }
            let prefix = try finish(signer: signer) { out.append(raw: $0) }.bytes
            out.replaceSubrange(..<prefix.count, with: prefix)
            return out
        } catch { throw (error as? Refusal) ?? Refusal(.envelopeLength) }
    }
}

/// A whole Envelope in memory.
public struct Envelope: Hashable, Sendable {
    /// What stands before the body.
    public let prefix: EnvelopePrefix
    /// The bytes of the wire.
    public let bytes: [UInt8]
    /// The chunks of the body.
    public var body: ArraySlice<UInt8> { bytes[(164 + prefix.header.bytes.count)...] }

    /// - Parameter other: a header of the same Request, whose S pair need not be decoded again.
    /// - Throws: `envelope length`, then those of the header.
    public init(wire bytes: [UInt8], beside other: RecordHeader? = nil) throws(Refusal) {
        prefix = try EnvelopePrefix(wire: bytes, total: bytes.count, beside: other)
        self.bytes = bytes
    }

    /// SHA-256 of the body.
    public var bodyHash: [UInt8] {
        var hasher = SHA256()
        body.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return Array(hasher.finalize())
    }

    /// The checks of a store and of every reader.
    /// - Throws: `signature`, `scalar`, `knowledge`.
    public func verify(authorKeys keys: [VerifyingKey]) throws(Refusal) {
        try prefix.verify(bodyHash: bodyHash, authorKeys: keys)
    }

    /// Verifies and opens.
    /// - Throws: `signature`, `scalar`, `knowledge`, `open`, `padding`. Outsiders are told `open` for all of these.
    public func open(with key: RecordKey, authorKeys keys: [VerifyingKey]) throws(Refusal) -> [UInt8] {
        try verify(authorKeys: keys)
        return try Self.open(
            body, key.encoding, hash: prefix.header.hash, commitment: prefix.commitment.bytes)
    }

    static func open(
        _ body: ArraySlice<UInt8>, _ key: borrowing SecretBytes, hash: Bytes32, commitment: [UInt8]
    ) throws(Refusal) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(body.count)
        do {
            var opener = try BodyOpener(key, hash: hash, commitment: commitment)
            let chunk = BodyKeys.chunkBytes + BodyKeys.tagBytes
            try need(!body.isEmpty, .open)
            for start in stride(from: body.startIndex, to: body.endIndex, by: chunk) {
                let end = min(start + chunk, body.endIndex)
                try opener.update(body[start..<end], last: end == body.endIndex) { out.append(raw: $0) }
            }
            try opener.finish()
        } catch { throw (error as? Refusal) ?? Refusal(.open) }
        return out
    }
}

/// Opens an Envelope as a stream. Read the body twice: once through `hash`, then, after `begin`, through `update`.
/// What is
/// handed out counts only when `finish` has returned.
public struct EnvelopeOpener: ~Copyable {
    /// What stands before the body.
    public let prefix: EnvelopePrefix
    private var opener: BodyOpener
    private var rest: [UInt8] = []

    /// - Parameters:
    ///   - bodyHash: SHA-256 of the body, from a first reading.
    /// - Throws: `signature`, `scalar`, `knowledge`, `open`.
    public init(
        _ prefix: EnvelopePrefix, bodyHash: [UInt8], key: RecordKey, authorKeys keys: [VerifyingKey]
    ) throws(Refusal) {
        try prefix.verify(bodyHash: bodyHash, authorKeys: keys)
        let opener = try BodyOpener(
            key.encoding, hash: prefix.header.hash, commitment: prefix.commitment.bytes)
        self.prefix = prefix
        self.opener = opener
    }

    /// Takes bytes of the body, in pieces of any size.
    public mutating func update(
        _ bytes: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let chunk = BodyKeys.chunkBytes + BodyKeys.tagBytes
        var bytes = bytes[...]
        while !bytes.isEmpty {
            if rest.count == chunk {
                try opener.update(rest[...], last: false, sink)
                rest.removeAll(keepingCapacity: true)
            }
            let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(chunk - rest.count))
            rest.append(raw: part)
            bytes = bytes.dropFirst(part.count)
        }
    }

    /// Opens the last chunk and checks the padding.
    /// - Throws: `open`, `padding`.
    public mutating func finish(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        try opener.update(rest[...], last: true, sink)
        try opener.finish()
    }
}
