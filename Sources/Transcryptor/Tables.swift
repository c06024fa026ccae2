import Exchanges
import Policy
import Polymorphic
import Ristretto255

/// The tables of a transcryptor's store.
extension Table {
    /// row_id -> the row.
    static let rows = Table("rows", keys: .hidden)
    /// h_i -> row_id.
    static let handles = Table("handles", keys: .hidden)
    /// enrol_id -> row_id.
    static let enrolments = Table("enrolments", keys: .hidden)
    /// SHA-512(key)[0:32] -> row_id: a key is in one row only.
    static let deviceKeys = Table("device-keys", keys: .hidden)
    /// enrol_id -> the answer to `contribute`.
    static let contributions = Table("contributions", keys: .hidden)
    /// A stop tag that would end something -> row_id.
    static let watched = Table("watched", keys: .hidden)
    /// (requester, exchange_id) -> the exchange.
    static let exchanges = Table("exchanges")
    /// (requester, rd) -> the key of the exchange: a receipt names it by the digest.
    static let digests = Table("digests")
    /// The exchange -> headers and Tickets of its fetches.
    static let fetches = Table("fetches")
    /// (exchange, call, part) -> list(SHA-512 of the body, answer).
    static let answers = Table("answers")
    /// Leaf hash -> leaf, until it is included.
    static let outbox = Table("outbox")
    /// Leaf hash -> u64 index, of this transcryptor's own leaves.
    static let included = Table("included")
    /// row_id || u64 j -> list(leaf hash, rd, u16 item, detail).
    static let history = Table("history", keys: .hidden(first: 16))
    /// tag || u64 place -> u64 time read: the tags of the last 25 h.
    static let tags = Table("tags")
    /// u64 place -> tag: the same in the order of the Ledger, to forget the oldest.
    static let tagOrder = Table("tag-order")
    /// What is counted against quotas.
    static let counts = Table("counts", keys: .hidden)
    /// party -> u64 seq of the entry that a leaf revoked.
    static let revoked = Table("revoked")
    /// Single values.
    static let state = Table("state")
}

/// One person as one transcryptor knows the person (PROTOCOL 5). It cannot open what it stores.
struct RowRecord: Sendable {
    let rowID: Bytes16
    /// `v_i`.
    let tagKey: Bytes32
    /// `Z_d`, encoded: most who read a row need none of its points, and to decode one costs more than to read the row.
    let encodedAuditKey: Bytes32
    var nextCounter: UInt64
    var consents: ConsentRow
    var devices: [Device]

    struct Device: Sendable {
        let handle: Bytes16
        /// Encoded, as the audit key.
        let encodedPseudonym: [UInt8]
        let key: CredentialKey
        let id: Bytes16

        /// - Throws: `point`, `length` for what was not stored here.
        func pseudonym() throws(Refusal) -> PolymorphicPseudonym { try PolymorphicPseudonym(wire: encodedPseudonym) }
    }

    /// - Throws: `point` for what was not stored here.
    func auditKey() throws(Refusal) -> Element {
        do { return try Element(decoding: encodedAuditKey.bytes) } catch { throw Refusal(.point) }
    }

    var bytes: [UInt8] {
        Wire.list([
            rowID.bytes, tagKey.bytes, encodedAuditKey.bytes, nextCounter.bigEndianBytes, consents.bytes,
            Wire.list(
                devices.map {
                    Wire.list([$0.handle.bytes, $0.encodedPseudonym, [$0.key.alg], $0.key.bytes, $0.id.bytes])
                }),
        ])
    }

    init(
        rowID: Bytes16, tagKey: Bytes32, auditKey: Element, nextCounter: UInt64, consents: ConsentRow, devices: [Device]
    ) {
        (self.rowID, self.tagKey, self.nextCounter) = (rowID, tagKey, nextCounter)
        encodedAuditKey = auditKey.encoding
        (self.consents, self.devices) = (consents, devices)
    }

    init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 6)
        rowID = try Wire.fixed(fields[0])
        tagKey = try Wire.fixed(fields[1])
        encodedAuditKey = try Wire.fixed(fields[2])
        nextCounter = try Wire.u64(fields[3])
        consents = try ConsentRow(bytes: fields[4])
        var devices: [Device] = []
        for device in try Wire.elements(of: fields[5]) {
            let parts = try Wire.fields(of: device, 5)
            try need(parts[2].count == 1, .length)
            devices.append(
                Device(
                    handle: try Wire.fixed(parts[0]), encodedPseudonym: parts[1],
                    key: try CredentialKey(alg: parts[2][0], key: parts[3]), id: try Wire.fixed(parts[4])))
        }
        self.devices = devices
    }

    /// What a Presentation under `handle` is checked against: the keys that are neither stopped nor waiting.
    /// - Throws: `point` for what was not stored here.
    func presentationKeys(_ handle: Bytes16, at now: Instant) throws(Refusal) -> PresentationKeys? {
        guard let device = devices.first(where: { $0.handle == handle }) else { return nil }
        let active = consents.isActive(device: device.id, at: now)
        return PresentationKeys(pseudonym: try device.pseudonym(), keys: active ? [device.key] : [])
    }

    /// The next counter of the row, once.
    mutating func takeCounter() -> UInt64 {
        defer { nextCounter += 1 }
        return nextCounter
    }
}

extension NodeReading {
    /// The row of a handle.
    func row(handle: Bytes16) throws -> RowRecord? {
        guard let id = try get(.handles, handle.bytes) else { return nil }
        return try row(id: try Wire.fixed(id))
    }
    func row(enrolment: Bytes16) throws -> RowRecord? {
        guard let id = try get(.enrolments, enrolment.bytes) else { return nil }
        return try row(id: try Wire.fixed(id))
    }
    func row(id: Bytes16) throws -> RowRecord? {
        try get(.rows, id.bytes).map { try RowRecord(bytes: $0) }
    }
}

extension NodeTransaction {
    /// Writes a row and the index of the tags that it watches.
    /// - Parameter before: the tags that it watched before.
    func put(_ row: RowRecord, watchedBefore before: Set<Bytes32>) throws {
        try put(.rows, row.rowID.bytes, row.bytes)
        let now = Set(row.consents.watchedTags)
        for tag in before.subtracting(now) { try remove(.watched, tag.bytes) }
        for tag in now.subtracting(before) { try put(.watched, tag.bytes, row.rowID.bytes) }
    }

    /// Puts a leaf into the outbox, and its detail where the person finds it.
    func write(_ leaf: LeafWithDetail, of row: Bytes16?, counter: UInt64?) throws {
        let hash = leaf.leaf.hash
        try put(.outbox, hash, leaf.leaf.bytes)
        guard let row, let counter else { return }
        try put(
            .history, row.bytes + counter.bigEndianBytes,
            Wire.list([hash, leaf.requestDigest.bytes, leaf.item.bigEndianBytes, leaf.detail]))
    }
}

/// The tags of the last 25 h, in the store of the transaction.
struct StoredTags: TagHistory {
    let reading: any NodeReading

    func first(_ tag: Bytes32, after place: UInt64?) throws(Refusal) -> UInt64? {
        do {
            let found = try reading.scan(
                .tags, prefix: tag.bytes, after: place.map { tag.bytes + $0.bigEndianBytes }, limit: 1)
            return try found.first.map { try Wire.u64($0.key.suffix(8)) }
        } catch { throw Refusal(.unavailable) }
    }
}
