import Ristretto255

/// The header of an Envelope `WRF1` (PROTOCOL 7): who wrote what kind of record when, about whom (encrypted), and its
/// encrypted key. At most 1024 bytes.
public struct RecordHeader: Hashable, Sendable {
    static let magic: [UInt8] = Array("WRF1".utf8) + [1]
    /// So many bytes at most.
    public static let bytesMax = 1_024

    /// Drawn by the author, 16 bytes.
    public let recordID: Bytes16
    /// Under which pair of class keys it is encrypted, from 1.
    public let yGeneration: UInt32
    /// Who wrote and signed it.
    public let author: PartyID
    /// What kind of record it is.
    public let category: Name
    /// When it was deposited, Unix time / 60.
    public let minute: UInt64
    /// The time the data is about, Unix time / 60.
    public let dataMinute: UInt64
    /// `hh` of the record that this one replaces, or zeros.
    public let previous: Bytes32
    /// `(S_B, S_C)`: whose record it is. Never an input of a chain.
    public let subject: SubjectPair
    /// `(K_B, K_C)`.
    public let key: EncryptedRecordKey
    /// The bytes of the wire.
    public let bytes: [UInt8]
    /// `hh = digest("header", header)[0:32]`, by which a record is named.
    public let hash: Bytes32

    /// What an author decides about a record.
    public struct Draft: Sendable {
        /// New for every record, 16 bytes.
        public var recordID: Bytes16
        /// The current pair of class keys, from 1.
        public var yGeneration: UInt32
        /// Who writes and signs it.
        public var author: PartyID
        /// What kind of record it is.
        public var category: Name
        /// When it is deposited, Unix time / 60.
        public var minute: UInt64
        /// The time the data is about, Unix time / 60.
        public var dataMinute: UInt64
        /// `hh` of the record that it replaces, or zeros.
        public var previous: Bytes32

        /// - Parameter previous: zeros where it replaces nothing.
        public init(
            recordID: Bytes16, yGeneration: UInt32, author: PartyID, category: Name, minute: UInt64,
            dataMinute: UInt64, previous: Bytes32 = .zero
        ) {
            (self.recordID, self.yGeneration, self.author, self.category) = (recordID, yGeneration, author, category)
            (self.minute, self.dataMinute, self.previous) = (minute, dataMinute, previous)
        }
    }

    init(_ draft: Draft, subject: SubjectPair, key: EncryptedRecordKey) {
        (recordID, yGeneration, author, category) = (draft.recordID, draft.yGeneration, draft.author, draft.category)
        (minute, dataMinute, previous) = (draft.minute, draft.dataMinute, draft.previous)
        (self.subject, self.key) = (subject, key)
        var out = Self.magic + draft.recordID.bytes + draft.yGeneration.bigEndianBytes
        out += Wire.lengthPrefixed(draft.author.bytes) + Wire.lengthPrefixed(draft.category.bytes)
        out += draft.minute.bigEndianBytes + draft.dataMinute.bigEndianBytes + draft.previous.bytes
        bytes = out + subject.pair.bytes + key.bytes
        hash = Self.hash(of: bytes)
    }

    /// Parses a header.
    /// - Parameter other: a header that was parsed before: the same one, or one of the same Request, whose records of
    ///   one person share their S pair. Points whose bytes are the same are not decoded again.
    /// - Throws: `header length`, `magic`, `text`, `length`, `point`, `trailing`.
    public init(wire bytes: some Collection<UInt8>, beside other: RecordHeader? = nil) throws(Refusal) {
        try need(bytes.count <= Self.bytesMax, .headerLength)
        let bytes = Array(bytes)
        if let other, bytes == other.bytes {
            self = other
            return
        }
        var reader = WireReader(bytes)
        try need(try reader.take(5, orRefuse: .headerLength).elementsEqual(Self.magic), .magic)
        recordID = try reader.fixed(orRefuse: .headerLength)
        yGeneration = try reader.integer(UInt32.self, orRefuse: .headerLength)
        author = try PartyID(try reader.lengthPrefixed(orRefuse: .headerLength))
        category = try Name(try reader.lengthPrefixed(orRefuse: .headerLength))
        minute = try Wire.u64(try reader.take(8, orRefuse: .headerLength))
        dataMinute = try Wire.u64(try reader.take(8, orRefuse: .headerLength))
        previous = try reader.fixed(orRefuse: .headerLength)
        let subjectBytes = Array(try reader.take(64, orRefuse: .headerLength))
        if let known = other?.subject, subjectBytes == known.bytes {
            subject = known
        } else {
            subject = SubjectPair(try Pair(wire: subjectBytes))
        }
        key = EncryptedRecordKey(try Pair(wire: Array(try reader.take(64, orRefuse: .headerLength))))
        try need(reader.isAtEnd, .trailing)
        self.bytes = bytes
        hash = Self.hash(of: self.bytes)
    }

