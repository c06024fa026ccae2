import Polymorphic
import Ristretto255
import Simulation

/// The operations on a batch of m, ready to be timed.
struct CoreOperations {
    static let names = ["reshuffle", "verify", "share", "share_verify", "combine"]
    let subjects: [Subject]

    init(_ m: Int, _ fixture: CoreFixture) throws {
        let country = fixture.country
        let wire = try fixture.batch(m)
        let chain = try fixture.chain(wire)
        let (first, second) = (country.transcryptors[0], country.transcryptors[1])
        // A chain of one step, so that verifying it is verifying one step.
        let one = ChainRequest(
            requestDigest: chain.requestDigest, held: try wire.map { try EncryptedPseudonym(wire: $0) },
            at: fixture.source.domain, to: fixture.destination.domain, legs: [fixture.legs[0]],
            key: country.pseudonyms.key)
        let step = try first.maker.step(
            one, after: [], holder: 1, factor: fixture.factors[0], fresh: fixture.random.draw())
        let verified = try chain.verify(try fixture.steps(chain), keys: country.keys)
        let permits = [Bool](repeating: true, count: m)
        let tokens = try verified.outputs.map {
            try first.tokens.token(
                for: .zero, $0, at: .init(party: fixture.destination.id, epoch: 1, yGeneration: 1),
                fresh: fixture.random.draw())
        }
        let share: @Sendable (KeyedTranscryptor) throws -> SealedShare = { transcryptor in
            try transcryptor.maker.share(
                verified, permits: permits, with: transcryptor.psn.share, to: fixture.destination.key, tokens: tokens,
                tickets: [], fresh: (fixture.random.draw(), fixture.random.draw()))
        }
        let boxes = [try share(first), try share(second)]
        let expectations = try [first, second].map { transcryptor in
            try ShareExpectation<PSN>(
                verified, permits: permits, from: transcryptor.index, in: country.pseudonyms, shareEpoch: 1,
                recipient: fixture.destination.opening, party: fixture.destination.id,
                signer: transcryptor.signer.key.verifyingKey)
        }
        let opened = try zip(expectations, boxes).map {
            try $0.open($1, with: fixture.destination.opening, forbidden: country.forbidden)
        }
        let mask = SharedMask(fixture.destination.opening.unmasking(country.pseudonyms.key))
        subjects = [
            Subject(name: "reshuffle", items: m) {
                let fresh = try fixture.chain(wire)
                _ = try first.maker.step(
                    fresh, after: [], holder: 1, factor: fixture.factors[0], fresh: fixture.random.draw())
            },
            Subject(name: "verify", items: m) { _ = try one.verify([step], keys: country.keys) },
            Subject(name: "share", items: m) { _ = try share(first) },
            Subject(name: "share_verify", items: m) {
                _ = try expectations[0].open(boxes[0], with: fixture.destination.opening, forbidden: country.forbidden)
            },
            Subject(name: "combine", items: m) {
                _ = try mask.value.pseudonyms(verified, permits: permits, opened, participants: [1, 2])
            },
        ]
    }
}

/// The mask of a recipient by reference, for closures.
final class SharedMask: Sendable {
    let value: Unmasking<PSN>
    init(_ value: consuming Unmasking<PSN>) { self.value = value }
}

/// The multiplications of the cost table at the speed of our own engine.
struct EngineFloor {
    let subjects: [Subject]

    /// - Parameter m: how many points stand in one sum.
    init(_ m: Int) {
        let random = SeededRandom(seed: 7)
        let secret = SharedScalar(random)
        let points = (0..<m).map { _ in Point(uniform: random.draw()) }
        let wide = (0..<m).map { _ in Scalar(reducing: random.draw()) }
        let weights = (0..<m).map { _ in
            Scalar(weight: random.draw(Bytes16.self).withBytes { $0.load(as: UInt128.self) })
        }
        subjects = [
            Subject(name: "V", items: m) { for point in points { _ = secret.value.times(point) } },
            Subject(name: "F", items: 100) { for _ in 0..<100 { _ = secret.value.timesGenerator() } },
            Subject(name: "v", items: m) { _ = MultiScalar.publicSum(wide, points) },
            Subject(name: "h", items: m) { _ = MultiScalar.publicSum(weights, points, bits: 128) },
        ]
    }
}
