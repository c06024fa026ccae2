import Exchanges
import Foundation
import Synchronization

/// Runs every task of a simulated country on one thread, in one order, in a time of its own: when nothing can run, time
/// jumps to the next moment for which somebody waits. The same program gives the same run, though it is written with
/// ordinary tasks and groups. Only work that is done `outside`, in real time, can come back in another order.
public final class Scheduler: TaskExecutor, Timekeeper {
    private struct State {
        var jobs: [UnownedJob] = []
        var next = 0
        /// Nanoseconds since the start.
        var time: UInt64 = 0
        var timers: [(at: UInt64, number: UInt64, waiter: CheckedContinuation<Void, Never>)] = []
        var timersMade: UInt64 = 0
        var running = false
        /// Pieces of work outside, for which time stands still.
        var outside = 0
    }
    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    /// Unix seconds at the start.
    public let start: UInt64

    public init(start: UInt64) { self.start = start }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        signal.signal()
    }

    /// Unix seconds.
    public func now() -> UInt64 { start + nanoseconds / 1_000_000_000 }
    /// Since the start.
    public var nanoseconds: UInt64 { state.withLock { $0.time } }

    /// Waits in the simulated time.
    public func sleep(milliseconds: UInt64) async {
        await withCheckedContinuation { waiter in
            state.withLock { state in
                state.timersMade += 1
                state.timers.append((state.time + milliseconds * 1_000_000, state.timersMade, waiter))
            }
            signal.signal()
        }
    }

    /// Does work that takes real time, on a disk or on threads of its own. The simulated time stands still meanwhile,
    /// and other tasks run on. Called by tasks of this scheduler: they come back to it before time goes on.
    public func outside<R>(_ work: () async throws -> R) async rethrows -> R {
        state.withLock { $0.outside += 1 }
        defer { state.withLock { $0.outside -= 1 } }
        return try await work()
    }

    /// Starts work that nobody waits for.
    public func spawn(_ work: @escaping @Sendable () async -> Void) {
        Task(executorPreference: self) { await work() }
    }

    /// Runs `body` and everything that it starts, and returns its result.
    public func run<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        state.withLock { $0.running = true }
        let thread = Thread { self.loop() }
        thread.stackSize = 8 << 20
        thread.start()
        defer {
            state.withLock { $0.running = false }
            signal.signal()
        }
        return try await Task(executorPreference: self) { try await body() }.value
    }

    private func loop() {
        while true {
            signal.wait()
            while let job = nextJob() { job.runSynchronously(on: asUnownedTaskExecutor()) }
            let waiter = state.withLock { state -> (CheckedContinuation<Void, Never>?, Bool) in
                guard state.running else { return (nil, false) }
                guard state.jobs.isEmpty, state.outside == 0,
                    let first = state.timers.indices.min(by: { a, b in
                        (state.timers[a].at, state.timers[a].number) < (state.timers[b].at, state.timers[b].number)
                    })
                else { return (nil, true) }
                let timer = state.timers.remove(at: first)
                state.time = max(state.time, timer.at)
                return (timer.waiter, true)
            }
            guard waiter.1 else { return }
            waiter.0?.resume()
        }
    }

    private func nextJob() -> UnownedJob? {
        state.withLock { state in
            guard state.next < state.jobs.count else {
                state.jobs.removeAll(keepingCapacity: true)
                state.next = 0
                return nil
            }
            defer { state.next += 1 }
            return state.jobs[state.next]
        }
    }
}
