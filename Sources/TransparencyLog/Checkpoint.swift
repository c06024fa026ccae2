import Guards

/// A tree head as text: origin, size, root, and extension lines that we carry but do not read. (C2SP tlog-checkpoint)
public struct Checkpoint: Hashable, Sendable {
    public let origin: String
    /// Leaves, below 2^63.
    public let size: UInt64
    public let root: TreeHash
    /// Further lines without their newlines, opaque.
    public let extensions: [String]

    /// - Precondition: our own origin: not empty, one line.
    public init(origin: String, size: UInt64, root: TreeHash) {
        precondition(!origin.isEmpty && !origin.utf8.contains(0x0a) && size <= UInt64(Int64.max))
        (self.origin, self.size, self.root, self.extensions) = (origin, size, root, [])
    }

    /// Reads the text of a note.
    /// - Throws: `LogFault` `malformed`.
    public init(parsing text: String) throws(LogFault) {
        let parts = lines(text)
        guard parts.count >= 4, parts.last == "" else {
            throw LogFault(.malformed, "checkpoint has fewer than 3 lines")
        }
        guard !parts[0].isEmpty else { throw LogFault(.malformed, "checkpoint origin") }
        guard let size = Decimal64.parse(parts[1]) else { throw LogFault(.malformed, "checkpoint size") }
        guard let bytes = Base64.decode(parts[2]), let root = TreeHash(bytes) else {
            throw LogFault(.malformed, "checkpoint root")
        }
        let extensions = Array(parts[3..<(parts.count - 1)])
        guard extensions.allSatisfy({ !$0.isEmpty }) else { throw LogFault(.malformed, "empty extension line") }
        (origin, self.size, self.root, self.extensions) = (parts[0], size, root, extensions)
    }

    /// The signed text, with its final newline.
    public var text: String {
        "\(origin)\n\(size)\n\(root.base64)\n" + extensions.map { $0 + "\n" }.joined()
    }
}

/// A checkpoint and the note it came in; verified against a log key, perhaps also against witnesses.
public struct SignedCheckpoint: Hashable, Sendable {
    public let checkpoint: Checkpoint
    public let note: Note

    /// Signs a checkpoint with the log's key.
    public init(_ checkpoint: Checkpoint, by signer: NoteSigner) throws {
        self.checkpoint = checkpoint
        note = Note(text: checkpoint.text, signatures: [try signer.sign(checkpoint.text)])
    }

    /// Reads and verifies what came from outside.
    ///
    /// - Parameters:
    ///   - log: the log's key; its signature must be there. `origin` must be the name of the log.
    ///   - witnesses: further known keys. A wrong signature by one of them refuses the whole note.
    /// - Throws: `LogFault`.
    public init(
        parsing bytes: [UInt8], origin: String, log: NoteVerifierKey, witnesses: [NoteVerifierKey] = []
    ) throws(LogFault) {
        let note = try Note(parsing: bytes)
        let checkpoint = try Checkpoint(parsing: note.text)
        if enforced("guard:note.origin") {
            guard checkpoint.origin == origin else { throw LogFault(.origin, "checkpoint of another log") }
        }
        let signed = try note.verify([log] + witnesses)
        if enforced("guard:note.log-signature") {
            guard signed[log] != nil else { throw LogFault(.unsigned, "checkpoint lacks the signature of its log") }
        }
        (self.checkpoint, self.note) = (checkpoint, note)
    }

    private init(_ checkpoint: Checkpoint, _ note: Note) { (self.checkpoint, self.note) = (checkpoint, note) }

    public var size: UInt64 { checkpoint.size }
    public var root: TreeHash { checkpoint.root }

    /// The same checkpoint with more signature lines; a line by the same key replaces the older one.
    public func adding(_ more: [NoteSignature]) -> SignedCheckpoint {
        var note = note
        for signature in more {
            note.signatures.removeAll { $0.key == signature.key }
            note.signatures.append(signature)
        }
        return SignedCheckpoint(checkpoint, note)
    }
}
