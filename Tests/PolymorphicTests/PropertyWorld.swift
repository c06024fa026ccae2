import PropertySupport
import Ristretto255

@testable import Polymorphic

/// A secret scalar that a test passes around.
final class SecretBox: Sendable {
    let scalar: SecretScalar
    init(_ scalar: consuming SecretScalar) { self.scalar = scalar }
}

/// One step secret.
final class StepBox: Sendable {
    let secret: StepSecret
    init(_ secret: consuming StepSecret) { self.secret = secret }
}

/// A party with all its keys.
final class Party: Sendable {
    let id: PartyID
    let epoch: UInt32
    let key: OpeningKey
    let partyKey: PartyKey
    let signer: SigningKey

    init(_ name: String, epoch: UInt32 = 1, _ random: Seeded) throws {
        id = try PartyID(name)
        self.epoch = epoch
        key = OpeningKey(from: random)
        let possession = key.provePossession(party: id, keyEpoch: 1, fresh: random.draw())
        partyKey = try PartyKey(party: id, keyEpoch: 1, element: key.element, possession: possession)
        signer = SigningKey(from: random)
    }

    var domain: Domain { .party(id, epoch: epoch) }
}

/// One transcryptor with all its secrets.
final class Transcryptor: Sendable {
    let index: UInt8
    let psn: ClassShare<PSN>
    let kem: ClassShare<KEM>
    let maker: ShareMaker
    let verifyingKey: VerifyingKey
    let tokens: HeldTokenKeys
    let tickets: TicketKeys

    init(_ index: UInt8, psn: SecretBox, kem: SecretBox, shareEpoch: UInt32 = 1, _ random: Seeded) throws {
        self.index = index
        self.psn = try ClassShare(index: index, shareEpoch: shareEpoch, secret: psn.scalar.explicitCopy())
        self.kem = try ClassShare(index: index, shareEpoch: shareEpoch, secret: kem.scalar.explicitCopy())
        let signer = SigningKey(from: random)
        verifyingKey = signer.verifyingKey
        maker = ShareMaker(signer: signer, sender: random.secret())
        tokens = HeldTokenKeys(KeyRing(id: 1, key: SecretBytes(count: 32, from: random)))
        tickets = TicketKeys(KeyRing(id: 1, key: SecretBytes(count: 32, from: random)))
    }
}

/// A person as only a test knows one: with the base point in the clear.
struct Person {
    let base: Point
    let pp: PolymorphicPseudonym
    let row: Bytes16
}

/// A whole installation in memory, from a seed: class keys from a ceremony without a dealer, a route, transcryptors and
/// parties. What it computes goes through the interfaces that the service uses.
final class World: Sendable {
    let random: Seeded
    let route: Route
    let psn: SharedKey<PSN>
    let kem: SharedKey<KEM>
    let transcryptors: [Transcryptor]
    let secrets: [Name: StepBox]
    let keys: [UInt8: VerifyingKey]
    let hospital: Party
    let medical: Party
    let pharmacy: Party

    init(_ name: String, route: Route = .production) throws {
        let random = Seeded(name)
        let (psn, psnShares) = try Ceremony.make(PSN.self, n: route.n, t: route.t, random)
        let (kem, kemShares) = try Ceremony.make(KEM.self, n: route.n, t: route.t, random)
        transcryptors = try (1...route.n).map { index in
            try Transcryptor(index, psn: psnShares[Int(index) - 1], kem: kemShares[Int(index) - 1], random)
        }
        var secrets: [Name: StepBox] = [:]
        for step in route.steps {
            let first = SecretBytes(count: 32, from: random)
            let second = SecretBytes(count: 32, from: random)
            secrets[step.id] = StepBox(StepSecret(halves: first, second))
        }
        self.secrets = secrets
        (self.random, self.route, self.psn, self.kem) = (random, route, psn, kem)
        keys = Dictionary(uniqueKeysWithValues: transcryptors.map { ($0.index, $0.verifyingKey) })
        hospital = try Party("hospital-a", random)
        medical = try Party("medical", random)
        pharmacy = try Party("pharmacy", random)
    }

