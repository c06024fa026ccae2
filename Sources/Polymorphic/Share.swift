import Guards
import Ristretto255

/// The statement of one Share: what it is for and under which Request (PROTOCOL 8).
struct ShareStatement: Sendable {
    let requestDigest: Bytes64
    let keyClass: UInt8
    let shareEpoch: UInt32
    let index: UInt8
    /// `X_i`.
    let holder: Element
    let destination: PartyID
    /// `Z_dst`.
    let recipient: Element
    /// The chain or the records that it belongs to.
    let origin: Bytes64
    /// The joint verdicts, a byte each.
    let permits: [Bool]
    /// `B_j` of what is permitted.
    let points: [Element]

    /// `sd`.
    func digest(_ answers: [UInt8]) -> Bytes64 {
        Polymorphic.digest(
            .share, requestDigest.bytes, [keyClass], shareEpoch.bigEndianBytes, [index], holder.encoding.bytes,
            destination.bytes, recipient.encoding.bytes, origin.bytes, permits.map { $0 ? 1 : 0 },
            Element.encode(batch: points), answers)
    }

    /// `Q_j = B_j + Z_dst`.
    /// - Throws: `point` where a sum is the identity.
    func queries() throws(Refusal) -> [Element] {
        var queries: [Element] = []
        queries.reserveCapacity(points.count)
        for point in points { queries.append(try Element(computed: point.point + recipient.point)) }
        return queries
    }

    /// The digest that names the records of a Share: `digest("origin", hh_0, .., hh_m-1)`.
    static func origin(_ hashes: [Bytes32]) -> Bytes64 { Polymorphic.digest(.origin, fields: hashes.map(\.bytes)) }

    /// What the box of a Share is sealed for.
    var info: [UInt8] { pack(.sealedShare, requestDigest.bytes, [keyClass], [index], destination.bytes) }
}

extension ClassShare {
    /// `U_j = x_i * Q_j` and the Equality proof.
    borrowing func answer(_ statement: ShareStatement, fresh: Bytes64) throws(Refusal) -> (
        answers: [Element], proof: EqualityProof
    ) {
        let queries = try statement.queries()
        var answers: [Element] = []
        answers.reserveCapacity(queries.count)
        for query in queries { answers.append(try Element(computed: x.times(query.point))) }
        let context = equalityContext(statement.digest(Element.encode(batch: answers)))
        let nonce = Hedging.hedged(x, fresh, context, .share)
        do {
            let proof = try EqualityProof.prove(
                key: x, public: element, queries: queries, answers: answers, context: context, nonce: nonce)
            return (answers, proof)
        } catch { throw Refusal(.point) }
    }
}

/// The body of a Share before it is sealed:
/// `u8 class || u32 share_epoch || u8 i || u16 m || m x U_j || proof 64 || u16 a || a tokens || u16 b || b Tickets ||
/// sig 64`.
struct ShareBody: Sendable {
    static let adoptClass: UInt8 = 0

    let answers: ArraySlice<UInt8>
    /// 64 bytes; none in class 0.
    let proof: ArraySlice<UInt8>
    let tokens: [HeldToken]
    let tickets: [Ticket]
    let signed: [UInt8]
    let signature: ArraySlice<UInt8>

    static func unsigned(
        _ statement: ShareStatement, _ answers: [UInt8], _ proof: [UInt8], _ tokens: [HeldToken], _ tickets: [Ticket]
    ) -> [UInt8] {
        var out = [statement.keyClass] + statement.shareEpoch.bigEndianBytes + [statement.index]
        out += UInt16(answers.count / 32).bigEndianBytes + answers + proof
        out += UInt16(tokens.count).bigEndianBytes + tokens.flatMap(\.bytes)
        out += UInt16(tickets.count).bigEndianBytes + tickets.flatMap(\.bytes)
        return out
    }

    /// - Throws: `share` for another class, epoch, index or m; `length` for another size or number of tokens and
    ///   Tickets.
    init(_ body: [UInt8], _ statement: ShareStatement, tokens tokenCount: Int, tickets ticketCount: Int) throws(Refusal)
    {
        let isAdopt = statement.keyClass == Self.adoptClass
        let head =
            [statement.keyClass] + statement.shareEpoch.bigEndianBytes + [statement.index]
            + UInt16(isAdopt ? 0 : statement.points.count).bigEndianBytes
        try need(body.prefix(8).elementsEqual(head), .share)
        var reader = WireReader(body)
        _ = try reader.take(8, orRefuse: .length)
        answers = try reader.take(isAdopt ? 0 : 32 * statement.points.count, orRefuse: .length)
        proof = try reader.take(isAdopt ? 0 : 64, orRefuse: .length)
        var tokens: [HeldToken] = []
        for _ in 0..<(try reader.integer(UInt16.self, orRefuse: .length)) {
            tokens.append(try HeldToken(wire: try reader.take(HeldToken.byteCount, orRefuse: .length)))
        }
        var tickets: [Ticket] = []
        for _ in 0..<(try reader.integer(UInt16.self, orRefuse: .length)) {
            tickets.append(try Ticket(wire: try reader.take(Ticket.byteCount, orRefuse: .length)))
        }
        signed = Array(reader.consumed)
        signature = try reader.take(64, orRefuse: .length)
        try need(reader.isAtEnd && tokens.count == tokenCount && tickets.count == ticketCount, .length)
        (self.tokens, self.tickets) = (tokens, tickets)
    }
}

