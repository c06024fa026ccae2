import Guards
import Policy
import Polymorphic
import Ristretto255

/// What a transcryptor checks before an entry counts (PROTOCOL 4.2).
extension Directory {
    /// Takes a snapshot.
    /// - Returns: the Directory by that snapshot; `refused` names the entries that do not hold.
    /// - Throws: `signature` unless the whole is the authority's; `length` for entries out of order or twice; `time`
    ///   for a snapshot ahead of the clock; `directory` for one that is older than that already taken; `conflict` for
    ///   another one of the same second.
    public func taking(_ snapshot: Snapshot, at now: UInt64) throws(Refusal) -> Directory {
        try snapshot.verify(authority: anchors.authorityKey)
        let ahead = snapshot.time > now && snapshot.time - now > SnapshotAge.skewSeconds
        try need(!ahead || !enforced("guard:directory.ahead"), .time)
        try need(snapshot.time >= time || !enforced("guard:directory.rollback"), .directory)
        try need(snapshot.time != time || snapshot.entriesHash == entriesHash, .conflict)
        var next = self
        (next.time, next.entriesHash, next.refused) = (snapshot.time, snapshot.entriesHash, [])
        next.unlist()
        var records: [(place: Int, record: DirectoryRecord, signatures: [[UInt8]])] = []
        for (place, entry) in snapshot.entries.enumerated() {
            do { records.append((place, try DirectoryRecord(wire: entry.bytes), entry.signatures)) } catch {
                next.refused.append(Refusal(error.code, at: place))
            }
        }
        // Parties that stay as they were come first, so that nobody takes their TLS key from them; then other parties;
        // then what holders sign, which is judged by the keys of transcryptors.
        let order = records.map { (turn(of: $0.record), $0) }.sorted { ($0.0, $0.1.place) < ($1.0, $1.1.place) }
        for (_, (place, record, signatures)) in order {
            do { try next.admit(record, signatures, at: now, listing: true) } catch {
                next.refused.append(Refusal(error.code, at: place))
            }
        }
        return next
    }

    private func turn(of record: DirectoryRecord) -> Int {
        guard case .party(let entry) = record else { return 2 }
        return parties[entry.party]?.entry == entry ? 0 : 1
    }

    /// Obeys a governance record of the Ledger at once, whatever the snapshot says: a revocation takes its party out of
    /// force now. A record that is new and no revocation is listed once a snapshot lists it.
    /// - Returns: the Directory with it; the same one for a record that was known.
    /// - Throws: why the record does not hold: `label`, `length`, `signature`, `knowledge`, `conflict`, `directory`.
    public func obeying(_ entry: SignedEntry, at now: UInt64) throws(Refusal) -> Directory {
        var next = self
        try next.admit(try DirectoryRecord(wire: entry.bytes), entry.signatures, at: now, listing: false)
        return next
    }

    private mutating func unlist() {
        for id in parties.keys { parties[id]?.isListed = false }
        for holder in credentials.keys { credentials[holder]?.isListed = false }
        for place in points.keys { points[place]?.listed = [] }
        for version in policies.keys { policies[version]?.isListed = false }
        for page in pages.keys { pages[page]?.isListed = false }
        (partyByTLSKey, holderByCredential) = ([:], [:])
    }

    /// Checks an entry and keeps it; where it is refused, nothing has changed.
    private mutating func admit(
        _ record: DirectoryRecord, _ signatures: [[UInt8]], at now: UInt64, listing: Bool
    ) throws(Refusal) {
        switch record {
        case .party(let entry): try admit(entry, signatures, at: now, listing: listing)
        case .credential(let credential): try admit(credential, signatures, listing: listing)
        case .factorPoint(let point): try admit(point, signatures, listing: listing)
        case .policy(let record):
            let known = policies[record.version]
            try authorised(record, known?.record, record.bytes, signatures)
            policies[record.version] = Listed(record: record, isListed: listing || known?.isListed == true)
            if known?.record != record { documents[record.version] = try? PolicyDocument(wire: record.bytes) }
        case .page(let record):
            let page = Page(name: record.name, version: record.version)
            let known = pages[page]
            try authorised(record, known?.record, record.bytes, signatures)
            pages[page] = Listed(record: record, isListed: listing || known?.isListed == true)
        }
    }

    /// One version has one content.
    private func authorised<R: Equatable>(
        _ record: R, _ known: R?, _ bytes: [UInt8], _ signatures: [[UInt8]]
    ) throws(Refusal) {
        guard record != known else { return }
        try need(known == nil || !enforced("guard:directory.conflict"), .conflict)
        try authorised(bytes, signatures)
    }