    var parties: [Party] { [hospital, medical, pharmacy] }
    var forbidden: [Element] { [psn.key.element, kem.key.element] }
    func transcryptor(_ index: UInt8) -> Transcryptor { transcryptors[Int(index) - 1] }

    // MARK: Persons

    func encrypt<S: Scope>(_ point: Point, as scope: S.Type = S.self) throws -> Ciphertext<PSN, S> {
        let r = random.secret()
        return Ciphertext(
            Pair(b: try Element(r.timesGenerator()), c: try Element(point + r.times(psn.key.element.point))))
    }

    func person() throws -> Person {
        let base = random.point()
        return Person(base: base, pp: try encrypt(base), row: random.draw())
    }

    func requestDigest() -> Bytes64 { random.draw() }

    /// `s_X * P`, which nobody but a test can compute.
    func pseudonym(_ base: Point, at domain: Domain) throws -> Bytes32 {
        var point = base
        for step in route.steps { point = secret(step.id).secret.factor(for: domain).times(point) }
        return point.encoding
    }

    // MARK: Chains

    func secret(_ id: Name) -> StepBox {
        guard let box = secrets[id] else { preconditionFailure("no such step") }
        return box
    }

    func legs(_ source: Domain, _ destination: Domain) throws -> [RouteLeg] {
        try route.steps.map { step in
            let box = secret(step.id)
            return RouteLeg(
                step: step, source: try box.secret.factorPoint(for: source),
                destination: try box.secret.factorPoint(for: destination))
        }
    }

    func chain(_ person: Person, to party: Party, _ rd: Bytes64? = nil) throws -> ChainRequest {
        ChainRequest(
            requestDigest: rd ?? requestDigest(), presented: person.pp, to: party.domain,
            legs: try legs(.base, party.domain), key: psn.key)
    }

    func chain(
        _ held: [EncryptedPseudonym], from source: Party, to party: Party, _ rd: Bytes64? = nil
    ) throws -> ChainRequest {
        ChainRequest(
            requestDigest: rd ?? requestDigest(), held: held, at: source.domain, to: party.domain,
            legs: try legs(source.domain, party.domain), key: psn.key)
    }

    func factor(_ chain: ChainRequest, _ k: Int) throws -> StepFactor {
        let leg = chain.legs[k - 1]
        return try StepFactor(secret(leg.step.id).secret, from: chain.source, to: chain.destination, leg: leg)
    }

    /// The next step, by the first of `participants` who holds it.
    func step(_ chain: ChainRequest, after before: [Step], by participants: [UInt8], as factor: StepFactor? = nil)
        throws -> Step
    {
        let leg = chain.legs[before.count]
        guard let holder = participants.first(where: { leg.step.holders.contains($0) }) else { throw Refusal(.route) }
        return try Step(
            chain, after: before, holder: holder, factor: factor ?? self.factor(chain, before.count + 1),
            signer: transcryptor(holder).maker.signer, fresh: random.draw())
    }

    func steps(_ chain: ChainRequest, by participants: [UInt8]) throws -> [Step] {
        var steps: [Step] = []
        for _ in chain.legs { steps.append(try step(chain, after: steps, by: participants)) }
        return steps
    }

    func verified(_ chain: ChainRequest, by participants: [UInt8] = [1, 2]) throws -> VerifiedChain {
        try chain.verify(steps(chain, by: participants), keys: keys)
    }

    // MARK: Shares

    func tokens(
        _ chain: VerifiedChain, _ permits: [Bool], at party: Party, rows: [Bytes16]? = nil, by index: UInt8
    ) throws -> [HeldToken] {
        let place = HeldToken.Place(party: party.id, epoch: party.epoch, yGeneration: 1)
        return try chain.permitted(permits).enumerated().map { item, ciphertext in
            try transcryptor(index).tokens.token(
                for: rows?[item] ?? random.draw(), ciphertext, at: place, fresh: random.draw())
        }
    }

