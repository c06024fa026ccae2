import Guards
import Ristretto255

/// What the recipient of a Share knows before it opens the box: everything that the Share must name.
public struct ShareExpectation<Class: KeyClass>: Sendable {
    let statement: ShareStatement
    let signer: VerifyingKey
    let tokens: Int
    let tickets: Int

    init(statement: ShareStatement, signer: VerifyingKey, tokens: Int, tickets: Int) {
        (self.statement, self.signer, self.tokens, self.tickets) = (statement, signer, tokens, tickets)
    }

    /// Opens and verifies a Share.
    /// - Parameter forbidden: Y_psn and Y_kem.
    /// - Throws: those of a box; `share`, `length`, then `signature`, `point`, `scalar`, `equality`.
    public func open(
        _ sealed: SealedShare, with key: borrowing OpeningKey, forbidden: [Element]
    ) throws(Refusal) -> VerifiedShare<Class> {
        let plain =
            enforced("guard:share.sealed")
            ? try key.open(sealed.bytes, info: statement.info, forbidden: forbidden) : sealed.bytes
        let body = try ShareBody(plain, statement, tokens: tokens, tickets: tickets)
        let digest = statement.digest(Array(body.answers))
        if enforced("guard:share.signature") {
            try signer.verify(body.signature, over: pack(.shareOut, digest.bytes, body.signed))
        }
        let answers = try verify(Array(body.answers), Array(body.proof), digest)
        return VerifiedShare(statement, answers: answers, tokens: body.tokens, tickets: body.tickets)
    }

    func verify(_ answers: [UInt8], _ proof: [UInt8], _ digest: Bytes64) throws(Refusal) -> [Element] {
        guard statement.keyClass != ShareBody.adoptClass else { return [] }
        let queries = try statement.queries()
        try need(!queries.isEmpty && answers.count == 32 * queries.count, .length)
        let proof = try EqualityProof(wire: proof)
        let decoded: [Element]
        do { decoded = try Element.decode(batch: answers) } catch { throw Refusal(.point, at: error.index) }
        guard enforced("guard:share.equality") else { return decoded }
        try proof.check(
            public: statement.holder, queries: queries, answers: decoded, context: equalityContext(digest))
        return decoded
    }
}

extension ShareExpectation where Class == PSN {
    /// A Share of a chain that this recipient verified itself.
    /// - Parameters:
    ///   - permits: the joint verdict of each item.
    ///   - index: the transcryptor that is to have made it, 1...n.
    ///   - tickets: how many permitted deposits stand at this target.
    /// - Throws: `length` for another number of permits or none that permits, `target` where the chain leads elsewhere,
    ///   `share` where it was verified under another class key, `participants` for an index without a share.
    public init(
        _ chain: VerifiedChain, permits: [Bool], from index: UInt8, in key: SharedKey<PSN>, shareEpoch: UInt32,
        recipient: borrowing OpeningKey, party: PartyID, signer: VerifyingKey, tickets: Int = 0
    ) throws(Refusal) {
        let place = Place(index: index, key: key, shareEpoch: shareEpoch, recipient: recipient.element, party: party)
        try self.init(chain, permits, PSN.byte, place, signer, tickets)
    }

    /// What an adopter sends for a chain that this recipient verified itself: no answers, but its tokens and Tickets.
    /// - Throws: as for a Share.
    public init(
        adopted chain: VerifiedChain, permits: [Bool], from index: UInt8, in key: SharedKey<PSN>, shareEpoch: UInt32,
        recipient: borrowing OpeningKey, party: PartyID, signer: VerifyingKey, tickets: Int = 0
    ) throws(Refusal) {
        let place = Place(index: index, key: key, shareEpoch: shareEpoch, recipient: recipient.element, party: party)
        try self.init(chain, permits, ShareBody.adoptClass, place, signer, tickets)
    }

    /// Who shares with whom.
    private struct Place {
        let index: UInt8
        let key: SharedKey<PSN>
        let shareEpoch: UInt32
        let recipient: Element
        let party: PartyID
    }

    private init(
        _ chain: VerifiedChain, _ permits: [Bool], _ keyClass: UInt8, _ place: Place, _ signer: VerifyingKey,
        _ tickets: Int
    ) throws(Refusal) {
        let permitted = try chain.permitted(permits)
        try need(!permitted.isEmpty, .length)
        try need(chain.destination.party == place.party, .target)
        try need(chain.key == place.key.key.element, .share)
        guard let holder = place.key.share(of: place.index) else { throw Refusal(.participants) }
        let isAdopt = keyClass == ShareBody.adoptClass
        self.init(
            statement: ShareStatement(
                requestDigest: chain.requestDigest, keyClass: keyClass, shareEpoch: place.shareEpoch,
                index: place.index, holder: holder, destination: place.party, recipient: place.recipient,
                origin: chain.origin, permits: permits, points: isAdopt ? [] : permitted.map(\.pair.b)),
            signer: signer, tokens: permitted.count, tickets: tickets)
    }
}

extension ShareExpectation where Class == KEM {
    /// A Share of the keys of records that this recipient asked for.
    /// - Parameters:
    ///   - headers: of the permitted records, in the order of the Request.
    ///   - permits: the joint verdicts of all records of the Request, deposits among them.
    /// - Throws: `participants` for an index without a share.
    public init(
        _ headers: [RecordHeader], permits: [Bool], requestDigest: Bytes64, from index: UInt8,
        in key: SharedKey<KEM>, shareEpoch: UInt32, recipient: borrowing OpeningKey, party: PartyID,
        signer: VerifyingKey
    ) throws(Refusal) {
        guard let holder = key.share(of: index) else { throw Refusal(.participants) }
        self.init(
            statement: ShareStatement(
                requestDigest: requestDigest, keyClass: KEM.byte, shareEpoch: shareEpoch, index: index,
                holder: holder, destination: party, recipient: recipient.element,
                origin: ShareStatement.origin(headers.map(\.hash)), permits: permits,
                points: headers.map(\.key.pair.b)),
            signer: signer, tokens: 0, tickets: 0)
    }
}

/// A Share whose signature and proof hold, with all that it belongs to. With t of them and z anyone has the pseudonym:
/// not printable.
public struct VerifiedShare<Class: KeyClass>: Sendable, CustomStringConvertible, CustomReflectable {
    /// The transcryptor that made it, 1...n.
    public let index: UInt8
    /// The sharing from which it was made, from 1. Shares of two epochs never mix.
    public let shareEpoch: UInt32
    /// The Request, the party and the chain or records for which it was made.
    public let binding: ShareBinding
    /// `U_j`, one for each permitted item; none from an adopter.
    let answers: [Element]
    /// The maker's note of each permitted item, 45 bytes each.
    public let tokens: [HeldToken]
    /// The maker's note of each permitted deposit at this target, 33 bytes each.
    public let tickets: [Ticket]

    /// - Parameter statement: what the Share was verified against.
    init(_ statement: ShareStatement, answers: [Element], tokens: [HeldToken], tickets: [Ticket]) {
        (index, shareEpoch, binding) = (statement.index, statement.shareEpoch, statement.binding)
        (self.answers, self.tokens, self.tickets) = (answers, tokens, tickets)
    }

    /// The name of the type.
    public var description: String { "VerifiedShare" }
    /// Empty: nothing of a Share is printed.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
