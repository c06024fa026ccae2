import FoundationEssentials
import GRDB
import Ledger
import TransparencyLog

/// A ledger in one SQLite file. WAL, `synchronous = FULL`, one connection that writes and alone runs checkpoints.
///
/// SQLite before 3.51.3 can damage a WAL when two connections write or run checkpoints in the same moment. So there is
/// one writer in the process, a lock file keeps other processes out, and the readers can neither write nor run
/// checkpoints.
public final class SQLiteLedgerStore: LedgerStore {
    let pool: DatabasePool
    private let lock: FileLock

    /// Opens the file, making it if there is none.
    /// - Throws: `StoreFault.inUse` if another process has it.
    public init(path: String, readers: Int = 4) throws {
        lock = try FileLock(path + ".lock")
        do {
            pool = try Self.pool(path, label: "ledger", readers: readers)
            try pool.writeWithoutTransaction { try Self.migrate($0) }
            try DurableFile.syncDirectory(of: path)
        } catch {
            throw Self.fault(error, committing: false)
        }
    }

    /// A pool whose one writer is durable and alone runs checkpoints.
    static func pool(_ path: String, label: String, readers: Int) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = label
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            guard db.configuration.readonly else { return }
            try db.execute(sql: "PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // The pool sets NORMAL on its writer after prepareDatabase, so FULL is put back here and asserted.
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")
            try assertSettings(db)
        }
        return pool
    }

    private static func assertSettings(_ db: Database) throws {
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        guard mode == "wal", synchronous == 2 else { throw StoreFault.refused("SQLite does not run in WAL with FULL") }
    }

    /// Numbered, append-only: a statement once released never changes.
    static let migrations = [
        """
        CREATE TABLE head (
            id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, root BLOB NOT NULL, frontier BLOB NOT NULL,
            fence INTEGER NOT NULL);
        CREATE TABLE leaves (first INTEGER PRIMARY KEY, bytes BLOB NOT NULL, appenders BLOB NOT NULL);
        CREATE TABLE tile (place INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE record (hash BLOB PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE signed_head (
            size INTEGER PRIMARY KEY, root BLOB NOT NULL, first INTEGER NOT NULL, time INTEGER NOT NULL);
        CREATE INDEX signed_head_time ON signed_head (time);
        CREATE TABLE published (id INTEGER PRIMARY KEY CHECK (id = 1), note BLOB NOT NULL);
        """
    ]

    private static func migrate(_ db: Database) throws {
        try db.inTransaction(.immediate) {
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard version <= migrations.count else { throw StoreFault.refused("the file is of a newer version") }
            for number in version..<migrations.count { try db.execute(sql: migrations[number]) }
            try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
            let empty = StoredHead.empty
            try db.execute(
                sql: "INSERT OR IGNORE INTO head VALUES (1, 0, ?, x'', ?)",
                arguments: [bytes(empty.root.bytes), Int64(empty.fence)])
            return .commit
        }
    }

    /// What SQLite reports, as the contract has it. A full disk shows before the commit record is whole: nothing was
    /// written.
    static func fault(_ error: any Error, committing: Bool) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        // The index of the WAL could not grow: the same want of space, before anything is committed.
        if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return StoreFault.full }
        switch error.resultCode {
        case .SQLITE_FULL: return StoreFault.full
        case .SQLITE_BUSY, .SQLITE_LOCKED: return StoreFault.refused("the database is locked")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return StoreFault.corrupt("SQLite \(error.extendedResultCode.rawValue)")
        default:
            let sentence = "SQLite \(error.extendedResultCode.rawValue)"
            return committing ? StoreFault.unknown(sentence) : StoreFault.refused(sentence)
        }
    }

    public func transaction<R: Sendable>(_ body: @Sendable (any LedgerTransaction) throws -> R) async throws -> R {
        // GRDB asks for an escaping closure; it has returned when its call returns.
        do {
            return try await withoutActuallyEscaping(body) { body in
                try await pool.writeWithoutTransaction { db in
                    var result: R?
                    try db.inTransaction(.immediate) {
                        result = try body(try SQLiteTransaction(db))
                        return .commit
                    }
                    guard let result else { throw StoreFault.unknown("no result") }
                    return result
                }
            }
        } catch { throw Self.fault(error, committing: true) }
    }

    private func read<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws -> R {
        do { return try await pool.read(body) } catch { throw Self.fault(error, committing: false) }
    }

    public func head() async throws -> StoredHead { try await read(Self.head) }
    public func leaves(_ range: Range<UInt64>) async throws -> [UInt8] { try await read { try Self.leaves($0, range) } }

    public func fullTiles(level: Int, first: UInt64, count: Int) async throws -> [[UInt8]] {
        try await read { db in
            let place = Self.place(level, first)
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: "SELECT place, bytes FROM tile WHERE place >= ? AND place < ? ORDER BY place"),
                arguments: [place, place + Int64(count)])
            var out = [[UInt8]]()
            while let row = try rows.next(), row[0] == place + Int64(out.count) { out.append(Self.blob(row, 1)) }
            return out
        }
    }

    public func record(_ hash: [UInt8]) async throws -> [UInt8]? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT body FROM record WHERE hash = ?", arguments: [Self.bytes(hash)])
                .map { Self.blob($0, 0) }
        }
    }

    public func published() async throws -> [UInt8]? {
        try await read { db in try Row.fetchOne(db, sql: "SELECT note FROM published").map { Self.blob($0, 0) } }
    }

    public func firstIndex(since time: UInt64) async throws -> UInt64 {
        try await read { db in
            let first = try Int64.fetchOne(
                db, sql: "SELECT first FROM signed_head WHERE time >= ? ORDER BY time, size LIMIT 1",
                arguments: [Int64(clamping: time)])
            return UInt64(try first ?? Int64.fetchOne(db, sql: "SELECT size FROM head") ?? 0)
        }
    }

    public func close() async {
        // Who could not close it keeps others out until nobody holds it any more.
        do { try pool.close() } catch { return }
        lock.release()
    }

    /// Versions and settings of the writing connection, for health pages and tests.
    public func settings() async throws -> (version: String, journalMode: String, synchronous: Int) {
        try await pool.writeWithoutTransaction { db in
            (
                try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "",
                try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
                try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
            )
        }
    }
}

