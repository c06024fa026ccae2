import Exchanges
import FHIR
import Polymorphic
import Ristretto255

/// What the centre has of one person from this hospital, as far as the hospital knows: with it an unchanged month is
/// not deposited again, and a changed one replaces its record.
///
/// One entry a person, under the pseudonym. Whoever reads it learns kinds and months of the person's records; whoever
/// alters it can make the gateway deposit something twice or not at all.
struct DepositBook: Hashable, Sendable {
    /// `pseudonym 32 -> book`
    static let table = Table("deposit-book", keys: .hidden)

    /// Of which kind and month, and which of several.
    struct Place: Hashable, Sendable, Comparable {
        let category: String
        let minute: UInt64
        let ordinal: UInt32
        static func < (a: Self, b: Self) -> Bool {
            (a.category, a.minute, a.ordinal) < (b.category, b.minute, b.ordinal)
        }
    }

    /// A record that lies at the centre.
    struct Kept: Hashable, Sendable {
        /// SHA-256 of the body.
        let bodyHash: [UInt8]
        var record: ListedRecord
    }

    /// A record that is on its way: written before the first message, so that after a crash it is known which records
    /// of the centre are which.
    struct Sent: Hashable, Sendable {
        let place: Place
        let bodyHash: [UInt8]
    }

    var kept: [Place: Kept] = [:]
    /// By record id.
    var sent: [Bytes16: Sent] = [:]

    /// Notes that records are at the centre; those that are not on their way from here are left out.
    /// - Returns: how many were noted.
    @discardableResult
    mutating func confirm(_ records: [ListedRecord]) -> Int {
        var count = 0
        for record in records {
            guard let sent = sent.removeValue(forKey: record.header.recordID) else { continue }
            kept[sent.place] = Kept(bodyHash: sent.bodyHash, record: record)
            count += 1
        }
        return count
    }

    /// Takes the newest Tickets of what lies there.
    mutating func refresh(_ records: [ListedRecord]) {
        let newest = Dictionary(records.map { ($0.header.hash, $0) }, uniquingKeysWith: { first, _ in first })
        kept = kept.mapValues { old in
            newest[old.record.header.hash].map { Kept(bodyHash: old.bodyHash, record: $0) } ?? old
        }
    }

    /// Learns what lies at the centre from the centre itself. What the bodies say is not known then, so each record is
    /// replaced once.
    /// - Parameter records: all of this hospital about the person, of one kind.
    mutating func relearn(_ records: [ListedRecord], category: String) {
        let known = Set(kept.values.map(\.record.header.hash))
        let replaced = Set(records.map(\.header.previous))
        let newest = records.filter { !replaced.contains($0.header.hash) }
        // A book that knows the newest of everything needs nothing.
        guard !newest.allSatisfy({ known.contains($0.header.hash) }) else { return }
        kept = kept.filter { $0.key.category != category }
        let order = newest.sorted { a, b in
            (a.header.minute, Hex.text(a.header.hash.bytes)) < (b.header.minute, Hex.text(b.header.hash.bytes))
        }
        var next: [UInt64: UInt32] = [:]
        for record in order {
            let ordinal = next[record.header.dataMinute, default: 0]
            next[record.header.dataMinute] = ordinal + 1
            kept[Place(category: category, minute: record.header.dataMinute, ordinal: ordinal)] = Kept(
                bodyHash: [], record: record)
        }
    }

    // MARK: Bytes

    /// `list(list(kept..), list(sent..))`
    var bytes: [UInt8] {
        let kept = kept.sorted { $0.key < $1.key }.map { place, kept in
            Wire.list([
                place.bytes, kept.bodyHash, kept.record.header.bytes,
                Wire.list(kept.record.tickets.map { $0?.bytes ?? [] }),
            ])
        }
        let sent = sent.sorted { $0.value.place < $1.value.place }.map { id, sent in
            Wire.list([id.bytes, sent.place.bytes, sent.bodyHash])
        }
        return Wire.list([Wire.list(kept), Wire.list(sent)])
    }

    init() {}

    /// - Throws: as the parts.
    init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 2)
        var last: RecordHeader?
        for entry in try Wire.elements(of: fields[0], maximum: .max) {
            let parts = try Wire.fields(of: entry, 4)
            let header = try RecordHeader(wire: parts[2], beside: last)
            last = header
            var tickets: [Ticket?] = []
            for ticket in try Wire.elements(of: parts[3], maximum: 16) {
                tickets.append(ticket.isEmpty ? nil : try Ticket(wire: ticket))
            }
            kept[try Place(wire: parts[0])] = Kept(
                bodyHash: parts[1], record: ListedRecord(header: header, tickets: tickets))
        }
        for entry in try Wire.elements(of: fields[1], maximum: .max) {
            let parts = try Wire.fields(of: entry, 3)
            sent[try Wire.fixed(parts[0])] = Sent(place: try Place(wire: parts[1]), bodyHash: parts[2])
        }
    }

    static func get(_ person: Pseudonym, _ reading: any NodeReading) throws -> DepositBook {
        try reading.get(table, person.encoding.bytes).map { try DepositBook(wire: $0) } ?? DepositBook()
    }

    func put(_ person: Pseudonym, _ transaction: any NodeTransaction) throws {
        try transaction.put(Self.table, person.encoding.bytes, bytes)
    }
}

extension DepositBook.Place {
    var bytes: [UInt8] { Wire.list([Array(category.utf8), minute.bigEndianBytes, ordinal.bigEndianBytes]) }

    init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 3)
        var reader = WireReader(fields[2])
        self.init(
            category: String(decoding: fields[0], as: UTF8.self), minute: try Wire.u64(fields[1]),
            ordinal: try reader.integer(UInt32.self, orRefuse: .length))
    }
}
