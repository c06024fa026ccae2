import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Gives, stops, mandates and confirmations, from a device: the signature inside counts (PROTOCOL 9).
extension TranscryptorNode {
    /// - Returns: `list(countersignature, signature)`; of a stop `list(u64(leaf index))` once the leaf is included.
    func consent(_ body: [UInt8]) async throws(Refusal) -> [UInt8] {
        let fields = try Wire.fields(of: body, 2)
        let enrolID: Bytes16 = try Wire.fixed(fields[0])
        let opened = try secrets.opening.open(
            fields[1], info: RowEntryInfo.consent(enrolID, index), forbidden: forbidden)
        let entry = try SignedEntry(wire: opened)
        let now = parts.clock.now()
        let directory = try await parts.directory.current(at: now)
        let check = RowSignatures(pages: directory.pages)
        switch EntryKind(entry.bytes) {
        case .stop: return try await stop(entry, enrolID, check, now)
        case .give, .mandate, .confirmation:
            let answer = try await readingOn { () async throws(Refusal) in
                try await transaction { [self] transaction in
                    try accept(entry, enrolID, directory.policy, check, now, transaction)
                }
            }
            await parts.background.run { [self] in await submit() }
            return answer
        case nil: throw Refusal(.label)
        }
    }

    /// A give that was made after a deny-all comes to a transcryptor that has not read of it yet: it reads on in the
    /// Ledger and looks again.
    private func readingOn(_ body: () async throws(Refusal) -> [UInt8]) async throws(Refusal) -> [UInt8] {
        do { return try await body() } catch {
            guard error.code == .consent else { throw error }
            do throws(Refusal) { try await follow(to: try await parts.ledger.latest()) } catch {
                throw Refusal(.ledger)
            }
            return try await body()
        }
    }

    private func accept(
        _ entry: SignedEntry, _ enrolID: Bytes16, _ policy: PolicyDocument, _ check: RowSignatures, _ now: UInt64,
        _ transaction: any NodeTransaction
    ) throws -> [UInt8] {
        guard var row = try transaction.row(enrolment: enrolID) else { throw Refusal(.row) }
        let before = Set(row.consents.watchedTags)
        let history = StoredTags(reading: transaction)
        let at = Instant(Int64(now))
        var accepted = ConsentRow.Accepted.new
        switch EntryKind(entry.bytes) {
        case .give:
            let purposes = try Give(wire: entry.bytes).purposes
            accepted = try row.consents.accept(
                give: entry, at: at, template: policy.template(for: purposes), check: check, history: history)
        case .mandate: accepted = try row.consents.accept(mandate: entry, at: at, check: check, history: history)
        default: try row.consents.accept(confirmation: entry, at: at, check: check)
        }
        let key = Array("entry".utf8) + sha512(entry.bytes).bytes
        if accepted == .again, let answer = try transaction.get(.answers, key) { return answer }
        let handle = try signer(of: entry, row, check)
        let countersignature = Countersignature(
            transcryptor: id, id: handle, hash: sha512(entry.bytes), time: now)
        try writeEntryLeaf(countersignature.bytes, explanation: entry.bytes, &row, transaction)
        try transaction.put(row, watchedBefore: before)
        let answer = signed(countersignature.bytes)
        try transaction.put(.answers, key, answer)
        return answer
    }

    /// The handle of the device that signed.
    private func signer(of entry: SignedEntry, _ row: RowRecord, _ check: RowSignatures) throws(Refusal) -> Bytes16 {
        for device in row.devices {
            let key = try policyKey(device.key)
            if entry.signatures.contains(where: { check.accepts($0, over: entry.bytes, by: key) }) {
                return device.handle
            }
        }
        throw Refusal(.signature)
    }

    /// A stop: stored, effective here at once, and in the Ledger for all others.
    private func stop(
        _ entry: SignedEntry, _ enrolID: Bytes16, _ check: RowSignatures, _ now: UInt64
    ) async throws(Refusal) -> [UInt8] {
        let key = Array("stop".utf8) + sha512(entry.bytes).bytes
        let hash = try await transaction { [self] transaction -> [UInt8]? in
            if let hash = try transaction.get(.answers, key) { return hash }
            guard var row = try transaction.row(enrolment: enrolID) else { throw Refusal(.row) }
            let before = Set(row.consents.watchedTags)
            let answer = try row.consents.stop(entry, at: Instant(Int64(now)), check: check)
            var hash: [UInt8]?
            if case .leaf(let target) = answer, let tag = row.consents.tag(of: target, transcryptor: index) {
                let leaf = try secrets.leaves.leaf(
                    over: entry.bytes, requestDigest: sha512(entry.bytes), item: 0, tag: .stop(tag), explanation: [],
                    to: try row.auditKey(), sender: secrets.z, fresh: (fresh(), fresh()))
                try transaction.write(leaf, of: nil, counter: nil)
                hash = leaf.leaf.hash
                try transaction.put(.answers, key, leaf.leaf.hash)
            }
            try transaction.put(row, watchedBefore: before)
            return hash
        }
        guard let hash else { throw Refusal(.consent) }  // stored, without a leaf: the device goes to the next
        await submit()
        try await follow(to: try await parts.ledger.latest())
        guard let index = try await read({ try $0.get(.included, hash) }) else { throw Refusal(.unavailable) }
        return Wire.list([index])
    }
}

/// What an entry is, by its label.
enum EntryKind {
    case give, stop, mandate, confirmation

    init?(_ bytes: [UInt8]) {
        func has(_ label: Label.Signed) -> Bool { bytes.starts(with: pack(label)) }
        if has(.consent) {
            self = .give
        } else if has(.withdrawal) {
            self = .stop
        } else if has(.mandate) {
            self = .mandate
        } else if has(.confirm) {
            self = .confirmation
        } else {
            return nil
        }
    }
}
