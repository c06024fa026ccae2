import Authority
import Device
import Exchanges
import Foundation
import Guards
import NIOHTTP1
import Polymorphic
import Ristretto255
import Serving
import Testing
import Transcryptor

@testable import Simulation

/// A transcryptor of a simulated country behind HTTPS: parties with good certificates that ask what is not theirs.
@Suite(.timeLimit(.minutes(10))) struct PartyAttackTests {
    /// What is left of a country when it has ended: a node, the Directory, and the moment at which both stand still.
    struct Remains: Sendable {
        let node: any Node
        let keeper: DirectoryKeeper
        let now: UInt64
        /// By party: the hash of its TLS key in the Directory.
        let hashes: [String: Bytes32]

        static func of(seed: UInt64, revoking: Bool = false) async throws -> Remains {
            try await Country.run(seed: seed) { country in
                let (names, t1) = (country.names, country.names.transcryptors[0])
                if revoking {
                    let authority = try country.authority()
                    let act = authority.act("revoke", names.hospitalA.bytes)
                    try await authority.revoke(names.hospitalA, act, country.officers.map { $0.approve(act) })
                    await country.wait(seconds: 62)
                }
                // A call, so that the node has a snapshot of this moment.
                let body = Wire.list([[UInt8](repeating: 1, count: 16)])
                _ = try await country.network.send(.contribute, body, to: t1, from: names.numberCentre)
                let keeper = DirectoryKeeper(
                    country.pins.anchors, own: t1, authority: names.authority, transport: country.network,
                    clock: country.scheduler, store: MemoryNodeStore())
                try await keeper.refresh()
                var hashes: [String: Bytes32] = [:]
                for (id, keys) in country.parties { hashes[id.description] = keys.tlsKeyHash }
                guard let node = country.network.node(t1) else { throw Refusal(.unavailable) }
                return Remains(node: node, keeper: keeper, now: country.scheduler.now(), hashes: hashes)
            }
        }
    }

    static let calls: Set<Call> = [
        .decide, .reshuffle, .release, .adopt, .receipt, .contribute, .enrol, .row, .consent, .head,
    ]

    /// Runs `body` with the node behind HTTPS, and clients by the name of their party.
    private func serve(
        _ remains: Remains, as names: [String], _ body: (Place, [DevelopmentCA.Identity]) async throws -> Void
    ) async throws {
        let owners = Owners()
        try await Place.with(handler: { _ in
            let api = CallAPI(remains.node, calls: Self.calls) { fingerprint in
                guard let name = owners.name(of: fingerprint), let hash = remains.hashes[name],
                    (try? remains.keeper.held.party(tlsKeyHash: hash, at: remains.now)) != nil
                else { return nil }
                return try? PartyID(name)
            }
            return { await api.answer($0) ?? ServedAnswer(404) }
        }) { place in
            let identities = try names.map { name in
                let identity = try place.authority.issue(name)
                owners.add(identity, name)
                return identity
            }
            try await body(place, identities)
        }
    }

    @Test func aHospitalMakesNoRow() async throws {
        let remains = try await Remains.of(seed: 301)
        let body = Wire.list([[UInt8](repeating: 2, count: 16)])
        func answers() async throws -> [Int] {
            var seen: [Int] = []
            try await serve(remains, as: ["hospital-a", "number-centre"]) { place, identities in
                try await place.client(identities[0]) { client in
                    for call in ["contribute", "enrol", "row"] {
                        seen.append(try await place.call(client, "/v1/" + call, .POST, body).status)
                    }
                }
                try await place.client(identities[1]) { client in
                    seen.append(try await place.call(client, "/v1/contribute", .POST, body).status)
                }
                // A device, without a certificate, does none of this.
                try await place.client(nil) { client in
                    seen.append(try await place.call(client, "/v1/row", .POST, body).status)
                }
            }
            return seen
        }
        let refused = try await answers()
        #expect(refused == [403, 403, 403, 200, 403])
        let open = try await Guards.withOff("guard:enrolment.registry") { try await answers() }
        // With that check off the hospital gets a contribution; the other two are then judged by their form.
        #expect(open == [200, 400, 400, 200, 403])
    }

    @Test func aPartyThatWasRevokedIsNobody() async throws {
        func status(_ name: String, _ remains: Remains) async throws -> (Int, Refusal?) {
            var (status, refusal) = (0, Refusal?.none)
            try await serve(remains, as: [name]) { place, identities in
                let answer = try await place.client(identities[0]) { client in
                    try await place.call(client, "/v1/decide", .POST, Wire.list([[1]]))
                }
                (status, refusal) = (answer.status, try? CallFailure.refusal(body: answer.body))
            }
            return (status, refusal)
        }
        let after = try await Remains.of(seed: 302, revoking: true)
        let revoked = try await status("hospital-a", after)
        #expect(revoked == (403, Refusal(.peer)))
        // One that is in force comes so far that its body is read; so did the other before it was revoked.
        let other = try await status("hospital-b", after)
        #expect(other == (400, Refusal(.length)))
        let before = try await status("hospital-a", try await Remains.of(seed: 302))
        #expect(before == (400, Refusal(.length)))
    }

    /// Lists inside lists, and lists of nothing: refused at once, whatever the call, and others are served meanwhile.
    @Test func bodiesThatAreNoneAreRefusedByEveryCall() async throws {
        let remains = try await Remains.of(seed: 303)
        var deep: [UInt8] = []
        for depth in (0..<20_000 as Range<UInt32>).reversed() { deep += (depth * 4).bigEndianBytes }
        let bodies: [[UInt8]] = [
            [], [0], [UInt8](repeating: 0, count: 2 << 20), [UInt8](repeating: 255, count: 2 << 20), deep,
            Wire.list([[UInt8]](repeating: deep, count: 2)), Wire.list([[UInt8]](repeating: [], count: 400_000)),
            Wire.list((0..<16).map { _ in [UInt8](repeating: 0, count: 100_000) }),
        ]
        let good = Wire.list([[UInt8](repeating: 3, count: 16)])
        try await serve(remains, as: ["hospital-a", "number-centre"]) { place, identities in
            try await place.client(identities[0]) { client in
                try await place.client(identities[1]) { other in
                    for call in Self.calls.sorted(by: { $0.rawValue < $1.rawValue }) {
                        for (number, body) in bodies.enumerated() {
                            let status = try await place.call(client, "/v1/\(call.rawValue)", .POST, body).status
                            #expect([400, 403].contains(status), "\(call) \(number): \(status)")
                        }
                        let served = try await place.call(other, "/v1/contribute", .POST, good).status
                        #expect(served == 200)
                    }
                }
            }
        }
    }
}

/// Who has which certificate.
private final class Owners: Sendable {
    private let names = Locked<[[UInt8]: String]>([:])
    func add(_ identity: DevelopmentCA.Identity, _ name: String) { names.withLock { $0[identity.fingerprint] = name } }
    func name(of fingerprint: Bytes32) -> String? { names.withLock { $0[fingerprint.bytes] } }
}
