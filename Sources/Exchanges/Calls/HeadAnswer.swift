import Polymorphic
import Ristretto255

/// What a transcryptor answers to `head`: `list(head, signature, list(list(u64(leaf index), rd, u16(item),
/// detail)..))`.
/// `rd` and item stand beside each detail, because it was sealed for them and only its box says no more.
public struct HeadAnswer: Hashable, Sendable {
    /// One leaf of the row that is in the tree.
    public struct Listed: Hashable, Sendable {
        public let leafIndex: UInt64
        public let requestDigest: Bytes64
        public let item: UInt16
        /// Sealed to the audit key of the row.
        public let detail: [UInt8]

        public init(leafIndex: UInt64, requestDigest: Bytes64, item: UInt16, detail: [UInt8]) {
            (self.leafIndex, self.requestDigest) = (leafIndex, requestDigest)
            (self.item, self.detail) = (item, detail)
        }
        var bytes: [UInt8] {
            Wire.list([leafIndex.bigEndianBytes, requestDigest.bytes, item.bigEndianBytes, detail])
        }
    }

    public let head: [UInt8]
    public let signature: [UInt8]
    public let details: [Listed]

    public init(head: [UInt8], signature: [UInt8], details: [Listed]) {
        (self.head, self.signature, self.details) = (head, signature, details)
    }

    public var bytes: [UInt8] { Wire.list([head, signature, Wire.list(details.map(\.bytes))]) }

    /// - Throws: `length`, `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 3)
        (head, signature) = (fields[0], fields[1])
        var details: [Listed] = []
        for one in try Wire.elements(of: fields[2]) {
            let parts = try Wire.fields(of: one, 4)
            try need(parts[2].count == 2, .length)
            details.append(
                Listed(
                    leafIndex: try Wire.u64(parts[0]), requestDigest: try Wire.fixed(parts[1]),
                    item: UInt16(parts[2][0]) << 8 | UInt16(parts[2][1]), detail: parts[3]))
        }
        self.details = details
    }
}
