import Polymorphic
import Ristretto255
import Simulation

/// The kinds of exchange that are measured, with the multiplications that the protocol needs for each.
enum ExchangeKindMeasured: String, CaseIterable, Sendable {
    case identify
    case identifyFind = "identify_find"
    case find
    case fetch1, fetch10, fetch100
    case deposit245
    case study256

    /// Counted while the model of the protocol runs (Tests/Vectors/model/bench.py, README section Cost, of which
    /// fetches of other sizes and a batch of 256 are by the same program): multiplications of a variable base, and of a
    /// fixed one. The device's are inside.
    var multiplications: (variable: Double, fixed: Double) {
        switch self {
        case .identify: (146, 34)
        case .identifyFind: (259, 57)
        case .find: (113, 23)
        case .fetch1: (30, 9)
        case .fetch10: (138, 18)
        case .fetch100: (1_218, 108)
        case .deposit245: (1_111, 1_250)
        case .study256: (16_179, 1_044)
        }
    }

    /// So many of them are one measurement.
    var repeats: Int {
        switch self {
        case .identify, .find, .fetch1, .fetch10: 24
        case .identifyFind: 16
        case .fetch100: 6
        case .deposit245: 3
        case .study256: 2
        }
    }
}

/// What single pieces of an exchange cost here and now: the floor's multiplications, and what the rest is made of.
struct ExchangeUnits {
    private let secret: SharedScalar
    private let points: [Point]
    private let signer: Signer
    private let message: [UInt8]
    private let signature: [UInt8]
    private let encodings: [Bytes32]
    private let kilobytes = [UInt8](repeating: 7, count: 64 << 10)

    init() throws {
        let random = SeededRandom(seed: 11)
        secret = SharedScalar(random)
        points = (0..<64).map { _ in Point(uniform: random.draw()) }
        signer = Signer(random)
        message = random.bytes(200)
        signature = signer.key.sign(message)
        encodings = try points.map { try Element($0).encoding }
    }

    /// Microseconds of CPU of this thread for one of each.
    struct Costs: Sendable {
        /// A multiplication of a variable base, and of the fixed one.
        var variable = 0.0
        var fixed = 0.0
        var sign = 0.0
        var verify = 0.0
        /// Decoding a point.
        var decode = 0.0
        /// SHA-512 of a KiB.
        var hash = 0.0
    }

    func measure() throws -> Costs {
        var costs = Costs()
        costs.variable = timed(64) { for point in points { _ = secret.value.times(point) } }
        costs.fixed = timed(64) { for _ in 0..<64 { _ = secret.value.timesGenerator() } }
        costs.sign = timed(16) { for _ in 0..<16 { _ = signer.key.sign(message) } }
        costs.verify = try timed(16) {
            for _ in 0..<16 { try signer.key.verifyingKey.verify(signature, over: message) }
        }
        costs.decode = try timed(64) { for encoding in encodings { _ = try Element(decoding: encoding.bytes) } }
        costs.hash = timed(64) { _ = sha512(kilobytes) }
        return costs
    }

    private func timed(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        let start = threadNanoseconds()
        try body()
        return Double(threadNanoseconds() - start) / 1_000 / Double(count)
    }
}
