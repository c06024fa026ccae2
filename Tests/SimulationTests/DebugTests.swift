import Exchanges
import Simulation
import Testing

@Suite struct DebugTests {
    @Test(arguments: [19, 77]) func debug(_ seed: Int) async throws {
        try await Country.run(seed: UInt64(1_000 + seed)) { country in
            let trial = try await Trial(country)
            for round in 0..<2 {
                country.network.setPlan(.random(seed: UInt64(seed * 10 + round), faults: 2 + seed % 4, among: 60))
                await trial.exercise("round \(round)")
            }
            try await trial.recover("x")
            let mark = country.network.trace.count
            do {
                let stored = try await country.deposit([country.record("x")], of: trial.patient)
                print("deposit ok", stored.count)
                print(try await country.readAtB(trial.patient))
            } catch { print("seed", seed, "error", error) }
            print((country.network.trace.dropFirst(max(0, mark - 60))).joined(separator: "\n"))
        }
    }
}
