import Polymorphic
import Ristretto255

/// The exchanges under way and what they still owe (PROTOCOL 11): written before the first message, so that after a
/// crash the same bytes are sent again, and removed in the transaction that keeps the result.
///
/// Durability is all that it needs of its store. Whoever can alter it can make the party forget an exchange (which then
/// ends at the transcryptors after ten minutes) or send one again (which gives the same answers).
struct Journal: Sendable {
    static let running = Table("journal")
    static let owed = Table("debt")
    static let deposits = Table("deposit")

    /// An exchange under way.
    struct Entry: Sendable {
        let prepared: PreparedExchange
        /// Whether it is worth finishing when nobody waits for it any more: a read is not.
        let outlivesCaller: Bool
        let notes: [DepositNote]

        var bytes: [UInt8] {
            Wire.list([prepared.bytes, [outlivesCaller ? 1 : 0], Wire.list(notes.map(\.bytes))])
        }
        init(_ prepared: PreparedExchange, outlivesCaller: Bool, notes: [DepositNote]) {
            (self.prepared, self.outlivesCaller, self.notes) = (prepared, outlivesCaller, notes)
        }
        init(wire bytes: [UInt8], requester: PartyID, pins: Pins) throws(Refusal) {
            let fields = try Wire.fields(of: bytes, 3)
            prepared = try PreparedExchange(wire: fields[0], requester: requester, pins: pins)
            outlivesCaller = fields[1] == [1]
            var notes: [DepositNote] = []
            for note in try Wire.elements(of: fields[2], maximum: 256) { notes.append(try DepositNote(wire: note)) }
            self.notes = notes
        }
        var key: [UInt8] { prepared.request.content.exchangeID.bytes }
    }

    func begin(_ entry: Entry, _ transaction: any NodeTransaction) throws {
        try transaction.put(Self.running, entry.key, entry.bytes)
    }

    /// Ends an exchange and notes what it owes. Of a deposit that was delivered the author keeps d.
    func end(
        _ entry: Entry, owing debts: [Debt], delivered: Bool, at now: UInt64, _ transaction: any NodeTransaction
    ) throws {
        try transaction.remove(Self.running, entry.key)
        for (number, debt) in debts.enumerated() {
            try transaction.put(
                Self.owed, entry.key + UInt16(number).bigEndianBytes, Wire.list([now.bigEndianBytes, debt.bytes]))
        }
        guard delivered, !entry.notes.isEmpty else { return }
        try transaction.put(Self.deposits, entry.key, Wire.list(entry.notes.map(\.bytes)))
    }

    /// So many exchanges are looked at in one go.
    static let batch = 1_024

    func underWay(_ reading: any NodeReading) throws -> [[UInt8]] {
        try reading.scan(Self.running, prefix: [], after: nil, limit: Self.batch).map(\.value)
    }

    /// Debts with their keys, in byte order.
    func debts(_ reading: any NodeReading) throws -> [(key: [UInt8], since: UInt64, debt: Debt)] {
        try reading.scan(Self.owed, prefix: [], after: nil, limit: Self.batch).map { key, value in
            let fields = try Wire.fields(of: value, 2)
            return (key, try Wire.u64(fields[0]), try Debt(wire: fields[1]))
        }
    }

    func pay(_ key: [UInt8], _ transaction: any NodeTransaction) throws { try transaction.remove(Self.owed, key) }
}
