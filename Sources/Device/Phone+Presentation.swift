import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// Showing oneself (PROTOCOL 6).
extension Phone {
    /// What the person reads before agreeing to be presented: who asks, and what for.
    public struct Asked: Hashable, Sendable {
        public let party: PartyID
        public let purpose: Name
    }

    /// Reads what a terminal shows.
    /// - Throws: `directory` for a party that is not accredited, `signature`, `time`.
    public func read(_ text: TerminalText, _ signature: [UInt8]) async throws(Refusal) -> Asked {
        let now = parts.clock.now()
        let party = try await parts.directory.current().party(text.party, at: now)
        if enforced("guard:device.terminal") { try party.signing.verify(signature, over: text.bytes) }
        let distance = text.time > now ? text.time - now : now - text.time
        try need(distance <= Self.terminalSeconds || !enforced("guard:device.terminal-time"), .time)
        return Asked(party: text.party, purpose: text.purpose)
    }

    static let terminalSeconds: UInt64 = 120

    /// Presents the person to the party whose terminal showed the text. The party sees one fresh ciphertext and n
    /// boxes.
    /// - Throws: as `read`; `row` before the row is complete.
    public func present(_ text: TerminalText, _ signature: [UInt8]) async throws(Refusal) -> Presentation {
        _ = try await read(text, signature)
        let row = try await row()
        try need(row.isComplete || !enforced("guard:device.complete"), .row)
        let key = parts.pins.ceremony.pseudonyms.key
        let time = parts.clock.now()
        let blinded = try row.pseudonym.blinded(
            under: key, key: keys.audit.secretCopy(), fresh: fresh(), use: text.exchangeID.bytes)
        let presented = blinded.ciphertext
        let signed = try keys.sign(text.presentation(presented, time: time))
        var boxes: [[UInt8]] = []
        for index in indexes {
            let handle = keys.handles[Int(index) - 1]
            let delta = try row.delta(index)
            let pair = try row.pseudonym.blinded(under: key, by: delta)
            let context = RowProofContext(
                id: text.exchangeID, party: text.party.bytes, purpose: text.purpose.bytes, index: index,
                handle: handle)
            let proof = try SamePerson.prove(
                blinding: blinded.blinding.minus(delta), under: key, context: context.bytes(pair, presented),
                fresh: fresh())
            let box = PresentationBox(
                alg: keys.algorithm.rawValue, handle: handle, proof: proof, signature: signed)
            boxes.append(
                try Seal.seal(
                    try box.plain(), to: try await transcryptor(index).key.element,
                    info: PresentationBox.info(text.exchangeID, index), sender: keys.audit.secretCopy(),
                    fresh: fresh()))
        }
        return Presentation(presented: presented, time: time, boxes: boxes)
    }
}
