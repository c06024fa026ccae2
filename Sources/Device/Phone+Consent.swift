import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// A consent as the phone keeps it.
public struct KeptGive: Hashable, Sendable {
    public let give: Give
    let signature: [UInt8]
    /// Transcryptors that countersigned it, by index.
    public var countersigned: Set<UInt8>
    /// When the person withdrew it.
    public var withdrawn: Bool

    /// What is signed, with its signature.
    var entry: SignedEntry { SignedEntry(give.bytes, signatures: [signature]) }

    var bytes: [UInt8] {
        Wire.list([give.bytes, signature, countersigned.sorted(), [withdrawn ? 1 : 0]])
    }
    init(_ give: Give, _ signature: [UInt8]) {
        (self.give, self.signature, countersigned, withdrawn) = (give, signature, [], false)
    }
    init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 4)
        (give, signature) = (try Give(wire: fields[0]), fields[1])
        (countersigned, withdrawn) = (Set(fields[2]), fields[3] == [1])
    }
}

/// What a person agrees to: the terms of a give, with the exact words that were shown.
public struct GiveTerms: Sendable {
    public var grantees: [Grantee]
    public var purposes: [Name]
    public var categories: [Name]
    /// First and last data minute, both included.
    public var dataFrom: UInt64
    public var dataTo: UInt64
    public var dates: Validity
    public var maxUses: UInt32
    public var notice: Bytes64
    public var refusal: Bytes64

    public init(
        grantees: [Grantee], purposes: [Name], categories: [Name], dataFrom: UInt64, dataTo: UInt64, dates: Validity,
        maxUses: UInt32, notice: Bytes64, refusal: Bytes64
    ) {
        (self.grantees, self.purposes, self.categories) = (grantees, purposes, categories)
        (self.dataFrom, self.dataTo, self.dates, self.maxUses) = (dataFrom, dataTo, dates, maxUses)
        (self.notice, self.refusal) = (notice, refusal)
    }
}

/// Giving (PROTOCOL 9).
extension Phone {
    static let gives = Table("give")

    /// Gives: signs the terms, keeps them, and brings them to every transcryptor.
    /// - Returns: the give, with those that countersigned it. It holds in exchanges of those; `settle` brings it to the
    ///   others.
    /// - Throws: `row` before enrolment; what a transcryptor refuses; `unavailable` where none answered.
    public func give(_ terms: GiveTerms) async throws(Refusal) -> KeptGive {
        do { return try await giveNow(terms) } catch {
            guard error.code == .consent else { throw error }
            // Another phone of the person may have denied all meanwhile; this one has not counted it yet.
            let counted = try await row().denials.count
            try await followDenials()
            guard try await row().denials.count > counted else { throw error }
            return try await giveNow(terms)
        }
    }

    private func giveNow(_ terms: GiveTerms) async throws(Refusal) -> KeptGive {
        let row = try await row()
        try need(row.isComplete, .row)
        let give = Give(
            id: parts.random.draw(), denials: UInt64(row.denials.count),
            signedAt: Instant(Int64(clamping: parts.clock.now())), stopKey: StopKey(parts.random.draw()),
            grantees: terms.grantees, purposes: terms.purposes, categories: terms.categories,
            dataFrom: terms.dataFrom, dataTo: terms.dataTo, dates: terms.dates, maxUses: terms.maxUses,
            notice: terms.notice, refusal: terms.refusal, page: .zero, channel: try Name("app"))
        let kept = KeptGive(give, try keys.sign(give.bytes))
        try await write { try $0.put(Self.gives, give.id.bytes, kept.bytes) }
        let done = try await bring(kept, row)
        try need(!done.countersigned.isEmpty, .unavailable)
        return done
    }

    /// Replaces a give by a narrower one: first the new one, then the stop of the old.
    /// - Throws: as `give` and `withdraw`.
    public func narrow(_ old: KeptGive, to terms: GiveTerms) async throws(Refusal) -> KeptGive {
        let new = try await give(terms)
        _ = try await withdraw(old)
        return new
    }

    /// The gives that were not withdrawn, oldest first.
    public func activeGives() async throws(Refusal) -> [KeptGive] {
        try await allGives().filter { !$0.withdrawn }
    }

    func allGives() async throws(Refusal) -> [KeptGive] {
        try await read { reading in
            try reading.scan(Self.gives, prefix: [], after: nil, limit: .max)
                .map { try KeptGive(bytes: $0.value) }
                .sorted {
                    ($0.give.signedAt, $0.give.id.bytes.first ?? 0) < ($1.give.signedAt, $1.give.id.bytes.first ?? 0)
                }
        }
    }

    /// Brings gives to transcryptors that did not answer before, as long as they accept them.
    /// - Returns: how many are still not everywhere.
    @discardableResult
    public func settle() async throws(Refusal) -> Int {
        let row = try await row()
        var left = 0
        for kept in try await allGives() where kept.countersigned.count < indexes.count && !kept.withdrawn {
            do throws(Refusal) {
                if try await bring(kept, row).countersigned.count < indexes.count { left += 1 }
            } catch {
                guard error.code == .consent else { throw error }
                try await followDenials()
            }
        }
        return left
    }

    private func bring(_ kept: KeptGive, _ row: PhoneRow) async throws(Refusal) -> KeptGive {
        var kept = kept
        var refusal: Refusal?
        for index in indexes where !kept.countersigned.contains(index) {
            do throws(Refusal) {
                try await countersigned(kept.entry, index, row)
                kept.countersigned.insert(index)
            } catch { if error.code != .unavailable { refusal = error } }
        }
        let done = kept
        try await write { try $0.put(Self.gives, done.give.id.bytes, done.bytes) }
        // Refused by one that has counted a deny-all of which this phone has not heard: what the others took is over.
        if let refusal, done.countersigned.isEmpty || refusal.code == .consent { throw refusal }
        return done
    }

    /// Has one transcryptor store an entry and verifies that it says so.
    private func countersigned(_ entry: SignedEntry, _ index: UInt8, _ row: PhoneRow) async throws(Refusal) {
        let fields = try Wire.fields(of: try await send(entry, to: index, row), 2)
        guard enforced("guard:device.give") else { return }
        try await transcryptor(index).signing.verify(fields[1], over: fields[0])
        let word = try Countersignature(wire: fields[0])
        let fits =
            word.transcryptor == parts.pins.transcryptor(index) && word.hash == sha512(entry.bytes)
            && word.id == keys.handles[Int(index) - 1]
        try need(fits, .row)
    }

    /// Seals an entry to a transcryptor and sends it.
    /// - Throws: what it refuses; `unavailable` without an answer.
    func send(_ entry: SignedEntry, to index: UInt8, _ row: PhoneRow) async throws(Refusal) -> [UInt8] {
        let box = try Seal.seal(
            entry.wire, to: try await transcryptor(index).key.element,
            info: RowEntryInfo.consent(row.enrolID, index), sender: keys.audit.secretCopy(), fresh: fresh())
        let body = Wire.list([row.enrolID.bytes, box])
        do {
            return try await parts.courier.send(
                Courier.Letter(.consent, body, to: parts.pins.transcryptor(index)))
        } catch {
            guard case .refused(let refusal) = error else { throw Refusal(.unavailable) }
            throw refusal
        }
    }
}
