import Exchanges
import Polymorphic
import Ristretto255

/// A person as the registry has it (PROTOCOL 11): PP with the n signatures, w_row, recovery boxes. No name, no number:
/// a row is found by the keyed hash of either.
///
/// Whoever reads the registry's store learns how many persons there are, and can stop their rows (w_row); without k_reg
/// and the authority's key a number leads nowhere.
struct RegistryRow: Sendable {
    let enrolID: Bytes16
    let keyHash: Bytes64
    var pseudonym: PolymorphicPseudonym?
    /// Of the enrolment, in index order.
    var signatures: [[UInt8]] = []
    var recoveryBoxes: [[UInt8]] = []
    /// `w_row`.
    var stopKey: Bytes32?

    /// Whether all n have the row.
    var isComplete: Bool { stopKey != nil }

    init(enrolID: Bytes16, keyHash: Bytes64) { (self.enrolID, self.keyHash) = (enrolID, keyHash) }

    var bytes: [UInt8] {
        Wire.list([
            enrolID.bytes, keyHash.bytes, pseudonym?.bytes ?? [], Wire.list(signatures), Wire.list(recoveryBoxes),
            stopKey?.bytes ?? [],
        ])
    }

    init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 6)
        (enrolID, keyHash) = (try Wire.fixed(fields[0]), try Wire.fixed(fields[1]))
        pseudonym = fields[2].isEmpty ? nil : try PolymorphicPseudonym(wire: fields[2])
        signatures = try Wire.elements(of: fields[3], maximum: 16)
        recoveryBoxes = try Wire.elements(of: fields[4], maximum: 16)
        stopKey = fields[5].isEmpty ? nil : try Wire.fixed(fields[5])
    }
}

/// Whether a number leads to its person.
public enum NumberStatus: UInt8, Sendable {
    case active = 1
    /// Compromised, or given back: a new one was issued (C13).
    case invalid = 2
}

extension NumberCentreNode {
    /// `enrol_id -> row`.
    static let rows = Table("registry-row", keys: .hidden)
    /// Identity tag -> enrol_id.
    static let identities = Table("registry-identity", keys: .hidden)
    /// Number tag -> `list(enrol_id, status)`.
    static let numbers = Table("registry-number", keys: .hidden)

    static func row(_ enrolID: Bytes16, _ reading: any NodeReading) throws -> RegistryRow? {
        try reading.get(rows, enrolID.bytes).map { try RegistryRow(bytes: $0) }
    }
    static func put(_ row: RegistryRow, _ transaction: any NodeTransaction) throws {
        try transaction.put(rows, row.enrolID.bytes, row.bytes)
    }

    /// Issues a number to a person whose row is complete. It is told once and not kept.
    /// - Throws: `row`, `policy`, `signature`, `time`, `quota`, `unavailable`.
    public func issueNumber(
        for enrolID: Bytes16, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) -> PersonalNumber {
        try approved("number", enrolID.bytes, act, approvals)
        guard let row = try await read({ try Self.row(enrolID, $0) }), row.isComplete else { throw Refusal(.row) }
        for _ in 0..<8 {
            let number = PersonalNumber(from: DrawnSource(parts.random))
            let tag = try await tag(number.oprfInput)
            let isNew = try await transaction { transaction in
                guard try transaction.get(Self.numbers, tag.bytes) == nil else { return false }
                try transaction.put(
                    Self.numbers, tag.bytes, Wire.list([enrolID.bytes, [NumberStatus.active.rawValue]]))
                return true
            }
            if isNew { return number }
        }
        throw Refusal(.unavailable)
    }

    /// Invalidates a number. The person keeps the pseudonym, and gets a new number.
    /// - Throws: `number` for one that leads nowhere.
    public func invalidate(
        _ number: PersonalNumber, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) {
        let tag = try await tag(number.oprfInput)
        try approved("invalidate", tag.bytes, act, approvals)
        try await transaction { transaction in
            guard let stored = try transaction.get(Self.numbers, tag.bytes) else { throw Refusal(.number) }
            let fields = try Wire.fields(of: stored, 2)
            try transaction.put(Self.numbers, tag.bytes, Wire.list([fields[0], [NumberStatus.invalid.rawValue]]))
        }
    }

    /// What two officials sign to invalidate a number: its tag, because the act is kept.
    public func invalidationAct(_ number: PersonalNumber) async throws(Refusal) -> OfficialAct {
        act("invalidate", try await tag(number.oprfInput).bytes)
    }

    /// Whose a number is, and whether it is active; nil for one that was never issued.
    public func status(of number: PersonalNumber) async throws(Refusal) -> (enrolID: Bytes16, status: NumberStatus)? {
        let tag = try await tag(number.oprfInput)
        guard let stored = try await read({ try $0.get(Self.numbers, tag.bytes) }) else { return nil }
        let fields = try Wire.fields(of: stored, 2)
        guard let status = fields[1].first.flatMap(NumberStatus.init(rawValue:)) else { throw Refusal(.length) }
        return (try Wire.fixed(fields[0]), status)
    }
}
