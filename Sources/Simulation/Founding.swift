import Exchanges
import Polymorphic
import Ristretto255
import Transcryptor

/// The key ceremony of a country: three transcryptors make both class keys and the step secrets, and sign the record.
struct Founding {
    let ceremony: CeremonyRecord
    /// Signed by all transcryptors, for the Ledger.
    let signatures: [[UInt8]]
    let transcryptors: [FoundedTranscryptor]

    /// - Throws: what a ceremony throws; with honest parties nothing.
    init(names: [String], from random: some RandomSource) throws {
        let parties = try names.map { try KeyedParty($0, random) }
        let psn = try Self.ceremony(PSN.self, parties, random)
        let kem = try Self.ceremony(KEM.self, parties, random)
        let (route, forbidden) = (Route.production, [psn.key.key.element, kem.key.key.element])
        var steps: [UInt8: [Name: HeldStep]] = [:]
        for step in route.steps {
            for (holder, secret) in try Self.deal(step, parties, forbidden, random) {
                steps[holder, default: [:]][step.id] = secret
            }
        }
        ceremony = try CeremonyRecord(
            ceremony: random.draw(), yGeneration: 1, shareEpoch: 1, n: UInt8(names.count), t: 2, pseudonyms: psn.key,
            recordKeys: kem.key, route: route)
        let record = ceremony.packed
        signatures = parties.map { $0.signer.key.sign(record) }
        transcryptors = try parties.enumerated().map { place, party in
            FoundedTranscryptor(
                party,
                TranscryptorSecrets(
                    signer: SigningKey(copying: party.signer.key), opening: OpeningKey(party.opening.secretCopy()),
                    psn: try psn.shares[place].take(), kem: try kem.shares[place].take(),
                    steps: steps[UInt8(place + 1)] ?? [:],
                    tokenRing: KeyRing(id: 1, key: SecretBytes(count: 32, from: random)),
                    ticketRing: KeyRing(id: 1, key: SecretBytes(count: 32, from: random))))
        }
    }

    private struct Made<Class: KeyClass> {
        let key: SharedKey<Class>
        let shares: [ShareBox<Class>]
    }

    private static func ceremony<Class: KeyClass>(
        _ type: Class.Type, _ parties: [KeyedParty], _ random: some RandomSource
    ) throws -> Made<Class> {
        typealias Ceremony = KeyCeremony<Class>
        let signers = parties.map(\.signer)
        let roll = try Ceremony.Roll(ceremony: random.draw(), t: 2, keys: signers.map { $0.key.verifyingKey })
        let rooms = try (1...UInt8(signers.count)).map { try CeremonyRoom<Class>(roll, $0, random) }
        let statements = Dictionary(uniqueKeysWithValues: rooms.map { ($0.index, $0.state(signers)) })
        let commitments = try Dictionary(uniqueKeysWithValues: rooms.map { ($0.index, try $0.reveal(statements)) })
        for room in rooms { try room.deal(commitments, signers, random) }
        let boxes = rooms.map { ($0.index, $0.boxes) }  // before any room closes
        let results = try rooms.map { room in
            let mine = boxes.compactMap { (dealer, all) in all[room.index].map { (dealer, $0) } }
            return try room.finishShare(Dictionary(uniqueKeysWithValues: mine))
        }
        guard let first = results.first else { throw Refusal(.participants) }
        return Made(key: first.key, shares: results.map(\.share))
    }

    /// The dealing of the halves of one step: what each holder ends with.
    private static func deal(
        _ step: RouteStep, _ parties: [KeyedParty], _ forbidden: [Element], _ random: some RandomSource
    ) throws -> [(UInt8, HeldStep)] {
        let recipients = step.holders.map { ($0, parties[Int($0) - 1].key) }
        let roll = try StepCeremony.Roll(
            ceremony: random.draw(), step: step, recipients: Dictionary(uniqueKeysWithValues: recipients))
        let rooms = try step.holders.map { try StepRoom(roll, $0, parties[Int($0) - 1], random) }
        let openings = Dictionary(
            uniqueKeysWithValues: rooms.compactMap { room in room.opening.map { (room.index, $0) } })
        for room in rooms { try room.reveal(openings, random) }
        let boxes = rooms.map { ($0.index, $0.boxes) }  // before any room closes
        return try rooms.map { room in
            let mine = boxes.compactMap { (sender, all) in all[room.index].map { (sender, $0) } }
            return (room.index, try room.finishHeld(Dictionary(uniqueKeysWithValues: mine), forbidden: forbidden))
        }
    }
}

/// One transcryptor's keys, as they outlive its node.
final class FoundedTranscryptor: Sendable {
    let party: KeyedParty
    let secrets: TranscryptorSecrets
    var id: PartyID { party.id }
    var signer: Signer { party.signer }

    init(_ party: KeyedParty, _ secrets: TranscryptorSecrets) { (self.party, self.secrets) = (party, secrets) }
}
