import Guards
import Polymorphic
import Ristretto255

/// What a transcryptor checks before it makes a row or adds a device to one (PROTOCOL 5): pure functions of the entry,
/// of what the store holds, and of the time.
public struct RowRules: Sendable {
    /// The transcryptor.
    public let index: UInt8
    public let key: ClassKey<PSN>
    /// The authority's pages, where a device may sign as WebAuthn.
    public let relyingParty: RelyingParty
    /// Unix seconds.
    public let now: UInt64

    public init(index: UInt8, key: ClassKey<PSN>, relyingParty: RelyingParty, now: UInt64) {
        (self.index, self.key, self.relyingParty, self.now) = (index, key, relyingParty, now)
    }

    /// What of an entry stands in a row of this transcryptor already. A row is created once; a handle and a key are in
    /// one row only.
    public struct Taken: Hashable, Sendable {
        /// There is a row of this enrolment.
        public var enrolment: Bool
        /// `h_i`.
        public var handle: Bool
        /// The signing key.
        public var key: Bool

        public init(enrolment: Bool = false, handle: Bool = false, key: Bool = false) {
            (self.enrolment, self.handle, self.key) = (enrolment, handle, key)
        }
    }

    /// What all transcryptors signed of a new person, with their signatures.
    public struct SignedEnrolment: Sendable {
        public let enrolment: Enrolment
        /// In index order.
        public let signatures: [[UInt8]]
        /// The keys of those who signed, in index order.
        public let signers: [VerifyingKey]

        public init(_ enrolment: Enrolment, signatures: [[UInt8]], signers: [VerifyingKey]) {
            (self.enrolment, self.signatures, self.signers) = (enrolment, signatures, signers)
        }

        /// - Throws: `signature` unless each signed it.
        func verify() throws(Refusal) {
            guard enforced("guard:row.enrolment") else { return }
            try need(signatures.count == signers.count && !signers.isEmpty, .signature)
            for (key, signature) in zip(signers, signatures) { try key.verify(signature, over: enrolment.bytes) }
        }
    }

    /// The word of older transcryptors for a key, which a new one demands in place of the enrolment's key.
    public struct OlderWord: Sendable {
        /// Key countersignatures, each with its signature.
        public let countersignatures: [SignedIntent]
        /// The older transcryptors.
        public let keys: [PartyID: VerifyingKey]
        /// So many of them must have signed.
        public let t: Int

        public init(_ countersignatures: [SignedIntent], keys: [PartyID: VerifyingKey], t: Int) {
            (self.countersignatures, self.keys, self.t) = (countersignatures, keys, t)
        }
    }

    // MARK: A row is made

    /// Checks the entry that makes a row.
    /// - Parameters:
    ///   - signatures: by the device's own key.
    ///   - older: at a new transcryptor: what shows that the key is one of the row. Without it the key must be the one
    ///     that the enrolment names.
    /// - Throws: `time`, `row`, `signature`, `length`, `point`, `equality`.
    public func create(
        _ entry: DeviceEntry, signatures: [[UInt8]], enrolment signed: SignedEnrolment, taken: Taken,
        older: OlderWord? = nil
    ) throws(Refusal) {
        try DeviceEntry.fresh(entry.signedAt, now: now)
        try need(!taken.enrolment || !enforced("guard:row.once"), .row)
        try untaken(entry, taken)
        try signed.verify()
        try place(entry, enrolment: signed.enrolment.enrolID)
        let named = older != nil || signed.enrolment.keyHash == sha512(entry.key.bytes)
        // The registry holds PP with its signatures and could send a key of its own first.
        try need(named || !enforced("guard:row.named"), .row)
        if let older { try keyCountersigned(entry, by: older) }
        try need(entry.row != nil, .row)
        try need(signatures.count == 1, .length)
        try own(entry, signatures[0])
        try prove(entry, from: signed.enrolment.pseudonym)
    }

    /// Checks that t older transcryptors have the key of an entry as an active one of this enrolment.
    /// - Throws: `label`, `length`, `trailing`, `text`, `row`, `signature`, `time`.
    public func keyCountersigned(_ entry: DeviceEntry, by older: OlderWord) throws(Refusal) {
        var seen = Set<PartyID>()
        for signed in older.countersignatures {
            let word = try Countersignature(wire: signed.intent)
            guard let key = older.keys[word.transcryptor] else { throw Refusal(.row) }
            if enforced("guard:row.older") { try key.verify(signed.signature, over: signed.intent) }
            let fits = word.id == entry.enrolID && word.hash == entry.keyCountersignHash
            try need(fits || !enforced("guard:row.countersigned"), .row)
            try DeviceEntry.fresh(word.time, now: now)
            seen.insert(word.transcryptor)
        }
        try need(seen.count >= older.t || !enforced("guard:row.enough"), .row)
    }

