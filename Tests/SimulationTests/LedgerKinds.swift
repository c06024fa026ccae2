import Crypto
import Exchanges
import Foundation
import Polymorphic
import Simulation
import SimulationLedger

/// The two ledgers that a country can run on.
enum LedgerKind: String, CaseIterable, Sendable {
    case simulated, sqlite

    func maker(_ folder: Folder) -> LedgerMaker {
        switch self {
        case .simulated: .simulated
        case .sqlite: .sqlite(folder.path)
        }
    }
}

/// A directory of its own that goes when the test ends.
final class Folder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("country-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension Country {
    /// As `run`, on a ledger of a kind.
    static func run<R: Sendable>(
        seed: UInt64, on kind: LedgerKind, _ body: @escaping @Sendable (Country) async throws -> R
    ) async throws -> R {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        return try await run(seed: seed, ledger: kind.maker(folder), body)
    }
}

/// A leaf of kind 1 that differs for every number.
func exchangeLeaf(_ number: Int) -> [UInt8] {
    [1, 1] + ["commit", "tag", "detail"].flatMap { Array(SHA256.hash(data: Array("\($0) \(number)".utf8))) }
}

/// The body of `append`.
func appendBody(_ leaves: [[UInt8]], _ records: [[UInt8]]? = nil) -> [UInt8] {
    Wire.list([Wire.list(leaves), Wire.list(records ?? leaves.map { _ in [] })])
}
