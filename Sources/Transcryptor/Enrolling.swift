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
        let party = try inForce(peer, directory, now, try await revocation(of: peer))
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
        try DeviceEntry.fresh(entry.signedAt, now: now)
        try entry.key.verify(
            signedEntry.signatures.first ?? [], over: entry.bytes, relyingParty: directory.pages)
        let exists = try await read { try $0.get(.enrolments, call.enrolID.bytes) != nil }
        if exists {
            try await checkAdded(entry, signedEntry, directory, now)
        } else {
            try checkFirst(call, entry, directory)
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

    /// Step 4 of enrolment: all n signed this pseudonym and this key, and the pair of the row encrypts it.
    private func checkFirst(_ call: RowCall, _ entry: DeviceEntry, _ directory: any DirectoryView) throws(Refusal) {
        try need(call.signatures.count == directory.roll.transcryptors.count, .row)
        let enrolment = Enrolment(enrolID: call.enrolID, pseudonym: call.pseudonym, keyHash: call.keyHash)
        let keys = signingKeys(directory)
        if enforced("guard:row.signatures") {
            for (signer, signature) in zip(directory.roll.transcryptors, call.signatures) {
                guard let key = keys[signer] else { throw Refusal(.directory) }
                try key.verify(signature, over: enrolment.bytes)
            }
        }
        // The registry makes this call and could put a key of its own first.
        let named = call.keyHash == sha512(entry.key.bytes)
        try need(named || !enforced("guard:row.first-key"), .row)
        try need(entry.row != nil, .row)
        try prove(entry, from: call.pseudonym)
    }

    private func prove(_ entry: DeviceEntry, from pseudonym: PolymorphicPseudonym) throws(Refusal) {
        guard enforced("guard:row.proof") else { return }
        let context = RowProofContext.enrolment(entry.enrolID, index: index, handle: entry.handle)
        try entry.proof.verify(
            from: pseudonym.pair, to: entry.pseudonym.pair, under: ceremony.pseudonyms.key.element,
            context: context.bytes(pseudonym, entry.pseudonym))
    }

    /// A device added by an active device of the row: the same row, its own secrets.
    private func checkAdded(
        _ entry: DeviceEntry, _ signed: SignedEntry, _ directory: any DirectoryView, _ now: UInt64
    ) async throws(Refusal) {
        try need(signed.signatures.count == 2, .length)
        guard let row = try await read({ try $0.row(enrolment: entry.enrolID) }) else { throw Refusal(.row) }
        let adder = row.devices.first { device in
            row.consents.isActive(device: device.id, at: Instant(Int64(now)))
                && !row.consents.isDelegate(device: device.id)
                && (try? device.key.verify(signed.signatures[1], over: entry.bytes, relyingParty: directory.pages))
                    != nil
        }
        guard let adder = adder ?? (enforced("guard:row.adder") ? nil : row.devices.first) else {
            throw Refusal(.signature)
        }
        try prove(entry, from: adder.pseudonym)
        if let secrets = entry.row {
            let same =
                row.consents.hasRowKey(StopKey(secrets.stopKey)) && secrets.tagKey == row.tagKey
                && secrets.auditKey == row.auditKey
            try need(same || !enforced("guard:row.same-row"), .row)
        }
    }
}
