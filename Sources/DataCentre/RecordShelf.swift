import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// The records of a store: `P@store -> Envelopes and Tickets`, no content, no name (PROTOCOL 11).
///
/// Whoever reads it learns groups of records per pseudonym with author, category, size and minutes. Whoever can alter
/// it can lose or hide records, and can let an author replace one record twice; it can neither open, change nor move
/// one.
struct RecordShelf: Sendable {
    let n: Int
    init(n: UInt8) { self.n = Int(n) }

    /// `hh -> list(P, header, list(Tickets 1..n))`.
    static let records = Table("record")
    /// `hh -> Envelope`.
    static let envelopes = Table("envelope")
    /// `P || u64 data_minute || hh`.
    static let byPerson = Table("record-person", keys: .hidden(first: 32))
    /// `author || 0 || record_id -> hh`.
    static let byAuthor = Table("record-author")
    /// `hh -> hh` of the record that replaced it.
    static let replaced = Table("record-replaced")

    /// Records of one person that are listed at once.
    static let listedMax = 4_096

    // MARK: Keeping

    /// Keeps a record. The same one again changes nothing.
    /// - Throws: `conflict` for a second record of one (author, record_id), or a second one that replaces the same;
    ///   `prev` for one that replaces a record which is not there, or of another author, category or person.
    func put(_ deposit: VerifiedDeposit, _ transaction: any NodeTransaction) throws {
        let (header, hash) = (deposit.header, deposit.header.hash.bytes)
        if try transaction.get(Self.records, hash) != nil { return }
        let author = header.author.bytes + [0] + header.recordID.bytes
        let isFirst = try transaction.get(Self.byAuthor, author) == nil
        try need(isFirst || !enforced("guard:store.record-id"), .conflict)
        if header.previous != .zero { try replace(deposit, transaction) }
        try transaction.put(Self.byAuthor, author, hash)
        try transaction.put(Self.envelopes, hash, deposit.envelope.bytes)
        try write(deposit.person, header, deposit.tickets, transaction)
        let minute = header.dataMinute.bigEndianBytes
        try transaction.put(Self.byPerson, deposit.person.encoding.bytes + minute + hash, [])
    }

    private func replace(_ deposit: VerifiedDeposit, _ transaction: any NodeTransaction) throws {
        let header = deposit.header
        let isFirst = try transaction.get(Self.replaced, header.previous.bytes) == nil
        try need(isFirst || !enforced("guard:store.replaced"), .conflict)
        let previous = try record(header.previous, transaction)
        let fits = previous.map {
            $0.person == deposit.person && $0.header.author == header.author && $0.header.category == header.category
        }
        try need(fits == true || !enforced("guard:store.previous"), .prev)
        try transaction.put(Self.replaced, header.previous.bytes, header.hash.bytes)
    }

    private func write(
        _ person: Pseudonym, _ header: RecordHeader, _ tickets: [Ticket?], _ transaction: any NodeTransaction
    ) throws {
        try transaction.put(
            Self.records, header.hash.bytes,
            Wire.list([person.encoding.bytes, header.bytes, Wire.list(tickets.map { $0?.bytes ?? [] })]))
    }

    /// Adds the Ticket of a transcryptor that adopted later.
    func add(_ ticket: Ticket, of index: UInt8, to hash: Bytes32, _ transaction: any NodeTransaction) throws {
        guard let known = try record(hash, transaction) else { return }
        var tickets = known.tickets
        tickets[Int(index) - 1] = ticket
        try write(known.person, known.header, tickets, transaction)
    }

    // MARK: Finding

    private struct Kept {
        let person: Pseudonym
        let header: RecordHeader
        let tickets: [Ticket?]
        var listed: DeliverCall.Listed { DeliverCall.Listed(header: header, tickets: tickets.map { $0?.bytes ?? [] }) }
    }

    /// - Parameter known: the header, where it was parsed already.
    private func record(
        _ hash: Bytes32, _ reading: any NodeReading, beside known: RecordHeader? = nil
    ) throws -> Kept? {
        guard let stored = try reading.get(Self.records, hash.bytes) else { return nil }
        let fields = try Wire.fields(of: stored, 3)
        var tickets: [Ticket?] = []
        for bytes in try Wire.elements(of: fields[2], maximum: 16) {
            tickets.append(bytes.isEmpty ? nil : try Ticket(wire: bytes))
        }
        try need(tickets.count == n, .length)
        return Kept(
            person: try Pseudonym(stored: try Wire.fixed(fields[0])),
            header: try RecordHeader(wire: fields[1], beside: known),
            tickets: tickets)
    }

    /// What a Request may see, by item: of one that deposits what it deposited here, else all records whose category
    /// and data minute lie in the Request. Oldest data first; of too many the newest.
    func list(
        _ delivery: Recipient.Delivery, _ deposits: Deposits, _ reading: any NodeReading
    ) throws -> [[DeliverCall.Listed]] {
        let content = delivery.request.content
        let categories = Set(content.categories)
        return try delivery.persons.enumerated().map { item, person in
            guard let person else { return [] }
            guard !content.records.contains(where: { $0.use == .deposit && $0.target == delivery.target }) else {
                return try deposits.all.filter { $0.item == item }.compactMap {
                    try record($0.header.hash, reading, beside: $0.header)?.listed
                }
            }
            return try records(of: person.pseudonym, content, categories, reading).suffix(Self.listedMax).map(\.listed)
        }
    }

    private func records(
        of person: Pseudonym, _ content: ExchangeRequest.Content, _ categories: Set<Name>, _ reading: any NodeReading
    ) throws -> [Kept] {
        var (found, after) = ([Kept](), [UInt8]?.none)
        while true {
            let page = try reading.scan(Self.byPerson, prefix: person.encoding.bytes, after: after, limit: 1_024)
            for (key, _) in page {
                let minute = try Wire.u64(key[32..<40])
                let inPeriod = content.dataFrom <= minute && minute <= content.dataTo
                guard inPeriod || !enforced("guard:store.period"),
                    let kept = try record(try Wire.fixed(key[40...]), reading, beside: found.last?.header)
                else { continue }
                guard categories.contains(kept.header.category) || !enforced("guard:store.category") else { continue }
                found.append(kept)
            }
            guard let last = page.last else { return found }
            after = last.key
        }
    }

    /// The Envelopes of records, in their order.
    /// - Throws: `record` for one that is not here.
    func envelopes(_ hashes: [Bytes32], _ reading: any NodeReading) throws -> [[UInt8]] {
        try hashes.enumerated().map { place, hash in
            guard let envelope = try reading.get(Self.envelopes, hash.bytes) else { throw Refusal(.record, at: place) }
            return envelope
        }
    }
}
