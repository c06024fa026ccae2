import Polymorphic
import Ristretto255

/// What everybody who takes part pins outside every database: the ceremony record and what no entry of the Directory
/// can change (PROTOCOL 4.1, 4.3).
public struct Pins: Sendable {
    public let ceremony: CeremonyRecord
    public let anchors: Directory.Anchors

    /// - Throws: `participants` unless there is one transcryptor for each share; `route` for another route than the
    ///   ceremony's.
    public init(ceremony: CeremonyRecord, anchors: Directory.Anchors) throws(Refusal) {
        try need(anchors.transcryptors.count == Int(ceremony.n), .participants)
        try need(anchors.route == ceremony.route, .route)
        (self.ceremony, self.anchors) = (ceremony, anchors)
    }

    /// The class keys, with which no sealed box may be made.
    public var forbidden: [Element] { [ceremony.pseudonyms.key.element, ceremony.recordKeys.key.element] }
    /// Whom a Request may name.
    public var roll: ExchangeRequest.Roll {
        ExchangeRequest.Roll(transcryptors: anchors.transcryptors, t: Int(ceremony.t))
    }
    /// 1...n.
    public var indexes: ClosedRange<UInt8> { 1...ceremony.n }

    /// The index of a transcryptor; nil for another party.
    public func index(of party: PartyID) -> UInt8? {
        anchors.transcryptors.firstIndex(of: party).map { UInt8($0 + 1) }
    }
    /// The transcryptor with this index.
    public func transcryptor(_ index: UInt8) -> PartyID { anchors.transcryptors[Int(index) - 1] }

    /// The indexes of the participants of a Request, ascending.
    /// - Throws: `participants`.
    func participants(_ participants: [PartyID]) throws(Refusal) -> [UInt8] {
        var out: [UInt8] = []
        for party in participants {
            guard let index = index(of: party) else { throw Refusal(.participants) }
            out.append(index)
        }
        return out.sorted()
    }
}

/// The secrets of a party that exchanges: its signing key, its decryption key and what follows from it. By reference,
/// so that there is one copy in locked memory.
public final class PartySecrets: Sendable {
    public let id: PartyID
    public let signer: SigningKey
    public let opening: OpeningKey
    /// `z*Y` of both classes, made once.
    let pseudonyms: Unmasking<PSN>
    let recordKeys: Unmasking<KEM>

    public init(
        _ id: PartyID, signer: consuming SigningKey, opening: consuming OpeningKey, ceremony: CeremonyRecord
    ) {
        self.id = id
        pseudonyms = opening.unmasking(ceremony.pseudonyms.key)
        recordKeys = opening.unmasking(ceremony.recordKeys.key)
        self.signer = signer
        self.opening = opening
    }
}
