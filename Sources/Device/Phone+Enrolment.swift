import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// The person's row, as the phone knows it.
struct PhoneRow: Sendable {
    let enrolID: Bytes16
    let pseudonym: PolymorphicPseudonym
    /// `delta_i`, 32 bytes each, in index order: with PP they lead from the row to the person.
    let deltas: [[UInt8]]
    var isComplete: Bool
    /// The leaves of the deny-alls so far, by their index in the Ledger.
    var denials: [UInt64]
    /// SHA-512 of the entries that were made last, in index order: what countersignatures must name.
    var entries: [Bytes64]
    /// How far this phone has read the Ledger for deny-alls.
    var position: UInt64

    var bytes: [UInt8] {
        Wire.list([
            enrolID.bytes, pseudonym.bytes, Wire.list(deltas), [isComplete ? 1 : 0],
            denials.flatMap(\.bigEndianBytes), entries.flatMap(\.bytes), position.bigEndianBytes,
        ])
    }

    init(enrolID: Bytes16, pseudonym: PolymorphicPseudonym, deltas: [[UInt8]], position: UInt64) {
        (self.enrolID, self.pseudonym, self.deltas) = (enrolID, pseudonym, deltas)
        (isComplete, denials, entries) = (false, [], [])
        self.position = position
    }

    init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 7)
        enrolID = try Wire.fixed(fields[0])
        pseudonym = try PolymorphicPseudonym(wire: fields[1])
        deltas = try Wire.elements(of: fields[2], maximum: 16)
        isComplete = fields[3] == [1]
        var (denials, reader) = ([UInt64](), WireReader(fields[4]))
        while !reader.isAtEnd { denials.append(try reader.integer(UInt64.self, orRefuse: .length)) }
        self.denials = denials
        var (entries, rest) = ([Bytes64](), WireReader(fields[5]))
        while !rest.isAtEnd { entries.append(try rest.fixed(orRefuse: .length)) }
        self.entries = entries
        position = try Wire.u64(fields[6])
    }

    func delta(_ index: UInt8) throws(Refusal) -> SecretScalar {
        do { return try SecretScalar(decoding: deltas[Int(index) - 1]) } catch { throw Refusal(.scalar) }
    }
}

/// Enrolment at the phone (PROTOCOL 5, steps 3 to 5).
extension Phone {
    private static let rowKey = Array("row".utf8)

    /// Whether the person's row is complete at all transcryptors: from then on the phone presents and signs.
    /// - Throws: `unavailable` where the store fails.
    public func isEnrolled() async throws(Refusal) -> Bool {
        guard let stored = try await read({ try $0.get(Self.table, Self.rowKey) }) else { return false }
        return try PhoneRow(bytes: stored).isComplete
    }

    func row() async throws(Refusal) -> PhoneRow {
        guard let stored = try await read({ try $0.get(Self.table, Self.rowKey) }) else { throw Refusal(.row) }
        return try PhoneRow(bytes: stored)
    }

    func update(_ body: @Sendable (inout PhoneRow) -> Void) async throws(Refusal) {
        try await write { transaction in
            guard let stored = try transaction.get(Self.table, Self.rowKey) else { throw Refusal(.row) }
            var row = try PhoneRow(bytes: stored)
            body(&row)
            try transaction.put(Self.table, Self.rowKey, row.bytes)
        }
    }

    /// Takes the offer of a registry and makes an entry for each transcryptor.
    /// - Throws: `signature` unless all n signed; `row` unless they signed this phone's key; `conflict` for a phone
    ///   that is in another row.
    public func papers(for offer: EnrolmentOffer) async throws(Refusal) -> RowPapers {
        if enforced("guard:device.enrolment") {
            try need(offer.signatures.count == Int(parts.pins.ceremony.n), .signature)
            for index in indexes {
                let key = try await transcryptor(index).signing
                try key.verify(offer.signatures[Int(index) - 1], over: offer.enrolment.bytes)
            }
        }
        let mine = offer.enrolment.keyHash == (try keyHash())
        try need(mine || !enforced("guard:device.enrolment-key"), .row)
        let row = try await begin(offer)
        return try await papers(row, from: row.pseudonym, adding: nil)
    }

    /// Draws delta_i and keeps them before anything is sent: an interrupted enrolment goes on with the same row.
    private func begin(_ offer: EnrolmentOffer) async throws(Refusal) -> PhoneRow {
        let (id, pseudonym) = (offer.enrolment.enrolID, offer.enrolment.pseudonym)
        var deltas: [[UInt8]] = []
        for index in indexes {
            let blinded = try pseudonym.blinded(
                under: parts.pins.ceremony.pseudonyms.key, key: keys.audit.secretCopy(), fresh: fresh(),
                use: id.bytes + [index])
            deltas.append(blinded.blinding.withEncoding { [UInt8]($0) })
        }
        // No deny-all of a row stands before the row.
        let position = (try? await parts.ledger.latest())?.size ?? 0
        let new = PhoneRow(enrolID: id, pseudonym: pseudonym, deltas: deltas, position: position)
        return try await write { transaction in
            if let stored = try transaction.get(Self.table, Self.rowKey) {
                let known = try PhoneRow(bytes: stored)
                guard known.enrolID == id else { throw Refusal(.conflict) }
                return known
            }
            try transaction.put(Self.table, Self.rowKey, new.bytes)
            return new
        }
    }

