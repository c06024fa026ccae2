import Exchanges
import Policy
import Polymorphic
import Ristretto255

/// Writes one decision: for every item one leaf, permitted or not, with a row or without; or a party that watches the
/// tree could tell an unknown person from a missing consent (PROTOCOL 8, 10).
struct DecisionWriter {
    let node: TranscryptorNode
    let incoming: Incoming
    let decision: Decision
    let findings: [Finding]
    var rows: [Bytes16: RowRecord]
    let transaction: any NodeTransaction

    /// - Returns: `list(Intent, signature)`.
    mutating func write(_ quotas: [Quota], _ submissions: [RecordSubmission]) throws -> [UInt8] {
        let before = rows.mapValues { Set($0.consents.watchedTags) }
        var items: [ExchangeRecord.Item] = []
        var verdicts = [Bool](repeating: false, count: incoming.content.records.count)
        for (index, item) in decision.items.enumerated() {
            let lines = incoming.content.records.indices.filter { incoming.content.records[$0].item == index }
            for (line, verdict) in zip(lines, item.records) where item.isAdmitted && verdict == .admit {
                verdicts[line] = true
            }
            items.append(
                try write(index, item, lines.map { (verdicts[$0], incoming.content.records[$0].hash) }, quotas))
        }
        for (id, row) in rows { try transaction.put(row, watchedBefore: before[id] ?? []) }
        try count(quotas, items.count)
        let intent = Intent(
            requestDigest: incoming.request.digest, transcryptor: node.id, items: items.map(\.verdict),
            records: verdicts, time: incoming.now)
        let record = ExchangeRecord(
            requestDigest: incoming.request.digest, state: .decided, decidedAt: incoming.now, items: items,
            records: verdicts)
        try transaction.put(record, of: incoming)
        let fetches = KeptFetches.bytes(submissions, verdicts)
        if !fetches.isEmpty { try transaction.put(.fetches, incoming.key, fetches) }
        return node.signed(intent.bytes)
    }

    private mutating func write(
        _ index: Int, _ item: ItemDecision, _ records: [(verdict: Bool, hash: Bytes32)], _ quotas: [Quota]
    ) throws -> ExchangeRecord.Item {
        var consent: ActiveConsent?
        var (digest, reason) = (Bytes64.zero, Refusal.Code?.none)
        switch item.outcome {
        case .admitted(let admitted):
            digest = admitted.grounds.consentDigest
            if case .consent(let active) = admitted.grounds { consent = active }
        case .refused(let why): reason = why.code
        }
        let id = findings[index].row.flatMap { rows[$0] == nil ? nil : $0 }
        let counter = takeCounter(id)
        if let id, let consent { rows[id]?.consents.use(consent.id) }
        if let id, item.isAdmitted { try countSubject(id, quotas) }
        let part = PrivatePart(
            requestDigest: incoming.request.digest, transcryptor: node.id, item: UInt16(index),
            verdict: item.isAdmitted, records: records, reason: reason, policyVersion: decision.policyVersion,
            counter: counter ?? 0, consent: digest)
        let leaf = try self.leaf(part, id.flatMap { rows[$0] }, UInt16(index), counter)
        try transaction.write(leaf, of: id, counter: counter)
        return ExchangeRecord.Item(row: id, consent: consent?.id, verdict: item.isAdmitted, leafHash: leaf.leaf.hash)
    }

    private mutating func takeCounter(_ id: Bytes16?) -> UInt64? {
        guard let id, var row = rows[id] else { return nil }
        let counter = row.takeCounter()
        rows[id] = row
        return counter
    }

    private func leaf(
        _ part: PrivatePart, _ row: RowRecord?, _ item: UInt16, _ counter: UInt64?
    ) throws -> LeafWithDetail {
        let tag: LeafMaker.Tag =
            if let row, let counter {
                .counter(LeafMaker.tag(SecretBytes(copying: row.tagKey.bytes), counter: counter))
            } else { .rowless }
        return try node.secrets.leaves.leaf(
            over: part.bytes, requestDigest: incoming.request.digest, item: item, tag: tag,
            explanation: Detail.explanation(of: incoming.request),
            to: try row?.auditKey() ?? incoming.directory.authorityKey, sender: node.secrets.z,
            fresh: (node.fresh(), node.fresh()))
    }

    private func count(_ quotas: [Quota], _ items: Int) throws {
        let content = incoming.content
        for quota in quotas where quota.scope != .subject && quota.applies(to: content.purpose) {
            let owner = quota.scope == .party ? content.requester.bytes : content.credential.bytes
            try Count(quota, owner, incoming.now).add(UInt64(items), transaction)
        }
        if case .breakGlass = content.basis {
            try Count.officerHour(content.credential, incoming.now).add(UInt64(items), transaction)
            try Count.siteDay(content.requester, incoming.now).add(UInt64(items), transaction)
        }
    }

    private func countSubject(_ row: Bytes16, _ quotas: [Quota]) throws {
        for quota in quotas where quota.scope == .subject && quota.applies(to: incoming.content.purpose) {
            try Count(quota, row.bytes, incoming.now).add(1, transaction)
        }
    }
}

/// A count in a window of time. Windows are fixed: what was counted in one is forgotten with the next but one, so that
/// in any span of a window's length at most twice the quota passes.
struct Count {
    private let key: [UInt8]
    private let window: UInt64

    init(_ quota: Quota, _ owner: [UInt8], _ now: UInt64) {
        self.init(quota.id.bytes, owner, seconds: quota.seconds, now)
    }

    static func officerHour(_ credential: Bytes32, _ now: UInt64) -> Count {
        Count(Array("break-glass-officer".utf8), credential.bytes, seconds: UInt64(Span.hour), now)
    }
    static func siteDay(_ party: PartyID, _ now: UInt64) -> Count {
        Count(Array("break-glass-site".utf8), party.bytes, seconds: UInt64(Span.day), now)
    }

    private init(_ name: [UInt8], _ owner: [UInt8], seconds: UInt64, _ now: UInt64) {
        window = now / max(seconds, 1)
        key = Wire.list([name, owner])
    }

    func value(_ reading: any NodeReading) throws -> UInt64 {
        guard let stored = try reading.get(.counts, key) else { return 0 }
        let fields = try Wire.fields(of: stored, 2)
        return try Wire.u64(fields[0]) == window ? try Wire.u64(fields[1]) : 0
    }

    func add(_ items: UInt64, _ transaction: any NodeTransaction) throws {
        let sum = try value(transaction) + items
        try transaction.put(.counts, key, Wire.list([window.bigEndianBytes, sum.bigEndianBytes]))
    }
}
