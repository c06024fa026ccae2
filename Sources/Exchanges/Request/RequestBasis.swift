import Policy
import Polymorphic
import Ristretto255

/// On what ground an exchange stands (PROTOCOL 8). "Neither" is not a case.
public enum RequestBasis: Hashable, Sendable {
    /// The person's own consent.
    case consent
    /// A declared emergency, with a reason code and a text.
    case breakGlass(code: [UInt8], text: [UInt8])
    /// A rule of the signed policy.
    case policy(rule: [UInt8])

    /// `0x01`; `0x02 || list(code, text)`; `0x03 || list(rule)`.
    public var bytes: [UInt8] {
        switch self {
        case .consent: [1]
        case .breakGlass(let code, let text): [2] + Wire.list([code, text])
        case .policy(let rule): [3] + Wire.list([rule])
        }
    }

    /// - Throws: `length` for another form; `text` for a code, rule or text that is none.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        // What is a basis is decided in one place, that of the rules which judge it.
        switch try Basis(wire: bytes) {
        case .consent: self = .consent
        case .breakGlass(let reason, let text): self = .breakGlass(code: reason.bytes, text: Array(text.utf8))
        case .policyRule(let rule): self = .policy(rule: rule.bytes)
        }
    }
}

/// One record that a Request deposits or fetches: `u8 use || u16 item || u16 target || hh 32`.
public struct RecordLine: Hashable, Sendable {
    public enum Use: UInt8, Sendable {
        case deposit = 1
        case fetch = 2
    }
    public let use: Use
    /// The item whose person it is about.
    public let item: Int
    /// The target where it is deposited; nil in a fetch.
    public let target: Int?
    public let hash: Bytes32

    static let noTarget: UInt16 = 0xffff

    public init(use: Use, item: Int, target: Int?, hash: Bytes32) {
        (self.use, self.item, self.target, self.hash) = (use, item, target, hash)
    }

    public var bytes: [UInt8] {
        [use.rawValue] + UInt16(item).bigEndianBytes + (target.map { UInt16($0) } ?? Self.noTarget).bigEndianBytes
            + hash.bytes
    }

    /// - Throws: `length` for another size, use or item; `target` for a target that is not there.
    init(wire bytes: [UInt8], items: Int, targets: Int, fromBase: Bool) throws(Refusal) {
        var reader = WireReader(bytes)
        try need(bytes.count == 37, .length)
        guard let use = Use(rawValue: try reader.integer(UInt8.self, orRefuse: .length)) else { throw Refusal(.length) }
        let item = Int(try reader.integer(UInt16.self, orRefuse: .length))
        let target = try reader.integer(UInt16.self, orRefuse: .length)
        try need(item < items, .length)
        switch use {
        case .deposit: try need(Int(target) < targets && !fromBase, .target)
        case .fetch: try need(target == Self.noTarget, .target)
        }
        self.init(
            use: use, item: item, target: use == .deposit ? Int(target) : nil, hash: try reader.fixed(orRefuse: .length)
        )
    }
}
