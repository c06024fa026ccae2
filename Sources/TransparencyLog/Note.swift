import Guards

/// One signature line of a note.
public struct NoteSignature: Hashable, Sendable {
    public let key: NoteKeyID
    /// What stands behind the key id: 64 bytes for Ed25519, 72 for a cosignature, anything for unknown keys.
    public let bytes: [UInt8]

    public init(key: NoteKeyID, bytes: [UInt8]) { (self.key, self.bytes) = (key, bytes) }

    /// `— name base64(key id || signature)` and a newline.
    public var line: String { "\u{2014} \(key.name) \(Base64.encode(key.id.bigEndianBytes + bytes))\n" }

    /// Reads one line, without its newline.
    /// - Throws: `LogFault` `malformed`.
    public init(parsing line: String) throws(LogFault) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "\u{2014}", NoteVerifierKey.isName(String(parts[1])) else {
            throw LogFault(.malformed, "signature line")
        }
        guard let data = Base64.decode(parts[2]), data.count > 4 else { throw LogFault(.malformed, "signature bytes") }
        key = NoteKeyID(name: String(parts[1]), id: data.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        bytes = Array(data.dropFirst(4))
    }
}

/// A text with signature lines, not yet verified. (C2SP signed-note v1.0.0)
///
/// Lines by unknown keys, ML-DSA-44 among them, are kept and written back as they came.
public struct Note: Hashable, Sendable {
    /// Bytes of the longest note that is read.
    public static let byteMax = 1 << 20
    /// Signature lines of the longest note; the specification asks for at least 16.
    public static let signaturesMax = 128

    /// Ends with a newline.
    public let text: String
    public var signatures: [NoteSignature]

    /// - Precondition: `text` ends with a newline; it is ours.
    public init(text: String, signatures: [NoteSignature]) {
        precondition(text.utf8.last == 0x0a)
        (self.text, self.signatures) = (text, signatures)
    }

    /// Splits a note at its last empty line.
    /// - Throws: `LogFault` `limit` or `malformed`.
    public init(parsing bytes: [UInt8]) throws(LogFault) {
        let note = Array(try plainText(bytes, atMost: Self.byteMax).utf8)
        guard note.last == 0x0a else { throw LogFault(.malformed, "note does not end with a newline") }
        var split: Int?
        for at in stride(from: note.count - 2, through: 1, by: -1) where note[at] == 0x0a && note[at - 1] == 0x0a {
            split = at
            break
        }
        guard let split else { throw LogFault(.malformed, "note has no signatures") }
        let rest = note[(split + 1)..<(note.count - 1)].split(separator: 0x0a, omittingEmptySubsequences: false)
        guard rest.count <= Self.signaturesMax else { throw LogFault(.limit, "too many signatures") }
        var signatures = [NoteSignature]()
        for line in rest { signatures.append(try NoteSignature(parsing: String(decoding: line, as: UTF8.self))) }
        text = String(decoding: note[..<split], as: UTF8.self)
        self.signatures = signatures
    }

    /// The note as it travels.
    public var encoded: String { text + "\n" + signatures.map(\.line).joined() }
    public var bytes: [UInt8] { Array(encoded.utf8) }

    /// Verifies every line by a known key.
    ///
    /// - Returns: the known keys that signed, each with its time (cosignatures) or 0; never empty.
    /// - Throws: `LogFault` `signature` if a known key's line does not verify, `unsigned` if no known key signed.
    public func verify(_ known: [NoteVerifierKey]) throws(LogFault) -> [NoteVerifierKey: UInt64] {
        let body = Array(text.utf8)
        var signed = [NoteVerifierKey: UInt64]()
        for key in known where key.algorithm != .mlDSA44 {
            for signature in signatures where signature.key == key.id {
                guard let time = key.verify(signature.bytes, over: body) else {
                    if enforced("guard:note.signature") {
                        throw LogFault(.signature, "a known key's signature is wrong")
                    }
                    signed[key] = 0
                    continue
                }
                signed[key] = max(signed[key] ?? 0, time)
            }
        }
        if enforced("guard:note.unsigned") {
            guard !signed.isEmpty else { throw LogFault(.unsigned, "no signature by a known key") }
        }
        return signed
    }
}
