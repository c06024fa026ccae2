import Authority
import Exchanges
import Foundation
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Serving
import Transcryptor

/// The nodes of the Directory.
extension NodeStarter {
    /// How often a node looks for a new Directory: what was accredited a moment ago is known everywhere after this.
    static let directoryEvery: Duration = .seconds(5)
    /// How often it pays what it owes and sends what waits.
    static let tendEvery: Duration = .seconds(5)

    func authority() async throws -> ServedNode.Plan {
        let base = try await base()
        let officers = try officers("officers")
        let secrets = try AuthoritySecrets(
            signer: SigningKey(seed: try base.secrets.field(SecretPlace.seed)),
            opening: OpeningKey(try base.secrets.scalar(SecretPlace.opening)),
            numberKey: try base.secrets.scalar(SecretPlace.own))
        let node = AuthorityNode(
            id: party, secrets: secrets, anchors: base.country.pins.anchors, officers: officers, store: base.store,
            ledger: base.ledger, clock: clock, random: random)
        let office = OfficeAPI(node)
        // Its own snapshots tell it who connects, as they tell everybody.
        let own = DirectoryKeeper(
            base.country.pins.anchors, own: party, authority: party, transport: InProcess(node: node), clock: clock,
            store: MemoryNodeStore())
        let server = try callServer(
            base, node, calls: [.snapshot, .evaluate, .point, .entries], also: [office.answer]
        ) { [clock] hash in try? await own.current().party(tlsKeyHash: hash, at: clock.now()).key.party }
        return ServedNode.Plan(
            servers: [server], node: node,
            services: [Tending(every: Self.tendEvery) { try? await node.start() }], operations: base.operations)
    }

    func transcryptor() async throws -> ServedNode.Plan {
        let base = try await base()
        let (secrets, shares) = (base.secrets, try SecretFile(folder.file("shares")).read())
        let ceremony = base.country.pins.ceremony
        guard let index = base.country.pins.index(of: party) else {
            throw DeploymentFault.usage("\(party) is no transcryptor of this country")
        }
        var steps: [Name: HeldStep] = [:]
        for (place, step) in ceremony.route.steps.filter({ $0.holders.contains(index) }).enumerated() {
            steps[step.id] = HeldStep(StepSecret(try shares.field(2 + place)))
        }
        let own = TranscryptorSecrets(
            signer: SigningKey(seed: try secrets.field(SecretPlace.seed)),
            opening: OpeningKey(try secrets.scalar(SecretPlace.opening)),
            psn: try ClassShare(index: index, shareEpoch: ceremony.shareEpoch, secret: try shares.scalar(0)),
            kem: try ClassShare(index: index, shareEpoch: ceremony.shareEpoch, secret: try shares.scalar(1)),
            steps: steps, tokenRing: KeyRing(id: 1, key: try secrets.field(SecretPlace.own)),
            ticketRing: KeyRing(id: 1, key: try secrets.field(SecretPlace.tickets)))
        let node = TranscryptorNode(
            id: party, secrets: own, ceremony: ceremony,
            parts: TranscryptorNode.Parts(
                store: base.store, ledger: base.ledger, directory: base.directory, clock: clock, random: random,
                background: Detached()))
        let points = PointPublisher(
            id: party, index: index, secrets: own, seed: try secrets.field(SecretPlace.seed), base: base)
        let server = try callServer(
            base, node,
            calls: [.decide, .reshuffle, .release, .adopt, .receipt, .contribute, .enrol, .row, .consent, .head])
        let (read, clock) = (LastDone(), clock)
        base.operations.health.add(.lately("ledger", read, within: 30, clock))
        base.operations.health.add(NodeHealth.Check("published") { points.isDone })
        expectPoints(base)
        return ServedNode.Plan(
            servers: [server], node: node,
            services: [
                renewing(base), Tending(every: .seconds(1)) { await points.publish() },
                Tending(every: .seconds(1)) {
                    if (try? await node.tend()) != nil { read.mark(clock.now()) }
                },
            ], operations: base.operations, settled: { points.isDone }, renew: { try? await base.directory.refresh() },
            ledger: base.ledger)
    }

    func numberCentre() async throws -> ServedNode.Plan {
        let base = try await base()
        let courier = Courier(base.transport, caller: party, patience: .network)
        let node = NumberCentreNode(
            secrets: RegistrySecrets(try partySecrets(base), rowKey: try base.secrets.field(SecretPlace.own)),
            parts: NumberCentreNode.Parts(
                pins: base.country.pins, directory: base.directory, officials: try officers("officials"),
                hash: ServedHash(
                    publicKey: base.country.numberKey, authority: base.country.pins.anchors.authority,
                    courier: courier),
                store: base.store, courier: courier, clock: clock, random: random))
        let counter = CounterAPI(node)
        return ServedNode.Plan(
            servers: [try callServer(base, node, calls: [], also: [counter.answer])], node: node,
            services: [renewing(base)], operations: base.operations,
            renew: { try? await base.directory.refresh() })
    }

    /// Looks for a new Directory again and again.
    func renewing(_ base: Base) -> Tending {
        Tending(every: Self.directoryEvery) { try? await base.directory.refresh() }
    }

    /// People who approve together: public keys beside the node's folder, `officers.json`.
    func officers(_ name: String) throws -> [Officer] {
        try JSONFile.read([OfficerEntry].self, folder.file("\(name).json")).map { try $0.officer() }
    }
}

/// Calls within a process.
struct InProcess: Transport {
    let node: any Node
    func send(
        _ call: Call, _ body: [UInt8], to party: PartyID, from caller: PartyID?
    ) async throws(CallFailure) -> [UInt8] {
        do { return try await node.answer(call, body, from: caller) } catch { throw .refused(error) }
    }
}

/// The authority's keyed hash over the network.
struct ServedHash: NumberHash {
    let publicKey: Element
    let authority: PartyID
    let courier: Courier

    func evaluate(_ blinded: Element) async throws(Refusal) -> (evaluated: Element, proof: EqualityProof) {
        let answer: [UInt8]
        do {
            answer = try await courier.send(
                Courier.Letter(.evaluate, Wire.list([blinded.encoding.bytes]), to: authority))
        } catch {
            guard case .refused(let refusal) = error else { throw Refusal(.unavailable) }
            throw refusal
        }
        let fields = try Wire.fields(of: answer, 2)
        do {
            return (try Element(decoding: fields[0]), EqualityProof(bytes: try Wire.fixed(fields[1])))
        } catch let refusal as Refusal { throw refusal } catch { throw Refusal(.point) }
    }
}
