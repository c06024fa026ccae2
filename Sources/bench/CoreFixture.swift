import CSodium
import Polymorphic
import Ristretto255
import Simulation

/// A batch of m pseudonyms on its way from one party to another, and all that its operations need.
struct CoreFixture {
    let country: KeyedCountry
    let source: KeyedParty
    let destination: KeyedParty
    let random = SeededRandom(seed: 20_261_124)
    let legs: [RouteLeg]
    let factors: [StepFactor]

    init() throws {
        country = try KeyedCountry(from: random)
        (source, destination) = (try KeyedParty("hospital-a", random), try KeyedParty("medical", random))
        legs = try country.legs(from: source.domain, to: destination.domain)
        let holders = [0, 0, 1].map { [country = country] in country.transcryptors[$0] }
        factors = try zip(holders, legs).map { [source = source, destination = destination] in
            try $0.factor($1, from: source.domain, to: destination.domain)
        }
    }

    /// Wire bytes of m ciphertexts, 64 bytes each. Random pairs: the algebra does not ask whom they stand for.
    func batch(_ m: Int) throws -> [[UInt8]] {
        try (0..<m).map { _ in
            let pair = [UInt8](try Element(Point(uniform: random.draw())).encoding.bytes)
            return pair + (try Element(Point(uniform: random.draw())).encoding.bytes)
        }
    }

    func chain(_ wire: [[UInt8]]) throws -> ChainRequest {
        ChainRequest(
            requestDigest: sha512(Array("bench".utf8)), held: try wire.map { try EncryptedPseudonym(wire: $0) },
            at: source.domain, to: destination.domain, legs: legs, key: country.pseudonyms.key)
    }

    /// The three steps of a chain, by transcryptors 1, 1 and 2.
    func steps(_ chain: ChainRequest) throws -> [Step] {
        var steps: [Step] = []
        for (position, factor) in factors.enumerated() {
            let maker = country.transcryptors[position == 2 ? 1 : 0]
            steps.append(
                try maker.maker.step(
                    chain, after: steps, holder: maker.index, factor: factor, fresh: random.draw()))
        }
        return steps
    }
}

/// libpep's work for one item, done with plain libsodium calls: reshuffle-and-rekey plus rerandomise, without any
/// proof: 3 variable-base and 1 fixed-base multiplications and 2 additions.
struct SodiumFloor {
    private var point = [UInt8](repeating: 0, count: 32)
    private var scalar = [UInt8](repeating: 0, count: 32)

    init() {
        crypto_core_ristretto255_random(&point)
        crypto_core_ristretto255_scalar_random(&scalar)
    }

    func item() {
        var (a, b, c, d) = (point, point, point, point)
        for _ in 0..<1 {
            _ = crypto_scalarmult_ristretto255(&a, scalar, point)
            _ = crypto_scalarmult_ristretto255(&b, scalar, point)
            _ = crypto_scalarmult_ristretto255(&c, scalar, point)
            _ = crypto_scalarmult_ristretto255_base(&d, scalar)
            var sum = a
            _ = crypto_core_ristretto255_add(&sum, a, d)
            _ = crypto_core_ristretto255_add(&sum, b, c)
        }
    }
}
