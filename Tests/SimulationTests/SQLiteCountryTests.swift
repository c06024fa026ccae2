import DataCentre
import Device
import Exchanges
import Gateway
import Polymorphic
import Ristretto255
import SQLiteStore
import Simulation
import Testing

/// The country over the stores that its nodes really have: sealed entries in SQLite.
@Suite(.serialized) struct SQLiteCountryTests {
    private static let stores = StoreMaker { _ in
        try SQLiteNodeStore(inMemory: StoreSealer(key: SecretBytes(copying: [UInt8](repeating: 3, count: 32))))
    }

    @Test func recordsFollowThePatientOverSQLite() async throws {
        try await Country.run(seed: 91, stores: Self.stores) { country in
            let patient = try await country.patient()
            try await country.deposit([country.record("HbA1c 6.1 %")], of: patient)
            let read = try await country.readAtB(patient)
            #expect(read == ["HbA1c 6.1 %"])
            let history = try await patient.resident.phone.history()
            #expect(history.uses.count == 4 && history.doubts.isEmpty)
            _ = try await patient.resident.phone.withdraw(patient.giveB)
            let refused = await failure { _ = try await country.readAtB(patient) }
            #expect(refused == .notPermitted)
        }
    }

    @Test(arguments: 0..<20) func severalFaultsOverSQLiteLoseNothing(_ seed: Int) async throws {
        try await Country.run(seed: UInt64(3_000 + seed), stores: Self.stores) { country in
            let trial = try await Trial(country)
            for round in 0..<2 {
                country.network.setPlan(.random(seed: UInt64(seed * 10 + round), faults: 2 + seed % 4, among: 60))
                await trial.exercise("round \(round)")
            }
            try await trial.recover("seed \(seed)")
            try await trial.check("seed \(seed)")
        }
    }
}
