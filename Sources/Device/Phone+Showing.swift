import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// What the person sees of the leaves that were verified.
extension Phone {
    func show(_ doubts: [Doubt]) async throws(Refusal) -> History {
        let (indexes, pins, now) = (indexes, parts.pins, parts.clock.now())
        return try await read { reading in
            var history = History(uses: [], entries: [], doubts: doubts)
            var places: [Key: Int] = [:]
            for index in indexes {
                let kept = try reading.scan(Self.leaves, prefix: [index], after: nil, limit: .max)
                var expected: UInt64 = 0
                for (key, value) in kept {
                    let (counter, leaf) = (try Wire.u64(key.dropFirst()), try KeptLeaf(bytes: value))
                    let isLate = leaf.seen + Self.lateSeconds <= now
                    if counter > expected, isLate, enforced("guard:device.gap") {
                        history.doubts.append(.gap(index, counter: expected))
                    }
                    expected = counter + 1
                    try Self.add(leaf, index, counter, &history, &places)
                }
            }
            history.uses.sort { first($0) < first($1) }
            history.entries.sort { $0.leafIndex < $1.leafIndex }
            history.doubts += history.uses.flatMap { Self.missing($0, pins, now) }
            return history
        }
    }

    private struct Key: Hashable {
        let requestDigest: Bytes64
        let item: UInt16
    }

    private static func add(
        _ leaf: KeptLeaf, _ index: UInt8, _ counter: UInt64, _ history: inout History, _ places: inout [Key: Int]
    ) throws {
        guard let part = try? PrivatePart(wire: leaf.signed) else {
            history.entries.append(
                ShownEntry(index: index, leafIndex: leaf.leafIndex, entry: leaf.explanation))
            return
        }
        // What it signed must be of this leaf: else one leaf would stand for another.
        guard part.counter == counter, part.requestDigest == leaf.requestDigest else {
            history.doubts.append(.falseDetail(index))
            return
        }
        let word = ShownUse.Word(
            verdict: part.verdict, reason: String(decoding: part.reason, as: UTF8.self), records: part.records.count,
            recordsPermitted: part.records.count { $0.verdict }, consent: part.consent, leafIndex: leaf.leafIndex,
            seen: leaf.seen)
        let key = Key(requestDigest: part.requestDigest, item: part.item)
        if let place = places[key] {
            history.uses[place].words[index] = word
            return
        }
        guard var use = try? ShownUse(part, explanation: leaf.explanation) else {
            history.doubts.append(.falseDetail(index))
            return
        }
        use.words[index] = word
        places[key] = history.uses.count
        history.uses.append(use)
    }

    /// Participants without a leaf of an exchange, ten minutes after it was first seen.
    private static func missing(_ use: ShownUse, _ pins: Pins, _ now: UInt64) -> [Doubt] {
        guard let seen = use.words.values.map(\.seen).min(), seen + lateSeconds <= now else { return [] }
        return use.participants.filter { party in
            let isMissing = pins.index(of: party).map { use.words[$0] == nil } ?? true
            return isMissing && enforced("guard:device.missing")
        }.map { .missing(use.requestDigest, participant: $0) }
    }
}

private func first(_ use: ShownUse) -> UInt64 { use.words.values.map(\.leafIndex).min() ?? .max }

extension ShownUse {
    /// - Parameter explanation: `list(requester, role, purpose, list(categories), basis, list(participants))`.
    init(_ part: PrivatePart, explanation: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: explanation, 6)
        (requestDigest, item) = (part.requestDigest, part.item)
        requester = try PartyID(fields[0])
        (role, purpose) = (try Name(fields[1]), try Name(fields[2]))
        var categories: [Name] = []
        for name in try Wire.elements(of: fields[3], maximum: 64) { categories.append(try Name(name)) }
        self.categories = categories
        basis = try RequestBasis(wire: fields[4])
        var participants: [PartyID] = []
        for party in try Wire.elements(of: fields[5], maximum: 16) { participants.append(try PartyID(party)) }
        self.participants = participants
        words = [:]
    }
}