    /// - Parameters:
    ///   - pseudonym: what the pairs of the row are proved from: PP; for a further phone by `adder`, its own PP_i.
    ///   - adder: the phone that is in the row already, which signs as well.
    func papers(
        _ row: PhoneRow, from pseudonym: PolymorphicPseudonym, adding adder: Phone?
    ) async throws(Refusal) -> RowPapers {
        var (entries, boxes, hashes) = ([[UInt8]](), [[UInt8]](), [Bytes64]())
        for index in indexes {
            let z = try await transcryptor(index).key.element
            let entry = try await entry(row, index, adder)
            var signatures = [try keys.sign(entry.bytes)]
            if let adder { signatures.append(try adder.keys.sign(entry.bytes)) }
            let signed = SignedEntry(entry.bytes, signatures: signatures)
            hashes.append(sha512(entry.bytes))
            entries.append(
                try Seal.seal(
                    signed.wire, to: z, info: RowEntryInfo.row(row.enrolID, index),
                    sender: keys.audit.secretCopy(), fresh: fresh()))
            let recovery = keys.handles[Int(index) - 1].bytes + row.deltas[Int(index) - 1]
            boxes.append(
                try Seal.seal(
                    recovery, to: z, info: RowEntryInfo.handle(row.enrolID, index),
                    sender: keys.audit.secretCopy(), fresh: fresh()))
        }
        let made = hashes
        try await update { $0.entries = made }
        return RowPapers(
            enrolID: row.enrolID, entries: entries, recoveryBoxes: boxes, stopKey: keys.rowStopKey)
    }

    private func entry(_ row: PhoneRow, _ index: UInt8, _ adder: Phone?) async throws(Refusal) -> DeviceEntry {
        let key = parts.pins.ceremony.pseudonyms.key
        let handle = keys.handles[Int(index) - 1]
        let own = try row.pseudonym.blinded(under: key, by: try row.delta(index))
        var from = row.pseudonym
        var k = try row.delta(index)
        if let adder {
            // From the pair of the phone that adds: that is the one that the row has.
            let theirs = try await adder.row().delta(index)
            from = try row.pseudonym.blinded(under: key, by: theirs)
            k = k.minus(theirs)
        }
        let context = RowProofContext.enrolment(row.enrolID, index: index, handle: handle)
        let proof = try SamePerson.prove(
            blinding: k, under: key, context: context.bytes(from, own), fresh: fresh())
        return DeviceEntry(
            enrolID: row.enrolID, index: index, handle: handle, signedAt: parts.clock.now(),
            denials: UInt64(row.denials.count), pseudonym: own, proof: proof, key: try keys.credentialKey(),
            deviceID: keys.deviceID, stopKey: keys.deviceStopKey,
            row: DeviceEntry.RowSecrets(
                stopKey: keys.rowStopKey, tagKey: try Wire.fixed(keys.tagKey(index).withBytes { [UInt8]($0) }),
                auditKey: keys.audit.element))
    }

    /// Takes the answers of all n: the row counts only now.
    /// - Throws: `participants` unless there are n; with the index of a transcryptor, `signature` or `row` where its
    ///   countersignature is not one of this phone.
    public func accept(_ answers: [[UInt8]]) async throws(Refusal) {
        try need(answers.count == Int(parts.pins.ceremony.n), .participants)
        let row = try await row()
        try need(row.entries.count == answers.count, .row)
        for (index, bytes) in zip(indexes, answers) {
            let signing = try await transcryptor(index).signing
            guard enforced("guard:device.countersignatures") else { continue }
            do throws(Refusal) {
                let answer = try RowAnswer(wire: bytes).countersignature
                try signing.verify(answer.signature, over: answer.intent)
                let word = try Countersignature(wire: answer.intent)
                let fits =
                    word.transcryptor == parts.pins.transcryptor(index) && word.id == keys.handles[Int(index) - 1]
                    && word.hash == row.entries[Int(index) - 1]
                try need(fits, .row)
            } catch { throw Refusal(error.code, at: Int(index)) }
        }
        try await update { $0.isComplete = true }
    }

    /// Adds a further phone of the same person: it shares what belongs to the row and makes keys of its own.
    /// - Returns: the new phone, and the papers that the registry brings to all n.
    public func addPhone(
        _ parts: Parts, algorithm: PhoneAlgorithm = .ed25519
    ) async throws(Refusal) -> (phone: Phone, papers: RowPapers) {
        let row = try await row()
        let phone = try await Phone.open(parts, algorithm, row: keys.row)
        let offer = EnrolmentOffer(
            Enrolment(enrolID: row.enrolID, pseudonym: row.pseudonym, keyHash: try phone.keyHash()), signatures: [])
        _ = try await phone.begin(offer)
        try await phone.update { ($0.denials, $0.position) = (row.denials, row.position) }
        let papers = try await phone.papers(try await phone.row(), from: row.pseudonym, adding: self)
        return (phone, papers)
    }
}
