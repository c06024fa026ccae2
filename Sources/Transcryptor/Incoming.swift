import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// A Request as it comes in with every call: peer, Directory entry and credential are checked each time (PROTOCOL 8).
struct Incoming: Sendable {
    let request: ExchangeRequest
    let directory: any DirectoryView
    let party: AccreditedParty
    let person: AccreditedPerson
    let now: UInt64

    var content: ExchangeRequest.Content { request.content }
    /// The key of the exchange in the tables.
    var key: [UInt8] { ExchangeRecord.key(content.requester, content.exchangeID) }
    /// Where the requester's own tokens hold.
    var source: HeldToken.Place? {
        guard case .party(let id, let epoch) = content.source else { return nil }
        return HeldToken.Place(party: id, epoch: epoch, yGeneration: generation)
    }
    let generation: UInt32
}

/// Which checks of a Request a call repeats.
enum Freshness {
    /// At first sight the time of the Request counts.
    case firstSight
    /// Later it does not.
    case later
}

extension TranscryptorNode {
    /// Checks (a) and (b) of *decide*: who asks, and the form and signatures of what is asked.
    /// - Throws: `label`, `length`, `trailing`, `peer`, `directory`, those of the form, `signature`.
    func incoming(
        _ signed: SignedRequest, from peer: PartyID, _ freshness: Freshness
    ) async throws(Refusal) -> Incoming {
        let now = parts.clock.now()
        let fields = try unpack(.request, signed.request, 15)
        let directory = try await parts.directory.current(at: now, breakGlass: Self.breaksGlass(fields[8]))
        if enforced("guard:request.peer") { try need(fields[1] == peer.bytes, .peer) }
        let party = try inForce(peer, directory, try await revocation(of: peer))
        let person = try self.person(fields[2], of: peer, directory)
        let request = try ExchangeRequest(
            wire: signed.request, peer: peer, now: freshness == .firstSight ? now : nil, roll: directory.roll)
        try signatures(of: signed, party, person)
        return Incoming(
            request: request, directory: directory, party: party, person: person, now: now,
            generation: ceremony.yGeneration)
    }

    /// Whether a Request stands on this ground; what has not the form is refused later.
    private static func breaksGlass(_ basis: [UInt8]) -> Bool {
        if case .breakGlass? = try? Basis(wire: basis) { true } else { false }
    }

    /// The two signatures of a Request. It comes with every call of its exchange: the same bytes under the same keys
    /// are verified once.
    /// - Throws: `signature`.
    private func signatures(
        of signed: SignedRequest, _ party: AccreditedParty, _ person: AccreditedPerson
    ) throws(Refusal) {
        let mark = sha512(
            Wire.list([
                signed.request, signed.gateway, signed.person, party.signing.bytes.bytes, person.key.bytes,
                person.relyingParty.id, person.relyingParty.origin,
            ]))
        if verified.contains(mark) { return }
        let (gateway, own) = (
            enforced("guard:transcryptor.gateway-signature"), enforced("guard:transcryptor.person-signature")
        )
        if gateway { try party.signing.verify(signed.gateway, over: signed.request) }
        if own { try person.key.verify(signed.person, over: signed.request, relyingParty: person.relyingParty) }
        if gateway && own { verified.insert(mark) }
    }

    /// A party whose entry is in force (the view holds no other), and was not revoked by a leaf that the snapshot does
    /// not know yet.
    /// - Throws: `directory`.
    func inForce(
        _ id: PartyID, _ directory: any DirectoryView, _ revocation: UInt64?
    ) throws(Refusal) -> AccreditedParty {
        guard let party = directory.party(id) else { throw Refusal(.directory) }
        let stands = revocation.map { $0 < party.sequence } ?? true
        try need(stands || !enforced("guard:transcryptor.revocation"), .directory)
        return party
    }

    /// The number of the entry by which a leaf revoked a party.
    func revocation(of id: PartyID) async throws(Refusal) -> UInt64? {
        try await read { try $0.get(.revoked, id.bytes).map { try Wire.u64($0) } }
    }

    private func person(
        _ hash: [UInt8], of peer: PartyID, _ directory: any DirectoryView
    ) throws(Refusal) -> AccreditedPerson {
        let hash: Bytes32 = try Wire.fixed(hash)
        guard let person = directory.credential(hash), person.party == peer else { throw Refusal(.directory) }
        return person
    }

    /// Only a participant of the Request answers its calls.
    /// - Throws: `participants`.
    func participates(_ incoming: Incoming) throws(Refusal) {
        let named = incoming.content.participants.contains(id)
        try need(named || !enforced("guard:transcryptor.participant"), .participants)
    }

    /// The exchange of a Request that this transcryptor decided.
    /// - Throws: `intent` where the state does not allow the call; `conflict` where another Request has this id.
    func decided(_ incoming: Incoming, _ reading: any NodeReading) throws(Refusal) -> ExchangeRecord {
        let stored: [UInt8]?
        do { stored = try reading.get(.exchanges, incoming.key) } catch { throw Refusal(.unavailable) }
        guard let stored else { throw Refusal(.intent) }
        let record = try ExchangeRecord(bytes: stored)
        try need(record.requestDigest == incoming.request.digest, .conflict)
        let open = record.state == .decided && !record.hasLapsed(at: incoming.now)
        try need(open || !enforced("guard:transcryptor.state"), .intent)
        return record
    }
}
