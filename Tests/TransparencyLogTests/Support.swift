import Guards
import Testing

@testable import TransparencyLog

/// A small generator with a printed seed: tests that draw are repeatable.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &+ 0x9e37_79b9_7f4a_7c15 }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// The tree of RFC 6962, 2.1, word for word and as slow: what everything else is compared with.
struct NaiveTree {
    let leaves: [TreeHash]

    func root(_ range: Range<Int>) -> TreeHash {
        if range.isEmpty { return .emptyRoot }
        if range.count == 1 { return leaves[range.lowerBound] }
        let k = Self.split(range.count)
        return Merkle.node(
            root(range.lowerBound..<range.lowerBound + k), root(range.lowerBound + k..<range.upperBound))
    }

    func path(_ m: Int, _ range: Range<Int>) -> [TreeHash] {
        if range.count == 1 { return [] }
        let middle = range.lowerBound + Self.split(range.count)
        return m < middle
            ? path(m, range.lowerBound..<middle) + [root(middle..<range.upperBound)]
            : path(m, middle..<range.upperBound) + [root(range.lowerBound..<middle)]
    }

    func subproof(_ m: Int, _ range: Range<Int>, _ isWhole: Bool) -> [TreeHash] {
        if m == range.upperBound { return isWhole ? [] : [root(range)] }
        let middle = range.lowerBound + Self.split(range.count)
        return m <= middle
            ? subproof(m, range.lowerBound..<middle, isWhole) + [root(middle..<range.upperBound)]
            : subproof(m, middle..<range.upperBound, false) + [root(range.lowerBound..<middle)]
    }

    static func split(_ n: Int) -> Int {
        var k = 1
        while k * 2 < n { k *= 2 }
        return k
    }
}

/// A tree that keeps every hash of every level, as tiles need them.
struct TileTree {
    private(set) var edge = TreeEdge()
    private(set) var full: [Tile: [TreeHash]] = [:]

    mutating func append(_ leaf: TreeHash) { edge.append(leaf) { full[$0] = $1 } }

    /// The tile as the tree of `size` (not larger than ours) has it.
    func tile(_ tile: Tile) -> [TreeHash] {
        // A full tile of ours serves a narrower one; what is still in the edge may be narrower too.
        if let hashes = full[tile.full] { return Array(hashes.prefix(tile.width)) }
        return Array(edge.levels[tile.level].prefix(tile.width))
    }

    func prove(_ plan: ProofPlan) throws -> [TreeHash] {
        try plan.assemble(Dictionary(uniqueKeysWithValues: plan.tiles.map { ($0, tile($0)) }))
    }
}

func entry(_ index: Int) -> [UInt8] { Array("entry-\(index)".utf8) }

/// The reason with which `body` refuses, nil if it does not.
func refusal(_ body: () throws -> some Any) -> LogFault.Code? {
    do { _ = try body() } catch let fault as LogFault { return fault.code } catch { Issue.record("\(error)") }
    return nil
}
