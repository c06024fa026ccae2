public import AsyncHTTPClient
import Exchanges
import Foundation
public import Ledger
import LedgerServer
import Logging
import Polymorphic
import Ristretto255
import SQLiteStore
import Serving
import TransparencyLog

/// Starts one node from its folder: the same for a process of its own and for a country in one process.
public struct NodeStarter: Sendable {
    let folder: NodeFolder
    let config: NodeConfig
    let party: PartyID
    let addresses: Addresses
    let logger: Logger
    let opened = Opened()
    let tap: (@Sendable (ServedRequest, ServedAnswer) -> Void)?
    let random = SystemRandom()
    let clock = SystemClock()

    /// - Parameter addresses: where the others are. The node's own is put there when it listens.
    /// - Parameter tap: sees what the node is asked and answers; nil: nobody does.
    public init(_ folder: NodeFolder, addresses: Addresses, logger: Logger, tap: ServedTap? = nil) throws {
        (self.folder, self.addresses, self.logger) = (folder, addresses, logger)
        config = try folder.config()
        party = try PartyID(config.id)
        let id = config.id
        if let tap {
            self.tap = { request, answer in tap(id, request, answer) }
        } else {
            self.tap = nil
        }
    }

    /// Starts it.
    /// - Throws: `DeploymentFault`; what stores and servers throw.
    public func start() async throws -> ServedNode {
        do {
            var plan = try await plan()
            plan.closing = { [opened] in await opened.close() }
            let node = try await ServedNode(party, config.kind, plan, logger)
            announce(node)
            return node
        } catch {
            await opened.close()
            throw error
        }
    }

    private func plan() async throws -> ServedNode.Plan {
        switch config.kind.part {
        case .ledger: try await ledger()
        case .witness: try witness()
        case .authority: try await authority()
        case .transcryptor: try await transcryptor()
        case .numberCentre: try await numberCentre()
        case .dataCentre: try await dataCentre()
        case .gateway: try await gateway()
        case .portal: try await portal()
        }
    }

    private func announce(_ node: ServedNode) {
        let scheme = config.kind.part == .witness ? "http" : "https"
        var address = NodeAddress(
            url: "\(scheme)://\(config.id).warifu.localhost:\(node.ports[0])", connect: config.host)
        if config.kind.part == .ledger { address.read = "http://\(config.host):\(node.ports[1])/" }
        addresses.set(party, address)
    }

    // MARK: What nodes have in common

    /// What a node of the Directory works with.
    struct Base: Sendable {
        let country: PinnedCountry
        let client: HTTPClient
        let transport: HTTPTransport
        let store: SQLiteNodeStore
        let directory: DirectoryKeeper
        let ledger: SharedLedger
        let secrets: SecretFields
        let root: String
        var operations: Operations

    }

    func base() async throws -> Base {
        let countryFolder = try folder.countryFolder()
        let country = try PinnedCountry(folder: countryFolder)
        let root = try Self.text(countryFolder + "/ca.pem")
        let secrets = try folder.secrets()
        let sealer = try StoreSealer(key: try secrets.field(SecretPlace.store))
        let store = try SQLiteNodeStore(path: folder.file("store.sqlite"), sealer: sealer)
        opened.add { try? await store.close() }
        let client = try addresses.client(try folder.identity(), root: root)
        opened.add { try? await client.shutdown() }
        let transport = addresses.transport(client, own: party)
        let directory = DirectoryKeeper(
            country.pins.anchors, own: party, authority: country.pins.anchors.authority, transport: transport,
            clock: clock, store: store)
        try await directory.load()
        let ledger = try reader(country, client, Courier(transport, caller: party, patience: .network))
        return Base(
            country: country, client: client, transport: transport, store: store, directory: directory, ledger: ledger,
            secrets: secrets, root: root,
            // The authority makes the Directory; the others read it.
            operations: Operations(
                config.kind == .authority ? [.store(store)] : [.store(store), .directory(directory, clock)],
                store: store, tap: tap))
    }

    /// Whether the Directory that a node has leads to everybody: before that its exchanges end with `route`.
    static func hasAllPoints(_ directory: Exchanges.Directory, at now: UInt64) -> Bool {
        guard directory.time > 0, let moment = try? directory.moment(at: now, breakGlass: false) else { return false }
        return directory.domains(at: now).allSatisfy { party, epoch in
            (try? moment.legs(from: .base, to: .party(party, epoch: epoch))) != nil
        }
    }

