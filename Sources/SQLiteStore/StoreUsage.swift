import FoundationEssentials
import Ristretto255

#if canImport(Glibc)
    import Glibc
#endif

/// What a store has done since it was opened, for counters and benchmarks. Nothing in it is about an entry.
public struct StoreUsage: Sendable {
    /// Snapshots that were read.
    public var reads: UInt64 = 0
    /// Transactions that were asked for; several may share a commit.
    public var transactions: UInt64 = 0
    public var commits: UInt64 = 0
    /// Seconds of CPU in reads and commits, the seals of entries and the callers' own work inside them included.
    public var cpuSeconds = 0.0
    /// Seconds in commits by the clock: mostly the disk.
    public var commitSeconds = 0.0

    /// CPU seconds of the calling thread.
    static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
