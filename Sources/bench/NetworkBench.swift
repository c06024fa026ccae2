import Deployment
import Foundation

/// Exchanges between nodes with stores on the disk, over mutual TLS, with the ledger and its three witnesses as they
/// are served: a whole country in this process, on this machine's cores.
enum NetworkBench {
    /// Seconds of each run under load; `NETWORK_SECONDS` shortens them for trying out.
    static let seconds = Double(ProcessInfo.processInfo.environment["NETWORK_SECONDS"] ?? "") ?? 8
    /// `NETWORK_KINDS=fetch10`: some kinds only, for a profile.
    static let kinds: [NetworkKind] = {
        guard let names = ProcessInfo.processInfo.environment["NETWORK_KINDS"] else { return NetworkKind.allCases }
        return names.split(separator: ",").compactMap { NetworkKind(rawValue: String($0)) }
    }()
    /// Exchanges that are offered each second where the time of one is measured.
    static let offered = max(1, Int(ProcessInfo.processInfo.environment["NETWORK_OFFERED"] ?? "") ?? 50)

    static func run(_ report: inout Report) throws { try LedgerBench.collect(&report) { try await measure($0) } }

    private static func measure(_ add: @escaping @Sendable (Figure) -> Void) async throws {
        let scratch = try LedgerScratch()
        defer { scratch.remove() }
        let home = CountryHome(scratch.fresh("country"))
        try await start(home, add)
        let country = CountryRun(home) { NetworkWorld.quiet($0) }
        let begun = ContinuousClock.now
        try await country.start()
        let ready = secondsSince(begun)
        let resident = residentMiB()
        add(
            Figure(
                id: "exchange.up.ready_s", value: ready, unit: "s", runs: 1,
                note: "twelve nodes of a country that was founded before, until all answer; target <= 3"))
        do {
            try await NetworkWorld.run(country) { world in
                say(String(format: "%d persons enrolled after %.0f s", world.people.count, secondsSince(begun)))
                try await loads(world, add)
                add(
                    Figure(
                        id: "exchange.up.rss_mb", value: resident, unit: "MiB", runs: 1,
                        note: String(
                            format: "all nodes in one process, ready; %.0f after the load; target <= 300",
                            residentMiB())))
            }
        } catch {
            await country.stop()
            throw error
        }
        await country.stop()
    }

    /// A country that is founded now.
    private static func start(_ home: CountryHome, _ add: (Figure) -> Void) async throws {
        let begun = ContinuousClock.now
        let country = CountryRun(home) { NetworkWorld.quiet($0) }
        try await country.start()
        add(
            Figure(
                id: "exchange.up.new.ready_s", value: secondsSince(begun), unit: "s", runs: 1,
                note: "founding inside: keys, ceremony, accreditation by two officers"))
        await country.stop()
    }

    private static func loads(_ world: NetworkWorld, _ add: (Figure) -> Void) async throws {
        for number in 0..<NetworkLoad.workers { for kind in kinds { try await world.exchange(kind, number) } }  // warm
        try await world.settle()
        let units = try ExchangeUnits()
        let emptyCall = try await NetworkShares.emptyCall(world)
        say(String(format: "a call that does nothing, client and server: %.2f ms of CPU", emptyCall))
        for kind in kinds {
            let before = try units.measure()
            let (waits, used) = (world.ledgerWaits, try await NetworkShares.usage(world))
            let run = try await NetworkLoad.closed(seconds) { try await world.exchange(kind, $0) }
            let (waited, usedNow) = (world.ledgerWaits - waits, try await NetworkShares.usage(world))
            let floor = NetworkFloor(kind, [before, try units.measure()])
            try await world.settle()
            tell(kind, run, floor, add)
            NetworkShares.tell(kind, run, floor, waited, used, usedNow, emptyCall)
        }
        guard kinds.contains(.fetch10) else { return }
        let (waits, used) = (world.ledgerWaits, try await NetworkShares.usage(world))
        let run = try await NetworkLoad.open(rate: offered, seconds * 2) { try await world.exchange(.fetch10, $0) }
        let (waited, usedNow) = (world.ledgerWaits - waits, try await NetworkShares.usage(world))
        say("\(offered)/s offered:")
        NetworkShares.tell(
            .fetch10, run, NetworkFloor(.fetch10, [try units.measure()]), waited, used, usedNow, emptyCall)
        for (name, share, target) in [("p50", 0.5, ""), ("p99", 0.99, "; target <= 80")] {
            add(
                Figure(
                    id: "exchange.fetch10.\(name)_ms", value: percentile(run.times, share), unit: "ms",
                    runs: run.times.count,
                    note: String(format: "%d/s offered, cores %.0f %% in use", offered, run.busy * 100) + target))
        }
    }

