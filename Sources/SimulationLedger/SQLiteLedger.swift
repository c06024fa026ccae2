import FoundationEssentials
import SQLiteStore
import Simulation

extension LedgerMaker {
    /// The ledger as it runs in earnest, over SQLite, with three witnesses.
    /// - Parameter folder: made if there is none; what an earlier country with the same seed left there goes on.
    public static func sqlite(_ folder: String) -> LedgerMaker {
        LedgerMaker { place in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return try await DurableLedger(place, folder: folder) {
                try SQLiteLedgerStore(path: folder + "/ledger.sqlite")
            }
        }
    }
}