    /// `hh` of header bytes.
    static func hash(of bytes: [UInt8]) -> Bytes32 { digest(.header, bytes).first }

    /// What the proof of knowledge of the key's randomness is bound to.
    var pairBind: Bytes64 { digest(.pair, hash.bytes, key.pair.c.encoding.bytes) }
}

/// The S pair of a header: the author's pseudonym of the person under fresh randomness, the same in all records of one
/// person in one Request. It is a type of its own because it must never enter a chain (PROTOCOL 12.5).
public struct SubjectPair: Hashable, Sendable {
    let pair: Pair
    init(_ pair: Pair) { self.pair = pair }

    /// `S_B || S_C`, 64 bytes.
    public var bytes: [UInt8] { pair.bytes }

    /// The context of the proof that ties the pair to an item of the Request.
    static func tieContext(
        requestDigest: Bytes64, item: UInt16, _ ciphertext: EncryptedPseudonym, _ subject: SubjectPair
    ) -> [UInt8] {
        equalityContext(
            digest(.tie, requestDigest.bytes, item.bigEndianBytes, ciphertext.bytes, subject.bytes))
    }

    /// Checks that the pair encrypts the person of an item.
    /// - Throws: `point`, `scalar`, `equality`.
    public func verify(
        tie: SamePerson, to ciphertext: EncryptedPseudonym, item: UInt16, requestDigest: Bytes64, key: ClassKey<PSN>
    ) throws(Refusal) {
        let context = Self.tieContext(requestDigest: requestDigest, item: item, ciphertext, self)
        try tie.verify(from: ciphertext.pair, to: pair, under: key.element, context: context)
    }
}

/// The S pair of one person for one Request, with d, by which its author ties it to the item.
public struct DepositSubject: ~Copyable, Sendable {
    /// `(S_B, S_C)`, 64 bytes in every header.
    public let subject: SubjectPair
    private let ciphertext: EncryptedPseudonym
    private let blinding: SecretScalar

    /// - Parameters:
    ///   - author: the author's own z.
    ///   - exchange: the exchange id.
    public init(
        of ciphertext: EncryptedPseudonym, exchange: Bytes16, key: ClassKey<PSN>, author: borrowing SecretScalar,
        fresh: Bytes64
    ) throws(Refusal) {
        let blinded = try ciphertext.blinded(under: key, key: author, fresh: fresh, use: exchange.bytes)
        subject = SubjectPair(blinded.ciphertext.pair)
        self.ciphertext = ciphertext
        blinding = blinded.blinding.explicitCopy()
    }

    /// d itself, for the author's store: with d and the pair lost Tickets are issued again (PROTOCOL 7).
    public borrowing func blindingCopy() -> SecretScalar { blinding.explicitCopy() }

    /// The proof for the Request, once its digest is known.
    public borrowing func tie(
        requestDigest: Bytes64, item: UInt16, key: ClassKey<PSN>, fresh: Bytes64
    ) throws(Refusal) -> SamePerson {
        let context = SubjectPair.tieContext(requestDigest: requestDigest, item: item, ciphertext, subject)
        return try SamePerson.prove(blinding: blinding, under: key, context: context, fresh: fresh)
    }
}
