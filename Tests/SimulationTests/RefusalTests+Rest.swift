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

/// The rest of the table: ceremonies, records, parties, states and persons.
extension RefusalTests {
    // MARK: Ceremonies (4)

    static let ceremonies: [Way] = [
        Way(.opening, "commitments that were not the announced ones") { world in
            let random = world.country.random("a ceremony")
            let signers = try (1...3).map { try KeyedParty("p\($0)", random).signer }
            let roll = try KeyCeremony<PSN>.Roll(
                ceremony: random.draw(), t: 2, keys: signers.map { $0.key.verifyingKey })
            let rooms = try (1...3).map { try CeremonyRoom<PSN>(roll, $0, random) }
            let statements = Dictionary(uniqueKeysWithValues: rooms.map { ($0.index, $0.state(signers)) })
            var shown: [UInt8: KeyCeremony<PSN>.Commitment] = [:]
            for room in rooms { shown[room.index] = try room.reveal(statements) }
            shown[2] = shown[3]
            let commitments = shown
            return await world.code { try rooms[0].deal(commitments, signers, random) }
        },
        Way(.degree, "a polynomial of another degree") { world in
            await world.code { _ = try Commitments(wire: [], threshold: 2) }
        },
        Way(.constantTerm, "a resharing of something else") { world in
            let keys = world.country.pins.ceremony.pseudonyms
            return await world.code {
                try Commitments([keys.shares[0]]).verify(reshares: keys.shares[1], of: 1, by: [1, 2])
            }
        },
        Way(.subshare, "a subshare that lies on no polynomial") { world in
            let keys = world.country.pins.ceremony.pseudonyms
            let secret = SecretScalar(from: world.country.random("a subshare"))
            // A secret scalar is not copied, nor captured.
            try Commitments(keys.shares).verify(subshare: secret, for: 1)
            return nil
        },
    ]

    // MARK: Records (7)

    /// A deposit with the first Envelope changed on its way to the store.
    private static func envelope(
        _ world: RefusalWorld, _ name: String, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) async -> Refusal.Code? {
        await world.code(
            changing: .deliver, at: world.names.medical,
            { body in
                try RefusalWorld.changed(body, 5) { list in try RefusalWorld.changed(list, 0) { change($0) } }
            }, in: { try await world.deposit(name) })
    }

    /// The decision about a deposit with the first record changed on its way.
    private static func record(
        _ world: RefusalWorld, _ field: Int, _ bytes: [UInt8], in body: () async throws -> Void
    ) async -> Refusal.Code? {
        await world.code(
            changing: .decide,
            { body in
                try RefusalWorld.changed(body, 3) { list in
                    try RefusalWorld.changed(list, 0) { try RefusalWorld.changed($0, field) { _ in bytes } }
                }
            }, in: body)
    }

    static let records: [Way] = [
        Way(.magic, "another file in the place of an Envelope") { world in
            await envelope(world, "magic") { $0.prefix(4) + [UInt8(ascii: "X")] + $0.dropFirst(5) }
        },
        Way(.headerLength, "a header that is too long") { world in
            await envelope(world, String(repeating: "long ", count: 600)) {
                UInt32(1_025).bigEndianBytes + $0.dropFirst(4)
            }
        },
        Way(.envelopeLength, "an Envelope that is cut") { world in
            await envelope(world, "cut") { Array($0.dropLast(300)) }
        },
        Way(.record, "the header of another record") { world in
            let other = world.found[1].header.bytes
            return await record(world, 0, other) { try await world.deposit("record") }
        },
        Way(.prev, "the header of another previous record") { world in
            let other = world.found[1].header.bytes
            return await record(world, 5, other) {
                try await world.country.deposit(
                    [world.country.record("next", replacing: world.found[0])], of: world.patient)
            }
        },
        Way(.subject, "a record without a tie to its person") { world in
            try await world.deposit("tied")
            return try await world.recordFinding(tie: nil)
        },
        Way(.author, "a record of somebody else") { world in
            let prefix = try DecideCall(body: try world.last(.decide)).records.compactMap {
                if case .deposit(let deposit) = $0 { deposit } else { nil }
            }
            guard let deposit = prefix.first else { return nil }
            let author = try world.country.gateway(world.names.hospitalB).requester.secrets
            let rules = DepositRules(
                requester: author.id, authorKey: author.signer.verifyingKey,
                nowMinute: world.country.scheduler.now() / 60, yGeneration: 1, requestDigest: .zero,
                key: world.country.pins.ceremony.pseudonyms.key)
            return await world.code {
                try rules.verify(DepositRules.Record(prefix: deposit.prefix, bodyHash: deposit.bodyHash))
            }
        },
        Way(.ticket, "a Ticket of another record") { world in
            guard let ticket = world.found[0].record.tickets[0] else { return nil }
            return await world.code {
                try world.node.secrets.tickets.verify(ticket, for: world.found[1].header.hash, of: .zero)
            }
        },
        Way(.open, "a body that its store has changed") { world in
            world.country.network.setLie(world.names.medical) { call, _, answer in
                guard call == .bodies else { return nil }
                var bytes = answer
                bytes[bytes.count - 1] ^= 1
                return bytes
            }
            defer { world.country.network.setLie(world.names.medical, nil) }
            return await world.code {
                _ = try await world.country.gateway(world.names.hospitalA).fetch(
                    [world.found[0]], of: world.patient.atA, for: world.country.use(),
                    by: try world.country.doctor(world.names.hospitalA))
            }
        },
    ]

