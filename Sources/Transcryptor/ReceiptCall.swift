import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// Call 4: the requester says how it ended. Nobody waits for it; an exchange with t permitting Intents counts as
/// delivered with or without it (PROTOCOL 8).
extension TranscryptorNode {
    func receipt(_ body: [UInt8], from peer: PartyID) async throws(Refusal) -> [UInt8] {
        let fields = try Wire.fields(of: body, 2)
        let receipt = try Receipt(wire: fields[0])
        let directory = try await parts.directory.current(at: parts.clock.now())
        let party = try inForce(peer, directory, try await revocation(of: peer))
        if enforced("guard:transcryptor.receipt") { try party.signing.verify(fields[1], over: fields[0]) }
        return try await transaction { transaction in
            guard let key = try transaction.get(.digests, peer.bytes + [0] + receipt.requestDigest.bytes),
                let value = try transaction.get(.exchanges, key)
            else { throw Refusal(.intent) }
            let stored = StoredAnswer(key, .receipt)
            if let answer = try stored.find(body, transaction) { return answer }
            var record = try ExchangeRecord(bytes: value)
            record.state = try record.state.after(receipt.outcome)
            try transaction.put(.exchanges, key, record.bytes)
            try stored.store([], to: body, transaction)
            return []
        }
    }
}

extension ExchangeRecord.State {
    /// What a receipt makes of a state: an exchange that was released is over however it ended, one that was only
    /// decided cannot have been delivered.
    /// - Throws: `intent` where the state does not allow it.
    func after(_ outcome: Receipt.Outcome) throws(Refusal) -> Self {
        switch (self, outcome) {
        case (.released, _): return .receipted
        case (.decided, .failed), (.decided, .givenUp): return .aborted
        case (.decided, .delivered), (.receipted, _), (.aborted, _), (.adopted, _): throw Refusal(.intent)
        }
    }
}
