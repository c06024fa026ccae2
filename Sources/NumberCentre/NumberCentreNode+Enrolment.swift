import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// Enrolment (PROTOCOL 5): identity proofing by two officials, then all n transcryptors.
extension NumberCentreNode {
    /// Step 1 and 2: the pseudonym of a new person. The same person with the same key gets the same offer again, so
    /// that whoever was interrupted goes on.
    /// - Parameters:
    ///   - identity: the official identity that was proved, as the register writes it. It is not kept.
    ///   - keyHash: SHA-512 of the signing key that the first device has made by now.
    /// - Throws: `policy`, `signature`, `time`; `conflict` for a person who has a row; `knowledge` with the index of a
    ///   transcryptor; `unavailable`.
    public func enrol(
        identity: [UInt8], keyHash: Bytes64, _ act: OfficialAct, _ approvals: [Approval]
    ) async throws(Refusal) -> EnrolmentOffer {
        try approved("enrol", Self.enrolmentSubject(identity, keyHash), act, approvals)
        let handle = try await tag(Self.identityInput(identity))
        let fresh: Bytes16 = parts.random.draw()
        let enrolID = try await transaction { transaction -> Bytes16 in
            guard let known = try transaction.get(Self.identities, handle.bytes) else {
                return try Self.begin(fresh, handle, keyHash, transaction)
            }
            let enrolID: Bytes16 = try Wire.fixed(known)
            guard let row = try Self.row(enrolID, transaction) else { throw Refusal(.row) }
            if row.keyHash == keyHash { return enrolID }
            // One person, one pseudonym: a device that was lost before its row was made is the one exception.
            try need(!row.isComplete || !enforced("guard:registry.one-person"), .conflict)
            return try Self.begin(fresh, handle, keyHash, transaction)
        }
        return try await offer(enrolID, keyHash)
    }

    /// What the officials sign: a digest, because the act is kept.
    public static func enrolmentSubject(_ identity: [UInt8], _ keyHash: Bytes64) -> [UInt8] {
        sha512(Wire.list([identity, keyHash.bytes])).bytes
    }

    /// What two officials sign for an enrolment.
    public func enrolmentAct(identity: [UInt8], keyHash: Bytes64) -> OfficialAct {
        act("enrol", Self.enrolmentSubject(identity, keyHash))
    }

    /// 33 bytes: no number has this length.
    private static func identityInput(_ identity: [UInt8]) -> [UInt8] { [1] + sha512(identity).first.bytes }

    private static func begin(
        _ enrolID: Bytes16, _ handle: Bytes32, _ keyHash: Bytes64, _ transaction: any NodeTransaction
    ) throws -> Bytes16 {
        try transaction.put(identities, handle.bytes, enrolID.bytes)
        try put(RegistryRow(enrolID: enrolID, keyHash: keyHash), transaction)
        return enrolID
    }

    private func offer(_ enrolID: Bytes16, _ keyHash: Bytes64) async throws(Refusal) -> EnrolmentOffer {
        let transcryptors = parts.pins.anchors.transcryptors
        let made = try await askAll(.contribute, Wire.list([enrolID.bytes]))
        var contributions: [EnrolmentContribution] = []
        for answer in made {
            let fields = try Wire.fields(of: answer, 3)
            contributions.append(
                EnrolmentContribution(
                    ciphertext: try PolymorphicPseudonym(wire: fields[0] + fields[1]),
                    proof: try Knowledge(wire: fields[2])))
        }
        let enrolment = try Enrolment(
            enrolID: enrolID, contributions: contributions, by: transcryptors, keyHash: keyHash)
        let body = Wire.list([enrolID.bytes, keyHash.bytes, Wire.list(made)])
        let answers = try await askAll(.enrol, body)
        let keys = await parts.directory.current().transcryptorKeys(at: parts.clock.now())
        var signatures: [[UInt8]] = []
        for (place, answer) in answers.enumerated() {
            let signature = try Wire.fields(of: answer, 1)[0]
            guard let key = keys[UInt8(place + 1)] else { throw Refusal(.directory) }
            do { try key.verify(signature, over: enrolment.bytes) } catch {
                throw Refusal(error.code, at: place + 1)
            }
            signatures.append(signature)
        }
        let offer = EnrolmentOffer(enrolment, signatures: signatures)
        let signed = signatures
        try await transaction { transaction in
            guard var row = try Self.row(enrolID, transaction) else { throw Refusal(.row) }
            (row.pseudonym, row.signatures) = (enrolment.pseudonym, signed)
            try Self.put(row, transaction)
        }
        return offer
    }

    /// Step 3 to 5: has the row made at all n, and keeps what the device leaves. May be repeated.
    /// - Returns: the answers of the transcryptors, which the device verifies.
    /// - Throws: `row` for an enrolment that is not there; what a transcryptor refuses; `unavailable`.
    public func makeRows(_ papers: RowPapers) async throws(Refusal) -> [[UInt8]] {
        guard let row = try await read({ try Self.row(papers.enrolID, $0) }), row.pseudonym != nil else {
            throw Refusal(.row)
        }
        let answers = try await sendRows(papers, row)
        try await transaction { transaction in
            guard var row = try Self.row(papers.enrolID, transaction) else { throw Refusal(.row) }
            row.stopKey = papers.stopKey
            row.recoveryBoxes = papers.recoveryBoxes
            try Self.put(row, transaction)
        }
        return answers
    }

    /// Adds a device to a row: the entries are signed by a device that is in it.
    public func addDevice(_ papers: RowPapers) async throws(Refusal) -> [[UInt8]] {
        guard let row = try await read({ try Self.row(papers.enrolID, $0) }), row.isComplete else {
            throw Refusal(.row)
        }
        return try await sendRows(papers, row)
    }

    private func sendRows(_ papers: RowPapers, _ row: RegistryRow) async throws(Refusal) -> [[UInt8]] {
        let n = Int(parts.pins.ceremony.n)
        try need(papers.entries.count == n && papers.recoveryBoxes.count == n, .length)
        guard let pseudonym = row.pseudonym else { throw Refusal(.row) }
        let bodies = (0..<n).map { place in
            RowCall(
                enrolID: papers.enrolID, pseudonym: pseudonym, keyHash: row.keyHash, signatures: row.signatures,
                recoveryBox: papers.recoveryBoxes[place], entry: papers.entries[place]
            ).body
        }
        return try await ask(.row, bodies)
    }

    // MARK: All n

    private func askAll(_ call: Call, _ body: [UInt8]) async throws(Refusal) -> [[UInt8]] {
        try await ask(call, parts.pins.indexes.map { _ in body })
    }

    /// One body for each transcryptor, in index order; all must answer.
    private func ask(_ call: Call, _ bodies: [[UInt8]]) async throws(Refusal) -> [[UInt8]] {
        let answers = await parts.courier.send(
            all: zip(parts.pins.indexes, bodies).map {
                Courier.Letter(call, $1, to: parts.pins.transcryptor($0))
            })
        var out: [[UInt8]] = []
        for (place, answer) in answers.enumerated() {
            switch answer {
            case .success(let bytes): out.append(bytes)
            case .failure(.refused(let refusal)): throw Refusal(refusal.code, at: refusal.index ?? place + 1)
            case .failure(.noAnswer): throw Refusal(.unavailable, at: place + 1)
            }
        }
        return out
    }
}
