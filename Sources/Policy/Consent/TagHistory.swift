import Polymorphic
import Ristretto255

/// The tags of all leaves of the last 25 h, in the order of the Ledger.
///
/// An entry that arrives after its stop was read would live on without them. The owner of a history must have appended
/// a leaf's tag in the transaction that applied it to the rows, and must look entries up in the transaction that stores
/// them: otherwise a stop can fall between the two (PROTOCOL 9). A history that forgets too early revives what was
/// stopped; one that keeps longer does no harm.
public protocol TagHistory {
    /// The place of the first leaf with this tag; with `after`, of the first behind that place.
    /// - Throws: `unavailable` where the history cannot be read.
    func first(_ tag: Bytes32, after place: UInt64?) throws(Refusal) -> UInt64?
}

/// A history in memory.
public struct RecentTags: TagHistory, Sendable {
    private var places: [Bytes32: [UInt64]] = [:]
    private var queue: [(tag: Bytes32, place: UInt64, read: Instant)] = []
    private var next: UInt64 = 0

    public init() {}

    /// Takes the tag of the next leaf and forgets those that were read more than 25 h ago.
    public mutating func append(_ tag: Bytes32, at now: Instant) {
        let kept = queue.firstIndex { now - $0.read <= Span.tagsKept } ?? queue.count
        for old in queue[..<kept] {
            places[old.tag]?.removeAll { $0 == old.place }
            if places[old.tag]?.isEmpty == true { places[old.tag] = nil }
        }
        queue.removeFirst(kept)
        places[tag, default: []].append(next)
        queue.append((tag, next, now))
        next += 1
    }

    public func first(_ tag: Bytes32, after place: UInt64?) -> UInt64? {
        guard let place else { return places[tag]?.first }
        return places[tag]?.first { $0 > place }
    }
}
