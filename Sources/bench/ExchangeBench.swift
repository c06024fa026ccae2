import Exchanges
import Foundation
import Ledger
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Synchronization
import TransparencyLog

/// What one whole exchange costs: every node, the device, the ledger in memory and the network between them, in one
/// process, beside the multiplications that the protocol needs, in the same run.
enum ExchangeBench {
    /// `EXCHANGE_ROUNDS` shortens it for trying out.
    static let rounds = max(1, Int(ProcessInfo.processInfo.environment["EXCHANGE_ROUNDS"] ?? "") ?? 5)
    /// `EXCHANGE_KINDS=find,fetch10`: some kinds only, for a profile.
    static let kinds: [ExchangeKindMeasured] = {
        guard let names = ProcessInfo.processInfo.environment["EXCHANGE_KINDS"] else {
            return ExchangeKindMeasured.allCases
        }
        return names.split(separator: ",").compactMap { ExchangeKindMeasured(rawValue: String($0)) }
    }()

    static func run(_ report: inout Report) throws {
        let lines = Shared<[String]>([])
        try LedgerBench.collect(&report) { add in
            let one = try await country(seed: 1, cpu: processNanoseconds)
            tell(one, "", add)
            for line in one.lines() { lines.change { $0.append(line) } }
            // Two countries at the same time, each on its thread: what they share are the machine and the process.
            async let first = country(seed: 2, cpu: threadNanoseconds)
            async let second = country(seed: 3, cpu: threadNanoseconds)
            tell(try await first.joined(second), "two_threads.", add)
        }
        for line in lines.value { report.line(line) }
    }

    private static func tell(_ results: Results, _ prefix: String, _ add: (Figure) -> Void) {
        for kind in kinds {
            guard let samples = results.samples[kind] else { continue }
            let (id, runs) = ("exchange.mem.\(prefix)\(kind.rawValue)", samples.count)
            let per = "CPU of one exchange, all nodes and the device"
            add(Figure(id: id + ".us", value: median(samples.map(\.us)), unit: "us", runs: runs, note: per))
            let floor = "to the counted multiplications, same run"
            add(
                Figure(id: id + ".floor_ratio", value: median(samples.map(\.ratio)), unit: "x", runs: runs, note: floor)
            )
        }
    }

    struct Sample: Sendable {
        /// Microseconds of CPU of one exchange.
        let us: Double
        let floor: Double
        /// Receipts and adoptions that it leaves behind.
        let after: Double
        /// Calls of one exchange, and the bytes that they carry.
        let calls: Double
        let bytes: Double
        var ratio: Double { us / floor }
    }

    struct Results: Sendable {
        var samples: [ExchangeKindMeasured: [Sample]] = [:]
        var units: [ExchangeUnits.Costs] = []
        var overhead = ExchangeOverhead.Costs()

        func joined(_ other: Results) -> Results {
            var all = self
            for (kind, more) in other.samples { all.samples[kind, default: []] += more }
            return all
        }
    }

    /// Runs all kinds in turn, round after round, in one country.
    private static func country(seed: UInt64, cpu: @escaping @Sendable () -> UInt64) async throws -> Results {
        let services = Service.all.map(\.onTrial)
        return try await Country.run(seed: seed, services: services) { country in
            let world = try await ExchangeWorld.make(country)
            try await world.settle()
            let units = try ExchangeUnits()
            let random = SeededRandom(seed: seed, name: "bench")
            let traffic = ExchangeTraffic(country.network)
            var results = Results()
            for kind in kinds { try await world.exchange(kind, random) }  // warm up
            for _ in 0..<rounds {
                await country.wait(seconds: 7_200)  // quotas of an hour
                for kind in kinds {
                    let costs = try units.measure()
                    results.units.append(costs)
                    let sample = try await measure(kind, world, random, costs, traffic, cpu)
                    results.samples[kind, default: []].append(sample)
                }
            }
            results.overhead = try await ExchangeOverhead.measure(country, cpu)
            return results
        }
    }

    private static func measure(
        _ kind: ExchangeKindMeasured, _ world: ExchangeWorld, _ random: SeededRandom, _ costs: ExchangeUnits.Costs,
        _ traffic: ExchangeTraffic, _ cpu: () -> UInt64
    ) async throws -> Sample {
        // The Directory is fetched once a minute, by all: it is no part of an exchange.
        try await world.exchange(.find, random)
        traffic.reset()
        let start = cpu()
        for _ in 0..<kind.repeats { try await world.exchange(kind, random) }
        await world.country.wait(seconds: 1)  // what runs behind the answer
        let done = cpu()
        let (calls, bytes) = traffic.seen
        try await world.settle()
        let settled = cpu()
        let (count, (variable, fixed)) = (Double(kind.repeats), kind.multiplications)
        return Sample(
            us: Double(done - start) / 1_000 / count, floor: variable * costs.variable + fixed * costs.fixed,
            after: Double(settled - done) / 1_000 / count, calls: Double(calls) / count, bytes: Double(bytes) / count)
    }
}

/// CPU time of the whole process, in nanoseconds.
func processNanoseconds() -> UInt64 {
    var usage = rusage()
    getrusage(processUsage, &usage)
    func nanoseconds(_ time: timeval) -> UInt64 { UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000 }
    return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
}

private let processUsage: __rusage_who_t = 0  // RUSAGE_SELF, which has another type here

/// Counts what goes over the network.
final class ExchangeTraffic: Sendable {
    private let state = Mutex<(calls: Int, bytes: Int)>((0, 0))

    init(_ network: SimulatedNetwork) {
        network.setTap { [self] passage in
            state.withLock { state in
                state.calls += 1
                state.bytes += passage.body.count + passage.answer.count
            }
        }
    }
    func reset() { state.withLock { $0 = (0, 0) } }
    var seen: (calls: Int, bytes: Int) { state.withLock { $0 } }
}
