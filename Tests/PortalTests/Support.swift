import Exchanges
import Gateway
import Policy
import Polymorphic
import Portal
import Ristretto255
import Synchronization

@testable import Device
@testable import Simulation

extension Country {
    static let portalID = "portal"

    /// Adds a portal that keeps what it must in `store`.
    func startPortal(_ store: any NodeStore) async throws -> PortalNode {
        let id = try PartyID(Self.portalID)
        try await network.add(id, store: store) { [self] store, transport in
            PortalNode(
                id: id,
                parts: PortalNode.Parts(
                    pins: pins, directory: try await directory(of: nil, store, transport),
                    courier: Courier(transport, caller: nil, patience: patience), store: store, clock: scheduler))
        }
        guard let node = network.node(id) as? PortalNode else { throw Refusal(.unavailable) }
        return node
    }

    /// A copy of a phone as it is now, which goes on by itself: through the portal or past it.
    func copy(of phone: Phone, throughPortal: Bool) async throws -> Phone {
        guard let original = phone.parts.store as? MemoryNodeStore else { throw Refusal(.unavailable) }
        let store = MemoryNodeStore(contents: original.contents)
        let transport: any Transport =
            throughPortal ? PortalTransport(network, portal: try PartyID(Self.portalID)) : network
        let parts = Phone.Parts(
            pins: pins, directory: try await directory(of: nil, store, transport), ledger: phone.parts.ledger,
            courier: Courier(transport, caller: nil, patience: patience), store: store, clock: scheduler,
            random: random("copy of a phone"))
        return try await Phone.open(parts)
    }

    /// Lets hospital A know a person, who has consented.
    func visit(_ resident: Resident) async throws -> Pseudonym {
        try await gateway(names.hospitalA).identify(
            try await present(resident, at: names.hospitalA), for: use(), by: try person(0, of: names.hospitalA))
    }

    /// Hospital A asks the medical centre what it has of a person.
    func search(_ person: Pseudonym) async throws {
        _ = try await gateway(names.hospitalA).find(
            person, at: names.medical, for: use(), by: try self.person(0, of: names.hospitalA))
    }
}

/// What a history says, apart from when it was read.
struct Told: Hashable {
    private let lines: [[String]]
    private let entries: [[UInt8]]
    let doubts: [Doubt]

    init(_ history: History) {
        lines = history.uses.map { use in
            let words = use.words.sorted { $0.key < $1.key }.map { index, word in
                "\(index) \(word.verdict) \(word.reason) \(word.records) \(word.recordsPermitted) \(word.leafIndex)"
            }
            return ["\(use.requester) \(use.role) \(use.purpose) \(use.item)", "\(use.requestDigest)"] + words
        }
        entries = history.entries.map { [$0.index] + $0.leafIndex.bigEndianBytes + $0.entry }
        doubts = history.doubts
    }

    var uses: Int { lines.count }
}

/// Something that a lie and its test share.
final class Held<T: Sendable>: Sendable {
    private let value: Mutex<T>
    init(_ value: T) { self.value = Mutex(value) }
    var now: T { value.withLock { $0 } }
    func set(_ new: T) { value.withLock { $0 = new } }
}
