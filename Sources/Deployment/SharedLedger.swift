import Exchanges
import Polymorphic
import Ristretto255

/// The Ledger as a served node reads it: whoever waits for a checkpoint shares the reading of one, and a release waits
/// here for the next one instead of being called again.
public final class SharedLedger: LedgerPort {
    private let reader: LedgerReader
    private let reading = Locked<Task<Result<WitnessedCheckpoint, Refusal>, Never>?>(nil)
    private let waited = Locked<(count: Int, seconds: Double)>((0, 0))
    private let newest = Locked<(checkpoint: WitnessedCheckpoint, at: ContinuousClock.Instant)?>(nil)

    /// A checkpoint that was read so recently is not asked for again.
    static let recent: Duration = .milliseconds(2)
    /// How long a call waits for the next checkpoint, and how often it looks.
    static let patience: Duration = .seconds(4)
    static let pause: Duration = .milliseconds(3)

    public init(_ reader: LedgerReader) { self.reader = reader }

    /// How often somebody has waited for the next checkpoint, and how many seconds in all.
    public var waits: (count: Int, seconds: Double) { waited.withLock { $0 } }

    public func append(_ leaves: [Leaf], records: [[UInt8]?]) async throws(Refusal) {
        try await reader.append(leaves, records: records)
    }

    public func latest() async throws(Refusal) -> WitnessedCheckpoint {
        if let known = newest.withLock({ $0 }), ContinuousClock.now - known.at < Self.recent { return known.checkpoint }
        let task = reading.withLock { running -> Task<Result<WitnessedCheckpoint, Refusal>, Never> in
            if let running { return running }
            let task = Task { await self.read() }
            running = task
            return task
        }
        return try await task.value.get()
    }

    private func read() async -> Result<WitnessedCheckpoint, Refusal> {
        let result: Result<WitnessedCheckpoint, Refusal>
        do throws(Refusal) { result = .success(try await reader.latest()) } catch { result = .failure(error) }
        if case .success(let checkpoint) = result { newest.withLock { $0 = (checkpoint, .now) } }
        reading.withLock { $0 = nil }
        return result
    }

    public func newer(than checkpoint: WitnessedCheckpoint) async throws(Refusal) -> WitnessedCheckpoint? {
        let start = ContinuousClock.now
        let end = start + Self.patience
        defer { waited.withLock { $0 = ($0.count + 1, $0.seconds + (ContinuousClock.now - start) / .seconds(1)) } }
        while ContinuousClock.now < end, !Task.isCancelled {
            let next = try await latest()
            if next.size > checkpoint.size { return next }
            try? await Task.sleep(for: Self.pause)
        }
        return nil
    }

    public func leaves(
        _ range: Range<UInt64>, below checkpoint: WitnessedCheckpoint
    ) async throws(Refusal) -> [Leaf] { try await reader.leaves(range, below: checkpoint) }

    public func record(_ hash: Bytes32) async throws(Refusal) -> [UInt8] { try await reader.record(hash) }
}
