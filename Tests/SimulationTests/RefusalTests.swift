import Authority
import DataCentre
import Device
import Exchanges
import Gateway
import Guards
import NumberCentre
import Policy
import Ristretto255
import Testing

@testable import Polymorphic
@testable import Simulation
@testable import Transcryptor

/// Every code of PROTOCOL 14 is seen, each caused in a way of its own.
@Suite struct RefusalTests {
    struct Way: Sendable {
        let code: Refusal.Code
        let way: String
        let cause: @Sendable (RefusalWorld) async throws -> Refusal.Code?

        init(
            _ code: Refusal.Code, _ way: String,
            _ cause: @escaping @Sendable (RefusalWorld) async throws -> Refusal.Code?
        ) { (self.code, self.way, self.cause) = (code, way, cause) }
    }

    /// Those of the ways of presenting oneself that come later.
    static let later: Set<Refusal.Code> = [.code, .card, .mandate, .breakglass]

    @Test func everyCodeIsSeen() async throws {
        let ways = Self.forms + Self.proofs + Self.ceremonies + Self.records + Self.parties + Self.states + Self.persons
        try await Country.run(seed: 281) { country in
            let world = try await RefusalWorld(country)
            var seen: Set<Refusal.Code> = []
            for way in ways {
                let code: Refusal.Code?
                do { code = try await way.cause(world) } catch { code = (error as? Refusal)?.code }
                #expect(code == way.code, "\(way.code): \(way.way)")
                if let code { seen.insert(code) }
            }
            let unseen = Set(Refusal.Code.allCases).subtracting(seen)
            #expect(unseen == Self.later, "not seen: \(unseen.subtracting(Self.later))")
        }
    }

    // MARK: Forms (2)

    private static let forms: [Way] = [
        Way(.length, "a body that is no list") { await $0.code(.decide, [1, 2, 3], as: $0.names.hospitalA) },
        Way(.trailing, "a field too many") { world in
            let query = HeadQuery(transcryptor: world.t1, handle: .zero, counter: 0, time: 0).bytes
            return await world.code(.head, Wire.list([Wire.list(try Wire.elements(of: query) + [[]]), []]), as: nil)
        },
        Way(.label, "a query in the place of a receipt") { world in
            let query = HeadQuery(transcryptor: world.t1, handle: .zero, counter: 0, time: 0).bytes
            let body = Wire.list([query, [UInt8](repeating: 0, count: 64)])
            return await world.code(.receipt, body, as: world.names.hospitalA)
        },
        Way(.text, "a party id that is no name") { world in
            let query = pack(
                .query, [0xff], [UInt8](repeating: 0, count: 16), UInt64(0).bigEndianBytes, UInt64(0).bigEndianBytes)
            return await world.code(.head, Wire.list([query, []]), as: nil)
        },
        Way(.point, "a row of a pseudonym that is no point") { world in
            let body = try RefusalWorld.changed(try world.last(.row), 1) { _ in [UInt8](repeating: 0xff, count: 64) }
            return await world.code(.row, body, as: world.names.numberCentre)
        },
        Way(.scalar, "a contribution whose proof is no scalar") { world in
            let body = try RefusalWorld.changed(try world.last(.enrol), 2) { list in
                try RefusalWorld.changed(list, 1) {
                    try RefusalWorld.changed($0, 2) { _ in [UInt8](repeating: 0xff, count: 64) }
                }
            }
            return await world.code(.enrol, body, as: world.names.numberCentre)
        },
        Way(.number, "a number that was never issued") { world in
            let (centre, number) = (
                try world.country.numberCentre(), PersonalNumber(from: world.country.random("nobody"))
            )
            let act = try await centre.invalidationAct(number)
            return await world.code { try await centre.invalidate(number, act, world.country.officially(act)) }
        },
    ]

    // MARK: Proofs (3, 6, 8)

