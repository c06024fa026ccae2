import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Every transcryptor reads every leaf, in order: stops of any other, revocations, and its own leaves (PROTOCOL 9, 10).
extension TranscryptorNode {
    /// So many leaves are one transaction.
    static let leavesPerTransaction: UInt64 = 256
    private static let positionKey = Array("position".utf8)

    /// Submits what is in the outbox. A failure is no matter: it is submitted again with the next.
    ///
    /// The Ledger answers when it has flushed. Who waits meanwhile is served by the next submission, all by the same.
    func submit() async {
        let ticket = submissions.withLock { $0.take() }
        await submitting.enter()
        defer { submitting.leave() }
        guard let covers = submissions.withLock({ $0.begin(for: ticket) }) else { return }
        guard await submitPage(after: nil) != .failed else { return }
        submissions.withLock { $0.end(covers) }
    }

    /// Who has asked for a submission, and who has been served by one that began later.
    struct Submissions: Sendable {
        private var asked: UInt64 = 0
        private var served: UInt64 = 0

        mutating func take() -> UInt64 {
            asked += 1
            return asked
        }

        /// - Returns: nil where somebody else's submission has served this caller; else whom a new one serves.
        func begin(for ticket: UInt64) -> UInt64? { served >= ticket ? nil : asked }
        mutating func end(_ covers: UInt64) { served = max(served, covers) }
    }

    private enum Page: Equatable {
        case failed
        /// Nothing is behind it.
        case last
        case more(after: [UInt8])
    }

    /// Submits one page of the outbox. What the Ledger has acknowledged a moment ago is durable there, and is not sent
    /// a second time while it waits to be read back.
    /// - Returns: the last key of a page that the Ledger took; nil where nothing is behind it.
    func submit(after: [UInt8]?) async -> [UInt8]? {
        await submitting.enter()
        defer { submitting.leave() }
        if case .more(let last) = await submitPage(after: after) { return last }
        return nil
    }

    private func submitPage(after: [UInt8]?) async -> Page {
        guard
            let waiting = try? await read({ try $0.scan(.outbox, prefix: [], after: after, limit: Self.outboxPage) })
        else { return .failed }
        guard let last = waiting.last?.key else { return .last }
        let now = parts.clock.now()
        let due = acknowledged.without(waiting.map(\.key), at: now)
        let leaves = waiting.filter { due.contains($0.key) }.compactMap { try? Leaf(wire: $0.value) }
        if !leaves.isEmpty {
            do { try await parts.ledger.append(leaves, records: leaves.map { _ in nil }) } catch { return .failed }
            acknowledged.insert(due, at: now)
        }
        return waiting.count == Self.outboxPage ? .more(after: last) : .last
    }
    private static let outboxPage = 1_024

    /// Reads all leaves below a checkpoint: effect, kept tag and position are one transaction.
    /// - Throws: `ledger`, `unavailable`.
    func follow(to checkpoint: WitnessedCheckpoint) async throws(Refusal) {
        // One reads for all that wait for the same leaves.
        guard followed.position < checkpoint.size else { return }
        await following.enter()
        defer { following.leave() }
        while followed.position < checkpoint.size {
            let position = try await read { try Self.position($0) }
            followed.reached(position)
            guard position < checkpoint.size else { return }
            let end = min(position + Self.leavesPerTransaction, checkpoint.size)
            let leaves = try await parts.ledger.leaves(position..<end, below: checkpoint)
            try need(UInt64(leaves.count) == end - position, .ledger)
            let revocations = try await revocations(leaves)
            let now = parts.clock.now()
            try await transaction { transaction in
                // Another task may have read them meanwhile.
                guard try Self.position(transaction) == position else { return }
                for (offset, leaf) in leaves.enumerated() {
                    try Self.read(leaf, at: position + UInt64(offset), now, transaction)
                }
                for (party, sequence) in revocations {
                    try transaction.put(.revoked, party.bytes, sequence.bigEndianBytes)
                }
                try Self.forget(now, transaction)
                try transaction.put(.state, Self.positionKey, end.bigEndianBytes)
            }
            followed.reached(end)
        }
    }

    static func position(_ reading: any NodeReading) throws -> UInt64 {
        try reading.get(.state, positionKey).map { try Wire.u64($0) } ?? 0
    }

    private static func read(
        _ leaf: Leaf, at place: UInt64, _ now: UInt64, _ transaction: any NodeTransaction
    ) throws {
        let hash = leaf.hash
        if try transaction.get(.outbox, hash) != nil {
            try transaction.put(.included, hash, place.bigEndianBytes)
            try transaction.remove(.outbox, hash)
        }
        guard leaf.kind == .exchange else { return }
        try transaction.put(.tags, leaf.tag.bytes + place.bigEndianBytes, now.bigEndianBytes)
        try transaction.put(.tagOrder, place.bigEndianBytes, leaf.tag.bytes + now.bigEndianBytes)
        guard enforced("guard:transcryptor.leaves"), let id = try transaction.get(.watched, leaf.tag.bytes),
            var row = try transaction.row(id: try Wire.fixed(id))
        else { return }
        let before = Set(row.consents.watchedTags)
        row.consents.read(leafTag: leaf.tag)
        try transaction.put(row, watchedBefore: before)
    }

    /// Tags older than 25 h are forgotten, a bounded number at a time. Nearly always the oldest may stay, and nothing
    /// behind it is read.
    private static func forget(_ now: UInt64, _ transaction: any NodeTransaction) throws {
        for _ in 0..<2 * leavesPerTransaction {
            guard let (place, value) = try transaction.scan(.tagOrder, prefix: [], after: nil, limit: 1).first
            else { return }
            let read = try Wire.u64(value.suffix(8))
            guard now > read, now - read > UInt64(Span.tagsKept) else { return }
            try transaction.remove(.tags, Array(value.prefix(32)) + place)
            try transaction.remove(.tagOrder, place)
        }
    }

    /// Revocations are obeyed at once, whatever the snapshot says. Without its record a governance leaf stops
    /// everything.
    private func revocations(_ leaves: [Leaf]) async throws(Refusal) -> [(PartyID, UInt64)] {
        var out: [(PartyID, UInt64)] = []
        for leaf in leaves where leaf.kind == .governance {
            let record = try await parts.ledger.record(leaf.detailHash)
            // A record stands with its signatures behind it, or alone.
            let bytes = (try? SignedEntry(wire: record))?.bytes ?? record
            guard let entry = try? DirectoryEntry(wire: bytes) else { continue }
            if entry.notAfter <= parts.clock.now() { out.append((entry.party, entry.sequence)) }
        }
        return out
    }
}
