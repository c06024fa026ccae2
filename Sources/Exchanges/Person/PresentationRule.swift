import Guards
import Polymorphic
import Ristretto255

/// The part of a row that a Presentation is checked against.
public struct PresentationKeys: Sendable {
    /// `PP_i` of the device whose handle the box names.
    public let pseudonym: PolymorphicPseudonym
    /// The active keys stored with that handle.
    public let keys: [CredentialKey]
    /// The emergency boxes of this row that were accepted, by `PresentationRule.emergencyBox`; nil where none is
    /// accepted.
    public let usedEmergencies: Set<Bytes64>?

    public init(
        pseudonym: PolymorphicPseudonym, keys: [CredentialKey], usedEmergencies: Set<Bytes64>? = nil
    ) {
        (self.pseudonym, self.keys, self.usedEmergencies) = (pseudonym, keys, usedEmergencies)
    }
}

/// The rule by which a transcryptor accepts a Presentation (PROTOCOL 6): of a phone (alg 0, 1, 2), or made by one in
/// advance for an emergency (alg 5). Cards are a further alg, delegates a check before the row proof.
public struct PresentationRule: Sendable {
    public let index: UInt8
    public let request: ExchangeRequest.Content
    public let key: ClassKey<PSN>
    /// The class keys.
    public let forbidden: [Element]
    /// The authority's pages.
    public let relyingParty: RelyingParty

    public init(
        index: UInt8, request: ExchangeRequest.Content, key: ClassKey<PSN>, forbidden: [Element],
        relyingParty: RelyingParty
    ) {
        (self.index, self.request, self.key) = (index, request, key)
        (self.forbidden, self.relyingParty) = (forbidden, relyingParty)
    }

    /// What a row keeps of an emergency box that was accepted, because each is accepted once: SHA-512 of it. Nil for an
    /// ordinary one.
    /// - Parameter origin: `u64(time) || box`.
    public static func emergencyBox(of origin: [UInt8]) -> Bytes64? {
        guard origin.count > 8, origin.prefix(8).allSatisfy({ $0 == 0 }) else { return nil }
        return sha512(origin.dropFirst(8))
    }

    /// Opens a box and checks it.
    /// - Parameters:
    ///   - origin: `u64(time) || box`.
    ///   - now: Unix seconds; nil in `adopt`.
    ///   - row: what the transcryptor stores for a handle; nil where there is none.
    /// - Returns: the handle.
    /// - Throws: `time`, `presentation` for an emergency without break-glass, those of a box, `length`, `padding`,
    ///   `row`, `presentation`, `equality`, in this order.
    public func accept(
        _ origin: [UInt8], with opening: borrowing OpeningKey, now: UInt64?,
        row: (Bytes16) throws(Refusal) -> PresentationKeys?
    ) throws(Refusal) -> Bytes16 {
        let place = try place(of: origin, now)
        let box = try PresentationBox(
            plain: try opening.open(
                Array(origin.dropFirst(8)), info: PresentationBox.info(place.exchangeID, index), forbidden: forbidden))
        guard let row = try row(box.handle) else { throw Refusal(.row) }
        let (alg, signature) = try claim(of: box, place, row, origin)
        let presented = try PolymorphicPseudonym(wire: request.items[0].bytes)
        let signed = place.signed(presented)
        let holds = row.keys.contains { key in
            key.alg == alg && (try? key.verify(signature, over: signed, relyingParty: relyingParty)) != nil
        }
        try need(holds || !enforced("guard:presentation.signature"), .presentation)
        if enforced("guard:presentation.rowproof") {
            let context = place.rowProof(index: index, handle: box.handle)
            try box.proof.verify(
                from: row.pseudonym.pair, to: presented.pair, under: key.element,
                context: context.bytes(row.pseudonym, presented))
        }
        return box.handle
    }

    /// What the box must have been made for: this Request now, or an emergency.
    private func place(of origin: [UInt8], _ now: UInt64?) throws(Refusal) -> PresentationPlace {
        let time = try Wire.u64(origin.prefix(8))
        guard time != PresentationPlace.emergency.time else {
            // One that was made in advance opens every party's door, so it needs the declared emergency.
            var isDeclared = request.purpose.bytes == PresentationPlace.emergencyPurpose
            if case .breakGlass = request.basis {} else { isDeclared = false }
            try need(isDeclared || !enforced("guard:presentation.emergency"), .presentation)
            return .emergency
        }
        if let now {
            let distance = time > now ? time - now : now - time
            try need(
                distance <= ExchangeRequest.freshSeconds || !enforced("guard:presentation.time"), .time)
        }
        return PresentationPlace(
            exchangeID: request.exchangeID, party: request.requester.bytes, purpose: request.purpose.bytes, time: time)
    }

    /// The algorithm and signature that the box claims: its own, or, in an emergency, those of the device that made it.
    private func claim(
        of box: PresentationBox, _ place: PresentationPlace, _ row: PresentationKeys, _ origin: [UInt8]
    ) throws(Refusal) -> (alg: UInt8, signature: [UInt8]) {
        let isEmergency = place == .emergency
        try need((box.alg == PresentationBox.emergencyAlg) == isEmergency, .presentation)
        guard isEmergency else { return (box.alg, box.signature) }
        guard let used = row.usedEmergencies, let hash = Self.emergencyBox(of: origin) else {
            throw Refusal(.presentation)
        }
        try need(!used.contains(hash) || !enforced("guard:presentation.once"), .row)
        guard let alg = box.signature.first, alg <= 2 else { throw Refusal(.presentation) }
        return (alg, Array(box.signature.dropFirst()))
    }
}
