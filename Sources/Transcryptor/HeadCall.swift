import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// The history of a row, for its own devices (PROTOCOL 10).
extension TranscryptorNode {
    /// Details of so many counters are answered at once; a device asks again from the next.
    static let detailsMax = 1_024

    /// - Returns: `HeadAnswer`.
    func head(_ body: [UInt8]) async throws(Refusal) -> [UInt8] {
        let fields = try Wire.fields(of: body, 2)
        let query = try HeadQuery(wire: fields[0])
        let now = parts.clock.now()
        try need(query.transcryptor == id, .head)
        let distance = query.time > now ? query.time - now : now - query.time
        try need(distance <= 120 || !enforced("guard:transcryptor.query-time"), .time)
        let directory = try await parts.directory.current(at: now)
        // Before anything is asked of the Ledger for a stranger, and again when it is answered.
        _ = try await read { [self] in try row(asking: query, fields[1], directory, now, $0) }
        let checkpoint = try await parts.ledger.latest()
        try await follow(to: checkpoint)
        return try await read { [self] reading in
            let row = try row(asking: query, fields[1], directory, now, reading)
            return try history(of: row, query, checkpoint, now, reading)
        }
    }

    /// The row of which a device that is active asks.
    /// - Throws: `row`, `signature`.
    private func row(
        asking query: HeadQuery, _ signature: [UInt8], _ directory: any DirectoryView, _ now: UInt64,
        _ reading: any NodeReading
    ) throws -> RowRecord {
        guard let row = try reading.row(handle: query.handle) else { throw Refusal(.row) }
        let asks = row.devices.contains { device in
            row.consents.isActive(device: device.id, at: Instant(Int64(now)))
                && (try? device.key.verify(signature, over: query.bytes, relyingParty: directory.pages)) != nil
        }
        try need(asks || !enforced("guard:transcryptor.query-signature"), .signature)
        return row
    }

    private func history(
        of row: RowRecord, _ query: HeadQuery, _ checkpoint: WitnessedCheckpoint, _ now: UInt64,
        _ reading: any NodeReading
    ) throws -> [UInt8] {
        var (next, details) = (UInt64?.none, [HeadAnswer.Listed]())
        for counter in 0..<row.nextCounter {
            guard let stored = try reading.get(.history, row.rowID.bytes + counter.bigEndianBytes) else { continue }
            let fields = try Wire.fields(of: stored, 4)
            let place = try reading.get(.included, fields[0]).map { try Wire.u64($0) }
            guard let place, place < checkpoint.size else {
                next = next ?? counter
                continue
            }
            if counter >= query.counter, details.count < Self.detailsMax {
                details.append(
                    HeadAnswer.Listed(
                        leafIndex: place, requestDigest: try Wire.fixed(fields[1]),
                        item: UInt16(fields[2][0]) << 8 | UInt16(fields[2][1]), detail: fields[3]))
            }
        }
        let head = Head(
            transcryptor: id, handle: query.handle, nextCounter: next ?? row.nextCounter,
            checkpointSize: checkpoint.size, time: now)
        return HeadAnswer(head: head.bytes, signature: secrets.signer.sign(head.bytes), details: details).bytes
    }
}
