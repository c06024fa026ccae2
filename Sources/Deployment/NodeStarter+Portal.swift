import AsyncHTTPClient
import Exchanges
import Polymorphic
import Portal
import Serving

/// The portal.
extension NodeStarter {
    /// How long a node may be silent, in seconds, before the portal gives what it has kept: a phone waits for 30.
    static let portalPatience: Int64 = 10

    func portal() async throws -> ServedNode.Plan {
        var base = try await base()
        // What phones send goes on as it came: in nobody's name.
        let client = HTTPTransport.client(
            try NodeTLS.client(nil, root: base.root), hosts: addresses.hosts, patience: Self.portalPatience)
        opened.add { try? await client.shutdown() }
        let transport = addresses.transport(client, own: nil)
        let authority = base.country.pins.anchors.authority
        let directory = DirectoryKeeper(
            base.country.pins.anchors, own: nil, authority: authority, transport: transport, clock: clock,
            store: base.store)
        try await directory.load()
        base.operations = Operations(
            [.store(base.store), .directory(directory, clock)], store: base.store, tap: tap)
        let once = Patience(attempts: 1, delays: 1) { _ in }
        let node = PortalNode(
            id: party,
            parts: PortalNode.Parts(
                pins: base.country.pins, directory: directory,
                courier: Courier(transport, caller: nil, patience: once), store: base.store, clock: clock))
        let server = try callServer(base, node, calls: PortalNode.calls, also: []) { [clock] hash in
            try? await directory.current().party(tlsKeyHash: hash, at: clock.now()).key.party
        }
        return ServedNode.Plan(
            servers: [server], node: node,
            services: [Tending(every: Self.directoryEvery) { try? await directory.refresh() }],
            operations: base.operations, renew: { try? await directory.refresh() })
    }
}
