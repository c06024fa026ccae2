import Polymorphic
import Ristretto255

/// The word of a second clinician for a break-glass Request: `pack("clinician", rd, person_credential, u64(time))`
/// (PROTOCOL 9). Without it within 30 min an incident is opened.
public struct ClinicianPack: Hashable, Sendable {
    public let requestDigest: Bytes64
    /// SHA-256 of the credential of the clinician who signs: another one than that of the Request.
    public let credential: Bytes32
    /// Unix seconds.
    public let time: UInt64

    public init(requestDigest: Bytes64, credential: Bytes32, time: UInt64) {
        (self.requestDigest, self.credential, self.time) = (requestDigest, credential, time)
    }

    /// What is signed.
    public var bytes: [UInt8] { pack(.clinician, requestDigest.bytes, credential.bytes, time.bigEndianBytes) }

    /// - Throws: `label`, `length`, `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try unpack(.clinician, bytes, 3)
        requestDigest = try Wire.fixed(fields[0])
        credential = try Wire.fixed(fields[1])
        time = try Wire.u64(fields[2])
    }
}
