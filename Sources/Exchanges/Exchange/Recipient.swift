import Guards
import Polymorphic
import Ristretto255

/// The other end of an exchange: a target, which accepts a pseudonym only after verifying all Intents, the whole chain
/// and t Shares (PROTOCOL 8).
public struct Recipient: Sendable {
    public let secrets: PartySecrets
    public let pins: Pins
    public let directory: Directory
    /// Unix seconds.
    public let now: UInt64

    public init(secrets: PartySecrets, pins: Pins, directory: Directory, now: UInt64) {
        (self.secrets, self.pins, self.directory, self.now) = (secrets, pins, directory, now)
    }

    /// Intents may be 10 minutes old when Shares are released; a requester that was interrupted delivers later. Whoever
    /// comes after this must ask again: an old delivery would show what was added since.
    public static let deliverySeconds: UInt64 = 1_200

    /// What was delivered, verified.
    public struct Delivery: Sendable {
        public let request: ExchangeRequest
        public let verdict: JointVerdict
        /// The place of this target in the Request.
        public let target: Int
        public let chain: VerifiedChain
        /// By item; nil where it is refused.
        public let persons: [KnownPerson?]
        /// The deposit lines that are permitted here, each with the Tickets of the participants by index.
        public let deposits: [(line: Int, tickets: [UInt8: Ticket])]
    }

    /// Verifies a delivery.
    /// - Parameter isKnown: it was accepted before; its time no longer counts.
    /// - Throws: `peer`, `directory`, `target`, `time`, `intent`; with the step, those of a chain; with the index of
    ///   the transcryptor, those of a Share.
    public func accept(
        _ call: DeliverCall, from peer: PartyID, isKnown: Bool = false
    ) throws(Refusal) -> Delivery {
        let request = try ExchangeRequest(wire: call.request.request, peer: peer, now: nil, roll: pins.roll)
        _ = try directory.party(peer, at: now)
        guard let target = request.content.targets.firstIndex(where: { $0.party == secrets.id }) else {
            throw Refusal(.target)
        }
        let keys = directory.transcryptorKeys(at: now)
        let verdict = try verdict(call.intents, request, keys, isKnown: isKnown)
        let chain: VerifiedChain = try request.chain(to: target, directory, pins).verify(call.steps, keys: keys)
        let participants = try pins.participants(request.content.participants)
        try need(call.shares.count == participants.count, .participants)
        let lines = request.deposits(at: target, verdict)
        var shares: [VerifiedShare<PSN>] = []
        for (index, box) in zip(participants, call.shares) {
            guard let signer = keys[index] else { throw Refusal(.directory) }
            let expected = try ShareExpectation<PSN>(
                chain, permits: verdict.items, from: index, in: pins.ceremony.pseudonyms,
                shareEpoch: pins.ceremony.shareEpoch, recipient: secrets.opening, party: secrets.id, signer: signer,
                tickets: lines.count)
            do {
                shares.append(try expected.open(box, with: secrets.opening, forbidden: pins.forbidden))
            } catch { throw Refusal(error.code, at: Int(index)) }
        }
        let pseudonyms = try secrets.pseudonyms.pseudonyms(
            chain, permits: verdict.items, shares, participants: participants)
        let persons = request.persons(
            chain, verdict.items, pseudonyms, shares.map { ($0.index, $0.tokens) }, n: pins.ceremony.n)
        let deposits = lines.enumerated().map { place, line in
            (line, Dictionary(uniqueKeysWithValues: shares.map { ($0.index, $0.tickets[place]) }))
        }
        return Delivery(
            request: request, verdict: verdict, target: target, chain: chain, persons: persons, deposits: deposits)
    }

    /// The joint verdict of all participants, and that it is not too old.
    func verdict(
        _ intents: [SignedIntent], _ request: ExchangeRequest, _ keys: [UInt8: VerifyingKey],
        isKnown: Bool = false
    ) throws(Refusal) -> JointVerdict {
        let signers = Dictionary(uniqueKeysWithValues: keys.map { (pins.transcryptor($0.key), $0.value) })
        let verdict = try JointVerdict(intents, of: request, keys: signers)
        let fresh = verdict.time + Self.deliverySeconds >= now && verdict.time <= now + 120
        try need(fresh || isKnown || !enforced("guard:deliver.time"), .time)
        return verdict
    }

    /// What a fetch permits its requester to have: for `bodies` at a store.
    /// - Returns: `hh` of the records that are permitted jointly, in the order of the Request.
    /// - Throws: `peer`, `directory`, `time`, `intent`.
    public func permitted(_ call: BodiesCall, from peer: PartyID) throws(Refusal) -> [Bytes32] {
        let request = try ExchangeRequest(wire: call.request.request, peer: peer, now: nil, roll: pins.roll)
        _ = try directory.party(peer, at: now)
        let verdict = try verdict(call.intents, request, directory.transcryptorKeys(at: now))
        return request.fetches(verdict).map { request.content.records[$0].hash }
    }

    /// Verifies what an adopter sealed for this target.
    /// - Parameter delivered: the call by which the exchange was delivered, verified again.
    /// - Returns: tokens of the permitted items, and Tickets of the permitted deposits here.
    /// - Throws: `participants` for one that took part; those of a Share.
    public func adopted(
        _ call: AdoptedCall, _ delivered: Delivery
    ) throws(Refusal) -> (tokens: [HeldToken], tickets: [Ticket]) {
        let participants = try pins.participants(delivered.request.content.participants)
        try need(pins.indexes.contains(call.index) && !participants.contains(call.index), .participants)
        guard let signer = directory.transcryptorKeys(at: now)[call.index] else { throw Refusal(.directory) }
        let expected = try ShareExpectation<PSN>(
            adopted: delivered.chain, permits: delivered.verdict.items, from: call.index,
            in: pins.ceremony.pseudonyms, shareEpoch: pins.ceremony.shareEpoch, recipient: secrets.opening,
            party: secrets.id, signer: signer, tickets: delivered.deposits.count)
        let share = try expected.open(call.share, with: secrets.opening, forbidden: pins.forbidden)
        return (share.tokens, share.tickets)
    }
}
