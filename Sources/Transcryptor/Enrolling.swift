import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Making a person's row (PROTOCOL 5): contribute, enrol, row. All three are called by the registry.
extension TranscryptorNode {
    /// Only a registry enrols.
    private func registry(_ peer: PartyID) async throws(Refusal) {
        let now = parts.clock.now()
        let directory = try await parts.directory.current(at: now)
        let party = try inForce(peer, directory, try await revocation(of: peer))
        let isRegistry = party.roles.contains { $0.description == PartyRole.numberCentre.name.description }
        try need(isRegistry || !enforced("guard:enrolment.registry"), .directory)
    }

    /// An enrolment id is accepted once: the same id gets the same contribution.
    /// - Returns: `list(B, C, proof)`.
    func contribute(_ body: [UInt8], from peer: PartyID) async throws(Refusal) -> [UInt8] {
        try await registry(peer)
        let enrolID: Bytes16 = try Wire.fixed(try Wire.fields(of: body, 1)[0])
        if let made = try await read({ try $0.get(.contributions, enrolID.bytes) }) { return made }
        let contribution = try EnrolmentContribution(
            enrolID: enrolID, transcryptor: id, z: secrets.z, key: ceremony.pseudonyms.key,
            fresh: (fresh(), fresh(), fresh()))
        let pair = contribution.ciphertext.pair
        let answer = Wire.list([pair.b.encoding.bytes, pair.c.encoding.bytes, contribution.proof.bytes.bytes])
        return try await transaction { transaction in
            if let made = try transaction.get(.contributions, enrolID.bytes) { return made }
            try transaction.put(.contributions, enrolID.bytes, answer)
            return answer
        }
    }

    /// Verifies all contributions, of which one is its own, and signs the sum with the key that the first device made.
    /// - Returns: `list(signature)`.
    func enrol(_ body: [UInt8], from peer: PartyID) async throws(Refusal) -> [UInt8] {
        try await registry(peer)
        let fields = try Wire.fields(of: body, 3)
        let enrolID: Bytes16 = try Wire.fixed(fields[0])
        let listed = try Wire.elements(of: fields[2], maximum: 16)
        let own = try await read { try $0.get(.contributions, enrolID.bytes) }
        let position = Int(index) - 1
        guard let own, listed.count == Int(ceremony.n) else { throw Refusal(.participants) }
        // Only a sum to which it contributed is an honest base point.
        try need(listed[position] == own || !enforced("guard:enrolment.own"), .participants)
        var contributions: [EnrolmentContribution] = []
        for one in listed {
            let parts = try Wire.fields(of: one, 3)
            contributions.append(
                EnrolmentContribution(
                    ciphertext: try PolymorphicPseudonym(wire: parts[0] + parts[1]),
                    proof: try Knowledge(wire: parts[2])))
        }
        let directory = try await parts.directory.current(at: parts.clock.now())
        let enrolment = try Enrolment(
            enrolID: enrolID, contributions: contributions, by: directory.roll.transcryptors,
            keyHash: try Wire.fixed(fields[1]))
        let signature = secrets.signer.sign(enrolment.bytes)
        // One pseudonym for one id: another key under it is refused.
        return try await transaction { transaction in
            let key = enrolID.bytes + [1]
            if let made = try transaction.get(.contributions, key) {
                guard made == enrolment.bytes else { throw Refusal(.conflict) }
            }
            try transaction.put(.contributions, key, enrolment.bytes)
            return Wire.list([signature])
        }
    }

