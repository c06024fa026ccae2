import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Writing rows: one transaction each, with the leaf of the entry.
extension TranscryptorNode {
    /// A row is created once and never replaced.
    func create(_ entry: DeviceEntry, _ now: UInt64, _ transaction: any NodeTransaction) throws -> [UInt8] {
        guard let secrets = entry.row else { throw Refusal(.row) }
        try needNew(entry, transaction)
        let device = ConsentRow.Device(id: entry.deviceID, stopKey: StopKey(entry.stopKey))
        let consents = try ConsentRow(
            enrolment: entry.enrolID, rowKey: StopKey(secrets.stopKey), denials: entry.denials,
            transcryptors: ceremony.n, devices: [try policyKey(entry.key): device],
            history: StoredTags(reading: transaction))
        let row = RowRecord(
            rowID: parts.random.drawn(), tagKey: secrets.tagKey, auditKey: secrets.auditKey, nextCounter: 0,
            consents: consents, devices: [])
        try transaction.put(.enrolments, entry.enrolID.bytes, row.rowID.bytes)
        return try finish(row, entry, [], now, transaction)
    }

    func add(_ entry: DeviceEntry, _ now: UInt64, _ transaction: any NodeTransaction) throws -> [UInt8] {
        guard var row = try transaction.row(enrolment: entry.enrolID) else { throw Refusal(.row) }
        try needNew(entry, transaction)
        let before = Set(row.consents.watchedTags)
        let device = ConsentRow.Device(
            id: entry.deviceID, stopKey: StopKey(entry.stopKey), isDelegate: entry.row == nil)
        _ = try row.consents.add(device, key: try policyKey(entry.key), history: StoredTags(reading: transaction))
        return try finish(row, entry, before, now, transaction)
    }

    /// Once more in the transaction: h_i and the key are new, and a row is created once.
    private func needNew(_ entry: DeviceEntry, _ transaction: any NodeTransaction) throws {
        let taken = try Self.taken(entry, transaction)
        try need(!taken.handle && !taken.key, .row)
    }

    private func finish(
        _ row: RowRecord, _ entry: DeviceEntry, _ before: Set<Bytes32>, _ now: UInt64,
        _ transaction: any NodeTransaction
    ) throws -> [UInt8] {
        var row = row
        row.devices.append(
            RowRecord.Device(
                handle: entry.handle, encodedPseudonym: entry.pseudonym.bytes, key: entry.key, id: entry.deviceID))
        try transaction.put(.handles, entry.handle.bytes, row.rowID.bytes)
        try transaction.put(.deviceKeys, sha512(entry.key.bytes).first.bytes, row.rowID.bytes)
        let countersignature = Countersignature(
            transcryptor: id, id: entry.handle, hash: sha512(entry.bytes), time: now)
        try writeEntryLeaf(countersignature.bytes, explanation: entry.bytes, &row, transaction)
        try transaction.put(row, watchedBefore: before)
        return countersigned(entry, now)
    }

    func countersigned(_ entry: DeviceEntry, _ now: UInt64) -> [UInt8] {
        let own = Countersignature(transcryptor: id, id: entry.handle, hash: sha512(entry.bytes), time: now)
        let key = Countersignature(transcryptor: id, id: entry.enrolID, hash: entry.keyCountersignHash, time: now)
        return Wire.list([
            own.bytes, secrets.signer.sign(own.bytes), key.bytes, secrets.signer.sign(key.bytes),
        ])
    }

    /// The leaf of an entry: its private part is the countersignature, its tag the next of the row.
    func writeEntryLeaf(
        _ signed: [UInt8], explanation: [UInt8], _ row: inout RowRecord, _ transaction: any NodeTransaction
    ) throws {
        let counter = row.takeCounter()
        let leaf = try secrets.leaves.leaf(
            over: signed, requestDigest: sha512(signed), item: 0,
            tag: .counter(LeafMaker.tag(SecretBytes(copying: row.tagKey.bytes), counter: counter)),
            explanation: explanation, to: try row.auditKey(), sender: secrets.z, fresh: (fresh(), fresh()))
        try transaction.write(leaf, of: row.rowID, counter: counter)
    }

    func policyKey(_ key: CredentialKey) throws(Refusal) -> Policy.DeviceKey {
        try Policy.DeviceKey(algorithm: key.alg, bytes: key.bytes)
    }
}

/// Verifies what devices of a row sign, by every algorithm that a phone has.
struct RowSignatures: SignatureCheck {
    let pages: RelyingParty

    func accepts(_ signature: [UInt8], over message: [UInt8], by key: Policy.DeviceKey) -> Bool {
        guard let key = try? CredentialKey(alg: key.algorithm, key: key.bytes) else { return false }
        return (try? key.verify(signature, over: message, relyingParty: pages)) != nil
    }
}
