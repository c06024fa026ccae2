// `timespec` belongs to whichever of these modules the compiler met first.
import CDispatch
import CoreFoundation
import Foundation
import Glibc

/// One figure of the results file.
struct Figure: Codable {
    let id: String
    let value: Double
    let unit: String
    let runs: Int
    let note: String
}

/// The results file, `bench-results.json`. Runs of one part keep the figures of the others.
struct Results: Codable {
    var machine: String
    var results: [Figure]
}

/// CPU time of this thread, in nanoseconds.
func threadNanoseconds() -> UInt64 { clock(CLOCK_THREAD_CPUTIME_ID) }
/// Time on the wall, in nanoseconds.
func wallNanoseconds() -> UInt64 { clock(CLOCK_MONOTONIC) }

private func clock(_ id: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(id, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Something that is timed: `run` does `items` items of work.
struct Subject {
    let name: String
    let items: Int
    let run: () throws -> Void
}

/// Times several subjects in turn, round after round, so that a drift of the machine meets all of them alike. Returns
/// the microseconds of CPU per item, one value a round.
func interleaved(_ subjects: [Subject], rounds: Int, milliseconds: Double = 12) throws -> [String: [Double]] {
    var repeats: [String: Int] = [:]
    for subject in subjects {  // warm up, and find how often fills a slice
        try subject.run()
        let start = threadNanoseconds()
        try subject.run()
        let once = max(1, Double(threadNanoseconds() - start))
        repeats[subject.name] = max(1, Int(milliseconds * 1e6 / once))
    }
    var times: [String: [Double]] = [:]
    for round in 0..<rounds {
        let order = round % 2 == 0 ? subjects : subjects.reversed()
        for subject in order {
            let count = repeats[subject.name] ?? 1
            let start = threadNanoseconds()
            for _ in 0..<count { try subject.run() }
            let elapsed = Double(threadNanoseconds() - start) / 1_000
            times[subject.name, default: []].append(elapsed / Double(count * subject.items))
        }
    }
    return times
}

/// The median of the ratios round by round.
func ratio(_ times: [String: [Double]], _ a: String, _ b: String) -> Double {
    guard let x = times[a], let y = times[b] else { return .nan }
    return median(zip(x, y).map { $0 / $1 })
}

/// What the operating system says of this machine.
func machineDescription() -> String {
    let cpu =
        (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
        .split(separator: "\n").first { $0.hasPrefix("model name") }?
        .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    let memory = ProcessInfo.processInfo.physicalMemory >> 30
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return "\(cpu), \(cores) cores, \(memory) GiB, \(ProcessInfo.processInfo.operatingSystemVersionString)"
}
