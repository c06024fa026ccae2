import Exchanges
import TransparencyLog
import Foundation
import Guards
import Ledger
import Policy
import Polymorphic
import Ristretto255
import Transcryptor

/// One transcryptor's part in the key ceremony (PROTOCOL 4.1): two class keys and the secrets of the steps it holds.
/// Its own secrets stay in locked memory until the end, when they are written to its folder; what it hands out is what
/// the protocol lets everybody see.
public struct CeremonyRun: Sendable {
    let node: NodeFolder
    let folder: CeremonyFolder
    let within: Duration

    /// - Parameter within: how long each round waits for the others.
    public init(_ node: NodeFolder, _ folder: CeremonyFolder, within: Duration = .seconds(600)) {
        (self.node, self.folder, self.within) = (node, folder, within)
    }

    /// Goes through all rounds.
    /// - Returns: the record that all have signed.
    /// - Throws: `DeploymentFault`; `Refusal` with the index of whoever did not keep to the protocol.
    public func run(from random: some RandomSource) async throws -> CeremonyRecord {
        // Whoever has shares cannot keep others: the rest would end with a key that one of them does not hold.
        if enforced("guard:ceremony.once"), FileManager.default.fileExists(atPath: node.file("shares")) {
            throw DeploymentFault.exists(node.file("shares"))
        }
        let plan = try folder.plan()
        let index = try place(in: plan)
        let secrets = try node.secrets()
        let signer = SigningKey(seed: try secrets.field(SecretPlace.seed))
        let keys = try plan.cards.map { try $0.verifyingKey() }
        let psnRoll = try KeyCeremony<PSN>.Roll(ceremony: try id(plan.pseudonyms), t: Route.production.t, keys: keys)
        let kemRoll = try KeyCeremony<KEM>.Roll(ceremony: try id(plan.recordKeys), t: Route.production.t, keys: keys)
        let psn = try KeyCeremony<PSN>.Statement(psnRoll, index: index, from: random)
        let kem = try KeyCeremony<KEM>.Statement(kemRoll, index: index, from: random)
        let steps = try CeremonySteps(plan, index, secrets)
        try steps.draw(random)
        // Round 1: what cannot be changed any more.
        let (psnSigned, kemSigned) = (psn.signed(by: signer), kem.signed(by: signer))
        try folder.post(
            plan, 1, index, [wire(psnSigned), wire(kemSigned), steps.openings], by: signer)
        let first = try await folder.collect(plan, 1, fields: 3, within: within)
        let psnOpened = try psn.reveal(after: try first.mapValues { try signed($0[0]) })
        let kemOpened = try kem.reveal(after: try first.mapValues { try signed($0[1]) })
        // Round 2: commitments; the halves of steps, sealed.
        let (psnShown, kemShown) = (psnOpened.commitment, kemOpened.commitment)
        let boxes = try steps.reveal(first.mapValues { $0[2] }, random)
        try folder.post(plan, 2, index, [wire(psnShown), wire(kemShown), boxes], by: signer)
        let second = try await folder.collect(plan, 2, fields: 3, within: within)
        let psnDealt = try psnOpened.deal(
            after: try second.mapValues { try commitment($0[0]) }, signer: signer,
            sender: SecretScalar(from: random), from: random)
        let kemDealt = try kemOpened.deal(
            after: try second.mapValues { try commitment($0[1]) }, signer: signer,
            sender: SecretScalar(from: random), from: random)
        // Round 3: the dealings, sealed to their receivers.
        try folder.post(plan, 3, index, [wire(psnDealt.boxes), wire(kemDealt.boxes)], by: signer)
        let third = try await folder.collect(plan, 3, fields: 2, within: within)
        let newPSN = try psnDealt.finish(try mine(third, 0, index))
        let newKEM = try kemDealt.finish(try mine(third, 1, index))
        let record = try CeremonyRecord(
            ceremony: try id(plan.record), yGeneration: 1, shareEpoch: 1, n: UInt8(plan.cards.count),
            t: Route.production.t, pseudonyms: newPSN.key, recordKeys: newKEM.key, route: .production)
        let held = try steps.finish(
            second.mapValues { $0[2] }, forbidden: [newPSN.key.key.element, newKEM.key.key.element])
        // Round 4: everybody signs what it has made itself.
        try folder.post(plan, 4, index, [record.sign(by: signer)], by: signer)
        let fourth = try await folder.collect(plan, 4, fields: 1, within: within)
        try record.verify(
            signatures: fourth.mapValues { $0[0] },
            keys: Dictionary(uniqueKeysWithValues: keys.enumerated().map { (UInt8($0.offset + 1), $0.element) }))
        try Self.keep(newPSN.takeShare(), newKEM.takeShare(), held, node)
        try DurableFile(node.file("ceremony")).write(record.packed)
        // One of them is enough, and two would write over each other.
        if index == 1 {
            try folder.finish(
                SignedEntry(record.packed, signatures: (1...UInt8(plan.cards.count)).compactMap { fourth[$0]?[0] }))
        }
        return record
    }