    private static func tell(
        _ kind: NetworkKind, _ run: NetworkRun, _ floor: NetworkFloor, _ add: (Figure) -> Void
    ) {
        let id = "exchange.\(kind.rawValue)"
        let note = String(
            format: "%d at once, p50 %.0f ms, p99 %.0f ms, CPU of one %.2f ms, cores %.0f %% in use",
            NetworkLoad.workers,
            percentile(run.times, 0.5), percentile(run.times, 0.99), run.cpuEach, run.busy * 100)
        add(Figure(id: id + ".per_s", value: run.perSecond, unit: "/s", runs: run.times.count, note: note))
        guard kind == .fetch10 else { return }
        let most = 2_000 / floor.multiplications
        add(
            Figure(
                id: "exchange.floor.fetch10.per_s", value: most, unit: "/s", runs: 1,
                note: "two cores with the counted multiplications alone, same run"))
        add(
            Figure(
                id: "exchange.fetch10.floor_ratio", value: run.perSecond / most, unit: "x", runs: run.times.count,
                note: "exchanges a second to the floor; target >= 0.5"))
        add(
            Figure(
                id: "exchange.cpu.crypto_share", value: (floor.multiplications + floor.signatures) / run.cpuEach,
                unit: "x", runs: run.times.count,
                note: "of the CPU of a fetch of 10: counted multiplications and Ed25519, at their cost alone"))
    }
}

/// What the protocol needs of one exchange at least, in milliseconds of CPU.
struct NetworkFloor {
    let multiplications: Double
    let signatures: Double

    init(_ kind: NetworkKind, _ costs: [ExchangeUnits.Costs]) {
        let (variable, fixed) = kind.multiplications
        let (verified, signed) = kind.signatures
        func mean(_ path: KeyPath<ExchangeUnits.Costs, Double>) -> Double {
            costs.map { $0[keyPath: path] }.reduce(0, +) / Double(costs.count)
        }
        multiplications = (variable * mean(\.variable) + fixed * mean(\.fixed)) / 1_000
        signatures = (verified * mean(\.verify) + signed * mean(\.sign)) / 1_000
    }
}

extension NetworkKind {
    /// As in `ExchangeKindMeasured`; a deposit of 10 from 113 V and 23 F without records, and a 245th of the rest of
    /// a deposit of 245 for each.
    var multiplications: (variable: Double, fixed: Double) {
        switch self {
        case .identify: ExchangeKindMeasured.identify.multiplications
        case .fetch1: ExchangeKindMeasured.fetch1.multiplications
        case .fetch10: ExchangeKindMeasured.fetch10.multiplications
        case .fetch100: ExchangeKindMeasured.fetch100.multiplications
        case .deposit: (113 + 10 * (1_111 - 113) / 245.0, 23 + 10 * (1_250 - 23) / 245.0)
        }
    }

    /// Ed25519 signatures of an exchange with its receipts, verified and made, counted from its calls.
    var signatures: (verified: Double, signed: Double) {
        switch self {
        case .identify: (24, 10)
        case .fetch1: (17, 6)
        case .fetch10: (26, 6)
        case .fetch100: (116, 6)
        case .deposit: (40, 20)
        }
    }
}

/// How often, and how long, transcryptors have waited for a checkpoint.
struct LedgerWaits {
    let count: Int
    let seconds: Double

    static func - (a: LedgerWaits, b: LedgerWaits) -> LedgerWaits {
        LedgerWaits(count: a.count - b.count, seconds: a.seconds - b.seconds)
    }
}

extension NetworkWorld {
    var ledgerWaits: LedgerWaits {
        let all = ["t1", "t2", "t3"].compactMap { country.node($0)?.ledgerWaits }
        return LedgerWaits(
            count: all.reduce(0) { $0 + $1.count }, seconds: all.reduce(0) { $0 + $1.seconds })
    }
}
