import Ristretto255

/// What a Share belongs to: Shares of two of these are never combined (PROTOCOL 8).
public struct ShareBinding: Hashable, Sendable {
    /// `rd` of the Request that permitted it, 64 bytes.
    public let requestDigest: Bytes64
    /// Whom it was made for.
    public let destination: PartyID
    /// `Z_dst`, the key that it was sealed to.
    public let recipient: Element
    /// The seed of the last step of its chain, or the digest of the hashes of its records; 64 bytes.
    public let origin: Bytes64
    /// The joint verdicts of all items, or of all records, of the Request.
    public let permits: [Bool]
}

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

    /// What its Share belongs to.
    var binding: ShareBinding {
        ShareBinding(
            requestDigest: requestDigest, destination: destination, recipient: recipient, origin: origin,
            permits: permits)
    }

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
        } catch { throw Refusal(error) }
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
