/// The right edge of a log: per tile level the hashes of its last, partial tile. Enough to append and to know the root.
///
/// `levels[l]` holds `floor(size / 256^l) mod 256` hashes, each of a perfect subtree of `256^l` leaves; at most 255 x 8
/// in all. A tile leaves the edge in the moment when it is full.
public struct TreeEdge: Hashable, Sendable {
    /// Leaves of the tree.
    public private(set) var size: UInt64 = 0
    /// The hashes of the partial tiles, lowest level first.
    public private(set) var levels: [[TreeHash]] = []

    public init() {}

    /// Builds the edge from hashes that were read back.
    /// - Throws: `LogFault` `range` unless each level has exactly the number of hashes that `size` calls for.
    public init(size: UInt64, levels: [[TreeHash]]) throws(LogFault) {
        for level in 0..<max(levels.count, Tile.levels(of: size)) {
            let width = level < Tile.levels(of: size) ? Tile.partialWidth(level: level, size: size) : 0
            guard (level < levels.count ? levels[level].count : 0) == width else {
                throw LogFault(.range, "an edge level does not fit the size")
            }
        }
        (self.size, self.levels) = (size, levels)
    }

    /// Appends one leaf hash; each tile that becomes full is handed to `full` before it leaves the edge.
    public mutating func append(_ leaf: TreeHash, full: (Tile, [TreeHash]) -> Void = { _, _ in }) {
        size += 1
        var hash = leaf
        var level = 0
        while true {
            if level == levels.count {
                levels.append([])
                levels[level].reserveCapacity(Tile.width)
            }
            levels[level].append(hash)
            guard levels[level].count == Tile.width else { return }
            full(Tile(level: level, index: (size >> (8 * UInt64(level + 1))) - 1), levels[level])
            hash = Merkle.root(levels[level])
            levels[level].removeAll(keepingCapacity: true)
            level += 1
        }
    }

    /// The root of the tree.
    public var root: TreeHash {
        var right: TreeHash?
        for level in levels where !level.isEmpty || right != nil {
            right = if let below = right { Merkle.root(level + [below]) } else { Merkle.root(level) }
        }
        return right ?? .emptyRoot
    }

    /// The roots of the perfect subtrees that the tree falls into, largest first, as a frontier is stored. (RFC 6962,
    /// 2.1)
    public var frontier: [TreeHash] {
        var out = [TreeHash]()
        for level in levels.reversed() {
            var start = 0
            for bit in stride(from: 7, through: 0, by: -1) where level.count & (1 << bit) != 0 {
                out.append(Merkle.root(level[start..<start + (1 << bit)]))
                start += 1 << bit
            }
        }
        return out
    }

    /// The root that a frontier leads to.
    public static func root(ofFrontier frontier: [TreeHash]) -> TreeHash {
        guard var acc = frontier.last else { return .emptyRoot }
        for left in frontier.dropLast().reversed() { acc = Merkle.node(left, acc) }
        return acc
    }
}
