import Authority
import DataCentre
import Device
import Exchanges
import Gateway
import Ledger
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Synchronization
import Transcryptor

/// A whole country in one process, from a seed: three transcryptors, ledger, authority, number centre, a medical
/// centre, two hospitals and an anonymising party, over a network and stores in memory. The ledger is one in memory
/// too, or the one that runs in earnest.
public final class Country: Sendable {
    public let seed: UInt64
    public let scheduler: Scheduler
    public let network: SimulatedNetwork
    public let ledger: any CountryLedger
    public let pins: Pins
    public let names: Names
    let founding: Founding
    let parties: [PartyID: PartyKeys]
    let authorityKeys: AuthorityKeys
    let states = Mutex<[PartyID: MemoryFollowerState]>([:])
    let served = Mutex(Served())
    let people = Mutex<[PartyID: [SoftwareAuthenticator]]>([:])
    let officers: [SoftwareAuthenticator]
    let officials: [SoftwareAuthenticator]

    /// The parties by what they are.
    public struct Names: Sendable {
        public let transcryptors: [PartyID]
        public let authority: PartyID
        public let ledger: PartyID
        public let numberCentre: PartyID
        public let medical: PartyID
        public let hospitalA: PartyID
        public let hospitalB: PartyID
        public let anonymiser: PartyID

        init() throws(Refusal) {
            transcryptors = [try PartyID("t1"), try PartyID("t2"), try PartyID("t3")]
            (authority, ledger) = (try PartyID("authority"), try PartyID("ledger"))
            (numberCentre, medical) = (try PartyID("number-centre"), try PartyID("medical"))
            (hospitalA, hospitalB) = (try PartyID("hospital-a"), try PartyID("hospital-b"))
            anonymiser = try PartyID("anonymiser")
        }

        /// Those that keep persons under pseudonyms of their own, with their roles.
        var keepers: [(PartyID, PartyRole)] {
            [
                (medical, .medicalCentre), (hospitalA, .hospital), (hospitalB, .hospital), (anonymiser, .anonymiser),
            ]
        }
    }

    /// The moment at which a country begins: 2026-01-05 09:00 in Japan.
    public static let begin: UInt64 = 1_767_571_200

    /// Founds a country and runs `body` in it. The same seed gives the same run, on the ledger in memory exactly.
    /// - Parameters:
    ///   - services: which services the policy offers.
    ///   - ledger: the one that the country runs on.
    ///   - stores: what its nodes keep things in.
    public static func run<R: Sendable>(
        seed: UInt64, services: [Service] = Service.all, ledger maker: LedgerMaker = .simulated,
        stores: StoreMaker = .memory, _ body: @escaping @Sendable (Country) async throws -> R
    ) async throws -> R {
        let scheduler = Scheduler(start: begin)
        return try await scheduler.run {
            let names = try Names()
            let ledger = try await maker.make(ledgerPlace(seed, names, scheduler))
            let result: Result<R, any Error>
            do {
                let country = try Country(seed: seed, names, ledger, scheduler, stores)
                try await country.begin(services)
                result = .success(try await body(country))
            } catch { result = .failure(error) }
            await ledger.close()
            return try result.get()
        }
    }

    private init(
        seed: UInt64, _ names: Names, _ ledger: any CountryLedger, _ scheduler: Scheduler, _ stores: StoreMaker
    ) throws {
        (self.seed, self.names, self.ledger, self.scheduler) = (seed, names, ledger, scheduler)
        network = SimulatedNetwork(scheduler, stores: stores)
        func random(_ name: String) -> SeededRandom { SeededRandom(seed: seed, name: name) }
        founding = try Founding(names: names.transcryptors.map(\.description), from: random("ceremony"))
        authorityKeys = try AuthorityKeys(random("authority keys"))
        let pages = RelyingParty(id: Array("authority.warifu".utf8), origin: Array("https://authority.warifu".utf8))
        pins = try Pins(
            ceremony: founding.ceremony,
            anchors: Exchanges.Directory.Anchors(
                authority: names.authority, authorityKey: authorityKeys.secrets.signer.verifyingKey, pages: pages,
                transcryptors: names.transcryptors, route: founding.ceremony.route))
        var parties: [PartyID: PartyKeys] = [:]
        for id in names.keepers.map(\.0) + [names.numberCentre] {
            parties[id] = PartyKeys(id, pins.ceremony, random("keys of \(id)"))
        }
        self.parties = parties
        func person(_ name: String) throws -> SoftwareAuthenticator {
            try SoftwareAuthenticator(relyingParty: pages, from: random(name)) { (_, _) throws(Refusal) in .zero }
        }
        officers = [try person("officer 1"), try person("officer 2")]
        officials = [try person("official 1"), try person("official 2")]
    }

