import Guards

/// Verification of inclusion and consistency. (RFC 9162, 2.1.3.2 and 2.1.4.2)
///
/// Each function takes untrusted values and throws a `LogFault` that says what is wrong; returning is the only yes.
public enum Proof {
    /// Hashes of the longest proof: a tree of 2^63 leaves has 63 levels.
    public static let hashesMax = 63

    /// Checks that `leaf` stands at `index` in the tree of `size` leaves under `root`.
    public static func verifyInclusion(
        leaf: TreeHash, index: UInt64, size: UInt64, proof: [TreeHash], root: TreeHash
    ) throws(LogFault) {
        guard index < size else { throw LogFault(.range, "index outside the tree") }
        guard proof.count <= hashesMax else { throw LogFault(.limit, "too many hashes in a proof") }
        var (fn, sn, r) = (index, size - 1, leaf)
        for p in proof {
            guard sn != 0 else { throw LogFault(.proofLength, "inclusion proof is too long") }
            if fn & 1 == 1 || fn == sn {
                r = Merkle.node(p, r)
                while fn & 1 == 0 && fn != 0 { (fn, sn) = (fn >> 1, sn >> 1) }
            } else {
                r = Merkle.node(r, p)
            }
            (fn, sn) = (fn >> 1, sn >> 1)
        }
        guard sn == 0 else { throw LogFault(.proofLength, "inclusion proof is too short") }
        if enforced("guard:ledger.inclusion-root") {
            guard r == root else { throw LogFault(.root, "inclusion proof leads to another root") }
        }
    }

    /// Checks that the tree of `new` leaves begins with the tree of `old` leaves.
    ///
    /// Size 0 is a prefix of every tree, with an empty proof, as tlog-witness asks for.
    public static func verifyConsistency(
        old: UInt64, oldRoot: TreeHash, new: UInt64, newRoot: TreeHash, proof: [TreeHash]
    ) throws(LogFault) {
        guard old <= new else { throw LogFault(.range, "the new tree is smaller") }
        guard proof.count <= hashesMax else { throw LogFault(.limit, "too many hashes in a proof") }
        if old == 0 || old == new {
            guard proof.isEmpty else { throw LogFault(.proofLength, "consistency proof should be empty") }
            let expected = old == 0 ? TreeHash.emptyRoot : newRoot
            guard oldRoot == expected else { throw LogFault(.root, "another root at the same size") }
            guard new != 0 || newRoot == .emptyRoot else { throw LogFault(.root, "a root over no leaves") }
            return
        }
        var rest = proof[...]
        let first: TreeHash
        if old & (old - 1) == 0 {
            first = oldRoot
        } else {
            guard let head = rest.popFirst() else { throw LogFault(.proofLength, "consistency proof is empty") }
            first = head
        }
        var (fn, sn, fr, sr) = (old - 1, new - 1, first, first)
        while fn & 1 == 1 { (fn, sn) = (fn >> 1, sn >> 1) }
        for c in rest {
            guard sn != 0 else { throw LogFault(.proofLength, "consistency proof is too long") }
            if fn & 1 == 1 || fn == sn {
                fr = Merkle.node(c, fr)
                sr = Merkle.node(c, sr)
                while fn & 1 == 0 && fn != 0 { (fn, sn) = (fn >> 1, sn >> 1) }
            } else {
                sr = Merkle.node(sr, c)
            }
            (fn, sn) = (fn >> 1, sn >> 1)
        }
        guard sn == 0 else { throw LogFault(.proofLength, "consistency proof is too short") }
        if enforced("guard:ledger.consistency-root") {
            guard fr == oldRoot else { throw LogFault(.root, "consistency proof leads to another old root") }
            guard sr == newRoot else { throw LogFault(.root, "consistency proof leads to another new root") }
        }
    }
}

/// Which tiles a proof needs, and the proof once they are there. Pure: the caller fetches, by whatever way it has.
public struct ProofPlan: Sendable {
    /// Leaves of the tree the proof is for.
    public let size: UInt64
    /// The tiles to fetch, each as wide as the tree of `size` leaves has it.
    public let tiles: [Tile]
    private let ranges: [Range<UInt64>]

