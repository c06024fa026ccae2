import Polymorphic
import Ristretto255

/// The keys of a small country: three transcryptors after their ceremony, and parties. No stores, no network.
public struct KeyedCountry: Sendable {
    public let transcryptors: [KeyedTranscryptor]
    public let pseudonyms: SharedKey<PSN>
    public let recordKeys: SharedKey<KEM>
    public var route: Route { .production }
    private let random: any RandomSource

    /// Runs the key ceremony of both classes, and deals the halves of the step secrets.
    public init(from random: any RandomSource) throws {
        func make(_ random: some RandomSource) throws -> KeyedCountry {
            let parties = try (1...3).map { try KeyedParty("t\($0)", random) }
            let signers = parties.map(\.signer)
            let psn = try Self.ceremony(PSN.self, signers, random)
            let kem = try Self.ceremony(KEM.self, signers, random)
            let forbidden = [psn.key.key.element, kem.key.key.element]
            var steps: [UInt8: [Name: SharedStep]] = [:]
            for step in Route.production.steps {
                for (holder, secret) in try Self.deal(step, parties, forbidden, random) {
                    steps[holder, default: [:]][step.id] = secret
                }
            }
            let transcryptors = try (0..<3).map { position in
                try KeyedTranscryptor(
                    index: UInt8(position + 1), party: parties[position], psn: psn.shares[position],
                    kem: kem.shares[position], steps: steps[UInt8(position + 1)] ?? [:], random)
            }
            return KeyedCountry(transcryptors, psn.key, kem.key, random)
        }
        self = try make(random)
    }

    private init(
        _ transcryptors: [KeyedTranscryptor], _ pseudonyms: SharedKey<PSN>, _ recordKeys: SharedKey<KEM>,
        _ random: any RandomSource
    ) {
        (self.transcryptors, self.pseudonyms, self.recordKeys) = (transcryptors, pseudonyms, recordKeys)
        self.random = random
    }

    /// The class keys, which no sealed box may be made with.
    public var forbidden: [Element] { [pseudonyms.key.element, recordKeys.key.element] }

    /// The signing key of each transcryptor.
    public var keys: [UInt8: VerifyingKey] {
        Dictionary(uniqueKeysWithValues: transcryptors.map { ($0.index, $0.signer.key.verifyingKey) })
    }

    /// The route between two domains, with its published factor points.
    public func legs(from source: Domain, to destination: Domain) throws -> [RouteLeg] {
        try route.steps.map { step in
            guard let holder = transcryptors.first(where: { step.holders.contains($0.index) }) else {
                throw Refusal(.route)
            }
            return RouteLeg(
                step: step, source: try holder.point(step.id, source),
                destination: try holder.point(step.id, destination))
        }
    }

    private struct Made<Class: KeyClass> {
        let key: SharedKey<Class>
        let shares: [Held<Class>]
    }

    private static func ceremony<Class: KeyClass>(
        _ type: Class.Type, _ signers: [Signer], _ random: some RandomSource
    ) throws -> Made<Class> {
        typealias Ceremony = KeyCeremony<Class>
        let roll = try Ceremony.Roll(ceremony: random.draw(), t: 2, keys: signers.map { $0.key.verifyingKey })
        let rooms = try (1...3).map { try CeremonyRoom<Class>(roll, UInt8($0), random) }
        let statements = Dictionary(uniqueKeysWithValues: rooms.map { ($0.index, $0.state(signers)) })
        let commitments = try Dictionary(uniqueKeysWithValues: rooms.map { ($0.index, try $0.reveal(statements)) })
        for room in rooms { try room.deal(commitments, signers, random) }
        let boxes = rooms.map { ($0.index, $0.boxes) }  // before any room closes
        let results = try rooms.map { room in
            let mine = boxes.compactMap { (dealer, all) in all[room.index].map { (dealer, $0) } }
            return try room.finish(Dictionary(uniqueKeysWithValues: mine))
        }
        guard let first = results.first else { throw Refusal(.participants) }
        return Made(key: first.key, shares: results.map(\.share))
    }

    /// The dealing of the halves of one step: what each holder ends with.
    private static func deal(
        _ step: RouteStep, _ parties: [KeyedParty], _ forbidden: [Element], _ random: some RandomSource
    ) throws -> [UInt8: SharedStep] {
        let recipients = step.holders.map { ($0, parties[Int($0) - 1].key) }
        let roll = try StepCeremony.Roll(
            ceremony: random.draw(), step: step, recipients: Dictionary(uniqueKeysWithValues: recipients))
        let rooms = try step.holders.map { try StepRoom(roll, $0, parties[Int($0) - 1], random) }
        let openings = Dictionary(
            uniqueKeysWithValues: rooms.compactMap { room in room.opening.map { (room.index, $0) } })
        for room in rooms { try room.reveal(openings, random) }
        let boxes = rooms.map { ($0.index, $0.boxes) }  // before any room closes
        return try Dictionary(
            uniqueKeysWithValues: rooms.map { room in
                let mine = boxes.compactMap { (sender, all) in all[room.index].map { (sender, $0) } }
                return (room.index, try room.finish(Dictionary(uniqueKeysWithValues: mine), forbidden: forbidden))
            })
    }
}

/// A signing key that several objects of one node use.
public final class Signer: Sendable {
    public let key: SigningKey
    public init(_ random: some RandomSource) { key = SigningKey(from: random) }
}

/// A class share by reference.
public final class Held<Class: KeyClass>: Sendable {
    public let share: ClassShare<Class>
    init(_ share: consuming ClassShare<Class>) { self.share = share }
}

/// A step secret by reference.
public final class SharedStep: Sendable {
    public let secret: StepSecret
    init(_ secret: consuming StepSecret) { self.secret = secret }
}
