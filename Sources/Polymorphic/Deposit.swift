import Guards
import Ristretto255

/// The checks that every participant and the store make of the records that one deposit adds for one person
/// (PROTOCOL 7, *Deposit*). A later fetch repeats none of them: the Ticket says that they were made.
public struct DepositRules: Sendable {
    /// Whose Request it is; it must be the author.
    public let requester: PartyID
    /// The key of the author's entry that is valid now.
    public let authorKey: VerifyingKey
    /// Unix time / 60.
    public let nowMinute: UInt64
    /// The current pair of class keys, from 1.
    public let yGeneration: UInt32
    /// `rd`, 64 bytes.
    public let requestDigest: Bytes64
    /// `Y_psn`.
    public let key: ClassKey<PSN>

    /// What one participant or store knows when a deposit arrives.
    public init(
        requester: PartyID, authorKey: VerifyingKey, nowMinute: UInt64, yGeneration: UInt32, requestDigest: Bytes64,
        key: ClassKey<PSN>
    ) {
        (self.requester, self.authorKey, self.nowMinute) = (requester, authorKey, nowMinute)
        (self.yGeneration, self.requestDigest, self.key) = (yGeneration, requestDigest, key)
    }

    /// A deposit may be so many minutes away from now.
    static let minutesMax: UInt64 = 10

    /// A record as a transcryptor sees it: no body, its hash instead.
    public struct Record: Sendable {
        /// Header, pok_k, kc and signature.
        public let prefix: EnvelopePrefix
        /// SHA-256 of the body.
        public let bodyHash: [UInt8]
        /// - Parameter bodyHash: 32 bytes.
        public init(prefix: EnvelopePrefix, bodyHash: [UInt8]) { (self.prefix, self.bodyHash) = (prefix, bodyHash) }
    }

    /// Checks all records of one item: one S pair, tied to the item.
    /// - Throws: `author`, `time`, `record`, `subject`, `signature`, `knowledge`, `point`, `equality`.
    public func verify(
        _ records: [Record], item: UInt16, _ ciphertext: EncryptedPseudonym, tie: SamePerson
    ) throws(Refusal) {
        guard let first = records.first?.prefix.header else { throw Refusal(.length) }
        for record in records { try verify(record.prefix.header) }
        let onePerson = records.allSatisfy { $0.prefix.header.subject == first.subject }
        try need(onePerson || !enforced("guard:deposit.subject"), .subject)
        for record in records { try record.prefix.verify(bodyHash: record.bodyHash, authorKeys: [authorKey]) }
        try first.subject.verify(tie: tie, to: ciphertext, item: item, requestDigest: requestDigest, key: key)
    }

    /// Checks one record by itself, apart from whose it is.
    /// - Throws: `author`, `time`, `record`, `signature`, `scalar`, `knowledge`.
    public func verify(_ record: Record) throws(Refusal) {
        try verify(record.prefix.header)
        try record.prefix.verify(bodyHash: record.bodyHash, authorKeys: [authorKey])
    }

    private func verify(_ header: RecordHeader) throws(Refusal) {
        try need(header.author == requester || !enforced("guard:deposit.author"), .author)
        let distance = header.minute > nowMinute ? header.minute - nowMinute : nowMinute - header.minute
        try need(distance <= Self.minutesMax || !enforced("guard:deposit.time"), .time)
        try need(header.yGeneration == yGeneration || !enforced("guard:deposit.generation"), .record)
    }

    /// Checks the record that `header` replaces: same author, category and person.
    /// - Throws: `prev`, `ticket`.
    public static func verify(
        _ header: RecordHeader, replaces previous: RecordHeader, ticket: Ticket, keys: TicketKeys, row: Bytes16
    ) throws(Refusal) {
        let same =
            header.previous == previous.hash && header.author == previous.author && header.category == previous.category
        try need(same || !enforced("guard:deposit.previous"), .prev)
        try keys.verify(ticket, for: header.previous, of: row)
    }
}
