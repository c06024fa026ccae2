import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// The Oversight Authority: accredits parties and people, publishes the policy, and says at every moment who is in
/// force. Every change is a public record in the Ledger before it counts (PROTOCOL 4.2).
public final class AuthorityNode: Node {
    public let id: PartyID
    let secrets: AuthoritySecrets
    let anchors: Exchanges.Directory.Anchors
    let officers: DualControl
    let store: any NodeStore
    let ledger: any LedgerPort
    let clock: any Timekeeper
    let random: any RandomSource
    /// What was published, as far as it was read.
    let known: Locked<(count: UInt64, directory: Exchanges.Directory)>

    /// `id of the thing -> SignedEntry`: what a snapshot lists.
    static let entries = Table("entry")
    /// Governance records that are not yet in the Ledger, by SHA-512.
    static let outbox = Table("record-outbox")
    static let state = Table("authority")

    public init(
        id: PartyID, secrets: AuthoritySecrets, anchors: Exchanges.Directory.Anchors, officers: [Officer],
        store: any NodeStore, ledger: any LedgerPort, clock: any Timekeeper, random: any RandomSource
    ) {
        (self.id, self.secrets, self.anchors) = (id, secrets, anchors)
        self.officers = DualControl(officers)
        (self.store, self.ledger, self.clock, self.random) = (store, ledger, clock, random)
        known = Locked((0, Exchanges.Directory(anchors: anchors)))
    }

    /// After a start: brings records that wait into the Ledger.
    public func start() async throws(Refusal) { try await submit() }

    /// - Throws: `peer` for a call that is none of the authority's.
    public func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        try need(body.count <= call.bodyMax, .length)
        switch call {
        case .snapshot:
            // The Directory is public: devices ask as well, which have no certificate.
            try need(body.isEmpty, .length)
            return try await snapshot().bytes
        case .evaluate: return try await evaluate(body, from: peer)
        case .point:
            // The signature of its holder makes it one, whoever brings it.
            let entry = try SignedEntry(wire: body)
            try need(entry.signatures.count == 1, .length)
            try await list(try FactorPoint(wire: entry.bytes), signature: entry.signatures[0])
            return []
        case .entries:
            let fields = try Wire.fields(of: body, 1)
            return Wire.list(try await published(from: try Wire.u64(fields[0])))
        default: throw Refusal(.peer)
        }
    }

    /// `list(blinded 32)` -> `list(evaluated 32, proof 64)`, for a number centre.
    private func evaluate(_ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        guard let peer else { throw Refusal(.peer) }
        let fields = try Wire.fields(of: body, 1)
        let blinded: Element
        do { blinded = try Element(decoding: fields[0]) } catch { throw Refusal(.point) }
        let (evaluated, proof) = try await evaluate(blinded, for: peer)
        return Wire.list([evaluated.encoding.bytes, proof.bytes.bytes])
    }

    /// All entries in force now. Two snapshots of one second are the same.
    public func snapshot() async throws(Refusal) -> Snapshot {
        let now = clock.now()
        let secrets = secrets
        return try await transaction { transaction in
            let listed = try Self.listed(transaction)
            let last = try transaction.get(Self.state, Self.lastKey)
            let hash = sha512(Wire.list(listed.map(\.wire))).bytes
            var time = now
            if let last {
                let fields = try Wire.fields(of: last, 2)
                let before = try Wire.u64(fields[0])
                time = max(now, fields[1] == hash ? before : before + 1)
            }
            try transaction.put(Self.state, Self.lastKey, Wire.list([time.bigEndianBytes, hash]))
            let inForce = try listed.filter { try Self.isInForce($0, at: time) }
            return Snapshot(inForce, time: time, signer: secrets.signer)
        }
    }

    private static let lastKey = Array("last-snapshot".utf8)

    static func listed(_ reading: any NodeReading) throws -> [SignedEntry] {
        try reading.scan(entries, prefix: [], after: nil, limit: .max).map { try SignedEntry(wire: $0.value) }
    }

    private static func isInForce(_ entry: SignedEntry, at now: UInt64) throws -> Bool {
        switch try DirectoryRecord(wire: entry.bytes) {
        case .party(let party): party.notAfter > now
        case .credential(let credential): credential.notAfter > now
        case .factorPoint, .policy, .page: true
        }
    }

    func transaction<R: Sendable>(
        _ body: @Sendable (any NodeTransaction) throws -> R
    ) async throws(Refusal) -> R {
        do { return try await store.transaction(body) } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
    }
}

/// The secrets of the authority.
public final class AuthoritySecrets: Sendable {
    public let signer: SigningKey
    /// Details of items without a row are sealed to it.
    public let opening: OpeningKey
    /// Of the VOPRF on which registry rows stand.
    let numberKey: SecretScalar
    public let numberPublicKey: Element

    /// - Throws: `point`.
    public init(
        signer: consuming SigningKey, opening: consuming OpeningKey, numberKey: consuming SecretScalar
    ) throws(Refusal) {
        do { numberPublicKey = try Element(numberKey.timesGenerator()) } catch { throw Refusal(.point) }
        self.signer = signer
        self.opening = opening
        self.numberKey = numberKey
    }
}