    /// Ready once it has.
    func expectPoints(_ base: Base) {
        base.operations.health.add(
            NodeHealth.Check("points") { [clock] in Self.hasAllPoints(base.directory.held, at: clock.now()) })
    }

    func reader(_ country: PinnedCountry, _ client: HTTPClient, _ courier: Courier) throws -> SharedLedger {
        let (addresses, ledger, logger) = (addresses, country.ledger, logger)
        let follower = try Follower(
            policy: country.policy, log: country.log,
            source: AddressedLog(client: client, addresses: addresses, ledger: ledger),
            state: DurableFile(folder.file("ledger.state")), now: { [clock] in clock.now() })
        return SharedLedger(
            LedgerReader(follower, policy: country.policy, courier: courier, ledger: ledger) { _ in
                logger.critical("the ledger contradicts itself: keep both checkpoints, tell the authority")
            })
    }

    static func text(_ path: String) throws -> String {
        guard let bytes = try DurableFile(path).read() else { throw DeploymentFault.file("\(path) is missing") }
        return String(decoding: bytes, as: UTF8.self)
    }

    func partySecrets(_ base: Base) throws -> PartySecrets {
        PartySecrets(
            party, signer: SigningKey(seed: try base.secrets.field(SecretPlace.seed)),
            opening: OpeningKey(try base.secrets.scalar(SecretPlace.opening)), ceremony: base.country.pins.ceremony)
    }

    func requester(_ base: Base) throws -> Requester {
        Requester(
            secrets: try partySecrets(base), pins: base.country.pins, directory: base.directory, store: base.store,
            clock: clock, random: random, transport: base.transport, patience: .network)
    }

    // MARK: Servers

    /// The limits of a port on which calls come in.
    static var callLimits: ServingLimits {
        var limits = ServingLimits()
        limits.bodyMaxByPath = CallAPI.bodyMax
        limits.answerWithin = .seconds(60)
        return limits
    }

    /// A port for the calls of other nodes, by mutual TLS, and of devices.
    func callServer(
        _ base: Base, _ node: any Node, calls: Set<Call>,
        also others: [@Sendable (ServedRequest) async -> ServedAnswer?] = []
    ) throws -> (@escaping @Sendable (Int) -> Void) throws -> HTTPNode {
        let (directory, clock) = (base.directory, clock)
        return try callServer(base, node, calls: calls, also: others) { hash in
            try? await directory.current().party(tlsKeyHash: hash, at: clock.now()).key.party
        }
    }

    func callServer(
        _ base: Base, _ node: any Node, calls: Set<Call>,
        also others: [@Sendable (ServedRequest) async -> ServedAnswer?], peer: @escaping CallAPI.PeerLookup
    ) throws -> (@escaping @Sendable (Int) -> Void) throws -> HTTPNode {
        let api = CallAPI(node, calls: calls, peer: peer)
        let tls = try NodeTLS.server(try folder.identity(), root: base.root, admittingDevices: true)
        let (config, logger, operations) = (config, logger, base.operations)
        return { onReady in
            try HTTPNode(
                .init(host: config.host, port: config.port), tls: tls, limits: Self.callLimits,
                metrics: operations.requests, health: operations.health, logger: logger, onReady: onReady,
                handler: operations.handler([{ await api.answer($0) }] + others))
        }
    }
}

/// The public files of a ledger whose address may come later.
public struct AddressedLog: LogSource {
    let client: HTTPClient
    let addresses: Addresses
    let ledger: PartyID

    public init(client: HTTPClient, addresses: Addresses, ledger: PartyID) {
        (self.client, self.addresses, self.ledger) = (client, addresses, ledger)
    }

    public func fetch(_ path: String, limit: Int) async throws -> [UInt8] {
        guard let url = addresses[ledger]?.read else { throw SourceFault.unreachable("no address") }
        return try await HTTPSource(client, url: url).fetch(path, limit: limit)
    }

    public func checkpoint(after known: [UInt8], wait: Duration) async throws -> [UInt8] {
        guard let url = addresses[ledger]?.read else { throw SourceFault.unreachable("no address") }
        return try await HTTPSource(client, url: url).checkpoint(after: known, wait: wait)
    }
}
