import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Reading the history (PROTOCOL 10): the heads of all n, every tag and inclusion verified by whole tiles.
extension Phone {
    /// `u8 i || u64 j -> leaf`.
    static let leaves = Table("leaf")
    /// `u8 i -> list(u64 next_j, u64 size, u64 time)`: heads never go back.
    static let heads = Table("head")
    /// `u64 time -> u64 size` of checkpoints that this phone saw.
    static let sizes = Table("size")
    /// Ten minutes: so long may a leaf be on its way.
    static let lateSeconds: UInt64 = 600

    /// Asks all transcryptors and shows what they wrote, with proofs and doubts.
    /// - Throws: `row` before enrolment; `ledger` where the Ledger cannot be read at all; `unavailable` for the own
    ///   store.
    public func history() async throws(Refusal) -> History {
        _ = try await row()
        var doubts: [Doubt] = []
        for index in indexes {
            do throws(Refusal) { try await follow(index) } catch {
                switch error.code {
                case .head, .signature, .label, .length, .trailing, .text: doubts.append(.hiding(index))
                case .open, .padding, .seal, .record: doubts.append(.falseDetail(index))
                default: doubts.append(.silent(index))
                }
            }
        }
        let checkpoint = try await parts.ledger.latest()
        return try await show(doubts + (try await stale(checkpoint)))
    }

    /// Reads what one transcryptor has added since.
    private func follow(_ index: UInt8) async throws(Refusal) {
        var known = try await known(index)
        while true {
            let answer = try await ask(index, from: known.counter)
            let checkpoint = try await parts.ledger.latest()
            let claimed = try Head(wire: answer.head)
            try need(claimed.checkpointSize <= checkpoint.size, .unavailable)
            let found = try await verify(answer.details, index, known.counter, checkpoint)
            try await write { transaction in
                for (counter, leaf) in found {
                    let key = [index] + counter.bigEndianBytes
                    if try transaction.get(Self.leaves, key) != nil { continue }
                    try transaction.put(Self.leaves, key, leaf.bytes)
                }
            }
            let complete = try await complete(index, claimed.nextCounter)
            // A long history comes in pieces.
            if complete.count < claimed.nextCounter, !answer.details.isEmpty, UInt64(complete.count) > known.counter {
                known.counter = UInt64(complete.count)
                continue
            }
            let before = try await self.known(index)
            let isBehind = claimed.nextCounter < before.counter || claimed.checkpointSize < before.size
            // An earlier word by its own time, as a portal keeps it, proves nothing against its transcryptor.
            if isBehind, claimed.time < (try await seenTime(index)) { throw Refusal(.unavailable) }
            let head = try Head.verify(
                answer.head, answer.signature, key: try await transcryptor(index).signing,
                transcryptor: parts.pins.transcryptor(index), handle: keys.handles[Int(index) - 1],
                tagKey: keys.tagKey(index), known: before, leaves: complete.map(\.leaf))
            let stored = Wire.list([
                head.nextCounter.bigEndianBytes, head.checkpointSize.bigEndianBytes, head.time.bigEndianBytes,
            ])
            return try await write { try $0.put(Self.heads, [index], stored) }
        }
    }

    private func known(_ index: UInt8) async throws(Refusal) -> Head.Known {
        guard let stored = try await read({ try $0.get(Self.heads, [index]) }) else {
            return Head.Known(counter: 0, size: 0)
        }
        let fields = try Wire.fields(of: stored, 3)
        return Head.Known(counter: try Wire.u64(fields[0]), size: try Wire.u64(fields[1]))
    }

    /// When the last head that was believed was made, by its transcryptor's clock.
    private func seenTime(_ index: UInt8) async throws(Refusal) -> UInt64 {
        guard let stored = try await read({ try $0.get(Self.heads, [index]) }) else { return 0 }
        return try Wire.u64(try Wire.fields(of: stored, 3)[2])
    }

