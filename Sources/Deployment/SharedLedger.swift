import Exchanges
import Polymorphic
import Ristretto255

/// The Ledger as a served node reads it: whoever waits for a checkpoint shares the reading of one, and a release waits
/// here for the next one instead of being called again.
public final class SharedLedger: LedgerPort {
    private let reader: LedgerReader
    private let reading = Locked<Task<Result<WitnessedCheckpoint, Refusal>, Never>?>(nil)
    private let looking = Locked<[UInt64: Task<Result<WitnessedCheckpoint?, Refusal>, Never>]>([:])
    private let waited = Locked<(count: Int, seconds: Double)>((0, 0))
    private let newest = Locked<(checkpoint: WitnessedCheckpoint, at: ContinuousClock.Instant)?>(nil)

    /// A checkpoint that was read so recently is not asked for again.
    static let recent: Duration = .milliseconds(2)
    /// How long a call waits for the next checkpoint, and how often it looks.
    static let patience: Duration = .seconds(4)
    static let pause: Duration = .milliseconds(3)
    /// How long the Ledger is asked to hold one answer back.
    static let longest: Duration = .seconds(2)

    public init(_ reader: LedgerReader) { self.reader = reader }

    /// How often somebody has waited for the next checkpoint, and how many seconds in all.
    public var waits: (count: Int, seconds: Double) { waited.withLock { $0 } }

    public func append(_ leaves: [Leaf], records: [[UInt8]?]) async throws(Refusal) {
        try await reader.append(leaves, records: records)
    }

    public func latest() async throws(Refusal) -> WitnessedCheckpoint { try await latest(with: nil) }

    private func latest(with note: [UInt8]?) async throws(Refusal) -> WitnessedCheckpoint {
        if note == nil, let known = newest.withLock({ $0 }), ContinuousClock.now - known.at < Self.recent {
            return known.checkpoint
        }
        let task = reading.withLock { running -> Task<Result<WitnessedCheckpoint, Refusal>, Never> in
            if let running { return running }
            let task = Task { await self.read(note) }
            running = task
            return task
        }
        return try await task.value.get()
    }

    private func read(_ note: [UInt8]?) async -> Result<WitnessedCheckpoint, Refusal> {
        let result: Result<WitnessedCheckpoint, Refusal>
        do throws(Refusal) { result = .success(try await reader.latest(with: note)) } catch { result = .failure(error) }
        if case .success(let checkpoint) = result { newest.withLock { $0 = (checkpoint, .now) } }
        reading.withLock { $0 = nil }
        return result
    }

    /// All that wait behind the same checkpoint share one task that looks for the next.
    public func newer(than checkpoint: WitnessedCheckpoint) async throws(Refusal) -> WitnessedCheckpoint? {
        let start = ContinuousClock.now
        defer { waited.withLock { $0 = ($0.count + 1, $0.seconds + (ContinuousClock.now - start) / .seconds(1)) } }
        let size = checkpoint.size
        let task = looking.withLock { looking -> Task<Result<WitnessedCheckpoint?, Refusal>, Never> in
            if let running = looking[size] { return running }
            let task = Task { await self.look(beyond: size) }
            looking[size] = task
            return task
        }
        return try await task.value.get()
    }

    private func look(beyond size: UInt64) async -> Result<WitnessedCheckpoint?, Refusal> {
        defer { looking.withLock { $0[size] = nil } }
        let end = ContinuousClock.now + Self.patience
        var note: [UInt8]?
        while ContinuousClock.now < end {
            do throws(Refusal) {
                let next = try await latest(with: note)
                if next.size > size { return .success(next) }
            } catch { return .failure(error) }
            // Other signatures on the same tree are no progress either: without a pause they would be read on and on.
            if note != nil { try? await Task.sleep(for: Self.pause) }
            // The Ledger holds the answer back until there is another checkpoint; where it does not, this pauses.
            note = await reader.awaitChange(min(Self.longest, end - .now))
            if note == nil { try? await Task.sleep(for: Self.pause) }
        }
        return .success(nil)
    }

    public func leaves(
        _ range: Range<UInt64>, below checkpoint: WitnessedCheckpoint
    ) async throws(Refusal) -> [Leaf] { try await reader.leaves(range, below: checkpoint) }

    public func record(_ hash: Bytes32) async throws(Refusal) -> [UInt8] { try await reader.record(hash) }
}
