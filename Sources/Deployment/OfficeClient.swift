import AsyncHTTPClient
import Device
import Exchanges
import NIOCore
import NIOHTTP1
import Policy
import Polymorphic
import Ristretto255
import Serving

/// Officers at the office of the authority, over the network: `warifu directory`.
public struct OfficeClient: Sendable {
    let client: HTTPClient
    let addresses: Addresses
    let authority: PartyID
    let officers: [SoftwareAuthenticator]
    let clock = SystemClock()

    public init(
        _ client: HTTPClient, addresses: Addresses, authority: PartyID, officers: [SoftwareAuthenticator]
    ) {
        (self.client, self.addresses, self.authority, self.officers) = (client, addresses, authority, officers)
    }

    /// Accredits a party by its card. One that has an entry already gets the next, signed by its own key as well.
    /// - Parameter previous: signs an entry with the party's previous key; nil for a new party.
    public func accredit(_ card: NodeCard, previous: (([UInt8]) -> [UInt8])? = nil) async throws {
        let known = try await entry(of: try card.party())
        let entry = try card.entry(at: clock.now(), sequence: (known?.sequence ?? 0) + 1)
        guard known == nil || previous != nil else {
            throw DeploymentFault.usage(
                "\(card.id) has an entry: a new one needs the signature of its key as well (--node-home)")
        }
        try await act(.accredit, [entry.bytes, known == nil ? [] : previous?(entry.bytes) ?? []])
    }

    public func accredit(_ credential: Credential) async throws { try await act(.credential, [credential.bytes]) }
    public func publish(_ policy: PolicyDocument) async throws { try await act(.policy, [policy.bytes]) }
    public func record(_ record: SignedEntry) async throws { try await act(.record, [record.wire]) }
    public func revoke(_ party: PartyID) async throws { try await act(.revoke, [party.bytes]) }
    public func suspend(_ party: PartyID) async throws { try await act(.suspend, [party.bytes]) }

    /// A party that is in force.
    public struct Party: Sendable {
        public let id: String
        public let roles: [String]
        /// Unix seconds.
        public let until: UInt64
    }

    /// Who is in force, from a snapshot that was verified.
    public func inForce(_ pins: Pins) async throws -> [Party] {
        let keeper = DirectoryKeeper(
            pins.anchors, own: nil, authority: authority, transport: addresses.transport(client, own: nil),
            clock: clock, store: MemoryNodeStore())
        try await keeper.refresh()
        let directory = await keeper.current()
        return directory.domains(at: clock.now()).compactMap { id, _ in
            guard let entry = directory.entry(of: id) else { return nil }
            return Party(id: id.description, roles: entry.roles.map(\.description), until: entry.notAfter)
        }
    }

    /// The newest entry of a party.
    public func entry(of party: PartyID) async throws -> DirectoryEntry? {
        let answer = try await send(.entry, Wire.list([party.bytes]))
        return answer.isEmpty ? nil : try DirectoryEntry(wire: answer)
    }

    private func act(_ verb: Office.Verb, _ fields: [[UInt8]]) async throws {
        let body = try Office.body(
            verb, fields, party: authority, at: clock.now(), by: officers.map { officer in { officer.approve($0) } })
        _ = try await send(verb, body)
    }

    private func send(_ verb: Office.Verb, _ body: [UInt8]) async throws -> [UInt8] {
        try await Posting(client: client, addresses: addresses).send(
            OfficeAPI.prefix + verb.rawValue, body, to: authority)
    }
}

/// A request to a path of a node that is no call of PROTOCOL 8.1.
public struct Posting: Sendable {
    let client: HTTPClient
    let addresses: Addresses

    public init(client: HTTPClient, addresses: Addresses) { (self.client, self.addresses) = (client, addresses) }

    /// - Throws: `DeploymentFault.refused` with the code of the refusal, or `unavailable` without an answer.
    public func send(_ path: String, _ body: [UInt8], to node: PartyID) async throws -> [UInt8] {
        guard let base = addresses[node]?.url else { throw DeploymentFault.usage("there is no address of \(node)") }
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: CallAPI.contentType)
        request.body = .bytes(ByteBuffer(bytes: body))
        let (status, answer): (UInt, [UInt8])
        do {
            let response = try await client.execute(request, timeout: .seconds(60))
            (status, answer) = (
                response.status.code, Array(try await response.body.collect(upTo: 2 << 20).readableBytesView)
            )
        } catch { throw DeploymentFault.refused(node: node.description, code: "unavailable") }
        if status == 200 { return answer }
        let code = (try? CallFailure.refusal(body: answer))?.code.rawValue ?? "unavailable"
        throw DeploymentFault.refused(node: node.description, code: code)
    }
}
