import AsyncHTTPClient
import Device
import Exchanges
import Foundation
import Ledger
import Policy
import Polymorphic
import Portal
import Ristretto255
import SQLiteStore
import Serving
import TransparencyLog

/// A person's phone in software, in a folder. `phone.key` (mode 0600) holds 32 random bytes which seal `phone.sqlite`,
/// where the phone keeps everything else; `ledger.state` is the newest checkpoint that it saw, which is public.
public struct PhoneFolder: Sendable {
    public let path: String
    /// The folder with `country.json`, `addresses.json` and `ca.pem`.
    public let country: String
    /// The base URL of a portal, through which heads and consents go; nil: to each transcryptor itself.
    public var portal: String?

    public init(_ path: String, country: String, portal: String? = nil) {
        (self.path, self.country, self.portal) = (path, country, portal)
    }

    /// Whether there is a phone in it.
    public var exists: Bool { FileManager.default.fileExists(atPath: keyPath) }
    private var keyPath: String { path + "/phone.key" }

    /// Makes an empty phone: its key. Its folder is for its owner alone.
    /// - Throws: `DeploymentFault`.
    public func make(from random: some RandomSource) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw DeploymentFault.file("\(path) cannot be made") }
        try SecretFile(keyPath).make([.bytes], from: random)
    }

    /// Opens the phone for one piece of work, and closes it in every case.
    /// - Throws: `CommandFault`; what the work throws.
    @discardableResult
    public func open<R>(_ work: (OpenPhone) async throws -> R) async throws -> R {
        guard exists else { throw CommandFault(.noPhone) }
        let (pinned, addresses, client) = try network()
        let result: Result<R, any Error>
        do {
            let store = try store()
            do {
                let phone = try await assemble(pinned, addresses, client, store)
                result = .success(
                    try await work(
                        OpenPhone(phone: phone, country: pinned, addresses: addresses, client: client, store: store)))
            } catch { result = .failure(error) }
            try? await store.close()
        } catch { result = .failure(error) }
        try? await client.shutdown()
        return try result.get()
    }

    private func network() throws -> (PinnedCountry, Addresses, HTTPClient) {
        do {
            let (pinned, addresses) = (try PinnedCountry(folder: country), try Addresses(folder: country))
            return (pinned, addresses, try addresses.client(nil, root: try NodeStarter.text(country + "/ca.pem")))
        } catch { throw CommandFault(.countryFile) }
    }

    private func store() throws -> SQLiteNodeStore {
        do {
            let sealer = try StoreSealer(key: try SecretFile(keyPath).read().field(0))
            return try SQLiteNodeStore(path: path + "/phone.sqlite", sealer: sealer, readers: 1)
        } catch StoreFault.inUse { throw CommandFault(.phoneInUse) } catch { throw CommandFault(.phoneDamaged) }
    }

    private func assemble(
        _ country: PinnedCountry, _ addresses: Addresses, _ client: HTTPClient, _ store: SQLiteNodeStore
    ) async throws -> Phone {
        let clock = SystemClock()
        let transport = try transport(client, addresses)
        let courier = Courier(transport, caller: nil, patience: .network)
        let directory = DirectoryKeeper(
            country.pins.anchors, own: nil, authority: country.pins.anchors.authority, transport: transport,
            clock: clock, store: store)
        let follower: Follower
        do {
            try await directory.load()
            follower = try Follower(
                policy: country.policy, log: country.log,
                source: AddressedLog(client: client, addresses: addresses, ledger: country.ledger),
                state: DurableFile(path + "/ledger.state"), now: { clock.now() })
        } catch { throw CommandFault(.phoneDamaged) }
        let evidence = DurableFile(path + "/ledger-evidence")
        let reader = LedgerReader(
            follower, policy: country.policy, courier: courier, ledger: country.ledger
        ) { fault in
            // Two signed checkpoints that contradict each other: the first pair is kept for the authority.
            guard case .inconsistent(let old, let new) = fault, (try? evidence.read()) == .some(nil) else { return }
            try? evidence.write(Wire.list([old, new]))
        }
        return try await Phone.open(
            Phone.Parts(
                pins: country.pins, directory: directory, ledger: reader, courier: courier, store: store, clock: clock,
                random: SystemRandom()))
    }

    private func transport(_ client: HTTPClient, _ addresses: Addresses) throws -> any Transport {
        guard let portal else { return addresses.transport(client, own: nil) }
        guard portal.hasPrefix("https://") else { throw CommandFault(.wrongUse) }
        let base = portal.hasSuffix("/") ? String(portal.dropLast()) : portal
        // The portal is believed by the name in its certificate; this id only marks its address.
        let mark = try PartyID("portal")
        let all = HTTPTransport(client, own: nil) { $0 == mark ? base : addresses[$0]?.url }
        return PortalTransport(all, portal: mark)
    }
}

/// A phone that is open, and what it reaches others with.
public struct OpenPhone: Sendable {
    public let phone: Phone
    public let country: PinnedCountry
    public let addresses: Addresses
    /// Without a certificate; closed by the folder.
    public let client: HTTPClient
    let store: SQLiteNodeStore
    let clock = SystemClock()
}