    private static let proofs: [Way] = [
        Way(.knowledge, "the proof of another contribution") { world in
            let body = try RefusalWorld.changed(try world.last(.enrol), 2) { list in
                let parts = try Wire.elements(of: list).map { try Wire.elements(of: $0) }
                return Wire.list([
                    Wire.list(parts[0]), Wire.list([parts[1][0], parts[1][1], parts[2][2]]), Wire.list(parts[2]),
                ])
            }
            return await world.code(.enrol, body, as: world.names.numberCentre)
        },
        Way(.equality, "another row proof in a presentation") { try await $0.finding { $0[17] ^= 1 } },
        Way(.padding, "a byte behind the signature of a presentation") { try await $0.finding { $0[511] = 1 } },
        Way(.presentation, "another signature in a presentation") { try await $0.finding { $0[90] ^= 1 } },
        Way(.seal, "a box with one bit changed") { try await $0.finding(breaking: true) { _ in } },
        Way(.row, "a handle that nobody has") { try await $0.finding { $0[5] ^= 1 } },
        Way(.signature, "a Request that the gateway did not sign") { world in
            await world.code(
                changing: .decide,
                { body in
                    let call = try DecideCall(body: body)
                    let forged = SignedRequest(
                        request: call.request.request, gateway: [UInt8](repeating: 1, count: 64),
                        person: call.request.person)
                    return DecideCall(
                        request: forged, origins: call.origins, records: call.records, ties: call.ties
                    ).body
                }, in: world.find)
        },
        Way(.reshuffle, "a step with another factor") { world in
            try await world.find()
            let call = try DecideCall(body: try world.last(.decide))
            let incoming = try await world.node.incoming(call.request, from: world.names.hospitalA, .later)
            let chain = try world.node.chain(incoming, 0)
            let first = try world.node.step(chain, secret: chain.legs[1].step.id, to: chain.destination)
            let legs = Array(chain.legs.prefix(1))
            let request = ChainRequest(
                requestDigest: incoming.request.digest,
                held: [try EncryptedPseudonym(wire: incoming.content.items[0].bytes)], at: chain.source,
                to: chain.destination, legs: legs, key: world.country.pins.ceremony.pseudonyms.key)
            return await world.code { _ = try request.verify([first], keys: world.node.stepKeys(incoming.directory)) }
        },
        Way(.sameDomain, "a step between equal points") { world in
            try await world.find()
            let call = try DecideCall(body: try world.last(.decide))
            let incoming = try await world.node.incoming(call.request, from: world.names.hospitalA, .later)
            let chain = try world.node.chain(incoming, 0)
            let (step, point) = (chain.legs[0].step, chain.legs[0].source)
            let leg = RouteLeg(step: step, source: point, destination: point)
            let request = ChainRequest(
                requestDigest: incoming.request.digest,
                held: [try EncryptedPseudonym(wire: incoming.content.items[0].bytes)], at: chain.source,
                to: chain.source, legs: [leg], key: world.country.pins.ceremony.pseudonyms.key)
            guard let held = world.node.secrets.steps[step.id] else { return nil }
            let factor = try StepFactor(held.secret, from: chain.source, to: chain.source, leg: leg)
            let made = try world.node.secrets.maker.step(
                request, after: [], holder: 1, factor: factor, fresh: world.node.fresh())
            return await world.code { _ = try request.verify([made], keys: world.node.stepKeys(incoming.directory)) }
        },
        Way(.route, "a step that the transcryptor does not hold") { world in
            await world.code(
                changing: .reshuffle,
                { body in
                    let call = try ReshuffleCall(body: body)
                    return ReshuffleCall(
                        request: call.request, target: 0, steps: [Step(bytes: [1]), Step(bytes: [2])]
                    ).body
                }, in: world.find)
        },
        Way(.chainIncomplete, "a release without the last step") { world in
            await world.code(
                changing: .release,
                { body in
                    let call = try ReleaseCall(body: body)
                    return ReleaseCall(
                        request: call.request, intents: call.intents, chains: call.chains.map { $0.dropLast() }
                    ).body
                }, in: world.find)
        },
        Way(.share, "a Share of another index") { world in
            let t2 = world.names.transcryptors[1]
            guard let node = world.country.network.node(t2) as? TranscryptorNode else { return nil }
            let recipient = try world.country.gateway(world.names.hospitalA).requester.secrets
            world.country.network.setLie(t2) { call, body, honest in
                guard call == .release, var answer = try? ReleaseCall.Answer(wire: honest),
                    let request = try? ReleaseCall(body: body).request.request
                else { return nil }
                let info = pack(.sealedShare, sha512(request).bytes, [PSN.byte], [2], recipient.id.bytes)
                guard
                    var plain = try? recipient.opening.open(
                        answer.shares[0], info: info, forbidden: world.country.pins.forbidden)
                else { return nil }
                plain[5] = 3
                answer.shares[0] =
                    (try? Seal.seal(
                        plain, to: recipient.opening.element, info: info, sender: node.secrets.z, fresh: node.fresh()))
                    ?? []
                return answer.bytes
            }
            defer { world.country.network.setLie(t2, nil) }
            return await world.code {
                let shown = try await world.country.present(world.patient.resident, at: world.names.hospitalA)
                _ = try await world.country.gateway(world.names.hospitalA).identify(
                    shown, for: world.country.use(), by: try world.country.doctor(world.names.hospitalA))
            }
        },
    ]
}
