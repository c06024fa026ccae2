import TransparencyLog

/// How a ledger runs. Each figure has its unit in its name.
public struct LedgerConfiguration: Sendable {
    /// Name of the log: first line of its checkpoints, name of its key.
    public var origin: String
    /// How long leaves gather before they are written together, in random order: 5 to 100 ms.
    public var flushInterval: Duration = .milliseconds(100)
    /// From one flush to the next at least so long, 0 to 100 ms: each is signed, witnessed and read by everybody. A
    /// ledger that was quiet before does not wait for it.
    public var flushPace: Duration = .zero
    /// A flush begins earlier when so many leaves wait.
    public var flushLeavesMax = 4_096
    /// Leaves that may wait in all; more are refused with a retry hint.
    public var poolLeavesMax = 16_384
    /// A leaf sent again within so many seconds returns its index.
    public var rememberedSeconds: UInt64 = 25 * 3_600
    /// How long one witness may take to answer.
    public var witnessTimeout: Duration = .seconds(1)
    /// How often the witnesses sign the newest head again when nothing is appended.
    public var refreshInterval: Duration = .seconds(60)
    /// How long an append waits for the witness quorum before it is answered without it.
    public var witnessedTimeout: Duration = .seconds(5)

    public init(origin: String) { self.origin = origin }

    /// How long leaves gather for a flush.
    /// - Parameter since: the time since the last flush began; nil before the first.
    func gathering(since: Duration?) -> Duration {
        max(flushInterval, since.map { flushPace - $0 } ?? .zero)
    }

    /// - Throws: `StartFault.configuration`, naming the value.
    func check() throws(StartFault) {
        guard flushInterval >= .milliseconds(5), flushInterval <= .milliseconds(100) else {
            throw .configuration("flush interval is 5 to 100 ms")
        }
        guard flushPace >= .zero, flushPace <= .milliseconds(100) else {
            throw .configuration("flush pace is 0 to 100 ms")
        }
        guard (1...4_096).contains(flushLeavesMax) else { throw .configuration("a flush holds 1 to 4096 leaves") }
        guard poolLeavesMax >= flushLeavesMax else { throw .configuration("the pool holds at least one flush") }
        guard rememberedSeconds >= 25 * 3_600 else {
            throw .configuration("leaves are remembered for at least 25 hours")
        }
    }
}

/// Why a ledger does not start, and what to do.
public enum StartFault: Error, Sendable, Equatable, CustomStringConvertible {
    case configuration(String)
    /// The stored head, frontier, tiles or leaves contradict one another.
    case damaged(String)
    /// A witness has signed a larger tree than the store holds.
    case behindWitness(name: String, witness: UInt64, ours: UInt64)
    /// A witness has signed another root at a size that the store has too.
    case fork(name: String, size: UInt64)
    /// Too few witnesses answered to know that no quorum has seen more.
    case witnessesSilent(answered: Int, of: Int)

    public var description: String {
        switch self {
        case .configuration(let what): "configuration: \(what)"
        case .damaged(let what):
            "the store is damaged (\(what)): restore it from a mirror with `warifu ledger audit` afterwards; do not edit it"
        case .behindWitness(let name, let witness, let ours):
            "witness \(name) has signed \(witness) leaves, this store holds \(ours): it is an old copy. Starting it would fork "
                + "the log. Bring the newest store, or refill this one from the mirror"
        case .fork(let name, let size):
            "witness \(name) has signed another tree of \(size) leaves: this store is not the log it knows. Do not start it; "
                + "keep both as evidence and tell the Oversight Authority"
        case .witnessesSilent(let answered, let all):
            "only \(answered) of \(all) witnesses answered, too few to rule out that a quorum has seen more; start again when "
                + "they can be reached"
        }
    }
}

/// Where time comes from and how one waits, as arguments.
public struct Timekeeping: Sendable {
    /// Unix seconds.
    public var now: @Sendable () -> UInt64
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(now: @escaping @Sendable () -> UInt64, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        (self.now, self.sleep) = (now, sleep)
    }
}
