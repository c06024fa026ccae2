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
        return VerifiedShare(
            index: statement.index, shareEpoch: statement.shareEpoch, answers: answers, tokens: body.tokens,
            tickets: body.tickets)
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
    /// - Parameter tickets: how many permitted deposits stand at this target.
    public init(
        _ chain: VerifiedChain, permits: [Bool], from index: UInt8, in key: SharedKey<PSN>, shareEpoch: UInt32,
        recipient: borrowing OpeningKey, party: PartyID, signer: VerifyingKey, tickets: Int = 0
    ) throws(Refusal) {
        let permitted = try chain.permitted(permits)
        try need(chain.destination.party == party, .target)
        guard let holder = key.share(of: index) else { throw Refusal(.participants) }
        self.init(
            statement: ShareStatement(
                requestDigest: chain.requestDigest, keyClass: PSN.byte, shareEpoch: shareEpoch, index: index,
                holder: holder, destination: party, recipient: recipient.element, origin: chain.origin,
                permits: permits, points: permitted.map(\.pair.b)),
            signer: signer, tokens: permitted.count, tickets: tickets)
    }

    /// What an adopter sends for a chain that this recipient verified itself.
    public init(
        adopted chain: VerifiedChain, permits: [Bool], from index: UInt8, in key: SharedKey<PSN>, shareEpoch: UInt32,
        recipient: borrowing OpeningKey, party: PartyID, signer: VerifyingKey, tickets: Int = 0
    ) throws(Refusal) {
        let permitted = try chain.permitted(permits)
        guard let holder = key.share(of: index) else { throw Refusal(.participants) }
        self.init(
            statement: ShareStatement(
                requestDigest: chain.requestDigest, keyClass: ShareBody.adoptClass, shareEpoch: shareEpoch,
                index: index, holder: holder, destination: party, recipient: recipient.element, origin: chain.origin,
                permits: permits, points: []),
            signer: signer, tokens: permitted.count, tickets: tickets)
    }
}

extension ShareExpectation where Class == KEM {
    /// A Share of the keys of records that this recipient asked for.
    /// - Parameters:
    ///   - headers: of the permitted records, in the order of the Request.
    ///   - permits: the joint verdicts of all records of the Request.
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

/// A Share whose signature and proof hold. With t of them and z anyone has the pseudonym: not printable.
public struct VerifiedShare<Class: KeyClass>: Sendable, CustomStringConvertible, CustomReflectable {
    public let index: UInt8
    public let shareEpoch: UInt32
    let answers: [Element]
    public let tokens: [HeldToken]
    public let tickets: [Ticket]

    public var description: String { "VerifiedShare" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
