import Synchronization
import TransparencyLog

/// In which bundles the leaves of the last hours stand, so that the same bytes sent twice count once. (PROTOCOL 10)
///
/// Four bytes to a cell, three quarters of them used: 5.3 bytes a leaf, and less than one segment too many. A cell
/// names a bundle of 256 leaves and says a little of the hash: whoever asks reads the bundle and compares. Nothing of
/// it is on disk: it is read again from the tiles at start.
final class RecentLeaves: Sendable {
    private struct State {
        /// In index order, without gaps between them.
        var segments: [Segment] = []
        /// Leaves before this index need not be remembered again.
        var end: UInt64 = 0
    }
    private let state = Mutex(State())
    /// Seconds that a leaf is remembered at least.
    private let remembered: UInt64
    /// Leaves of the first segment: 2.8 MB.
    private let leavesMin: Int

    init(remembered: UInt64, leavesMin: Int = 1 << 19) {
        (self.remembered, self.leavesMin) = (remembered, leavesMin)
    }

    /// For leaves whose hashes begin with `prefixes`: the bundles, in their order, that may hold the leaf, by its place
    /// among them. Nearly always there is none, or the right one.
    ///
    /// All leaves of a flush at once: what one of them waits for in memory, others overlap with.
    func bundles(of prefixes: [UInt64]) -> [Int: [UInt64]] {
        state.withLock { state in
            var out: [Int: [UInt64]] = [:]
            for place in state.segments.indices { state.segments[place].find(prefixes, &out) }
            return out
        }
    }

    /// Remembers leaves in index order, committed at `time` (Unix seconds). What is remembered already is passed over.
    func insert(_ hashes: some Collection<TreeHash>, first: UInt64, at time: UInt64) {
        state.withLock { state in
            state.segments.removeAll { $0.newest + remembered < time }
            let known = state.end > first ? Int(min(state.end - first, UInt64(hashes.count))) : 0
            var index = first + UInt64(known)
            for hash in hashes.dropFirst(known) {
                if state.segments.last.map({ $0.isFull || $0.began + remembered / 5 < time }) ?? true {
                    let leaves = state.segments.reduce(0) { $0 + $1.count }
                    state.segments.append(Segment(leaves: max(leavesMin, leaves), from: index, at: time))
                }
                state.segments[state.segments.count - 1].insert(hash.prefix, index, time)
                index += 1
            }
            state.end = max(state.end, index)
        }
    }

    /// Leaves remembered now.
    var count: Int { state.withLock { $0.segments.reduce(0) { $0 + $1.count } } }
    /// Bytes that it takes.
    var byteCount: Int { state.withLock { $0.segments.reduce(0) { $0 + $1.byteCount } } }
}

/// Leaves that follow one another, up to a fixed number; forgotten as a whole. It never grows, so that it need not keep
/// what growing would ask for.
private struct Segment {
    /// A bundle's distance from the first must fit into 16 bits.
    private static let leavesMax = 1 << 23
    /// Cells that are looked at together: what the processor fetches at once.
    private static let row = 16

    /// Sixteen bits of the hash, never zero, and the bundle's distance from the first one; 0 is an empty cell.
    private var cells: [UInt32]
    private let rows: UInt64
    private let firstBundle: UInt64
    private let leavesMost: Int
    private(set) var count = 0
    let began: UInt64
    private(set) var newest: UInt64

    /// - Parameter leaves: how many it holds: as many as those before it together, so that there are few segments and
    ///   little is never used.
    init(leaves: Int, from index: UInt64, at time: UInt64) {
        leavesMost = min(Self.leavesMax, leaves)
        // Three quarters of the cells are used in the end: one row in seven is full.
        rows = UInt64(leavesMost / 12 + 1)
        cells = [UInt32](repeating: 0, count: Int(rows) * Self.row)
        (firstBundle, began, newest) = (index / 256, time, time)
    }

    var isFull: Bool { count >= leavesMost }
    var byteCount: Int { cells.count * MemoryLayout<UInt32>.size }

    /// The high bits choose the row, the low ones are what stands there.
    private func start(_ prefix: UInt64) -> Int { Int(rows.multipliedFullWidth(by: prefix).high) * Self.row }
    private func mark(_ prefix: UInt64) -> UInt32 { max(1, UInt32(truncatingIfNeeded: prefix & 0xffff)) << 16 }
    private func after(_ row: Int) -> Int { row + Self.row == cells.count ? 0 : row + Self.row }

    /// - Precondition: it is not full, and `index` follows the last one.
    mutating func insert(_ prefix: UInt64, _ index: UInt64, _ time: UInt64) {
        let value = mark(prefix) | UInt32(index / 256 - firstBundle)
        var row = start(prefix)
        insertion: while true {
            for cell in row..<(row + Self.row) where cells[cell] == 0 || cells[cell] == value {
                cells[cell] = value
                break insertion
            }
            row = after(row)
        }
        count += 1
        newest = max(newest, time)
    }

    func find(_ prefixes: [UInt64], _ out: inout [Int: [UInt64]]) {
        cells.withUnsafeBufferPointer { cells in
            for (place, prefix) in prefixes.enumerated() {
                let mark = mark(prefix)
                var row = start(prefix)
                while true {
                    // Without a way out of the loop: sixteen comparisons are a few instructions.
                    var (isHere, hasRoom) = (false, false)
                    for cell in row..<(row + Self.row) {
                        isHere = (cells[cell] & 0xffff_0000 == mark) || isHere
                        hasRoom = cells[cell] == 0 || hasRoom
                    }
                    if isHere { take(row, mark, &out[place, default: []]) }
                    guard !hasRoom else { break }
                    row = after(row)
                }
            }
        }
    }

    private func take(_ row: Int, _ mark: UInt32, _ out: inout [UInt64]) {
        for cell in row..<(row + Self.row) where cells[cell] & 0xffff_0000 == mark {
            let bundle = firstBundle + UInt64(cells[cell] & 0xffff)
            // Two segments may share a bundle. In order: the first place of a leaf counts.
            guard !out.contains(bundle) else { continue }
            out.insert(bundle, at: out.firstIndex { $0 > bundle } ?? out.count)
        }
    }
}