    // MARK: A device is added

    /// The row that a device is added to.
    public struct Row: Sendable {
        public let enrolID: Bytes16
        public let secrets: DeviceEntry.RowSecrets
        /// The active devices of the row that are not a delegate's: key and `PP_i`.
        public let adders: [(key: CredentialKey, pseudonym: PolymorphicPseudonym)]

        public init(
            enrolID: Bytes16, secrets: DeviceEntry.RowSecrets,
            adders: [(key: CredentialKey, pseudonym: PolymorphicPseudonym)]
        ) {
            (self.enrolID, self.secrets, self.adders) = (enrolID, secrets, adders)
        }
    }

    /// Whose device was added.
    public enum Added: Hashable, Sendable {
        /// The person's own.
        case own
        /// A delegate's: it does nothing without a mandate.
        case delegate
    }

    /// Checks the entry of a device that a device of the row adds.
    /// - Parameter signatures: by the new key, then by the adding one.
    /// - Throws: `time`, `row`, `length`, `signature`, `point`, `equality`; `row` at last where the row's secrets are
    ///   not those of the row.
    public func add(
        _ entry: DeviceEntry, signatures: [[UInt8]], to row: Row, taken: Taken
    ) throws(Refusal) -> Added {
        try DeviceEntry.fresh(entry.signedAt, now: now)
        try place(entry, enrolment: row.enrolID)
        try untaken(entry, taken)
        try need(signatures.count == 2, .length)
        try own(entry, signatures[0])
        try prove(entry, from: try adder(of: entry, signatures[1], row))
        guard let secrets = entry.row else { return .delegate }
        try need(Self.equal(secrets, row.secrets) || !enforced("guard:row.secrets"), .row)
        return .own
    }

    /// `PP_i` of the device that signed as the adding one.
    private func adder(
        of entry: DeviceEntry, _ signature: [UInt8], _ row: Row
    ) throws(Refusal) -> PolymorphicPseudonym {
        for (key, pseudonym) in row.adders {
            let isSigner = (try? key.verify(signature, over: entry.bytes, relyingParty: relyingParty)) != nil
            if isSigner { return pseudonym }
        }
        // Without the check: as if the first device had signed.
        guard let first = row.adders.first, !enforced("guard:row.adder") else { throw Refusal(.signature) }
        return first.pseudonym
    }

    /// In constant time: stop key and tag key are secrets of the row.
    private static func equal(_ a: DeviceEntry.RowSecrets, _ b: DeviceEntry.RowSecrets) -> Bool {
        func all(_ row: DeviceEntry.RowSecrets) -> [UInt8] {
            row.stopKey.bytes + row.tagKey.bytes + row.auditKey.encoding.bytes
        }
        return constantTimeEquals(all(a), all(b))
    }

    // MARK: Both

    private func untaken(_ entry: DeviceEntry, _ taken: Taken) throws(Refusal) {
        try need(!taken.handle || !enforced("guard:row.handle"), .row)
        try need(!taken.key || !enforced("guard:row.key"), .row)
    }

    private func place(_ entry: DeviceEntry, enrolment: Bytes16) throws(Refusal) {
        let isHere = entry.index == index && entry.enrolID == enrolment
        try need(isHere || !enforced("guard:row.place"), .row)
    }

    private func own(_ entry: DeviceEntry, _ signature: [UInt8]) throws(Refusal) {
        guard enforced("guard:row.own") else { return }
        try entry.key.verify(signature, over: entry.bytes, relyingParty: relyingParty)
    }

    /// The pair of the entry encrypts the same person as `pseudonym`.
    private func prove(_ entry: DeviceEntry, from pseudonym: PolymorphicPseudonym) throws(Refusal) {
        guard enforced("guard:row.proof") else { return }
        let context = RowProofContext.enrolment(entry.enrolID, index: index, handle: entry.handle)
        try entry.proof.verify(
            from: pseudonym.pair, to: entry.pseudonym.pair, under: key.element,
            context: context.bytes(pseudonym, entry.pseudonym))
    }
}
