import Guards
import Ristretto255

/// A transcryptor's note to itself, kept by a store: this record is of the person of that row, and its deposit was
/// checked (PROTOCOL 7). `u8 key_id || 32 bytes of a MAC`.
public struct Ticket: Hashable, Sendable {
    /// The bytes of a Ticket.
    public static let byteCount = 33
    /// The bytes of the wire, 33.
    public let bytes: [UInt8]

    /// - Throws: `length` unless there are 33 bytes.
    public init(wire bytes: some Collection<UInt8>) throws(Refusal) {
        try need(bytes.count == Self.byteCount, .length)
        self.bytes = Array(bytes)
    }
}

/// A record whose Ticket fits: the only kind that has Shares of its key.
public struct TicketedRecord: Sendable {
    /// The header that the Ticket is for.
    public let header: RecordHeader
    init(_ header: RecordHeader) { self.header = header }
}

/// A transcryptor's keys for its Tickets, `tk_i`: old ones are kept until their Tickets are issued again.
public struct TicketKeys: Sendable {
    private let ring: KeyRing

    /// - Parameter ring: keys `tk_i` of 32 bytes.
    public init(_ ring: KeyRing) { self.ring = ring }

    /// The Ticket of a record whose deposit checks passed.
    /// - Parameter hash: `hh` of the record.
    public func ticket(for hash: Bytes32, of row: Bytes16) throws(Refusal) -> Ticket {
        try ticket(ring.current, hash, row)
    }

    /// Checks that the Ticket is for this record of this person.
    /// - Throws: `ticket`.
    public func verify(_ ticket: Ticket, for hash: Bytes32, of row: Bytes16) throws(Refusal) {
        guard enforced("guard:ticket.verify") else { return }
        let expected = try self.ticket(ticket.bytes[0], hash, row)
        try need(constantTimeEquals(ticket.bytes, expected.bytes), .ticket)
    }

    /// A record to be fetched: its Ticket must fit its header and the row.
    /// - Throws: `ticket`.
    public func admit(_ header: RecordHeader, _ ticket: Ticket, of row: Bytes16) throws(Refusal) -> TicketedRecord {
        try verify(ticket, for: header.hash, of: row)
        return TicketedRecord(header)
    }

    private func ticket(_ id: UInt8, _ hash: Bytes32, _ row: Bytes16) throws(Refusal) -> Ticket {
        try ring.with(id, orRefuse: .ticket) { (tk) throws(Refusal) in
            try Ticket(wire: [id] + mac(tk, .ticket, hash.bytes, row.bytes).first.bytes)
        }
    }
}