    /// Signed by the authority alone.
    /// - Throws: `length` for another number of signatures, `signature`.
    private func authorised(_ bytes: [UInt8], _ signatures: [[UInt8]], count: Int = 1) throws(Refusal) {
        try need(signatures.count == count, .length)
        guard enforced("guard:directory.authority") else { return }
        try anchors.authorityKey.verify(signatures[0], over: bytes)
    }

    // MARK: Parties

    private mutating func admit(
        _ entry: DirectoryEntry, _ signatures: [[UInt8]], at now: UInt64, listing: Bool
    ) throws(Refusal) {
        let known = parties[entry.party]
        let isListed = listing || known?.isListed == true
        // A TLS key leads to one party.
        let owner = isListed ? partyByTLSKey[entry.tlsKeyHash] : nil
        var file: PartyFile
        if let known, known.entry == entry {
            file = known
        } else {
            if let newest = known?.entry {
                try need(entry.sequence != newest.sequence || !enforced("guard:directory.conflict"), .conflict)
                // Not listed: the Ledger has said more than this snapshot.
                if entry.sequence < newest.sequence, enforced("guard:directory.sequence") { return }
                try succeeds(entry, newest, signatures, at: now)
            } else {
                try need(entry.sequence == 1 || !enforced("guard:directory.first"), .directory)
                try authorised(entry.bytes, signatures)
            }
            try need(entry.keyEpoch >= 1 && entry.pseudonymEpoch >= 1, .directory)
            let earlier = (known?.signingKeys ?? []).filter { $0 != entry.signingKey }
            file = PartyFile(
                entry: entry, newest: try AccreditedParty(entry), signingKeys: earlier + [entry.signingKey],
                isListed: false)
        }
        let isFree = owner == nil || owner == entry.party
        try need(isFree || !enforced("guard:directory.tlskey"), .conflict)
        if let old = known?.entry.tlsKeyHash, partyByTLSKey[old] == entry.party { partyByTLSKey[old] = nil }
        if isListed { partyByTLSKey[entry.tlsKeyHash] = entry.party }
        file.isListed = isListed
        parties[entry.party] = file
    }

    /// Checks an entry that takes the place of another: signed by the party's previous key as well, unless it only ends
    /// that entry; no counter goes back.
    private func succeeds(
        _ entry: DirectoryEntry, _ previous: DirectoryEntry, _ signatures: [[UInt8]], at now: UInt64
    ) throws(Refusal) {
        let only = entry.only(ends: previous) || !enforced("guard:directory.revocation")
        let isRevocation = only && entry.notAfter <= now + SnapshotAge.skewSeconds && signatures.count == 1
        try authorised(entry.bytes, signatures, count: isRevocation ? 1 : 2)
        if !isRevocation, enforced("guard:directory.previous") {
            try previous.signingKey.verify(signatures[1], over: entry.bytes)
        }
        let forward = entry.keyEpoch >= previous.keyEpoch && entry.pseudonymEpoch >= previous.pseudonymEpoch
        let newKey = entry.key == previous.key || entry.keyEpoch > previous.keyEpoch
        try need(forward && newKey || !enforced("guard:directory.epochs"), .directory)
    }

    // MARK: Persons and points

    private mutating func admit(
        _ credential: Credential, _ signatures: [[UInt8]], listing: Bool
    ) throws(Refusal) {
        let known = credentials[credential.holder]
        if let newest = known?.record, newest != credential {
            try need(credential.sequence != newest.sequence || !enforced("guard:directory.conflict"), .conflict)
            if credential.sequence < newest.sequence, enforced("guard:directory.sequence") { return }
        }
        if known?.record != credential { try authorised(credential.bytes, signatures) }
        let isListed = listing || known?.isListed == true
        credentials[credential.holder] = Listed(record: credential, isListed: isListed)
        if let old = known?.record.hash { holderByCredential[old] = nil }
        if isListed { holderByCredential[credential.hash] = credential.holder }
    }

    private mutating func admit(_ point: FactorPoint, _ signatures: [[UInt8]], listing: Bool) throws(Refusal) {
        let step = anchors.route.steps.first { $0.id == point.step }
        guard point.epoch >= 1, let step, step.holders.contains(point.holder),
            anchors.transcryptors.indices.contains(Int(point.holder) - 1)
        else { throw Refusal(.route) }
        try need(signatures.count == 1, .length)
        if enforced("guard:directory.holder") {
            let keys = signingKeys(of: anchors.transcryptors[Int(point.holder) - 1])
            let signed = keys.contains { (try? $0.verify(signatures[0], over: point.bytes)) != nil }
            try need(signed, .signature)
        }
        var file = points[point.place] ?? PointFile(point: point.point, listed: [])
        if file.point != point.point {
            try need(!enforced("guard:directory.point"), .conflict)
            file.point = point.point
        }
        if listing { file.listed.insert(point.holder) }
        points[point.place] = file
    }
}
