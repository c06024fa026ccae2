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
        try await transaction { transaction in
            let place = try transaction.get(.digests, ExchangeRecord.key(peer, digest: receipt.requestDigest))
            guard let key = place, let value = try transaction.get(.exchanges, key) else { throw Refusal(.intent) }
            var record = try ExchangeRecord(bytes: value)
            guard record.state == .decided || record.state == .released else { return }
            record.state = receipt.outcome == .givenUp ? .aborted : .receipted
            try transaction.put(.exchanges, key, record.bytes)
        }
        return []
    }
}
