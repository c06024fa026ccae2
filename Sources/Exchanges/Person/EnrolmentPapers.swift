import Polymorphic
import Ristretto255

/// What a registry hands to a new device: the pseudonym of its person, signed by all transcryptors with the key that
/// the device made (PROTOCOL 5, step 2).
public struct EnrolmentOffer: Hashable, Sendable {
    public let enrolment: Enrolment
    /// In index order.
    public let signatures: [[UInt8]]

    public init(_ enrolment: Enrolment, signatures: [[UInt8]]) {
        (self.enrolment, self.signatures) = (enrolment, signatures)
    }
}

/// What a device hands back: an entry for each transcryptor, sealed to it, and what it leaves with the registry (steps
/// 3 and 5). The registry can open none of it.
public struct RowPapers: Hashable, Sendable {
    public let enrolID: Bytes16
    /// `list(entry, list(signatures))`, sealed, in index order.
    public let entries: [[UInt8]]
    /// `h_i || delta_i`, sealed, in index order.
    public let recoveryBoxes: [[UInt8]]
    /// `w_row`: the registry can stop a row, and open nothing with it.
    public let stopKey: Bytes32

    public init(enrolID: Bytes16, entries: [[UInt8]], recoveryBoxes: [[UInt8]], stopKey: Bytes32) {
        (self.enrolID, self.entries) = (enrolID, entries)
        (self.recoveryBoxes, self.stopKey) = (recoveryBoxes, stopKey)
    }
}

/// What a transcryptor answers to `row`: `list(countersignature, signature, key countersignature, signature)`.
public struct RowAnswer: Hashable, Sendable {
    public let countersignature: SignedIntent
    public let keyCountersignature: SignedIntent

    /// - Throws: `length`, `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 4)
        countersignature = SignedIntent(intent: fields[0], signature: fields[1])
        keyCountersignature = SignedIntent(intent: fields[2], signature: fields[3])
    }
}
