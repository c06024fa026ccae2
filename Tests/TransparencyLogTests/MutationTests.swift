import Guards
import Testing

@testable import TransparencyLog

/// Each class of damage to a proof, on every tree up to 40 leaves and on one with three levels of tiles.
struct MutationTests {
    static func damaged(_ value: UInt64) -> [UInt64] { [value &- 1, value &+ 1, value &* 2, value / 2, value ^ 2] }

    static func damaged(_ proof: [TreeHash], root: TreeHash, _ random: inout Seeded) -> [[TreeHash]] {
        let noise = TreeHash((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }) ?? .emptyRoot
        var out: [[TreeHash]] = [
            proof + [noise], [noise] + proof, proof + [root], [root] + proof, proof + [.emptyRoot],
        ]
        if !proof.isEmpty { out += [[], Array(proof.dropLast()), Array(proof.dropFirst())] }
        for at in proof.indices {
            var bytes = proof[at].bytes
            bytes[Int.random(in: 0..<32, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            var copy = proof
            copy[at] = TreeHash(bytes) ?? .emptyRoot
            out += [copy]
            copy[at] = root
            out += [copy]
        }
        return out
    }

    @Test func noDamagedInclusionProofVerifies() throws {
        var random = Seeded(1)
        for size in Array(1...40) + [300] {
            let (tree, naive) = PropertyTests.tree(size)
            let root = naive.root(0..<size)
            for index in stride(from: 0, to: size, by: size > 40 ? 17 : 1) {
                let proof = try tree.prove(.inclusion(index: UInt64(index), size: UInt64(size)))
                let leaf = naive.leaves[index]
                func accepts(_ leaf: TreeHash, _ i: UInt64, _ n: UInt64, _ p: [TreeHash], _ r: TreeHash) -> Bool {
                    (try? Proof.verifyInclusion(leaf: leaf, index: i, size: n, proof: p, root: r)) != nil
                }
                #expect(accepts(leaf, UInt64(index), UInt64(size), proof, root))
                for other in Self.damaged(UInt64(index)) where other != UInt64(index) {
                    #expect(!accepts(leaf, other, UInt64(size), proof, root))
                }
                for other in Self.damaged(proof, root: root, &random) where other != proof {
                    #expect(!accepts(leaf, UInt64(index), UInt64(size), other, root))
                }
                #expect(!accepts(root, UInt64(index), UInt64(size), proof, leaf) || size == 1)
                #expect(!accepts(leaf, UInt64(index), UInt64(size), proof, .emptyRoot))
                // Another size can give the same path from the same leaf; then the proof is of the right length for
                // both.
                for other in Self.damaged(UInt64(size))
                where other != UInt64(size) && other > UInt64(index) && other < 1 << 20 {
                    let plan = try ProofPlan.inclusion(index: UInt64(index), size: other)
                    if naive.leaves.count >= Int(other), try tree.prove(plan) != proof {
                        #expect(!accepts(leaf, UInt64(index), other, proof, naive.root(0..<Int(other))))
                    }
                }
            }
        }
    }

    @Test func noDamagedConsistencyProofVerifies() throws {
        var random = Seeded(2)
        for size in Array(2...40) + [300] {
            let (tree, naive) = PropertyTests.tree(size)
            let roots = PropertyTests.roots(upTo: size)
            for old in stride(from: 1, to: size, by: size > 40 ? 17 : 1) {
                let proof = try tree.prove(.consistency(old: UInt64(old), new: UInt64(size)))
                func accepts(_ o: UInt64, _ n: UInt64, _ p: [TreeHash], _ a: TreeHash, _ b: TreeHash) -> Bool {
                    (try? Proof.verifyConsistency(old: o, oldRoot: a, new: n, newRoot: b, proof: p)) != nil
                }
                let (o, n, a, b) = (UInt64(old), UInt64(size), roots[old], naive.root(0..<size))
                #expect(accepts(o, n, proof, a, b))
                #expect(!accepts(o, n, proof, b, a))
                #expect(!accepts(n, o, proof, b, a))
                #expect(!accepts(o, n, proof, a, a) && !accepts(o, n, proof, b, b))
                for other in Self.damaged(proof, root: b, &random) where other != proof {
                    #expect(!accepts(o, n, other, a, b))
                }
                for other in Self.damaged(o) where other != o { #expect(!accepts(other, n, proof, a, b)) }
            }
        }
    }

    @Test func aLeafHashOfAnotherLengthIsNoHash() {
        #expect(TreeHash([UInt8](repeating: 0, count: 31)) == nil)
        #expect(TreeHash([UInt8](repeating: 0, count: 33)) == nil)
        #expect(TreeHash([UInt8]()) == nil)
    }

    @Test func withoutTheRootComparisonAForeignLeafIsProved() throws {
        let (tree, naive) = PropertyTests.tree(9)
        let proof = try tree.prove(.inclusion(index: 3, size: 9))
        let attack = { () throws(LogFault) in
            try Proof.verifyInclusion(leaf: .emptyRoot, index: 3, size: 9, proof: proof, root: naive.root(0..<9))
        }
        #expect(refusal(attack) == .root)
        #expect(Guards.withOff("guard:ledger.inclusion-root") { refusal(attack) } == nil)
    }

    @Test func withoutTheRootComparisonARewrittenTreeIsConsistent() throws {
        let (tree, naive) = PropertyTests.tree(9)
        let proof = try tree.prove(.consistency(old: 5, new: 9))
        let attack = { () throws(LogFault) in
            try Proof.verifyConsistency(
                old: 5, oldRoot: .emptyRoot, new: 9, newRoot: naive.root(0..<9), proof: proof)
        }
        #expect(refusal(attack) == .root)
        #expect(Guards.withOff("guard:ledger.consistency-root") { refusal(attack) } == nil)
    }
}
