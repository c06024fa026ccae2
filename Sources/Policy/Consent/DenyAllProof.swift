import Guards
import Polymorphic
import Ristretto255

/// What a device demands before it shows that everything was withdrawn (PROTOCOL 9).
public enum DenyAllProof {
    /// The leaf that shows one deny-all: its index in the Ledger and its 98 bytes, whose inclusion was verified.
    public struct Leaf: Hashable, Sendable {
        public let index: UInt64
        public let tag: Bytes32

        /// - Throws: `head` for anything that is no leaf.
        public init(index: UInt64, leaf: [UInt8]) throws(Refusal) {
            guard leaf.count == 98, let tag = Bytes32(leaf[34..<66]) else { throw Refusal(.head) }
            (self.index, self.tag) = (index, tag)
        }
    }

    /// Checks that leaf c bears a tag of deny-all c, for c = 1, 2, .., and that their indexes rise: then every reader
    /// of the Ledger has counted all of them.
    /// - Throws: `head`.
    public static func verify(_ leaves: [Leaf], rowKey: StopKey, transcryptors: UInt8) throws(Refusal) {
        var previous: UInt64?
        for (offset, leaf) in leaves.enumerated() {
            if enforced("guard:consent.deny-tag") {
                let tags = rowKey.tags(.denyAll(UInt64(offset) + 1), transcryptors: transcryptors)
                try need(tags.contains(leaf.tag), .head)
            }
            if enforced("guard:consent.deny-order"), let previous { try need(previous < leaf.index, .head) }
            previous = leaf.index
        }
    }
}