/// A Share, sealed to its recipient.
public struct SealedShare: Hashable, Sendable {
    public let bytes: [UInt8]
    public init(bytes: [UInt8]) { self.bytes = bytes }
}

/// The signing and sealing hand of a transcryptor.
public struct ShareMaker: ~Copyable, Sendable {
    let signer: SigningKey
    /// The transcryptor's own z.
    let sender: SecretScalar

    public init(signer: consuming SigningKey, sender: consuming SecretScalar) {
        self.signer = signer
        self.sender = sender
    }

    /// Makes and signs the next step of a chain.
    public borrowing func step(
        _ chain: ChainRequest, after before: [Step], holder: UInt8, factor: StepFactor, fresh: Bytes64
    ) throws(Refusal) -> Step {
        try Step(chain, after: before, holder: holder, factor: factor, signer: signer, fresh: fresh)
    }

    /// Shares the outputs of a verified chain that are permitted with the party that the chain leads to.
    /// - Parameters:
    ///   - permits: the joint verdict of each item.
    ///   - tokens: one for each permitted item.
    ///   - fresh: 64 random bytes for the proof, 64 for the box.
    /// - Throws: `target` where the chain leads to base or to another party, `length`, `point`.
    public borrowing func share(
        _ chain: VerifiedChain, permits: [Bool], with share: borrowing ClassShare<PSN>, to recipient: PartyKey,
        tokens: [HeldToken], tickets: [Ticket], fresh: (Bytes64, Bytes64)
    ) throws(Refusal) -> SealedShare {
        // Base never receives a Share, so that the base point of a person stays unknown.
        let isParty = chain.destination.party == recipient.party
        try need(isParty || !enforced("guard:share.base"), .target)
        let permitted = try chain.permitted(permits)
        try need(tokens.count == permitted.count, .length)
        let statement = ShareStatement(
            requestDigest: chain.requestDigest, keyClass: PSN.byte, shareEpoch: share.shareEpoch, index: share.index,
            holder: share.element, destination: recipient.party, recipient: recipient.element, origin: chain.origin,
            permits: permits, points: permitted.map(\.pair.b))
        return try seal(statement, share, tokens, tickets, fresh)
    }

    /// Shares the keys of records whose Tickets fit with the party that asked.
    /// - Parameters:
    ///   - records: those that are permitted, in the order of the Request.
    ///   - permits: the joint verdicts of all records of the Request.
    public borrowing func share(
        _ records: [TicketedRecord], permits: [Bool], requestDigest: Bytes64,
        with share: borrowing ClassShare<KEM>, to recipient: PartyKey, fresh: (Bytes64, Bytes64)
    ) throws(Refusal) -> SealedShare {
        try need(!records.isEmpty, .length)
        let statement = ShareStatement(
            requestDigest: requestDigest, keyClass: KEM.byte, shareEpoch: share.shareEpoch, index: share.index,
            holder: share.element, destination: recipient.party, recipient: recipient.element,
            origin: ShareStatement.origin(records.map(\.header.hash)), permits: permits,
            points: records.map(\.header.key.pair.b))
        return try seal(statement, share, [], [], fresh)
    }

    /// What a transcryptor gives that did not take part: its tokens and Tickets, no Share.
    public borrowing func adopt(
        _ chain: VerifiedChain, permits: [Bool], holder: Element, index: UInt8, shareEpoch: UInt32,
        to recipient: PartyKey, tokens: [HeldToken], tickets: [Ticket], fresh: Bytes64
    ) throws(Refusal) -> SealedShare {
        try need(chain.destination.party == recipient.party || !enforced("guard:share.base"), .target)
        let statement = ShareStatement(
            requestDigest: chain.requestDigest, keyClass: ShareBody.adoptClass, shareEpoch: shareEpoch, index: index,
            holder: holder, destination: recipient.party, recipient: recipient.element, origin: chain.origin,
            permits: permits, points: [])
        return try finish(statement, answers: [], proof: [], tokens, tickets, fresh)
    }

    private borrowing func seal<Class: KeyClass>(
        _ statement: ShareStatement, _ share: borrowing ClassShare<Class>, _ tokens: [HeldToken], _ tickets: [Ticket],
        _ fresh: (Bytes64, Bytes64)
    ) throws(Refusal) -> SealedShare {
        let (answers, proof) = try share.answer(statement, fresh: fresh.0)
        return try finish(
            statement, answers: Element.encode(batch: answers), proof: proof.bytes.bytes, tokens, tickets, fresh.1)
    }

    private borrowing func finish(
        _ statement: ShareStatement, answers: [UInt8], proof: [UInt8], _ tokens: [HeldToken], _ tickets: [Ticket],
        _ fresh: Bytes64
    ) throws(Refusal) -> SealedShare {
        let body = ShareBody.unsigned(statement, answers, proof, tokens, tickets)
        let signed = pack(.shareOut, statement.digest(answers).bytes, body)
        let whole = body + signer.sign(signed)
        // Unsealed, whoever sees all Shares of two items learns the difference of their plaintexts (PROTOCOL 12.5).
        guard enforced("guard:share.sealed") else { return SealedShare(bytes: whole) }
        let box = try Seal.seal(whole, to: statement.recipient, info: statement.info, sender: sender, fresh: fresh)
        return SealedShare(bytes: box)
    }
}
