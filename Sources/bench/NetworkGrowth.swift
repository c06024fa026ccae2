import Deployment
import Device
import Exchanges
import Foundation
import Polymorphic

/// What an exchange costs when a thousand persons are known, and when a million are; how long a person waits for the
/// history when the ledger has a million entries.
enum NetworkGrowth {
    /// Persons afterwards; `NETWORK_ROWS` changes it for trying out.
    static let rows = Int(ProcessInfo.processInfo.environment["NETWORK_ROWS"] ?? "") ?? 1_000_000
    static let leaves = Int(ProcessInfo.processInfo.environment["NETWORK_LEAVES"] ?? "") ?? 1_000_000
    /// Enrolled in earnest.
    private static let real = min(200, NetworkWorld.size)
    private static let before = 1_000
    private static let kinds: [NetworkKind] = [.identify, .fetch10]

    static func run(_ report: inout Report) throws { try LedgerBench.collect(&report) { try await measure($0) } }

    private static func measure(_ add: @escaping @Sendable (Figure) -> Void) async throws {
        let scratch = try LedgerScratch()
        defer { scratch.remove() }
        let home = CountryHome(scratch.fresh("country"))
        let country = CountryRun(home) { NetworkWorld.quiet($0) }
        try await country.start()
        do {
            try await NetworkWorld.run(country, size: real) { world in
                try await growth(world, add)
                try await history(world, add)
            }
        } catch {
            await country.stop()
            throw error
        }
        await country.stop()
    }

    private static func growth(_ world: NetworkWorld, _ add: (Figure) -> Void) async throws {
        try await fill(world, real: real, to: before)
        let small = try await costs(world)
        let begun = ContinuousClock.now
        try await fill(world, real: before, to: rows)
        say(String(format: "%d persons in the stores after %.0f s", rows, secondsSince(begun)))
        let large = try await costs(world)
        let ratios = zip(small, large).map { $1.cost / $0.cost }
        let rates = zip(small, large).map { String(format: "%.0f to %.0f/s", $0.rate, $1.rate) }
        add(
            Figure(
                id: "exchange.growth.1k_to_1m.ratio", value: ratios.reduce(0, +) / Double(ratios.count), unit: "x",
                runs: ratios.count,
                note: "CPU of identify and fetch of 10 to the floor of the same minute, \(before) to \(rows) persons; "
                    + rates.joined(separator: ", ")))
    }

    private static func fill(_ world: NetworkWorld, real: Int, to wanted: Int) async throws {
        await world.country.stop()
        try await NetworkFill.persons(world.country.home, real: real, to: wanted)
        try await world.country.start()
    }

    /// CPU of one exchange as a multiple of its floor, for each kind.
    private static func costs(_ world: NetworkWorld) async throws -> [(cost: Double, rate: Double)] {
        let units = try ExchangeUnits()
        var out: [(cost: Double, rate: Double)] = []
        for kind in kinds {
            for number in 0..<NetworkLoad.workers { try await world.exchange(kind, number) }
            let before = try units.measure()
            let run = try await NetworkLoad.closed(NetworkBench.seconds) { try await world.exchange(kind, $0) }
            let floor = NetworkFloor(kind, [before, try units.measure()])
            out.append((run.cpuEach / floor.multiplications, run.perSecond))
            try await world.settle()
        }
        return out
    }

    // MARK: History

    private static func history(_ world: NetworkWorld, _ add: (Figure) -> Void) async throws {
        await world.country.stop()
        try await NetworkFill.leaves(world.country.home, to: leaves)
        try await world.country.start()
        let begun = ContinuousClock.now
        try await caughtUp(world)
        say(String(format: "transcryptors have read %d leaves after %.0f s", leaves, secondsSince(begun)))
        // What a page shows: twenty uses of the last days are there, one is new.
        let people = Array(world.people.prefix(20))
        _ = try await inParallel(Array(people.indices), workers: 8) { number in
            for _ in 0..<20 { try await world.exchange(.identify, number) }
        }
        try await world.settle()
        var (first, times) = ([Double](), [Double]())
        for person in people {
            let start = ContinuousClock.now
            try expect(try await person.phone.history(), atLeast: 20)
            first.append(secondsSince(start) * 1_000)
        }
        for number in 0..<200 {
            try await world.exchange(.identify, number % people.count)
            let start = ContinuousClock.now
            try expect(try await people[number % people.count].phone.history(), atLeast: 20)
            times.append(secondsSince(start) * 1_000)
        }
        add(
            Figure(
                id: "exchange.history_1m.p99_ms", value: percentile(times, 0.99), unit: "ms", runs: times.count,
                note: String(
                    format: "a phone reads what is new of three transcryptors and verifies it, %d leaves; p50 %.1f, "
                        + "all of it for the first time %.0f; target <= 100", leaves, percentile(times, 0.5),
                    percentile(first, 0.5))))
    }

    private static func expect(_ history: History, atLeast count: Int) throws {
        guard history.uses.count >= count else {
            say("a history of \(history.uses.count) uses, doubts: \(history.doubts)")
            throw Refusal(.head)
        }
    }

    /// Transcryptors that were away read everything before they release anything.
    private static func caughtUp(_ world: NetworkWorld) async throws {
        for attempt in 1... {
            do { return try await world.exchange(.identify, 0) } catch { if attempt == 100 { throw error } }
            try await Task.sleep(for: .seconds(2))
        }
    }
}