    private init(size: UInt64, ranges: [Range<UInt64>]) {
        (self.size, self.ranges) = (size, ranges)
        var seen = Set<Tile>()
        tiles = ranges.flatMap(Subtree.covering).compactMap { $0.tile(size: size) }.filter { seen.insert($0).inserted }
    }

    /// A plan for the proof that the leaf at `index` is in the tree of `size` leaves.
    /// - Throws: `LogFault` `range`.
    public static func inclusion(index: UInt64, size: UInt64) throws(LogFault) -> ProofPlan {
        guard index < size else { throw LogFault(.range, "index outside the tree") }
        var out = [Range<UInt64>]()
        var (low, high) = (UInt64(0), size)
        while high - low > 1 {
            let middle = low + split(high - low)
            if index < middle {
                out.append(middle..<high)
                high = middle
            } else {
                out.append(low..<middle)
                low = middle
            }
        }
        return ProofPlan(size: size, ranges: out.reversed())
    }

    /// A plan for the proof that the tree of `new` leaves begins with that of `old` leaves.
    /// - Throws: `LogFault` `range`.
    public static func consistency(old: UInt64, new: UInt64) throws(LogFault) -> ProofPlan {
        guard old <= new else { throw LogFault(.range, "the new tree is smaller") }
        guard old != 0 && old != new else { return ProofPlan(size: new, ranges: []) }
        var out = [Range<UInt64>]()
        var (low, high, isRoot) = (UInt64(0), new, true)
        while high != old {
            let middle = low + split(high - low)
            if old <= middle {
                out.append(middle..<high)
                high = middle
            } else {
                out.append(low..<middle)
                low = middle
                isRoot = false
            }
        }
        if !isRoot { out.append(low..<high) }
        return ProofPlan(size: new, ranges: out.reversed())
    }

    /// A plan for the root of the first `prefix` leaves of a tree of `size` leaves, as one range.
    /// - Throws: `LogFault` `range`.
    public static func root(prefix: UInt64, size: UInt64) throws(LogFault) -> ProofPlan {
        guard prefix > 0 && prefix <= size else { throw LogFault(.range, "prefix outside the tree") }
        return ProofPlan(size: size, ranges: [0..<prefix])
    }

    /// The proof: one hash for each range, leaf to root.
    /// - Parameter tiles: answers each of `tiles`.
    /// - Throws: `LogFault` `tile` if one is missing or too short.
    public func assemble(_ tiles: [Tile: [TreeHash]]) throws(LogFault) -> [TreeHash] {
        var out = [TreeHash]()
        for range in ranges {
            var hashes = [TreeHash]()
            for subtree in Subtree.covering(range) {
                guard let tile = subtree.tile(size: size), let items = tiles[tile] else {
                    throw LogFault(.tile, "a tile of the proof is missing")
                }
                let span = subtree.items
                guard span.upperBound <= items.count else { throw LogFault(.tile, "a tile of the proof is too short") }
                hashes.append(Merkle.root(items[span]))
            }
            out.append(TreeEdge.root(ofFrontier: hashes))
        }
        return out
    }

    private static func split(_ count: UInt64) -> UInt64 { 1 << (63 - UInt64((count - 1).leadingZeroBitCount)) }
}

/// A perfect subtree of `2^height` leaves, the `index`-th of that height.
struct Subtree {
    let height: Int
    let index: UInt64

    /// The perfect subtrees that a range falls into, largest first; the range must begin where its largest may.
    static func covering(_ range: Range<UInt64>) -> [Subtree] {
        var out = [Subtree]()
        var low = range.lowerBound
        while low < range.upperBound {
            let height = 63 - (range.upperBound - low).leadingZeroBitCount
            out.append(Subtree(height: height, index: low >> UInt64(height)))
            low += 1 << UInt64(height)
        }
        return out
    }

    /// The tile whose items give this subtree's hash.
    func tile(size: UInt64) -> Tile? {
        Tile.at(level: height / 8, index: (index << UInt64(height % 8)) / 256, size: size)
    }

    /// Which items of that tile.
    var items: Range<Int> {
        let first = Int((index << UInt64(height % 8)) % 256)
        return first..<(first + 1 << (height % 8))
    }
}
