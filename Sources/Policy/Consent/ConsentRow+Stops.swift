import Guards
import Polymorphic
import Ristretto255

extension ConsentRow {
    /// What a Transcryptor does after it has stored a stop.
    public enum StopAnswer: Hashable, Sendable {
        /// Write a leaf with the tag of this target.
        case leaf(StopTarget)
        /// Nothing here has this id, so there is no stop key and no leaf: the answer is `consent`, and the device goes
        /// to the next Transcryptor. The stop is stored all the same.
        case unknown
    }

    /// Takes a stop. Those of gives and mandates are never refused to a key that is or was in the row.
    /// - Throws: `signature`, `mandate` (a delegate's key, kinds 3 to 5), `conflict` (deny-all out of turn), `length`,
    ///   `label`, `trailing`.
    public mutating func stop(
        _ entry: SignedEntry, at now: Instant, check: some SignatureCheck
    ) throws(Refusal) -> StopAnswer {
        let key = try signer(entry.bytes, try entry.onlySignature(), at: now, check)
        let stop = try Stop(wire: entry.bytes)
        if stop.target.kind.rawValue > StopKind.mandate.rawValue { try needOwn(key) }
        guard stop.target.kind == .denyAll else { return end(stop.target) }
        guard let number = stop.target.denialNumber else { throw Refusal(.conflict) }
        // A thief with a device could otherwise lay up deny-alls to come.
        if enforced("guard:consent.deny-turn") { try need(1 <= number && number <= denials + 1, .conflict) }
        denialWaits = denialWaits || number == denials + 1
        return .leaf(stop.target)
    }

    /// Takes an objection to a give that came over another channel, which its receiver has checked. It is a stop.
    public mutating func object(to consent: Bytes16) -> StopAnswer { end(StopTarget(.give, consent)) }

    private mutating func end(_ target: StopTarget) -> StopAnswer {
        stopped.insert(target)
        let known =
            switch target.kind {
            case .give: gives[target.id] != nil
            case .mandate: mandates[target.id] != nil
            case .device: devices.values.contains { $0.id == target.id }
            case .row: target.id == enrolment
            case .denyAll: false  // counted in the Ledger only
            }
        return known ? .leaf(target) : .unknown
    }

    /// The tag of Transcryptor `i` for a stop that it answered with `leaf`; nil where the key is not here.
    public func tag(of target: StopTarget, transcryptor i: UInt8) -> Bytes32? {
        let key: StopKey? =
            switch target.kind {
            case .give: gives[target.id]?.give.stopKey
            case .mandate: mandates[target.id]?.stopKey
            case .device: devices.values.first { $0.id == target.id }?.stopKey
            case .row: target.id == enrolment ? rowKey : nil
            case .denyAll: rowKey
            }
        return key?.tag(target, transcryptor: i)
    }

    /// Reads the tag of a leaf. **Every** leaf passes here or through the index of `watchedTags`, in the order of the
    /// Ledger; effect, kept tag and position are one transaction.
    /// - Returns: what it ended, if it spoke about this row.
    @discardableResult
    public mutating func read(leafTag tag: Bytes32) -> StopTarget? {
        guard let target = watch[tag] else { return nil }
        if target.kind == .denyAll { countDenial() } else { stopped.insert(target) }
        return target
    }

    /// Deny-alls are counted here and nowhere else: by leaves, one after the other.
    private mutating func countDenial() {
        unwatch(.denyAll(denials + 1), rowKey)
        denials += 1
        denialWaits = false
        watchNextDenial()
    }

    /// A give, mandate, device or row that arrives after its stop tag.
    mutating func applyKept(_ target: StopTarget, _ key: StopKey, _ history: some TagHistory) throws(Refusal) {
        guard enforced("guard:consent.kept-tags") else { return }
        for tag in key.tags(target, transcryptors: transcryptors) where try history.first(tag, after: nil) != nil {
            stopped.insert(target)
        }
    }

    /// A row that arrives after deny-alls: it counts those of the kept tags in their order.
    mutating func countKeptDenials(_ history: some TagHistory) throws(Refusal) {
        guard enforced("guard:consent.kept-denials") else { return }
        var place: UInt64?
        while true {
            var next: UInt64?
            for tag in rowKey.tags(.denyAll(denials + 1), transcryptors: transcryptors) {
                if let found = try history.first(tag, after: place) { next = min(next ?? found, found) }
            }
            guard let next else { return }
            place = next
            countDenial()
        }
    }
}
