import Guards
import Ristretto255

/// A Share, sealed to its recipient.
public struct SealedShare: Hashable, Sendable {
    /// A box, 48 bytes longer than the Share.
    public let bytes: [UInt8]
    /// Bytes from a transcryptor; nothing is claimed of them.
    public init(bytes: [UInt8]) { self.bytes = bytes }
}

/// The signing and sealing hand of a transcryptor.
public struct ShareMaker: ~Copyable, Sendable {
    let signer: SigningKey
    /// The transcryptor's own z.
    let sender: SecretScalar

    /// - Parameters: the keys of one transcryptor; `sender` is its z.
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
    /// - Throws: `target` where the chain leads to base or to another party; `length` where nothing is permitted (then
    ///   the field of the call is empty, PROTOCOL 8.1), or for another number of permits or tokens; `point`.
    public borrowing func share(
        _ chain: VerifiedChain, permits: [Bool], with share: borrowing ClassShare<PSN>, to recipient: PartyKey,
        tokens: [HeldToken], tickets: [Ticket], fresh: (Bytes64, Bytes64)
    ) throws(Refusal) -> SealedShare {
        // Base never receives a Share, so that the base point of a person stays unknown.
        let isParty = chain.destination.party == recipient.party
        try need(isParty || !enforced("guard:share.base"), .target)
        let permitted = try permitted(chain, permits, tokens, tickets)
        let statement = ShareStatement(
            requestDigest: chain.requestDigest, keyClass: PSN.byte, shareEpoch: share.shareEpoch, index: share.index,
            holder: share.element, destination: recipient.party, recipient: recipient.element, origin: chain.origin,
            permits: permits, points: permitted.map(\.pair.b))
        return try seal(statement, share, tokens, tickets, fresh)
    }

    /// Shares the keys of records whose Tickets fit with the party that asked.
    /// - Parameters:
    ///   - records: those that are permitted, in the order of the Request.
    ///   - permits: the joint verdicts of all records of the Request, deposits among them.
    ///   - fresh: 64 random bytes for the proof, 64 for the box.
    /// - Throws: `length` for no record, more than 256 or more than are permitted; `point`.
    public borrowing func share(
        _ records: [TicketedRecord], permits: [Bool], requestDigest: Bytes64,
        with share: borrowing ClassShare<KEM>, to recipient: PartyKey, fresh: (Bytes64, Bytes64)
    ) throws(Refusal) -> SealedShare {
        try need((1...ReshuffleProof.itemsMax).contains(records.count), .length)
        try need(records.count <= permits.count(where: \.self), .length)
        let statement = ShareStatement(
            requestDigest: requestDigest, keyClass: KEM.byte, shareEpoch: share.shareEpoch, index: share.index,
            holder: share.element, destination: recipient.party, recipient: recipient.element,
            origin: ShareStatement.origin(records.map(\.header.hash)), permits: permits,
            points: records.map(\.header.key.pair.b))
        return try seal(statement, share, [], [], fresh)
    }

    /// What a transcryptor gives that did not take part: its tokens and Tickets, no Share.
    /// - Parameters:
    ///   - holder: `X_i` of class PSN.
    ///   - fresh: 64 random bytes for the box.
    /// - Throws: `target`, `length`, `point`, as for a Share.
    public borrowing func adopt(
        _ chain: VerifiedChain, permits: [Bool], holder: Element, index: UInt8, shareEpoch: UInt32,
        to recipient: PartyKey, tokens: [HeldToken], tickets: [Ticket], fresh: Bytes64
    ) throws(Refusal) -> SealedShare {
        try need(chain.destination.party == recipient.party || !enforced("guard:share.base"), .target)
        _ = try permitted(chain, permits, tokens, tickets)
        let statement = ShareStatement(
            requestDigest: chain.requestDigest, keyClass: ShareBody.adoptClass, shareEpoch: shareEpoch, index: index,
            holder: holder, destination: recipient.party, recipient: recipient.element, origin: chain.origin,
            permits: permits, points: [])
        return try finish(statement, answers: [], proof: [], tokens, tickets, fresh)
    }

    /// What is permitted: at least one item, a token for each, and no more Tickets than a count of the wire holds.
    private borrowing func permitted(
        _ chain: VerifiedChain, _ permits: [Bool], _ tokens: [HeldToken], _ tickets: [Ticket]
    ) throws(Refusal) -> [EncryptedPseudonym] {
        let permitted = try chain.permitted(permits)
        try need(!permitted.isEmpty && tokens.count == permitted.count, .length)
        try need(tickets.count <= Int(UInt16.max), .length)
        return permitted
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
