import Exchanges
import Ledger
import Polymorphic
import Ristretto255
import Synchronization
import TransparencyLog

/// What a country needs of its ledger: the calls of a node, the files of a log, and a window for onlookers.
///
/// Two keep this contract: `SimulatedLedger` in memory, in simulated time, for runs that must repeat exactly; and
/// `DurableLedger` (target `SimulationLedger`), the ledger as it runs in earnest.
public protocol CountryLedger: Node, LogSource {
    var policy: WitnessPolicy { get }
    var log: WitnessPolicy.Log { get }
    /// Leaves that are in the log.
    var size: UInt64 { get }
    /// All leaves in their order, 98 bytes each.
    var leaves: [[UInt8]] { get async throws }
    /// Whether a leaf is in the newest published tree, by a proof that verifies.
    func proves(_ index: UInt64) async -> Bool
    /// Silences a witness (0...2), or lets it speak again.
    func setSilent(witness number: Int, _ isSilent: Bool)
    /// A new life, from what is stored and nothing else.
    /// - Throws: `StartFault` where the store is not what the witnesses know.
    func restart() async throws
    /// Ends it. Nothing may be called afterwards.
    func close() async
}

/// Makes the ledger of a country.
public struct LedgerMaker: Sendable {
    /// What is known of the country before there is one.
    public struct Place: Sendable {
        public let id: PartyID
        public let authority: PartyID
        public let transcryptors: [PartyID]
        public let scheduler: Scheduler
        /// The same for the same seed: of it are the keys of log and witnesses.
        public let random: SeededRandom

        public init(
            seed: UInt64, id: PartyID, authority: PartyID, transcryptors: [PartyID], scheduler: Scheduler
        ) {
            (self.id, self.authority, self.transcryptors, self.scheduler) = (id, authority, transcryptors, scheduler)
            random = SeededRandom(seed: seed, name: "ledger")
        }
    }

    public let make: @Sendable (Place) async throws -> any CountryLedger

    public init(_ make: @escaping @Sendable (Place) async throws -> any CountryLedger) { self.make = make }

    /// In memory.
    public static let simulated = LedgerMaker { try SimulatedLedger($0) }
}

/// The keys of a country's log and of its three witnesses, and the policy of two of three.
public struct LedgerKeys: Sendable {
    public let signer: NoteSigner
    public let witnesses: [NoteSigner]
    public let policy: WitnessPolicy

    /// - Throws: `LogFault`.
    public init(_ random: some RandomSource) throws {
        signer = try NoteSigner(name: "ledger.warifu", signer: SeedSigner(seed: random.bytes(32)))
        witnesses = try (1...3).map { number in
            try NoteSigner(
                name: "witness\(number)", algorithm: .cosignature, signer: SeedSigner(seed: random.bytes(32)))
        }
        let lines =
            ["log \(signer.key)"] + witnesses.map { "witness \($0.key.name) \($0.key)" }
            + ["group two 2 \(witnesses.map(\.key.name).joined(separator: " "))", "quorum two", ""]
        policy = try WitnessPolicy(parsing: Array(lines.joined(separator: "\n").utf8))
    }

    public var log: WitnessPolicy.Log { policy.logs[0] }
}

/// The ledger's files on their way to one reader.
struct ServedLog: LogSource {
    let country: Country
    let reader: PartyID

    func fetch(_ path: String, limit: Int) async throws -> [UInt8] {
        if let lie = country.served.withLock({ $0.lie }), let bytes = try await lie(reader, path) { return bytes }
        return try await country.ledger.fetch(path, limit: limit)
    }
}

extension Country {
    /// What a reader gets in place of a file of the ledger; nil: the file itself.
    public typealias ServedLie = @Sendable (_ reader: PartyID, _ path: String) async throws -> [UInt8]?

    /// Lies to readers, and what they made of it.
    struct Served {
        var lie: ServedLie?
        var evidence: [(reader: PartyID, fault: FollowerFault)] = []
    }

    /// Lets the ledger show its readers something else.
    public func setServed(_ lie: ServedLie?) { served.withLock { $0.lie = lie } }

    /// What readers found that only a dishonest ledger can produce, both checkpoints in it.
    public var evidence: [(reader: PartyID, fault: FollowerFault)] { served.withLock { $0.evidence } }

    func notice(_ fault: FollowerFault, by reader: PartyID) {
        served.withLock { $0.evidence.append((reader, fault)) }
    }

    /// A ledger with the same keys, and nothing else in common: what a log and witnesses that collude can show.
    public func twinLedger(_ maker: LedgerMaker) async throws -> any CountryLedger { try await maker.make(ledgerPlace) }

    var ledgerPlace: LedgerMaker.Place { Self.ledgerPlace(seed, names, scheduler) }

    static func ledgerPlace(_ seed: UInt64, _ names: Names, _ scheduler: Scheduler) -> LedgerMaker.Place {
        LedgerMaker.Place(
            seed: seed, id: names.ledger, authority: names.authority, transcryptors: names.transcryptors,
            scheduler: scheduler)
    }
}
