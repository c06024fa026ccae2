import Ristretto255

/// Hashes of leaves that the Ledger has acknowledged a moment ago. Only in memory: after a start they are sent again,
/// and count once.
final class AcknowledgedLeaves: Sendable {
    /// A leaf that has not been read back after so many seconds is sent again.
    static let seconds: UInt64 = 10
    private let times = Locked<[[UInt8]: UInt64]>([:])

    /// Those that are to be sent.
    /// - Parameter now: Unix seconds.
    func without(_ hashes: [[UInt8]], at now: UInt64) -> Set<[UInt8]> {
        times.withLock { times in
            times = times.filter { now >= $0.value && now - $0.value < Self.seconds }
            return Set(hashes.filter { times[$0] == nil })
        }
    }

    func insert(_ hashes: Set<[UInt8]>, at now: UInt64) {
        times.withLock { times in for hash in hashes { times[hash] = now } }
    }
}

/// How far the leaves of the Ledger were read, as the store has it at least: saves a look at it.
final class FollowedLeaves: Sendable {
    private let known = Locked<UInt64>(0)
    /// Leaves before this one were read, and what they say is durable.
    var position: UInt64 { known.withLock { $0 } }
    func reached(_ position: UInt64) { known.withLock { $0 = max($0, position) } }
}
