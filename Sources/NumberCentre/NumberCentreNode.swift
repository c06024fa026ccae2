import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// The Number Centre: the registry of the protocol. It issues numbers, enrols persons with two officials, and keeps
/// rows that say nothing to whoever reads them without the authority's keyed hash (PROTOCOL 5).
public final class NumberCentreNode: Node {
    public var id: PartyID { secrets.party.id }
    let secrets: RegistrySecrets
    let parts: Parts

    /// What a registry works with.
    public struct Parts: Sendable {
        public let pins: Pins
        public let directory: DirectoryKeeper
        public let officials: [Officer]
        public let hash: any NumberHash
        public let store: any NodeStore
        public let courier: Courier
        public let clock: any Timekeeper
        public let random: any RandomSource

        public init(
            pins: Pins, directory: DirectoryKeeper, officials: [Officer], hash: any NumberHash, store: any NodeStore,
            courier: Courier, clock: any Timekeeper, random: any RandomSource
        ) {
            (self.pins, self.directory, self.officials, self.hash) = (pins, directory, officials, hash)
            (self.store, self.courier, self.clock, self.random) = (store, courier, clock, random)
        }
    }

    public init(secrets: RegistrySecrets, parts: Parts) { (self.secrets, self.parts) = (secrets, parts) }

    /// Visit codes and keypads come with a later way of presenting oneself.
    /// - Throws: `peer`.
    public func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        throw Refusal(.peer)
    }

    /// What two officials sign.
    public func act(_ verb: String, _ subject: [UInt8]) -> OfficialAct {
        OfficialAct(party: id, verb: verb, subject: subject, time: parts.clock.now())
    }

    func approved(
        _ verb: String, _ subject: [UInt8], _ act: OfficialAct, _ approvals: [Approval]
    ) throws(Refusal) {
        let same = OfficialAct(party: id, verb: verb, subject: subject, time: act.time) == act
        try need(same || !enforced("guard:registry.act"), .policy)
        if enforced("guard:registry.dual-control") {
            try DualControl(parts.officials).check(act, approvals, at: parts.clock.now())
        }
    }

    func transaction<R: Sendable>(
        _ body: @Sendable (any NodeTransaction) throws -> R
    ) async throws(Refusal) -> R {
        do { return try await parts.store.transaction(body) } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
    }

    func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws(Refusal) -> R {
        do { return try await parts.store.read(body) } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
    }
}

/// The secrets of a registry.
public final class RegistrySecrets: Sendable {
    public let party: PartySecrets
    /// `k_reg`.
    let rowKey: SecretBytes

    /// - Parameter rowKey: 32 bytes.
    public init(_ party: PartySecrets, rowKey: consuming SecretBytes) {
        self.party = party
        self.rowKey = rowKey
    }
}

/// The authority's keyed hash, rate limited, evaluated without its seeing the input.
public protocol NumberHash: Sendable {
    /// Pinned: an evaluation under another key is refused.
    var publicKey: Element { get }
    /// - Throws: `quota`, `unavailable`.
    func evaluate(_ blinded: Element) async throws(Refusal) -> (evaluated: Element, proof: EqualityProof)
}

extension NumberCentreNode {
    /// The tag of a number or of an official identity: `mac(k_reg, "registry", O)[0:32]`.
    /// - Parameter input: 12 digits of a number; an identity has another length.
    func tag(_ input: [UInt8]) async throws(Refusal) -> Bytes32 {
        let blinded: VOPRF.Blinded
        do {
            blinded = try VOPRF.blind(input, by: SecretScalar(from: DrawnSource(parts.random)))
        } catch { throw Refusal(.number) }
        let (evaluated, proof) = try await parts.hash.evaluate(blinded.message)
        do {
            let output = try VOPRF.finalize(
                blinded, evaluated: evaluated, proof: proof, publicKey: parts.hash.publicKey)
            return PersonalNumber.registryRow(output, key: secrets.rowKey)
        } catch { throw Refusal(.equality) }
    }
}

/// An existential source as a concrete one.
struct DrawnSource: RandomSource {
    private let source: any RandomSource
    init(_ source: any RandomSource) { self.source = source }
    func fill(_ buffer: UnsafeMutableRawBufferPointer) { source.fill(buffer) }
}
