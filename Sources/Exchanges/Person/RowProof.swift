import Polymorphic
import Ristretto255

/// The context of the proof that a pair is the person of a row:
/// `digest("row", xid, party, purpose, u8(i), h_i, PP_i, PP')` (PROTOCOL 5, 6).
public struct RowProofContext: Hashable, Sendable {
    /// The exchange; the enrolment id for the pairs of a row; zeros for an emergency presentation.
    public let id: Bytes16
    /// Empty for the pairs of a row and for an emergency presentation.
    public let party: [UInt8]
    public let purpose: [UInt8]
    /// The transcryptor.
    public let index: UInt8
    public let handle: Bytes16

    public init(id: Bytes16, party: [UInt8], purpose: [UInt8], index: UInt8, handle: Bytes16) {
        (self.id, self.party, self.purpose, self.index, self.handle) = (id, party, purpose, index, handle)
    }

    /// Of the pair that a row is made with.
    public static func enrolment(_ id: Bytes16, index: UInt8, handle: Bytes16) -> RowProofContext {
        RowProofContext(id: id, party: [], purpose: Array("enrolment".utf8), index: index, handle: handle)
    }

    public func bytes(_ from: PolymorphicPseudonym, _ to: PolymorphicPseudonym) -> [UInt8] {
        equalityContext(
            digest(.row, id.bytes, party, purpose, [index], handle.bytes, from.bytes, to.bytes))
    }
}
