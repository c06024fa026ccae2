import Guards
import Polymorphic
import Ristretto255

/// What a delegate may do for the person (PROTOCOL 5).
public enum MandateScope: Hashable, Sendable {
    /// Present the person at a desk.
    case present
    /// Read the history.
    case read
    /// Give consent for one purpose.
    case consent(Name)

    public var text: String {
        switch self {
        case .present: "present"
        case .read: "read"
        case .consent(let purpose): "consent:\(purpose)"
        }
    }
}

/// A *mandate*: what a person lets a delegate's key do, and until when. A delegate's key does nothing without one.
/// `pack("mandate", mandate_id, u64(signed_at), w, u8(alg), key, list(scopes), u64(not_before), u64(not_after))`.
public struct Mandate: Hashable, Sendable {
    public var id: Bytes16
    public var signedAt: Instant
    public var stopKey: StopKey
    /// The delegate's.
    public var key: DeviceKey
    /// Scopes by their names; one that we do not know permits nothing.
    public var scopes: [Name]
    public var dates: Validity

    public init(
        id: Bytes16, signedAt: Instant, stopKey: StopKey, key: DeviceKey, scopes: [Name], dates: Validity
    ) {
        (self.id, self.signedAt, self.stopKey, self.key) = (id, signedAt, stopKey, key)
        (self.scopes, self.dates) = (scopes, dates)
    }

    /// Parses the pack strictly.
    /// - Throws: `label`, `trailing`, `text`, `length`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.mandate, bytes, 8)
        id = try Wire.fixed(fields[0])
        signedAt = Instant(wire: try Wire.u64(fields[1]))
        stopKey = try StopKey(wire: fields[2])
        try need(fields[3].count == 1, .length)
        key = try DeviceKey(algorithm: fields[3][0], bytes: fields[4])
        scopes = try Give.distinct(fields[5]) { (b) throws(Refusal) in try Name(b) }
        dates = Validity(
            notBefore: Instant(wire: try Wire.u64(fields[6])), notAfter: Instant(wire: try Wire.u64(fields[7])))
    }

    /// What is signed.
    public var bytes: [UInt8] {
        pack(
            .mandate, id.bytes, signedAt.bytes, stopKey.bytes, [key.algorithm], key.bytes,
            Wire.list(scopes.map(\.bytes)), dates.notBefore.bytes, dates.notAfter.bytes)
    }

    /// Checks scope and dates.
    /// - Throws: `mandate`.
    public func require(_ scope: MandateScope, at now: Instant) throws(Refusal) {
        if enforced("guard:consent.mandate-scope") {
            try need(scopes.contains { $0.description == scope.text }, .mandate)
        }
        if enforced("guard:consent.mandate-dates") { try need(dates.contains(now), .mandate) }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension Mandate: CustomStringConvertible, CustomReflectable {
    public var description: String { "Mandate" }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}

/// A *confirmation* of a wide give by another key of the row: `pack("confirm", consent_id, u64(signed_at))`.
public struct Confirmation: Hashable, Sendable {
    public let consent: Bytes16
    public let signedAt: Instant

    public init(_ consent: Bytes16, signedAt: Instant) { (self.consent, self.signedAt) = (consent, signedAt) }

    /// - Throws: `label`, `length`, `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.confirm, bytes, 2)
        consent = try Wire.fixed(fields[0])
        signedAt = Instant(wire: try Wire.u64(fields[1]))
    }

    public var bytes: [UInt8] { pack(.confirm, consent.bytes, signedAt.bytes) }
}
