import Synchronization
import TransparencyLog

/// Where the leaves of the last hours stand, so that the same bytes sent twice count once. (PROTOCOL 10)
///
/// Sixteen bytes to a slot, at most two thirds of them used: the first eight bytes of the leaf hash and the index.
/// Nothing of it is on disk: it is read again from the tiles at start. A hit is checked against the stored leaf by
/// whoever asks.
final class RecentLeaves: Sendable {
    /// One stretch of time; forgotten as a whole.
    private struct Generation {
        var table = PrefixTable()
        var newest: UInt64
        let began: UInt64
    }

    private let generations: Mutex<[Generation]> = Mutex([])
    /// Seconds that a leaf is remembered at least.
    private let remembered: UInt64

    init(remembered: UInt64) { self.remembered = remembered }

    /// The index of a leaf whose hash begins with `prefix`, if one is remembered.
    func index(of prefix: UInt64) -> UInt64? {
        generations.withLock { all in
            for generation in all.reversed() {
                if let index = generation.table.value(of: prefix) { return index }
            }
            return nil
        }
    }

    /// Remembers leaves in index order, committed at `time` (Unix seconds).
    func insert(_ hashes: some Sequence<TreeHash>, first: UInt64, at time: UInt64) {
        generations.withLock { all in
            all.removeAll { $0.newest + remembered < time }
            if (all.last?.began).map({ $0 + remembered / 5 < time }) ?? true {
                all.append(Generation(newest: time, began: time))
            }
            all[all.count - 1].newest = max(time, all[all.count - 1].newest)
            var index = first
            for hash in hashes {
                all[all.count - 1].table.insert(hash.prefix, index)
                index += 1
            }
        }
    }

    /// Leaves remembered now.
    var count: Int { generations.withLock { $0.reduce(0) { $0 + $1.table.count } } }
}

/// A table of numbers with open addressing; a key that is there keeps its first value.
struct PrefixTable {
    private var keys = [UInt64](repeating: 0, count: 1_024)
    /// Value + 1; 0 is an empty slot.
    private var values = [UInt64](repeating: 0, count: 1_024)
    private(set) var count = 0

    func value(of key: UInt64) -> UInt64? {
        let slot = find(key)
        return values[slot] == 0 ? nil : values[slot] - 1
    }

    mutating func insert(_ key: UInt64, _ value: UInt64) {
        if count * 3 >= keys.count * 2 { grow() }
        let slot = find(key)
        guard values[slot] == 0 else { return }
        (keys[slot], values[slot]) = (key, value + 1)
        count += 1
    }

    /// The slot of the key, or the empty one where it would go. There always is one: a third of them is empty.
    private func find(_ key: UInt64) -> Int {
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: key) & mask
        while values[slot] != 0 && keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = (keys, values)
        keys = [UInt64](repeating: 0, count: old.0.count * 2)
        values = keys
        for slot in old.0.indices where old.1[slot] != 0 {
            let place = find(old.0[slot])
            (keys[place], values[place]) = (old.0[slot], old.1[slot])
        }
    }
}