    func share(
        _ chain: VerifiedChain, _ permits: [Bool], to party: Party, rows: [Bytes16]? = nil, by index: UInt8
    ) throws -> SealedShare {
        let t = transcryptor(index)
        return try t.maker.share(
            chain, permits: permits, with: t.psn, to: party.partyKey,
            tokens: tokens(chain, permits, at: party, rows: rows, by: index), tickets: [],
            fresh: (random.draw(), random.draw()))
    }

    func expectation(
        _ chain: VerifiedChain, _ permits: [Bool], at party: Party, from index: UInt8
    ) throws -> ShareExpectation<PSN> {
        try ShareExpectation(
            chain, permits: permits, from: index, in: psn, shareEpoch: 1, recipient: party.key, party: party.id,
            signer: transcryptor(index).verifyingKey)
    }

    func open(
        _ sealed: SealedShare, _ chain: VerifiedChain, _ permits: [Bool], at party: Party, from index: UInt8
    ) throws -> VerifiedShare<PSN> {
        try expectation(chain, permits, at: party, from: index).open(sealed, with: party.key, forbidden: forbidden)
    }

    func pseudonyms(
        _ chain: VerifiedChain, permits: [Bool]? = nil, at party: Party, by participants: [UInt8] = [1, 2]
    ) throws -> [Pseudonym] {
        let permits = permits ?? [Bool](repeating: true, count: chain.outputs.count)
        let shares = try participants.map { index in
            try open(share(chain, permits, to: party, by: index), chain, permits, at: party, from: index)
        }
        return try party.key.unmasking(psn.key).pseudonyms(chain, permits: permits, shares, participants: participants)
    }

    // MARK: Records

    func header(_ author: Party, category: String = "LAB", previous: Bytes32 = .zero) throws -> RecordHeader.Draft {
        RecordHeader.Draft(
            recordID: random.draw(), yGeneration: 1, author: author.id, category: try Name(category),
            minute: 29_000_000,
            dataMinute: 28_999_000, previous: previous)
    }

    func sealer(_ draft: RecordHeader.Draft, _ author: Party, subject: SubjectPair) throws -> EnvelopeSealer {
        try EnvelopeSealer(
            draft, subject: subject, key: kem.key, author: author.key.z,
            fresh: (random.draw(), random.draw(), random.draw()))
    }

    func subject() throws -> SubjectPair { SubjectPair(try encrypt(random.point(), as: AtParty.self).pair) }

    /// The Shares of a record's key, as an entitled reader gets and verifies them.
    func keyShares(
        _ header: RecordHeader, for party: Party, row: Bytes16, by participants: [UInt8] = [1, 2]
    ) throws -> [VerifiedShare<KEM>] {
        let rd = requestDigest()
        return try participants.map { index in
            let t = transcryptor(index)
            let record = try t.tickets.admit(header, t.tickets.ticket(for: header.hash, of: row), of: row)
            let sealed = try t.maker.share(
                [record], permits: [true], requestDigest: rd, with: t.kem, to: party.partyKey,
                fresh: (random.draw(), random.draw()))
            return try ShareExpectation<KEM>(
                [header], permits: [true], requestDigest: rd, from: index, in: kem, shareEpoch: 1, recipient: party.key,
                party: party.id, signer: t.verifyingKey
            ).open(sealed, with: party.key, forbidden: forbidden)
        }
    }

    /// The key of a record by t Shares.
    func recordKey(
        _ header: RecordHeader, for party: Party, row: Bytes16 = .zero, by participants: [UInt8] = [1, 2]
    ) throws -> RecordKey {
        let shares = try keyShares(header, for: party, row: row, by: participants)
        return try party.key.unmasking(kem.key).recordKeys([header], shares, participants: participants)[0]
    }
}
