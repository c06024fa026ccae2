import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// The blind converter: one of n, t of which turn one party's pseudonym into another's and hand out record keys, each
/// after its own checks (PROTOCOL 8). One file for each call; the checks stand in the order of the protocol.
public final class TranscryptorNode: Node {
    public let id: PartyID
    let secrets: TranscryptorSecrets
    let ceremony: CeremonyRecord
    let parts: Parts
    private let factors = Locked<[FactorKey: StepFactor]>([:])
    /// Requests whose signatures were verified.
    let verified = VerifiedMarks()
    /// Headers of fetches, from *decide* to *release*.
    let headers = RecentHeaders()
    /// One task submits leaves at a time, and one reads them.
    let submitting = Turn()
    let submissions = Locked(Submissions())
    let following = Turn()
    let acknowledged = AcknowledgedLeaves()
    let followed = FollowedLeaves()

    /// What a transcryptor works with.
    public struct Parts: Sendable {
        public let store: any NodeStore
        public let ledger: any LedgerPort
        public let directory: any DirectoryPort
        public let clock: any Timekeeper
        public let random: any RandomSource
        public let background: any Background

        public init(
            store: any NodeStore, ledger: any LedgerPort, directory: any DirectoryPort, clock: any Timekeeper,
            random: any RandomSource, background: any Background
        ) {
            (self.store, self.ledger, self.directory) = (store, ledger, directory)
            (self.clock, self.random, self.background) = (clock, random, background)
        }
    }

    public init(id: PartyID, secrets: TranscryptorSecrets, ceremony: CeremonyRecord, parts: Parts) {
        (self.id, self.secrets, self.ceremony, self.parts) = (id, secrets, ceremony, parts)
    }

    var index: UInt8 { secrets.psn.index }

    /// The class keys: no box may be made with one of them.
    var forbidden: [Element] { [ceremony.pseudonyms.key.element, ceremony.recordKeys.key.element] }

    public func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        try need(body.count <= call.bodyMax, .length)
        switch call {
        case .decide: return try await decide(body, from: try party(peer))
        case .reshuffle: return try await reshuffle(body, from: try party(peer))
        case .release: return try await release(body, from: try party(peer))
        case .adopt: return try await adopt(body, from: try party(peer))
        case .receipt: return try await receipt(body, from: try party(peer))
        case .contribute: return try await contribute(body, from: try party(peer))
        case .enrol: return try await enrol(body, from: try party(peer))
        case .row: return try await row(body, from: try party(peer))
        case .consent: return try await consent(body)
        case .head: return try await head(body)
        default: throw Refusal(.peer)
        }
    }

    private func party(_ peer: PartyID?) throws(Refusal) -> PartyID {
        guard let peer else { throw Refusal(.peer) }
        return peer
    }

    private struct FactorKey: Hashable {
        let leg: RouteLeg
        let source: Domain
        let destination: Domain
    }

    /// The factor of one leg, computed and compared with the published points once.
    /// - Throws: `route` where this transcryptor does not hold the step, or its secret does not fit.
    func factor(_ leg: RouteLeg, from source: Domain, to destination: Domain) throws(Refusal) -> StepFactor {
        let key = FactorKey(leg: leg, source: source, destination: destination)
        if let known = factors.withLock({ $0[key] }) { return known }
        guard let secret = secrets.steps[leg.step.id] else { throw Refusal(.route) }
        let factor = try StepFactor(secret.secret, from: source, to: destination, leg: leg)
        factors.withLock { all in
            if all.count >= Self.factorsMax { all.removeAll() }
            all[key] = factor
        }
        return factor
    }
    private static let factorsMax = 4_096

    /// Reads from the store; a store that fails is `unavailable`.
    func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws(Refusal) -> R {
        do { return try await parts.store.read(body) } catch { throw (error as? Refusal) ?? Refusal(.unavailable) }
    }

    /// Writes to the store; a store that fails is `unavailable`, and the caller sends the same bytes again.
    func transaction<R: Sendable>(
        _ body: @Sendable (any NodeTransaction) throws -> R
    ) async throws(Refusal) -> R {
        do { return try await parts.store.transaction(body) } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
    }

    /// 64 fresh random bytes.
    func fresh() -> Bytes64 { parts.random.drawn() }

    /// Signs with this transcryptor's key: `list(message, signature)`.
    func signed(_ message: [UInt8]) -> [UInt8] { Wire.list([message, secrets.signer.sign(message)]) }
}

extension RandomSource {
    func drawn<B: FixedBytes>() -> B { draw() }
}

/// Work that the answer to a call does not wait for.
public protocol Background: Sendable {
    func run(_ work: @escaping @Sendable () async -> Void) async
}

/// Starts a task and goes on.
public struct Detached: Background {
    public init() {}
    public func run(_ work: @escaping @Sendable () async -> Void) async { Task { await work() } }
}

/// Does the work at once: a simulation that must be replayed has no tasks of its own.
public struct Inline: Background {
    public init() {}
    public func run(_ work: @escaping @Sendable () async -> Void) async { await work() }
}