    // MARK: Parties (4.2, 8)

    static let parties: [Way] = [
        Way(.peer, "the Request of somebody else") { world in
            try await world.find()
            return await world.code(.decide, try world.last(.decide), as: world.names.hospitalB)
        },
        Way(.directory, "a hospital that enrols") {
            await $0.code(.contribute, try $0.last(.contribute), as: $0.names.hospitalA)
        },
        Way(.participants, "a Request that names others") {
            await $0.code(.decide, try $0.last(.decide), at: $0.names.transcryptors[2], as: $0.names.hospitalA)
        },
        Way(.policy, "a purpose that the role has not") { world in
            await world.code {
                _ = try await world.country.found(
                    of: world.patient, for: world.country.use(.physician, purpose: .recall))
            }
        },
        Way(.source, "a pseudonym of an epoch that is not in use") { world in
            let requester = try world.country.gateway(world.names.hospitalA).requester
            let (holdings, person) = (requester.holdings, world.patient.atA)
            let known = try await requester.store.read { try holdings.get(person, $0) }
            guard let known else { return nil }
            let other = KnownPerson(pseudonym: person, epoch: 9, pair: known.pair, tokens: known.tokens)
            try await requester.store.transaction { try holdings.put(other, $0) }
            let code = await world.code { try await world.find() }
            try await requester.store.transaction { try holdings.put(known, $0) }
            return code
        },
        Way(.target, "a target that the Request does not name") { world in
            await world.code(
                changing: .reshuffle, { try RefusalWorld.changed($0, 2) { _ in UInt16(5).bigEndianBytes } },
                in: world.find)
        },
    ]

    // MARK: States (8, 10)

    static let states: [Way] = [
        Way(.conflict, "other bytes under a known exchange") { world in
            try await world.find()
            let body = try RefusalWorld.changed(try world.last(.decide), 1) { signatures in
                try RefusalWorld.changed(signatures, 0) { _ in [UInt8](repeating: 1, count: 64) }
            }
            return await world.code(.decide, body, as: world.names.hospitalA)
        },
        Way(.intent, "a call of an exchange that was not decided here") {
            await $0.code(.reshuffle, try $0.last(.reshuffle), at: $0.names.transcryptors[2], as: $0.names.hospitalA)
        },
        Way(.head, "a question to another transcryptor") { world in
            _ = try await world.patient.resident.phone.history()
            return await world.code(.head, try world.last(.head), at: world.names.transcryptors[1], as: nil)
        },
        Way(.time, "a question of long ago") { world in
            let body = try world.last(.head)
            await world.country.wait(seconds: 200)
            return await world.code(.head, body, as: nil)
        },
        Way(.ledger, "a record that the Ledger has not") {
            await $0.code(.record, Wire.list([[UInt8](repeating: 7, count: 32)]), at: $0.names.ledger, as: $0.t1)
        },
        Way(.unavailable, "an enrolment while one transcryptor is away") { world in
            let t2 = world.names.transcryptors[1]
            world.country.network.setDown(t2, true)
            defer { world.country.network.setDown(t2, false) }
            return await world.code { _ = try await world.country.enrol("somebody else") }
        },
    ]

    // MARK: Persons (9)

    static let persons: [Way] = [
        Way(.pending, "a wide consent that nobody confirmed") { world in
            try await world.told("generous") {
                _ = try await $0.give(try world.country.terms(to: world.names.hospitalA, days: 40))
            }
        },
        Way(.consent, "nothing agreed at all") { world in try await world.told("reserved") { _ in } },
        Way(.quota, "more than a party may ask in a day") { world in
            let country = world.country
            var policy = PolicyDocument.standard(version: 2, notBefore: Instant(Int64(country.scheduler.now())))
            policy.quotas = [Quota(id: try Name("party-day"), scope: .party, purpose: nil, items: 0, seconds: 86_400)]
            let act = try country.authority().act("policy", sha512(policy.bytes).bytes)
            try await country.authority().publish(policy, act, country.officerApprovals(act))
            await country.wait(seconds: 61)
            return await world.code { try await world.find() }
        },
    ]
}

extension RefusalWorld {
    /// Why a new person's use was refused, as the person alone is told; the requester learns only that it was.
    func told(_ name: String, after agreeing: (Phone) async throws -> Void) async throws -> Refusal.Code? {
        let resident = try await country.enrol(name)
        try await agreeing(resident.phone)
        let ended = await failure {
            _ = try await country.gateway(names.hospitalA).identify(
                try await country.present(resident, at: names.hospitalA), for: country.use(),
                by: try country.doctor(names.hospitalA))
        }
        #expect(ended == .notPermitted)
        await country.wait(seconds: 3)
        let words = try await resident.phone.history().uses.first?.words[1]
        return words.flatMap { Refusal.Code(rawValue: $0.reason) }
    }
}