// MARK: statements

extension SQLiteLedgerStore {
    static func bytes(_ bytes: [UInt8]) -> DatabaseValue { Data(bytes).databaseValue }

    static func blob(_ row: Row, _ column: Int) -> [UInt8] {
        (try? row.withUnsafeData(atIndex: column) { $0.map { [UInt8]($0) } }) ?? []
    }

    /// Level and index of a tile in one number, so that tiles of a level stand in a row.
    static func place(_ level: Int, _ index: UInt64) -> Int64 { Int64(level) << 56 | Int64(index) }

    static func head(_ db: Database) throws -> StoredHead {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT size, root, frontier, fence FROM head WHERE id = 1")),
            let root = TreeHash(blob(row, 1))
        else { throw StoreFault.corrupt("no head") }
        let frontier = blob(row, 2)
        guard frontier.count % TreeHash.byteCount == 0 else { throw StoreFault.corrupt("frontier") }
        return StoredHead(
            size: UInt64(row[0] as Int64), root: root,
            frontier: stride(from: 0, to: frontier.count, by: 32).compactMap { TreeHash(frontier[$0..<($0 + 32)]) },
            fence: UInt64(row[3] as Int64))
    }

    static func leaves(_ db: Database, _ range: Range<UInt64>) throws -> [UInt8] {
        guard !range.isEmpty else { return [] }
        // Rows never cross a multiple of 256, so the row that holds the first leaf begins at or above that multiple.
        let floor = range.lowerBound - range.lowerBound % 256
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT first, bytes FROM leaves WHERE first >= ? AND first < ? ORDER BY first"),
            arguments: [Int64(floor), Int64(range.upperBound)])
        var out = [UInt8]()
        out.reserveCapacity(range.count * LedgerLeaf.byteCount)
        var next = range.lowerBound
        while let row = try rows.next() {
            let first = UInt64(row[0] as Int64)
            let bytes = blob(row, 1)
            let end = first + UInt64(bytes.count / LedgerLeaf.byteCount)
            guard end > next else { continue }
            guard first <= next else { throw StoreFault.corrupt("a leaf is missing") }
            let stop = min(end, range.upperBound)
            out += bytes[(Int(next - first) * LedgerLeaf.byteCount)..<(Int(stop - first) * LedgerLeaf.byteCount)]
            next = stop
        }
        guard next == range.upperBound else { throw StoreFault.corrupt("a leaf is missing") }
        return out
    }
}

