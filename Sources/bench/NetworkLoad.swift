import Foundation
import Synchronization

/// What a run of many exchanges took.
struct NetworkRun: Sendable {
    /// Milliseconds of each exchange.
    var times: [Double]
    let seconds: Double
    /// CPU seconds of the whole process.
    let cpu: Double
    var perSecond: Double { Double(times.count) / seconds }
    /// Milliseconds of CPU of one exchange.
    var cpuEach: Double { cpu * 1_000 / Double(max(1, times.count)) }
    /// Of two cores, how much was in use.
    var busy: Double { cpu / seconds / 2 }
}

/// Ways to put exchanges under load.
enum NetworkLoad {
    /// So many exchanges are under way at once: enough that both cores always have work while others wait for the
    /// ledger. `NETWORK_WORKERS` for trying out.
    static let workers = max(1, Int(ProcessInfo.processInfo.environment["NETWORK_WORKERS"] ?? "") ?? 32)

    /// Each worker begins the next exchange when its last one has ended.
    static func closed(
        _ seconds: Double, _ exchange: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> NetworkRun {
        let next = Shared(0)
        let (start, cpu) = (ContinuousClock.now, processNanoseconds())
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<workers {
                group.addTask {
                    var times: [Double] = []
                    while secondsSince(start) < seconds {
                        let begun = ContinuousClock.now
                        try await exchange(next.take())
                        times.append(secondsSince(begun) * 1_000)
                    }
                    return times
                }
            }
            return try await group.reduce([], +)
        }
        return NetworkRun(
            times: times, seconds: secondsSince(start), cpu: Double(processNanoseconds() - cpu) / 1e9)
    }

    /// What an exchange counts that found no answer, in milliseconds: longer than any client waits.
    static let unanswered = 60_000.0

    /// So many begin each second, whatever the answers do. Counted from the moment at which one was due. One that
    /// fails, as they do on a machine that cannot keep up, counts as `unanswered`.
    static func open(
        rate: Int, _ seconds: Double, _ exchange: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> NetworkRun {
        let (start, cpu) = (ContinuousClock.now, processNanoseconds())
        let times = try await withThrowingTaskGroup(of: Double.self) { group in
            for number in 0..<Int(seconds * Double(rate)) {
                let due = start + .seconds(Double(number) / Double(rate))
                try await Task.sleep(until: due, tolerance: .zero)
                group.addTask {
                    do { try await exchange(number) } catch { return unanswered }
                    return secondsSince(due) * 1_000
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let failed = times.count { $0 >= unanswered }
        if failed > 0 { say("\(failed) of \(times.count) exchanges found no answer") }
        return NetworkRun(
            times: times, seconds: secondsSince(start), cpu: Double(processNanoseconds() - cpu) / 1e9)
    }
}

extension Shared where Value == Int {
    /// Each number once.
    func take() -> Int {
        var taken = 0
        change { value in
            taken = value
            value += 1
        }
        return taken
    }
}

/// Prints at once, also into a file.
func say(_ text: String) {
    print(text)
    fflush(nil)
}

/// Does the same for many values, some at a time.
/// - Returns: in the order of the values.
func inParallel<Value: Sendable, Result: Sendable>(
    _ values: [Value], workers: Int, _ body: @escaping @Sendable (Value) async throws -> Result
) async throws -> [Result] {
    let next = Shared(0)
    let found = try await withThrowingTaskGroup(of: [(Int, Result)].self) { group in
        for _ in 0..<min(workers, values.count) {
            group.addTask {
                var found: [(Int, Result)] = []
                while true {
                    let place = next.take()
                    guard place < values.count else { return found }
                    found.append((place, try await body(values[place])))
                }
            }
        }
        return try await group.reduce([], +)
    }
    return found.sorted { $0.0 < $1.0 }.map(\.1)
}
