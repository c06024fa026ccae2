import Crypto
import Polymorphic
import Ristretto255

/// A leaf of the Ledger: `0x01 || u8 kind || commit 32 || tag 32 || SHA-256(detail)`, 98 bytes, all alike (PROTOCOL
/// 10).
public struct Leaf: Hashable, Sendable {
    public static let byteCount = 98
    public enum Kind: UInt8, Sendable {
        /// An exchange item or a row entry.
        case exchange = 1
        /// A public governance record.
        case governance = 2
    }
    public let bytes: [UInt8]

    /// - Throws: `length` for another size, version or kind.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        try need(bytes.count == Self.byteCount && bytes[0] == 1 && Kind(rawValue: bytes[1]) != nil, .length)
        self.bytes = bytes
    }

    init(_ kind: Kind, commitment: Bytes32, tag: Bytes32, detail: [UInt8]) {
        bytes = [1, kind.rawValue] + commitment.bytes + tag.bytes + Array(SHA256.hash(data: detail))
    }

    /// A public record: Directory entry, revocation, policy, ceremony, page.
    public init(governance record: [UInt8]) { self.init(.governance, commitment: .zero, tag: .zero, detail: record) }

    public var kind: Kind { bytes[1] == 1 ? .exchange : .governance }
    public var tag: Bytes32 { Bytes32(bytes[34..<66]) ?? .zero }
    /// SHA-256 of the detail.
    public var detailHash: Bytes32 { Bytes32(bytes[66...]) ?? .zero }
    /// RFC 6962: `SHA-256(0x00 || leaf)`.
    public var hash: [UInt8] { Array(SHA256.hash(data: [0] + bytes)) }
}

/// A leaf with what is sealed for the person, before it is submitted.
public struct LeafWithDetail: Hashable, Sendable {
    public let leaf: Leaf
    /// Sealed to the audit key of the person (or to the authority, for an item without a row).
    public let detail: [UInt8]
    /// `rd` and item, for which the detail is sealed: whoever opens it must be told.
    public let requestDigest: Bytes64
    public let item: UInt16
}

/// Makes leaves (PROTOCOL 10). The opening of a commitment is a MAC of fresh bytes, so that a broken generator does not
/// open it.
public struct LeafMaker: Sendable {
    /// What a leaf commits to and how it is found.
    public enum Tag: Sendable {
        /// The counter of the row: `mac(v_i, "tag", u64(j))`.
        case counter(Bytes32)
        /// The stop tag of a withdrawal.
        case stop(Bytes32)
        /// An item without a row.
        case rowless
    }

    /// The transcryptor's index.
    let index: UInt8
    let ring: KeyRing

    /// - Parameter ring: `hk_i`.
    public init(index: UInt8, ring: KeyRing) { (self.index, self.ring) = (index, ring) }

    /// `tag_ij`, from the row's tag key.
    public static func tag(_ key: borrowing SecretBytes, counter: UInt64) -> Bytes32 {
        mac(key, .tag, counter.bigEndianBytes).first
    }

    /// `r = mac(hk_i, "opening", rand, private)[0:32]`.
    func opening(_ signed: [UInt8], _ fresh: Bytes64) throws(Refusal) -> SecretBytes {
        let bytes = try ring.with(ring.current, orRefuse: .unavailable) { (key) throws(Refusal) in
            mac(key, .opening, fresh.bytes, signed).first
        }
        return SecretBytes(copying: bytes.bytes)
    }

    /// A leaf over a private part or a row entry.
    /// - Parameters:
    ///   - signed: the private part, the countersignature, or the withdrawal.
    ///   - requestDigest: `rd`, or SHA-512 of `signed` for a row entry.
    ///   - recipient: Z_d of the row; the authority's Z for an item without a row.
    ///   - fresh: 64 random bytes for the opening, 64 for the box.
    public func leaf(
        over signed: [UInt8], requestDigest: Bytes64, item: UInt16, tag: Tag, explanation: [UInt8],
        to recipient: Element, sender: borrowing SecretScalar, fresh: (Bytes64, Bytes64)
    ) throws(Refusal) -> LeafWithDetail {
        let r = try opening(signed, fresh.0)
        let commitment = mac(r, .leaf, signed)
        let detail = try Detail.seal(
            opening: r.withBytes { [UInt8]($0) }, signed: signed, explanation: explanation,
            requestDigest: requestDigest, index: index, item: item, to: recipient, sender: sender, fresh: fresh.1)
        let tagBytes =
            switch tag {
            case .counter(let bytes), .stop(let bytes): bytes
            case .rowless: commitment.last
            }
        return LeafWithDetail(
            leaf: Leaf(.exchange, commitment: commitment.first, tag: tagBytes, detail: detail), detail: detail,
            requestDigest: requestDigest, item: item)
    }
}

/// What is sealed for the person beside each leaf: `pad(list(r, private, explanation))`.
public struct Detail: Hashable, Sendable {
    /// `r`, which opens the commitment.
    public let opening: [UInt8]
    /// The private part, countersignature or withdrawal.
    public let signed: [UInt8]
    /// Of the Request, or the entry; empty for a stop.
    public let explanation: [UInt8]

    static func info(_ requestDigest: Bytes64, _ index: UInt8, _ item: UInt16) -> [UInt8] {
        pack(.sealedDetail, requestDigest.bytes, [index], item.bigEndianBytes)
    }

    static func seal(
        opening: [UInt8], signed: [UInt8], explanation: [UInt8], requestDigest: Bytes64, index: UInt8, item: UInt16,
        to recipient: Element, sender: borrowing SecretScalar, fresh: Bytes64
    ) throws(Refusal) -> [UInt8] {
        try Seal.seal(
            Padding.pad(Wire.list([opening, signed, explanation])), to: recipient,
            info: info(requestDigest, index, item), sender: sender, fresh: fresh)
    }

    /// Opens a detail with the audit key.
    /// - Throws: those of a box; `padding`, `length`.
    public init(
        opening box: [UInt8], with key: borrowing OpeningKey, requestDigest: Bytes64, index: UInt8, item: UInt16
    ) throws(Refusal) {
        let fields = try Wire.fields(
            of: try Padding.unpad(key.open(box, info: Self.info(requestDigest, index, item))), 3)
        (opening, signed, explanation) = (fields[0], fields[1], fields[2])
    }

    /// Whether this detail opens the commitment of a leaf.
    public func opens(_ leaf: Leaf, detail: [UInt8]) -> Bool {
        let commitment = mac(SecretBytes(copying: opening), .leaf, signed).first
        return leaf.bytes[2..<34].elementsEqual(commitment.bytes)
            && leaf.detailHash.bytes == Array(SHA256.hash(data: detail))
    }

    /// `list(requester, role, purpose, list(categories), basis, list(participants))` of a Request.
    public static func explanation(of request: ExchangeRequest) -> [UInt8] {
        let content = request.content
        return Wire.list([
            content.requester.bytes, content.role.bytes, content.purpose.bytes,
            Wire.list(content.categories.map(\.bytes)), content.basis.bytes,
            Wire.list(content.participants.map(\.bytes)),
        ])
    }
}