    private func ask(_ index: UInt8, from counter: UInt64) async throws(Refusal) -> HeadAnswer {
        let query = HeadQuery(
            transcryptor: parts.pins.transcryptor(index), handle: keys.handles[Int(index) - 1], counter: counter,
            time: parts.clock.now())
        let body = Wire.list([query.bytes, try keys.sign(query.bytes)])
        do {
            return try HeadAnswer(
                wire: try await parts.courier.send(
                    Courier.Letter(.head, body, to: parts.pins.transcryptor(index))))
        } catch let failure as CallFailure {
            guard case .refused(let refusal) = failure else { throw Refusal(.unavailable) }
            throw Courier.isLater(refusal) ? refusal : Refusal(.unavailable)
        } catch { throw (error as? Refusal) ?? Refusal(.unavailable) }
    }

    /// The leaves of counters 0 ..< next, as far as they are there without a gap.
    private func complete(_ index: UInt8, _ next: UInt64) async throws(Refusal) -> [KeptLeaf] {
        try await read { reading in
            var out: [KeptLeaf] = []
            while UInt64(out.count) < next,
                let bytes = try reading.get(Self.leaves, [index] + UInt64(out.count).bigEndianBytes)
            { out.append(try KeptLeaf(bytes: bytes)) }
            return out
        }
    }

    /// Finds each listed leaf in the tree, its counter by its tag, and opens its detail.
    private func verify(
        _ details: [HeadAnswer.Listed], _ index: UInt8, _ from: UInt64, _ checkpoint: WitnessedCheckpoint
    ) async throws(Refusal) -> [(UInt64, KeptLeaf)] {
        let tagKey = keys.tagKey(index)
        var counters: [Bytes32: UInt64] = [:]
        for counter in from..<(from + UInt64(details.count) + Self.window) {
            counters[LeafMaker.tag(tagKey, counter: counter)] = counter
        }
        var (out, tiles) = ([(UInt64, KeptLeaf)](), [UInt64: [Leaf]]())
        for listed in details {
            let number = listed.leafIndex / 256
            if tiles[number] == nil { tiles[number] = try await tile(number, checkpoint) }
            guard let leaf = tiles[number]?.dropFirst(Int(listed.leafIndex % 256)).first else { throw Refusal(.head) }
            guard let counter = counters[leaf.tag] else { throw Refusal(.head) }
            let detail = try Detail(
                opening: listed.detail, with: keys.audit, requestDigest: listed.requestDigest, index: index,
                item: listed.item)
            let opens = detail.opens(leaf, detail: listed.detail)
            try need(opens || !enforced("guard:device.detail"), .record)
            out.append(
                (
                    counter,
                    KeptLeaf(
                        leafIndex: listed.leafIndex, leaf: leaf.bytes, requestDigest: listed.requestDigest,
                        signed: detail.signed, explanation: detail.explanation, seen: parts.clock.now())
                ))
        }
        return out
    }

    /// Counters that may be missing between those that are listed.
    static let window: UInt64 = 256

    /// Transcryptors that answer on an old tree.
    private func stale(_ checkpoint: WitnessedCheckpoint) async throws(Refusal) -> [Doubt] {
        let now = parts.clock.now()
        let indexes = indexes
        return try await write { transaction in
            try transaction.put(Self.sizes, now.bigEndianBytes, checkpoint.size.bigEndianBytes)
            var old: UInt64 = 0
            for (key, value) in try transaction.scan(Self.sizes, prefix: [], after: nil, limit: 4_096) {
                guard try Wire.u64(key) + Self.lateSeconds <= now else { break }
                old = try Wire.u64(value)
                // The newest of those that are old is enough.
                try transaction.remove(Self.sizes, key)
            }
            if old > 0 { try transaction.put(Self.sizes, (now - Self.lateSeconds).bigEndianBytes, old.bigEndianBytes) }
            return try indexes.filter { index in
                guard let head = try transaction.get(Self.heads, [index]) else { return false }
                return try Wire.u64(try Wire.fields(of: head, 3)[1]) < old
            }.map(Doubt.silent)
        }
    }
}
