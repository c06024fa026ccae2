import Guards
import Polymorphic
import Ristretto255

extension ConsentRow {
    /// Whether an entry is new here, or the bytes were stored before (the stored answer is given again).
    public enum Accepted: Hashable, Sendable { case new, again }

    /// By whom a mandate was signed.
    public enum Endorsement: Sendable {
        /// A device of the row, which is not a delegate's.
        case device
        /// Two officials of different parties, whose signatures the caller has verified.
        case officials(OfficialPair)
    }

    /// Takes a device entry whose form, handle, proof and signatures were checked (PROTOCOL 5).
    /// - Throws: `row` (stopped), `conflict` (id or key of another), `quota`.
    public mutating func add(
        _ device: Device, key: DeviceKey, history: some TagHistory
    ) throws(Refusal) -> Accepted {
        if let known = devices[key], known == device { return .again }
        try needOpen()
        if enforced("guard:consent.device-id") {
            try need(!devices.values.contains { $0.id == device.id }, .conflict)
        }
        if enforced("guard:consent.device-key") { try need(devices[key] == nil, .conflict) }
        try limit(devices.count < Self.devicesMax)
        devices[key] = device
        watchNow(StopTarget(.device, device.id), device.stopKey)
        try applyKept(StopTarget(.device, device.id), device.stopKey, history)
        return .new
    }

    /// Takes a mandate.
    /// - Throws: `row`, `signature`, `mandate` (signed by a delegate), `time`, `conflict`, `quota`; those of the form.
    public mutating func accept(
        mandate entry: SignedEntry, by endorsement: Endorsement = .device, at now: Instant,
        check: some SignatureCheck, history: some TagHistory
    ) throws(Refusal) -> Accepted {
        if mandates.values.contains(where: { $0.bytes == entry.bytes }) { return .again }
        try needOpen()
        if case .device = endorsement {
            try needOwn(try signer(entry.bytes, try entry.onlySignature(), at: now, check))
        }
        let mandate = try Mandate(wire: entry.bytes)
        try needFresh(mandate.signedAt, at: now)
        try needUnused(mandates[mandate.id] == nil)
        try limit(mandates.count < Self.mandatesMax)
        mandates[mandate.id] = mandate
        watchNow(StopTarget(.mandate, mandate.id), mandate.stopKey)
        try applyKept(StopTarget(.mandate, mandate.id), mandate.stopKey, history)
        return .new
    }

    /// Takes a give; also one whose signer is stopped, which stays dead.
    /// - Parameter template: the categories that the policy expects for the purposes of the give.
    /// - Throws: `row`, `signature`, `conflict`, `time`, `consent` (longer than 366 days; made before or after another
    ///   deny-all than the last one read here), `mandate`, `quota`; those of the form.
    public mutating func accept(
        give entry: SignedEntry, at now: Instant, template: Set<Name>, check: some SignatureCheck,
        history: some TagHistory
    ) throws(Refusal) -> Accepted {
        if gives.values.contains(where: { $0.bytes == entry.bytes }) { return .again }
        try needOpen()
        let key = try signer(entry.bytes, try entry.onlySignature(), at: now, check)
        let give = try Give(wire: entry.bytes)
        try needUnused(gives[give.id] == nil)
        try needFresh(give.signedAt, at: now)
        if enforced("guard:consent.give-length") { try need(give.dates.length <= Span.giveMax, .consent) }
        // Otherwise a thief could lay up a give for the time after the next deny-all.
        if enforced("guard:consent.give-denials") { try need(give.denials == denials, .consent) }
        let mandate = devices[key]?.isDelegate == true ? try mandateFor(give, of: key, at: now) : nil
        try limit(gives.count < Self.givesMax)
        gives[give.id] = StoredGive(
            give: give, bytes: entry.bytes, signer: key, mandate: mandate,
            isWide: give.isWide(beyond: template), accepted: now)
        watchNow(StopTarget(.give, give.id), give.stopKey)
        try applyKept(StopTarget(.give, give.id), give.stopKey, history)
        return .new
    }

    /// Takes the confirmation of a wide give by another key of the row.
    /// - Throws: `row`, `signature` (also: the key of the give), `mandate`, `time`, `consent` (no such give); those of
    ///   the form.
    public mutating func accept(
        confirmation entry: SignedEntry, at now: Instant, check: some SignatureCheck
    ) throws(Refusal) {
        try needOpen()
        let key = try signer(entry.bytes, try entry.onlySignature(), at: now, check)
        try needOwn(key)
        let confirmation = try Confirmation(wire: entry.bytes)
        try needFresh(confirmation.signedAt, at: now)
        guard let stored = gives[confirmation.consent] else { throw Refusal(.consent) }
        if enforced("guard:consent.confirm-other-key") { try need(key != stored.signer, .signature) }
        gives[confirmation.consent]?.confirmed.insert(.key)
    }

    /// Takes the code of this Transcryptor's own letter, which the caller has compared.
    /// - Throws: `row`, `consent`.
    public mutating func acceptLetter(for consent: Bytes16) throws(Refusal) {
        try needOpen()
        try need(gives[consent] != nil, .consent)
        gives[consent]?.confirmed.insert(.letter)
    }

    /// The mandate under which a delegate gives: of several the one that ends first, so that the answer does not hang
    /// on the order in which they came.
    private func mandateFor(_ give: Give, of key: DeviceKey, at now: Instant) throws(Refusal) -> Bytes16? {
        guard enforced("guard:consent.delegate-mandate") else { return nil }
        let fitting = mandates.values.filter { mandate in
            mandate.key == key && !stopped.contains(StopTarget(.mandate, mandate.id))
                && give.purposes.allSatisfy { (try? mandate.require(.consent($0), at: now)) != nil }
        }
        let first = fitting.min { a, b in
            a.dates.notAfter != b.dates.notAfter
                ? a.dates.notAfter < b.dates.notAfter : a.id.bytes.lexicographicallyPrecedes(b.id.bytes)
        }
        guard let first else { throw Refusal(.mandate) }
        return first.id
    }
}

/// Two officials of different parties, as PROTOCOL 5 asks for in place of a device.
public struct OfficialPair: Hashable, Sendable {
    public let first: PartyID
    public let second: PartyID

    /// - Throws: `mandate` where both are of one party.
    public init(_ first: PartyID, _ second: PartyID) throws(Refusal) {
        if enforced("guard:consent.two-parties") { try need(first != second, .mandate) }
        (self.first, self.second) = (first, second)
    }
}
