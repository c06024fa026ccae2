import GRDB
import GRDBSQLite
import Ristretto255

/// Connections that only read, each for one caller at a time on the caller's own thread: a read takes less time than
/// handing it to another thread and back. They neither write nor run checkpoints.
final class ReadLanes: Sendable {
    private let free: Locked<[DatabaseQueue]>
    private let all: [DatabaseQueue]

    /// - Parameter path: of a file in WAL mode that a writer has open.
    init(path: String, label: String, count: Int) throws {
        var configuration = Configuration()
        configuration.label = label + ".read"
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0") }
        all = try (0..<count).map { _ in try DatabaseQueue(path: path, configuration: configuration) }
        free = Locked(all)
    }

    /// Reads one snapshot.
    /// - Returns: nil where every lane is taken.
    func read<R>(_ body: (Database) throws -> R) throws -> R? {
        guard let lane = free.withLock({ $0.popLast() }) else { return nil }
        defer { free.withLock { $0.append(lane) } }
        return try lane.unsafeRead { db in
            try Self.run("BEGIN", db)
            defer { try? Self.run("COMMIT", db) }  // nothing was written: whether it ends well is no matter
            return try body(db)
        }
    }

    /// A kept statement without arguments: GRDB makes those of its own transactions anew each time.
    private static func run(_ sql: String, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: sql).sqliteStatement
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    func close() throws { for lane in all { try lane.close() } }
}
