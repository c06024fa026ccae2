import Policy
import Polymorphic
import Ristretto255

/// The point `S = s*G` of one step for one party and epoch, as one holder of the step publishes it (PROTOCOL 4.3).
/// Signed by that holder; published once, and it never changes.
public struct FactorPoint: Hashable, Sendable {
    public let step: Name
    /// The transcryptor that signs.
    public let holder: UInt8
    public let party: PartyID
    /// `psn_epoch`, from 1.
    public let epoch: UInt32
    public let point: Element

    public init(step: Name, holder: UInt8, party: PartyID, epoch: UInt32, point: Element) {
        (self.step, self.holder, self.party, self.epoch, self.point) = (step, holder, party, epoch, point)
    }

    /// What is signed.
    public var bytes: [UInt8] {
        pack(
            .factorPoint, step.bytes, [holder], party.bytes, epoch.bigEndianBytes, point.encoding.bytes)
    }

    /// - Throws: `label`, `length`, `trailing`, `text`, `point`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.factorPoint, bytes, 5)
        step = try Name(fields[0])
        holder = try Wire.u8(fields[1])
        party = try PartyID(fields[2])
        epoch = try Wire.u32(fields[3])
        point = try Element(wireOf: fields[4])
    }

    /// What may have one point only.
    struct Place: Hashable, Sendable {
        let step: Name
        let party: PartyID
        let epoch: UInt32
    }
    var place: Place { Place(step: step, party: party, epoch: epoch) }
}

/// The policy by which all transcryptors judge: `pack("policy", u32(version), policy bytes, u64(not_before))`. Signed
/// by the authority.
public struct PolicyRecord: Hashable, Sendable {
    public let version: UInt32
    /// At most 1 MiB; their form is the policy's own.
    public let policy: [UInt8]
    /// Unix seconds.
    public let notBefore: UInt64

    static let policyBytesMax = 1 << 20

    public init(version: UInt32, policy: [UInt8], notBefore: UInt64) {
        (self.version, self.policy, self.notBefore) = (version, policy, notBefore)
    }

    /// What is signed.
    public var bytes: [UInt8] { pack(.policy, version.bigEndianBytes, policy, notBefore.bigEndianBytes) }

    /// - Throws: `label`, `length`, `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.policy, bytes, 3)
        version = try Wire.u32(fields[0])
        try need(fields[1].count <= Self.policyBytesMax, .length)
        (policy, notBefore) = (fields[1], try Wire.u64(fields[2]))
    }
}

/// The code of a page on which persons give and look: `pack("page", name, u32(version), SHA-512(code),
/// u64(not_before))` (PROTOCOL 9). Signed by the authority.
public struct PageRecord: Hashable, Sendable {
    public let name: Name
    public let version: UInt32
    /// SHA-512 of the code.
    public let codeHash: Bytes64
    /// Unix seconds.
    public let notBefore: UInt64

    public init(name: Name, version: UInt32, codeHash: Bytes64, notBefore: UInt64) {
        (self.name, self.version, self.codeHash, self.notBefore) = (name, version, codeHash, notBefore)
    }

    /// What is signed.
    public var bytes: [UInt8] {
        pack(.page, name.bytes, version.bigEndianBytes, codeHash.bytes, notBefore.bigEndianBytes)
    }

    /// - Throws: `label`, `length`, `trailing`, `text`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.page, bytes, 4)
        name = try Name(fields[0])
        version = try Wire.u32(fields[1])
        codeHash = try Wire.fixed(fields[2])
        notBefore = try Wire.u64(fields[3])
    }
}

/// An entry of the Directory, of any kind.
public enum DirectoryRecord: Hashable, Sendable {
    case party(DirectoryEntry)
    case credential(Credential)
    case factorPoint(FactorPoint)
    case policy(PolicyRecord)
    case page(PageRecord)

    /// Parses an entry by its label.
    /// - Throws: `label` for another structure, else that of the kind.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        if let party = try Self.when(labelled: { () throws(Refusal) in try DirectoryEntry(wire: bytes) }) {
            self = .party(party)
        } else if let person = try Self.when(labelled: { () throws(Refusal) in try Credential(wire: bytes) }) {
            self = .credential(person)
        } else if let point = try Self.when(labelled: { () throws(Refusal) in try FactorPoint(wire: bytes) }) {
            self = .factorPoint(point)
        } else if let policy = try Self.when(labelled: { () throws(Refusal) in try PolicyRecord(wire: bytes) }) {
            self = .policy(policy)
        } else {
            self = .page(try PageRecord(wire: bytes))
        }
    }

    /// What `parse` makes of the bytes; nil where they have another label.
    private static func when<R>(labelled parse: () throws(Refusal) -> R) throws(Refusal) -> R? {
        do { return try parse() } catch {
            guard error.code == .label else { throw error }
            return nil
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .party(let entry): entry.bytes
        case .credential(let credential): credential.bytes
        case .factorPoint(let point): point.bytes
        case .policy(let record): record.bytes
        case .page(let record): record.bytes
        }
    }
}
