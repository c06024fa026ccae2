import Exchanges
import Policy
import Polymorphic
import Ristretto255
import Serving
import Transcryptor

/// Publishes the factor points of every party that is accredited, once each: a party that joins needs nothing else from
/// a transcryptor.
final class PointPublisher: Sendable {
    private let id: PartyID
    private let index: UInt8
    private let secrets: TranscryptorSecrets
    private let signer: SigningKey
    private let base: NodeStarter.Base
    private let published = Locked<(points: Set<[UInt8]>, isDone: Bool)>(([], false))

    /// - Parameter seed: of the signing key.
    init(
        id: PartyID, index: UInt8, secrets: TranscryptorSecrets, seed: borrowing SecretBytes, base: NodeStarter.Base
    ) {
        (self.id, self.index, self.secrets, self.base) = (id, index, secrets, base)
        signer = SigningKey(seed: seed)
    }

    /// Whether every party of the newest Directory has its points from here.
    var isDone: Bool { published.withLock { $0.isDone } }

    /// One round. What cannot be sent now is sent in the next.
    func publish() async {
        let directory = await base.directory.current()
        var isDone = directory.time > 0
        for (party, epoch) in directory.domains(at: SystemClock().now()) {
            for step in base.country.pins.ceremony.route.steps where step.holders.contains(index) {
                guard let point = try? secrets.factorPoint(step.id, .party(party, epoch: epoch)) else { continue }
                let made = FactorPoint(step: step.id, holder: index, party: party, epoch: epoch, point: point)
                guard !published.withLock({ $0.points.contains(made.bytes) }) else { continue }
                let entry = SignedEntry(made.bytes, signatures: [signer.sign(made.bytes)])
                let sent = try? await base.transport.send(
                    .point, entry.wire, to: base.country.pins.anchors.authority, from: id)
                isDone = isDone && sent != nil
                if sent != nil { published.withLock { _ = $0.points.insert(made.bytes) } }
            }
        }
        let done = isDone
        published.withLock { $0.isDone = done }
    }
}
