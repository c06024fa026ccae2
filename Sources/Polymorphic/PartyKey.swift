import Guards
import Ristretto255

/// The decryption key of a party, after its proof of possession: only then may anything be sealed or shared to it
/// (PROTOCOL 4.2).
public struct PartyKey: Hashable, Sendable {
    /// Whose key it is.
    public let party: PartyID
    /// From 1; a new one for each new key.
    public let keyEpoch: UInt32
    /// `Z`.
    public let element: Element

    /// - Throws: `knowledge` where the proof does not hold, `scalar`.
    public init(party: PartyID, keyEpoch: UInt32, element: Element, possession: Knowledge) throws(Refusal) {
        if enforced("guard:party.possession") {
            try possession.verify(point: element, bind: Self.bind(party, keyEpoch))
        }
        (self.party, self.keyEpoch, self.element) = (party, keyEpoch, element)
    }

    /// `digest("possession", party, u32(key_epoch))`.
    static func bind(_ party: PartyID, _ keyEpoch: UInt32) -> Bytes64 {
        digest(.possession, party.bytes, keyEpoch.bigEndianBytes)
    }
}

extension OpeningKey {
    /// Proves possession of z for a Directory entry.
    public borrowing func provePossession(party: PartyID, keyEpoch: UInt32, fresh: Bytes64) -> Knowledge {
        Knowledge.prove(z, point: element, bind: PartyKey.bind(party, keyEpoch), fresh: fresh)
    }

    /// The mask `z*Y` that takes this party's Shares off (PROTOCOL 8); made once for each class.
    public borrowing func unmasking<Class: KeyClass>(_ key: ClassKey<Class>) -> Unmasking<Class> {
        Unmasking(mask: z.secretProduct(with: key.element.point), recipient: element)
    }
}

/// `z*Y` of one recipient and one class. Never leaves the recipient.
public struct Unmasking<Class: KeyClass>: ~Copyable, Sendable {
    let mask: SecretPoint
    /// `Z`: Shares that were sealed to another key are not combined.
    let recipient: Element

    /// - Parameter recipient: the key that the Shares were made for; another one than that of the mask only where the
    ///   time of combining is measured.
    package init(mask: consuming SecretPoint, recipient: Element) {
        self.mask = mask
        self.recipient = recipient
    }
}
