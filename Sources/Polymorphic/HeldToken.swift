import Crypto
import Foundation
import Ristretto255

/// A transcryptor's note to itself, kept by a party: this ciphertext is the person of that row (PROTOCOL 8).
/// `u8 key_id || nonce 12 || AES-256-GCM`, 45 bytes.
public struct HeldToken: Hashable, Sendable {
    /// The bytes of a token.
    public static let byteCount = 45
    /// The bytes of the wire, 45.
    public let bytes: [UInt8]

    /// - Throws: `length` unless there are 45 bytes.
    public init(wire bytes: some Collection<UInt8>) throws(Refusal) {
        try need(bytes.count == Self.byteCount, .length)
        self.bytes = Array(bytes)
    }

    /// Which person a token names, and where it holds.
    public struct Place: Hashable, Sendable {
        /// The party, in the epoch of its factors.
        public let party: PartyID
        /// `psn_epoch`, from 1.
        public let epoch: UInt32
        /// The pair (Y_psn, Y_kem) under which the ciphertext is encrypted.
        public let yGeneration: UInt32

        /// - Parameters: epochs count from 1.
        public init(party: PartyID, epoch: UInt32, yGeneration: UInt32) {
            (self.party, self.epoch, self.yGeneration) = (party, epoch, yGeneration)
        }

        func aad(_ pair: Pair) -> [UInt8] {
            pack(.heldToken, party.bytes, epoch.bigEndianBytes, yGeneration.bigEndianBytes, pair.bytes)
        }
    }
}

/// A transcryptor's keys for its tokens, `hk_i`: old ones are kept a year.
public struct HeldTokenKeys: Sendable {
    private let ring: KeyRing

    /// - Parameter ring: keys `hk_i` of 32 bytes.
    public init(_ ring: KeyRing) { self.ring = ring }

    /// Makes the token of `row` for a pair that the transcryptor has just verified.
    public func token(
        for row: Bytes16, _ ciphertext: EncryptedPseudonym, at place: HeldToken.Place, fresh: Bytes64
    ) throws(Refusal) -> HeldToken {
        let aad = place.aad(ciphertext.pair)
        return try ring.with(ring.current, orRefuse: .row) { (hk) throws(Refusal) in
            let nonce = mac(hk, .heldNonce, fresh.bytes, row.bytes, aad).bytes.prefix(12)
            let key = secretMAC(hk, .held, count: 32, place.party.bytes, place.epoch.bigEndianBytes)
            do {
                let sealed = try key.withBytes {
                    try AES.GCM.seal(
                        row.bytes, using: SymmetricKey(data: $0), nonce: AES.GCM.Nonce(data: nonce),
                        authenticating: aad)
                }
                return try HeldToken(wire: [ring.current] + nonce + sealed.ciphertext + sealed.tag)
            } catch { throw Refusal(.row) }
        }
    }

    /// The row of the person that `ciphertext` encrypts.
    /// - Throws: `row` for another holder, epoch, generation, pair or key.
    public func row(
        of token: HeldToken, _ ciphertext: EncryptedPseudonym, at place: HeldToken.Place
    ) throws(Refusal) -> Bytes16 {
        try ring.with(token.bytes[0], orRefuse: .row) { (hk) throws(Refusal) in
            let key = secretMAC(hk, .held, count: 32, place.party.bytes, place.epoch.bigEndianBytes)
            do {
                let row = try key.withBytes {
                    try AES.GCM.open(
                        AES.GCM.SealedBox(
                            nonce: AES.GCM.Nonce(data: token.bytes[1..<13]), ciphertext: token.bytes[13..<29],
                            tag: token.bytes[29...]),
                        using: SymmetricKey(data: $0), authenticating: place.aad(ciphertext.pair))
                }
                return try Wire.fixed(row)
            } catch { throw Refusal(.row) }
        }
    }
}