    /// - Throws: `DeploymentFault.usage` where the plan has not this very card: halves would be sealed to another key.
    private func place(in plan: CeremonyFolder.Plan) throws -> UInt8 {
        let card = try node.card()
        let isChecked = enforced("guard:ceremony.own-card")
        guard plan.cards.count == Int(Route.production.n),
            let place = plan.cards.firstIndex(where: { isChecked ? $0 == card : $0.id == card.id })
        else { throw DeploymentFault.usage("the card of \(card.id) is not the one in ceremony.json") }
        return UInt8(place + 1)
    }

    /// `shares`: x of both classes, then the steps in the order of the route.
    private static func keep(
        _ psn: consuming ClassShare<PSN>, _ kem: consuming ClassShare<KEM>, _ steps: [HeldStep], _ node: NodeFolder
    ) throws {
        let size = SecretFile.fieldBytes
        let all = SecretBytes(count: (2 + steps.count) * size) { out in
            func put(_ number: Int, _ raw: UnsafeRawBufferPointer) {
                UnsafeMutableRawBufferPointer(rebasing: out[(number * size)..<((number + 1) * size)])
                    .copyBytes(from: raw)
            }
            psn.withSecret { put(0, $0) }
            kem.withSecret { put(1, $0) }
            for (number, step) in steps.enumerated() { step.secret.withSecret { put(2 + number, $0) } }
        }
        try SecretFile(node.file("shares")).write(all)
    }

    private func id(_ hex: String) throws -> Bytes16 {
        guard let id = Hex.decode(hex).flatMap({ Bytes16($0) }) else {
            throw DeploymentFault.file("ceremony.json is damaged")
        }
        return id
    }

    // MARK: Messages in files

    private func wire(_ signed: SignedMessage) -> [UInt8] { Wire.list([signed.message, signed.signature]) }
    private func signed(_ bytes: [UInt8]) throws -> SignedMessage {
        let fields = try Wire.fields(of: bytes, 2)
        return SignedMessage(message: fields[0], signature: fields[1])
    }
    private func wire(_ shown: DealerCommitment) -> [UInt8] { Wire.list([Wire.list(shown.points), shown.pop]) }
    private func commitment(_ bytes: [UInt8]) throws -> DealerCommitment {
        let fields = try Wire.fields(of: bytes, 2)
        return DealerCommitment(points: try Wire.elements(of: fields[0], maximum: 16), pop: fields[1])
    }
    private func wire(_ boxes: [UInt8: SignedMessage]) -> [UInt8] {
        Wire.list(boxes.sorted { $0.key < $1.key }.map { Wire.list([[$0.key], wire($0.value)]) })
    }
    /// The boxes that are for one receiver, by dealer.
    private func mine(_ all: [UInt8: [[UInt8]]], _ field: Int, _ index: UInt8) throws -> [UInt8: SignedMessage] {
        var out: [UInt8: SignedMessage] = [:]
        for (dealer, fields) in all {
            for one in try Wire.elements(of: fields[field], maximum: 16) {
                let parts = try Wire.fields(of: one, 2)
                if parts[0] == [index] { out[dealer] = try signed(parts[1]) }
            }
        }
        return out
    }
}
