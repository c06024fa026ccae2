import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// What a stop came to.
public struct Withdrawal: Hashable, Sendable {
    /// The transcryptor whose leaf shows it.
    public let index: UInt8
    /// Of that leaf, verified.
    public let leafIndex: UInt64
    /// From here on it is shown as withdrawn: it holds everywhere (PROTOCOL 9).
    public let effectiveFrom: UInt64
}

/// Ending what was given (PROTOCOL 9).
extension Phone {
    /// So long after the Checkpoint is a stop effective everywhere.
    static let effectiveSeconds: UInt64 = 60

    /// Withdraws a give for ever. One transcryptor that writes the leaf is enough.
    /// - Returns: nil where none of the n knows the give: it was nowhere in force.
    /// - Throws: `head` for a leaf that is not there; `unavailable` where none answered.
    public func withdraw(_ kept: KeptGive) async throws(Refusal) -> Withdrawal? {
        let withdrawal = try await stop(StopTarget(.give, kept.give.id), key: kept.give.stopKey)
        var done = kept
        done.withdrawn = true
        let bytes = done.bytes
        try await write { try $0.put(Self.gives, kept.give.id.bytes, bytes) }
        return withdrawal
    }

    /// Ends every give made before, at once (*deny-all*). It is lifted by giving again.
    /// - Throws: `head` unless the indexes of all deny-alls rise; `unavailable`.
    public func denyAll() async throws(Refusal) -> Withdrawal {
        // Another phone of the person may have denied all: a number that was counted already would end nothing.
        try await followDenials()
        let number = UInt64(try await row().denials.count) + 1
        let key = StopKey(keys.rowStopKey)
        guard let withdrawal = try await stop(.denyAll(number), key: key) else { throw Refusal(.unavailable) }
        try await followDenials()
        let places = try await row().denials
        try need(UInt64(places.count) >= number, .head)
        var leaves: [DenyAllProof.Leaf] = []
        for place in places {
            leaves.append(try DenyAllProof.Leaf(index: place, leaf: try await leaf(place).bytes))
        }
        try DenyAllProof.verify(leaves, rowKey: key, transcryptors: parts.pins.ceremony.n)
        return withdrawal
    }

    /// Reads on in the Ledger for deny-alls of the row, which any phone of the person makes, and counts them as every
    /// transcryptor does: in the order of the Ledger, by whole tiles. Gives made before one are over.
    func followDenials() async throws(Refusal) {
        let checkpoint = try await parts.ledger.latest()
        let (key, n) = (StopKey(keys.rowStopKey), parts.pins.ceremony.n)
        while true {
            let row = try await row()
            guard row.position < checkpoint.size else { return }
            let end = min((row.position / 256 + 1) * 256, checkpoint.size)
            var denials = row.denials
            var tags = key.tags(.denyAll(UInt64(denials.count) + 1), transcryptors: n)
            let leaves = try await tile(row.position / 256, checkpoint).dropFirst(Int(row.position % 256))
            for (offset, leaf) in leaves.enumerated() where tags.contains(leaf.tag) {
                denials.append(row.position + UInt64(offset))
                tags = key.tags(.denyAll(UInt64(denials.count) + 1), transcryptors: n)
            }
            let counted = denials
            try await update { ($0.denials, $0.position) = (counted, end) }
            for var kept in try await activeGives() where kept.give.denials < UInt64(counted.count) {
                kept.withdrawn = true
                let (id, bytes) = (kept.give.id, kept.bytes)
                try await write { try $0.put(Self.gives, id.bytes, bytes) }
            }
        }
    }

    /// Sends a stop to one transcryptor after another until a leaf of it is in the Ledger.
    private func stop(_ target: StopTarget, key: StopKey) async throws(Refusal) -> Withdrawal? {
        let row = try await row()
        let stop = Stop(target, signedAt: Instant(Int64(clamping: parts.clock.now())))
        let entry = SignedEntry(stop.bytes, signatures: [try keys.sign(stop.bytes)])
        var last = Refusal(.unavailable)
        var unknown = 0
        for index in indexes {
            do throws(Refusal) {
                let fields = try Wire.fields(of: try await send(entry, to: index, row), 1)
                let place = try Wire.u64(fields[0])
                let checkpoint = try await parts.ledger.latest()
                let leaf = try await self.leaf(place)
                let isStop = leaf.tag == key.tag(target, transcryptor: index)
                try need(isStop || !enforced("guard:device.stop-leaf"), .head)
                return Withdrawal(
                    index: index, leafIndex: place,
                    effectiveFrom: checkpoint.oldestCosignature + Self.effectiveSeconds)
            } catch {
                last = error
                if error.code == .consent { unknown += 1 }
            }
        }
        // None of the n has it: it is nowhere in force.
        if unknown == indexes.count { return nil }
        throw last
    }

    /// A leaf of the Ledger, verified against the tree.
    /// - Throws: `head` where it is not there.
    func leaf(_ place: UInt64) async throws(Refusal) -> Leaf {
        let checkpoint = try await parts.ledger.latest()
        try need(place < checkpoint.size, .head)
        guard let leaf = try await tile(place / 256, checkpoint).dropFirst(Int(place % 256)).first else {
            throw Refusal(.head)
        }
        return leaf
    }

    /// Whole tiles of 256 leaves, so that nobody learns which one is looked for.
    func tile(_ number: UInt64, _ checkpoint: WitnessedCheckpoint) async throws(Refusal) -> [Leaf] {
        try await parts.ledger.leaves(
            (number * 256)..<min(number * 256 + 256, checkpoint.size), below: checkpoint)
    }
}