    /// Makes the row, or adds a device to it.
    /// - Returns: `list(countersignature, signature, key countersignature, signature)`.
    func row(_ body: [UInt8], from peer: PartyID) async throws(Refusal) -> [UInt8] {
        try await registry(peer)
        let call = try RowCall(body: body)
        let now = parts.clock.now()
        let opened = try secrets.opening.open(
            call.entry, info: RowEntryInfo.row(call.enrolID, index), forbidden: forbidden)
        let signedEntry = try SignedEntry(wire: opened)
        let entry = try DeviceEntry(wire: signedEntry.bytes)
        try need(entry.enrolID == call.enrolID && entry.index == index, .row)
        let directory = try await parts.directory.current(at: now)
        if let answer = try await read({ [self] in try known(entry, $0) }) { return answer }
        let exists = try await read { try $0.get(.enrolments, call.enrolID.bytes) != nil }
        let rules = RowRules(
            index: index, key: ceremony.pseudonyms.key, relyingParty: directory.pages, now: now)
        let taken = try await read { try Self.taken(entry, $0) }
        if exists {
            let row = try await read { [self] in try addable(call.enrolID, now, $0) }
            _ = try rules.add(entry, signatures: signedEntry.signatures, to: row, taken: taken)
        } else {
            let signers = try self.signers(directory)
            try rules.create(
                entry, signatures: signedEntry.signatures,
                enrolment: RowRules.SignedEnrolment(
                    Enrolment(enrolID: call.enrolID, pseudonym: call.pseudonym, keyHash: call.keyHash),
                    signatures: call.signatures, signers: signers),
                taken: taken, older: older(call, directory))
        }
        let answer = try await transaction { [self] transaction in
            if let answer = try known(entry, transaction) { return answer }
            return try exists
                ? add(entry, now, transaction) : create(entry, now, transaction)
        }
        await parts.background.run { [self] in await submit() }
        return answer
    }

    /// The answer to an entry that is stored already: made again, because the same bytes always get one.
    private func known(_ entry: DeviceEntry, _ reading: any NodeReading) throws -> [UInt8]? {
        guard let row = try reading.row(enrolment: entry.enrolID),
            row.devices.contains(where: { $0.handle == entry.handle && $0.key == entry.key && $0.id == entry.deviceID })
        else { return nil }
        return countersigned(entry, parts.clock.now())
    }

    /// What of an entry stands here already.
    static func taken(_ entry: DeviceEntry, _ reading: any NodeReading) throws -> RowRules.Taken {
        RowRules.Taken(
            enrolment: try reading.get(.enrolments, entry.enrolID.bytes) != nil,
            handle: try reading.get(.handles, entry.handle.bytes) != nil,
            key: try reading.get(.deviceKeys, sha512(entry.key.bytes).first.bytes) != nil)
    }

    /// The signing keys of all transcryptors, in index order.
    private func signers(_ directory: any DirectoryView) throws(Refusal) -> [VerifyingKey] {
        var keys: [VerifyingKey] = []
        for id in directory.roll.transcryptors {
            guard let party = directory.party(id) else { throw Refusal(.directory) }
            keys.append(party.signing)
        }
        return keys
    }

    /// The word of older transcryptors, where the registry brings one: this one is new.
    private func older(_ call: RowCall, _ directory: any DirectoryView) -> RowRules.OlderWord? {
        guard !call.countersignatures.isEmpty else { return nil }
        var keys = signingKeys(directory)
        keys[id] = nil
        return RowRules.OlderWord(call.countersignatures, keys: keys, t: directory.roll.t)
    }

    /// The row that a device is added to, with its active devices that are not a delegate's.
    private func addable(_ enrolID: Bytes16, _ now: UInt64, _ reading: any NodeReading) throws -> RowRules.Row {
        guard let row = try reading.row(enrolment: enrolID) else { throw Refusal(.row) }
        let adders = row.devices.filter { device in
            row.consents.isActive(device: device.id, at: Instant(Int64(now)))
                && !row.consents.isDelegate(device: device.id)
        }
        return RowRules.Row(
            enrolID: enrolID,
            secrets: DeviceEntry.RowSecrets(
                stopKey: row.consents.rowStopKey, tagKey: row.tagKey, auditKey: try row.auditKey()),
            adders: try adders.map { ($0.key, try $0.pseudonym()) })
    }
}
