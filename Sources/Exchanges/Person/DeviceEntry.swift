import Guards
import Polymorphic
import Ristretto255

/// What a device sends one transcryptor to become a device of a row (PROTOCOL 5, step 3). The first entry makes the
/// row.
public struct DeviceEntry: Hashable, Sendable {
    public let enrolID: Bytes16
    /// The transcryptor.
    public let index: UInt8
    /// `h_i`.
    public let handle: Bytes16
    public let signedAt: UInt64
    /// How many deny-alls a new row starts with.
    public let denials: UInt64
    /// `PP_i`.
    public let pseudonym: PolymorphicPseudonym
    public let proof: SamePerson
    public let key: CredentialKey
    public let deviceID: Bytes16
    /// The stop key of the device.
    public let stopKey: Bytes32
    /// What belongs to the row; nil for the device of a delegate.
    public let row: RowSecrets?
    /// What is signed.
    public let bytes: [UInt8]

    /// The stop key, tag key and audit key of a row.
    public struct RowSecrets: Hashable, Sendable {
        /// `w_row`.
        public let stopKey: Bytes32
        /// `v_i`.
        public let tagKey: Bytes32
        /// `Z_d`.
        public let auditKey: Element
        public init(stopKey: Bytes32, tagKey: Bytes32, auditKey: Element) {
            (self.stopKey, self.tagKey, self.auditKey) = (stopKey, tagKey, auditKey)
        }
    }

    public init(
        enrolID: Bytes16, index: UInt8, handle: Bytes16, signedAt: UInt64, denials: UInt64,
        pseudonym: PolymorphicPseudonym, proof: SamePerson, key: CredentialKey, deviceID: Bytes16, stopKey: Bytes32,
        row: RowSecrets?
    ) {
        (self.enrolID, self.index, self.handle, self.signedAt) = (enrolID, index, handle, signedAt)
        (self.denials, self.pseudonym, self.proof, self.key) = (denials, pseudonym, proof, key)
        (self.deviceID, self.stopKey, self.row) = (deviceID, stopKey, row)
        let end = [
            row?.stopKey.bytes ?? [], row?.tagKey.bytes ?? [], row?.auditKey.encoding.bytes ?? [],
        ]
        let start = [enrolID.bytes, [index], handle.bytes, signedAt.bigEndianBytes, denials.bigEndianBytes]
        let middle = [pseudonym.bytes, proof.bytes, [key.alg], key.bytes, deviceID.bytes, stopKey.bytes]
        bytes = pack(.device, fields: start + middle + end)
    }

    /// - Throws: `label`, `length`, `trailing`, `point`; `presentation` for an unknown algorithm; `row` for a
    ///   half-empty row part.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.device, bytes, 14)
        enrolID = try Wire.fixed(fields[0])
        try need(fields[1].count == 1 && fields[7].count == 1, .length)
        index = fields[1][0]
        handle = try Wire.fixed(fields[2])
        signedAt = try Wire.u64(fields[3])
        denials = try Wire.u64(fields[4])
        pseudonym = try PolymorphicPseudonym(wire: fields[5])
        proof = try SamePerson(wire: fields[6])
        key = try CredentialKey(alg: fields[7][0], key: fields[8])
        deviceID = try Wire.fixed(fields[9])
        stopKey = try Wire.fixed(fields[10])
        let rest = fields[11...]
        if rest.allSatisfy(\.isEmpty) {
            row = nil
        } else {
            try need(rest.allSatisfy { $0.count == 32 }, .row)
            row = RowSecrets(
                stopKey: try Wire.fixed(fields[11]), tagKey: try Wire.fixed(fields[12]),
                auditKey: try Element(wireOf: fields[13]))
        }
        self.bytes = bytes
    }

    /// `SHA-512(key || device_id || w_device || w_row)`: what a key countersignature names.
    public var keyCountersignHash: Bytes64 {
        sha512(key.bytes + deviceID.bytes + stopKey.bytes + (row?.stopKey.bytes ?? []))
    }

    /// An entry counts from 120 s before to 24 h after it was signed (PROTOCOL 9).
    public static func fresh(_ signedAt: UInt64, now: UInt64) throws(Refusal) {
        let inTime = now + 120 >= signedAt && now <= signedAt + 86_400
        try need(inTime || !enforced("guard:entry.time"), .time)
    }
}

extension Element {
    /// - Throws: `point`.
    init(wireOf bytes: [UInt8]) throws(Refusal) {
        do { try self.init(decoding: bytes) } catch { throw Refusal(.point) }
    }
}

/// A transcryptor's word that it stored an entry: `pack("countersign", transcryptor, id, hash, u64(time))`. Of a row
/// entry or consent the id is the signer's handle; of a key it is the enrol id (PROTOCOL 5, 9).
public struct Countersignature: Hashable, Sendable {
    public let transcryptor: PartyID
    public let id: Bytes16
    public let hash: Bytes64
    public let time: UInt64

    public init(transcryptor: PartyID, id: Bytes16, hash: Bytes64, time: UInt64) {
        (self.transcryptor, self.id, self.hash, self.time) = (transcryptor, id, hash, time)
    }

    public var bytes: [UInt8] {
        pack(.countersign, transcryptor.bytes, id.bytes, hash.bytes, time.bigEndianBytes)
    }

    /// - Throws: `label`, `length`, `trailing`, `text`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.countersign, bytes, 4)
        transcryptor = try PartyID(fields[0])
        id = try Wire.fixed(fields[1])
        hash = try Wire.fixed(fields[2])
        time = try Wire.u64(fields[3])
    }
}