/// The open transaction on the writing connection.
final class SQLiteTransaction: LedgerTransaction {
    private let db: Database
    private(set) var head: StoredHead

    init(_ db: Database) throws {
        self.db = db
        head = try SQLiteLedgerStore.head(db)
    }

    func leaves(_ range: Range<UInt64>) throws -> [UInt8] { try SQLiteLedgerStore.leaves(db, range) }

    func signedRoot(at size: UInt64) throws -> TreeHash? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT root FROM signed_head WHERE size = ?"), arguments: [Int64(size)]
        ).flatMap { TreeHash(SQLiteLedgerStore.blob($0, 0)) }
    }

    func append(_ batch: LedgerBatch) throws {
        guard batch.size == head.size + UInt64(batch.count) else { throw StoreFault.corrupt("batch and head") }
        let bytes = SQLiteLedgerStore.bytes
        let insert = try db.cachedStatement(sql: "INSERT INTO leaves VALUES (?, ?, ?)")
        for row in batch.rows(from: head.size) {
            try insert.execute(arguments: [Int64(row.first), bytes(row.leaves), bytes(row.appenders)])
        }
        let tile = try db.cachedStatement(sql: "INSERT INTO tile VALUES (?, ?)")
        for full in batch.fullTiles {
            try tile.execute(arguments: [SQLiteLedgerStore.place(full.tile.level, full.tile.index), bytes(full.bytes)])
        }
        for record in batch.records {
            try db.cachedStatement(sql: "INSERT OR IGNORE INTO record VALUES (?, ?)").execute(
                arguments: [bytes(record.hash), bytes(record.body)])
        }
        try db.cachedStatement(sql: "INSERT INTO signed_head VALUES (?, ?, ?, ?)").execute(
            arguments: [Int64(batch.size), bytes(batch.root.bytes), Int64(head.size), Int64(batch.time)])
        let moved = StoredHead(size: batch.size, root: batch.root, frontier: batch.frontier, fence: head.fence)
        try db.cachedStatement(sql: "UPDATE head SET size = ?, root = ?, frontier = ? WHERE id = 1 AND size = ?")
            .execute(
                arguments: [
                    Int64(moved.size), bytes(moved.root.bytes), bytes(Tile.encode(moved.frontier)), Int64(head.size),
                ])
        guard db.changesCount == 1 else { throw StoreFault.corrupt("the head moved under its lock") }
        head = moved
    }

    func publish(_ note: [UInt8]) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO published VALUES (1, ?)").execute(
            arguments: [SQLiteLedgerStore.bytes(note)])
    }

    func fence() throws -> UInt64 {
        let raised = head.fence + 1
        try db.execute(sql: "UPDATE head SET fence = ? WHERE id = 1", arguments: [Int64(raised)])
        head = StoredHead(size: head.size, root: head.root, frontier: head.frontier, fence: raised)
        return raised
    }
}
