import Foundation
import Polymorphic
import Ristretto255
import Simulation

/// Does the time depend on the secret? Welch's t over fixed against random secrets, interleaved at random; |t| < 4.5
/// shows no difference (the method of dudect).
enum TimingBench {
    static let samples = 100_000

    static func run(_ fixture: CoreFixture, _ report: inout Report) throws {
        let random = fixture.random
        let point = Point(uniform: random.draw())
        var worst = 0.0
        let cases: [(String, (Bool) throws -> UInt64)] = [
            ("secret multiplication", multiplication(random, point)), ("factor application", try factor(random, point)),
            ("tag comparison", tag(random)), ("combine", try combine(fixture)),
        ]
        for (name, sample) in cases {
            let t = try welch(random, sample)
            worst = max(worst, abs(t))
            report.line("timing: \(name): |t| = \(fmt(abs(t))) over \(samples) samples")
        }
        report.add("core.timing.max_t", worst, "|t|", samples, "Welch, fixed against random secrets; below 4.5")
    }

    private static func timed(_ work: () throws -> Void) rethrows -> UInt64 {
        let start = wallNanoseconds()
        try work()
        return wallNanoseconds() - start
    }

    /// The class of a sample is drawn at random; its secret is prepared outside the time.
    private static func welch(_ random: SeededRandom, _ sample: (Bool) throws -> UInt64) throws -> Double {
        var values: [(fixed: Bool, time: Double)] = []
        values.reserveCapacity(samples)
        for choice in random.bytes(samples) {
            let fixed = choice & 1 == 0
            values.append((fixed, Double(try sample(fixed))))
        }
        // Interrupts and migrations fall on both classes alike; the slowest tenth is left out, by one bound for both.
        let bound = values.map(\.time).sorted()[samples * 9 / 10]
        let kept = values.filter { $0.time <= bound }
        let (a, b) = (kept.filter(\.fixed).map(\.time), kept.filter { !$0.fixed }.map(\.time))
        let (x, y) = (moments(a), moments(b))
        return (x.mean - y.mean) / (x.variance / Double(a.count) + y.variance / Double(b.count)).squareRoot()
    }

    private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
    }

    /// The fixed secret has few bits set, so that code that skips zeros shows.
    /// Both classes do the same work before the time starts, in fresh memory, so that only the value differs. The fixed
    /// secret has few bits set, so that code that skips zeros shows.
    private static func secret(_ fixed: Bool, _ random: SeededRandom) -> SharedZ {
        var drawn = Scalar(reducing: random.draw())
        if fixed { drawn = Scalar(UInt64(2)) }
        return SharedZ(SecretScalar(public: drawn))
    }

    private static func multiplication(_ random: SeededRandom, _ point: Point) -> (Bool) -> UInt64 {
        { fixed in
            let secret = secret(fixed, random)
            return timed { _ = secret.value.times(point) }
        }
    }

    private static func factor(_ random: SeededRandom, _ point: Point) throws -> (Bool) throws -> UInt64 {
        let party = try PartyID("hospital-a")
        return { fixed in
            let mask: UInt8 = fixed ? 0 : 255
            let secret = StepSecret(SecretBytes(copying: random.bytes(32).map { $0 & mask }))
            return timed { _ = secret.factor(for: .party(party, epoch: 1)).times(point) }
        }
    }

    /// The fixed tag differs in its first byte, the random one somewhere later: a comparison that stops early shows.
    private static func tag(_ random: SeededRandom) -> (Bool) -> UInt64 {
        let expected = random.bytes(64)
        return { fixed in
            let later = 1 + Int(random.bytes(1)[0] % 63)
            let place = fixed ? 0 : later
            let given = expected.indices.map { expected[$0] ^ ($0 == place ? 1 : 0) }
            return timed { for _ in 0..<64 { if constantTimeEquals(given, expected) { preconditionFailure("equal") } } }
        }
    }

    private static func combine(_ fixture: CoreFixture) throws -> (Bool) throws -> UInt64 {
        let operation = try CombineSample(fixture)
        return { fixed in
            let mask = operation.mask(secret(fixed, fixture.random).value.explicitCopy())
            return try timed { try operation.combine(mask) }
        }
    }
}

/// Combining one item under a given secret z of the recipient.
struct CombineSample {
    private let key: ClassKey<PSN>
    private let chain: VerifiedChain
    private let shares: [VerifiedShare<PSN>]
    private let recipient: Element

    init(_ fixture: CoreFixture) throws {
        let country = fixture.country
        key = country.pseudonyms.key
        let request = try fixture.chain(try fixture.batch(1))
        let chain = try request.verify(try fixture.steps(request), keys: country.keys)
        shares = try country.transcryptors.prefix(2).map { transcryptor in
            let token = try transcryptor.tokens.token(
                for: .zero, chain.outputs[0], at: .init(party: fixture.destination.id, epoch: 1, yGeneration: 1),
                fresh: fixture.random.draw())
            let box = try transcryptor.maker.share(
                chain, permits: [true], with: transcryptor.psn.share, to: fixture.destination.key, tokens: [token],
                tickets: [], fresh: (fixture.random.draw(), fixture.random.draw()))
            return try ShareExpectation<PSN>(
                chain, permits: [true], from: transcryptor.index, in: country.pseudonyms, shareEpoch: 1,
                recipient: fixture.destination.opening, party: fixture.destination.id,
                signer: transcryptor.signer.key.verifyingKey
            ).open(box, with: fixture.destination.opening, forbidden: country.forbidden)
        }
        self.chain = chain
        recipient = fixture.destination.opening.element
    }

    /// The mask of another z than the Shares were made for: the sums are of nobody, and take as long.
    func mask(_ z: consuming SecretScalar) -> SharedMask {
        SharedMask(Unmasking(mask: z.secretProduct(with: key.element.point), recipient: recipient))
    }

    func combine(_ mask: SharedMask) throws {
        _ = try mask.value.pseudonyms(chain, permits: [true], shares, participants: [1, 2])
    }
}