    /// Randomness for one use.
    public func random(_ name: String) -> SeededRandom { SeededRandom(seed: seed, name: name) }

    // MARK: Nodes as they live now

    /// - Throws: `unavailable` while it is down.
    public func gateway(_ id: PartyID) throws(Refusal) -> GatewayNode { try node(id) }
    public func medical() throws(Refusal) -> DataCentreNode { try node(names.medical) }
    public func numberCentre() throws(Refusal) -> NumberCentreNode { try node(names.numberCentre) }
    public func authority() throws(Refusal) -> AuthorityNode { try node(names.authority) }

    private func node<N: Node>(_ id: PartyID) throws(Refusal) -> N {
        guard let node = network.node(id) as? N else { throw Refusal(.unavailable) }
        return node
    }

    /// How long callers of this country wait.
    var patience: Patience {
        Patience(attempts: 3, delays: 40, pauseMilliseconds: 1_000) { [scheduler] milliseconds in
            await scheduler.sleep(milliseconds: milliseconds)
        }
    }

    /// Waits in simulated time.
    public func wait(seconds: UInt64) async { await scheduler.sleep(milliseconds: seconds * 1_000) }

    /// The Ledger as one node reads it. What its follower must not forget outlives it.
    func ledgerReader(of id: PartyID?, _ name: PartyID, _ transport: any Transport) throws -> LedgerReader {
        let state = states.withLock { states in
            if let known = states[name] { return known }
            let new = MemoryFollowerState()
            states[name] = new
            return new
        }
        let follower = try Follower(
            policy: ledger.policy, log: ledger.log, source: ServedLog(country: self, reader: name), state: state,
            now: { [scheduler] in scheduler.now() })
        return LedgerReader(
            follower, policy: ledger.policy, courier: Courier(transport, caller: id, patience: patience),
            ledger: names.ledger, onFault: { [weak self] in self?.notice($0, by: name) })
    }

    func directory(of id: PartyID?, _ store: any NodeStore, _ transport: any Transport) async throws -> DirectoryKeeper
    {
        let keeper = DirectoryKeeper(
            pins.anchors, own: id, authority: names.authority, transport: transport, clock: scheduler, store: store)
        try await keeper.load()
        return keeper
    }
}

/// The keys of a party, as they outlive its node.
final class PartyKeys: Sendable {
    let secrets: PartySecrets
    let tlsKeyHash: Bytes32

    init(_ id: PartyID, _ ceremony: CeremonyRecord, _ random: some RandomSource) {
        secrets = PartySecrets(
            id, signer: SigningKey(from: random), opening: OpeningKey(from: random), ceremony: ceremony)
        tlsKeyHash = random.draw()
    }
}

/// The keys of the authority.
final class AuthorityKeys: Sendable {
    let secrets: AuthoritySecrets
    let tlsKeyHash: Bytes32

    init(_ random: some RandomSource) throws(Refusal) {
        secrets = try AuthoritySecrets(
            signer: SigningKey(from: random), opening: OpeningKey(from: random), numberKey: SecretScalar(from: random))
        tlsKeyHash = random.draw()
    }
}

/// Starts work on the scheduler of the country.
struct Spawned: Background {
    let scheduler: Scheduler
    func run(_ work: @escaping @Sendable () async -> Void) async { scheduler.spawn(work) }
}
