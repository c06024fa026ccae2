import Foundation
import Testing

@testable import TransparencyLog

/// Every (size, index) and every (old, new) against the naive tree.
struct PropertyTests {
    static let largest = 1_000
    /// Sizes that are tried with every index and every older size: in a soak run all up to 1,000 (six minutes
    /// unoptimised), otherwise all up to 140 and those around the borders of tiles.
    static let sizes =
        ProcessInfo.processInfo.environment["WARIFU_SOAK"] != nil
        ? Array(1...largest) : Array(1...140) + [255, 256, 257, 258, 511, 512, 513, 768, 769, 1_000]
    /// Up to this size the proofs are compared hash by hash with those of the naive tree; beyond, they are verified.
    static let compared = 140

    @Test func everyInclusionProofIsThatOfTheNaiveTreeAndVerifies() throws {
        let (tree, naive) = Self.tree(Self.largest)
        let roots = Self.roots(upTo: Self.largest)
        for size in Self.sizes {
            // One dictionary of all tiles for each size; a plan names those that it needs.
            let tiles = Dictionary(uniqueKeysWithValues: Tile.all(size: UInt64(size)).map { ($0, tree.tile($0)) })
            #expect(size > Self.compared || naive.root(0..<size) == roots[size])
            for index in 0..<size {
                let proof = try ProofPlan.inclusion(index: UInt64(index), size: UInt64(size)).assemble(tiles)
                if refusal({
                    try Proof.verifyInclusion(
                        leaf: naive.leaves[index], index: UInt64(index), size: UInt64(size), proof: proof,
                        root: roots[size])
                }) != nil || (size <= Self.compared && proof != naive.path(index, 0..<size)) {
                    Issue.record("size \(size) index \(index)")
                }
            }
        }
    }

    @Test func everyConsistencyProofIsThatOfTheNaiveTreeAndVerifies() throws {
        let (tree, naive) = Self.tree(Self.largest)
        let roots = Self.roots(upTo: Self.largest)
        for size in Self.sizes {
            let tiles = Dictionary(uniqueKeysWithValues: Tile.all(size: UInt64(size)).map { ($0, tree.tile($0)) })
            for old in 1...size {
                let proof = try ProofPlan.consistency(old: UInt64(old), new: UInt64(size)).assemble(tiles)
                if refusal({
                    try Proof.verifyConsistency(
                        old: UInt64(old), oldRoot: roots[old], new: UInt64(size), newRoot: roots[size], proof: proof)
                }) != nil || (size <= Self.compared && proof != naive.subproof(old, 0..<size, true)) {
                    Issue.record("old \(old) new \(size)")
                }
            }
            #expect(try ProofPlan.root(prefix: UInt64(size), size: UInt64(size)).assemble(tiles) == [roots[size]])
        }
    }

    @Test func theEmptyTreeIsAPrefixOfEveryTree() throws {
        let roots = Self.roots(upTo: 5)
        for size in 0...5 {
            try Proof.verifyConsistency(
                old: 0, oldRoot: .emptyRoot, new: UInt64(size), newRoot: roots[size], proof: [])
            #expect(
                refusal {
                    try Proof.verifyConsistency(
                        old: 0, oldRoot: roots[1], new: UInt64(size), newRoot: roots[size], proof: [])
                } == .root)
        }
    }

    @Test func anEdgeIsRebuiltFromItsLevelsAndOnlyFromThose() throws {
        var tree = TileTree()
        for index in 0..<66_000 { tree.append(Merkle.leaf(entry(index))) }
        let again = try TreeEdge(size: tree.edge.size, levels: tree.edge.levels)
        #expect(again.root == tree.edge.root)
        #expect(refusal { try TreeEdge(size: tree.edge.size - 1, levels: tree.edge.levels) } == .range)
        #expect(refusal { try TreeEdge(size: tree.edge.size, levels: tree.edge.levels.dropLast()) } == .range)
        #expect(refusal { try TreeEdge(size: tree.edge.size, levels: tree.edge.levels + [[.emptyRoot]]) } == .range)
    }

    @Test func proofsAcrossThreeTileLevelsVerify() throws {
        var tree = TileTree()
        var roots = [UInt64: TreeHash]()
        for index in 0..<70_000 {
            tree.append(Merkle.leaf(entry(index)))
            if (index + 1) % 997 == 0 || index == 69_999 { roots[UInt64(index + 1)] = tree.edge.root }
        }
        let root = try #require(roots[70_000])
        for (old, oldRoot) in roots {
            let proof = try tree.prove(.consistency(old: old, new: 70_000))
            try Proof.verifyConsistency(old: old, oldRoot: oldRoot, new: 70_000, newRoot: root, proof: proof)
            let inclusion = try tree.prove(.inclusion(index: old - 1, size: 70_000))
            try Proof.verifyInclusion(
                leaf: Merkle.leaf(entry(Int(old) - 1)), index: old - 1, size: 70_000, proof: inclusion, root: root)
        }
    }

    static func tree(_ size: Int) -> (TileTree, NaiveTree) {
        var tree = TileTree()
        let leaves = (0..<size).map { Merkle.leaf(entry($0)) }
        for leaf in leaves { tree.append(leaf) }
        return (tree, NaiveTree(leaves: leaves))
    }

    static func roots(upTo size: Int) -> [TreeHash] {
        var edge = TreeEdge()
        return [edge.root]
            + (0..<size).map { index in
                edge.append(Merkle.leaf(entry(index)))
                return edge.root
            }
    }
}
