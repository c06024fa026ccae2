import Dispatch
import Ledger
import TransparencyLog

/// A ledger in PostgreSQL 15 or later, for several sequencers at once.
///
/// `SELECT head FOR UPDATE` puts the sequencers in a row; indices come from the locked head, so they have no gaps. The
/// fence in the head shuts out sequencers that were taken over. Reads go to the primary as well.
public final class PostgresLedgerStore: LedgerStore {
    private let writer: Worker
    private let readers: [Worker]

    /// Connects, and makes the tables if there are none.
    ///
    /// - Parameters:
    ///   - conninfo: libpq's connection string.
    ///   - schema: where the tables are: lower-case letters, digits and underscores.
    /// - Throws: `StoreFault.refused`, also if the server runs with `fsync = off`.
    public init(_ conninfo: String, schema: String = "ledger", readers: Int = 2) async throws {
        let isName = schema.utf8.allSatisfy { $0 == 0x5f || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
        guard isName, (1...48).contains(schema.utf8.count) else { throw StoreFault.refused("schema name") }
        let bounds =
            "connect_timeout=5 keepalives_idle=10 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=15000"
        writer = Worker("\(conninfo) \(bounds)", schema: schema)
        self.readers = (0..<max(1, readers)).map { _ in Worker("\(conninfo) \(bounds)", schema: schema) }
        try await writer.run { connection in
            // A lock over the schema's name: two that start at once would collide in CREATE SCHEMA.
            try connection.execute("SELECT pg_advisory_lock(7730001)")
            defer { try? connection.execute("SELECT pg_advisory_unlock(7730001)") }
            let setting = try connection.query("SHOW fsync")
            guard setting.first?.first == Array("on".utf8) else {
                throw StoreFault.refused("the server runs without fsync")
            }
            try Self.migrate(connection, schema)
        }
    }

    /// Numbered, append-only: a statement once released never changes.
    static let migrations = [
        """
        CREATE TABLE head (
            id int PRIMARY KEY CHECK (id = 1), size bigint NOT NULL, root bytea NOT NULL, frontier bytea NOT NULL,
            fence bigint NOT NULL);
        CREATE TABLE leaves (first bigint PRIMARY KEY, bytes bytea NOT NULL, appenders bytea NOT NULL);
        CREATE TABLE tile (place bigint PRIMARY KEY, bytes bytea NOT NULL);
        CREATE TABLE record (hash bytea PRIMARY KEY, body bytea NOT NULL);
        CREATE TABLE signed_head (
            size bigint PRIMARY KEY, root bytea NOT NULL, first bigint NOT NULL, time bigint NOT NULL);
        CREATE INDEX signed_head_time ON signed_head (time);
        CREATE TABLE published (id int PRIMARY KEY CHECK (id = 1), note bytea NOT NULL);
        ALTER TABLE leaves ALTER bytes SET STORAGE EXTERNAL;
        ALTER TABLE tile ALTER bytes SET STORAGE EXTERNAL;
        """
    ]

    private static func migrate(_ connection: PostgresConnection, _ schema: String) throws {
        try connection.execute(
            "BEGIN; CREATE SCHEMA IF NOT EXISTS \(schema); CREATE TABLE IF NOT EXISTS migration (number int)")
        let done = try connection.query("SELECT count(*) FROM migration")
        let version = Int(done.first?.first?.bigInt ?? 0)
        guard version <= migrations.count else { throw StoreFault.refused("the tables are of a newer version") }
        for number in version..<migrations.count {
            try connection.execute("\(migrations[number]); INSERT INTO migration VALUES (\(number + 1))")
        }
        try connection.query(
            "INSERT INTO head VALUES (1, 0, $1, '', $2) ON CONFLICT DO NOTHING",
            [.bytes(StoredHead.empty.root.bytes), .int(Int64(StoredHead.empty.fence))])
        try connection.execute("COMMIT")
    }

    public func transaction<R: Sendable>(_ body: @Sendable (any LedgerTransaction) throws -> R) async throws -> R {
        try await writer.transaction(body)
    }

    private func read<R: Sendable>(_ body: @Sendable (PostgresConnection) throws -> R) async throws -> R {
        try await readers[Int.random(in: 0..<readers.count)].run(body)
    }

    public func head() async throws -> StoredHead { try await read { try Self.head($0, locking: false) } }
    public func leaves(_ range: Range<UInt64>) async throws -> [UInt8] { try await read { try Self.leaves($0, range) } }

    public func fullTiles(level: Int, first: UInt64, count: Int) async throws -> [[UInt8]] {
        try await read { connection in
            let place = Self.place(level, first)
            let rows = try connection.query(
                "SELECT place, bytes FROM tile WHERE place >= $1 AND place < $2 ORDER BY place",
                [.int(place), .int(place + Int64(count))])
            var out = [[UInt8]]()
            for row in rows {
                guard row[0].bigInt == place + Int64(out.count) else { break }
                out.append(row[1])
            }
            return out
        }
    }

    public func record(_ hash: [UInt8]) async throws -> [UInt8]? {
        try await read { try $0.query("SELECT body FROM record WHERE hash = $1", [.bytes(hash)]).first?[0] }
    }

    public func published() async throws -> [UInt8]? {
        try await read { try $0.query("SELECT note FROM published").first?[0] }
    }

    public func firstIndex(since time: UInt64) async throws -> UInt64 {
        try await read { connection in
            let rows = try connection.query(
                "SELECT first FROM signed_head WHERE time >= $1 ORDER BY time, size LIMIT 1",
                [.int(Int64(clamping: time))])
            if let first = rows.first { return UInt64(first[0].bigInt) }
            return try Self.head(connection, locking: false).size
        }
    }

    public func close() async {
        await writer.close()
        for reader in readers { await reader.close() }
    }
}

// MARK: statements

extension PostgresLedgerStore {
    /// Level and index of a tile in one number, so that tiles of a level stand in a row.
    static func place(_ level: Int, _ index: UInt64) -> Int64 { Int64(level) << 56 | Int64(index) }

    static func head(_ connection: PostgresConnection, locking: Bool) throws -> StoredHead {
        let sql = "SELECT size, root, frontier, fence FROM head WHERE id = 1"
        guard let row = try connection.query(locking ? sql + " FOR UPDATE" : sql).first, let root = TreeHash(row[1]),
            row[2].count % TreeHash.byteCount == 0
        else { throw StoreFault.corrupt("no head") }
        return StoredHead(
            size: UInt64(row[0].bigInt), root: root,
            frontier: stride(from: 0, to: row[2].count, by: 32).compactMap { TreeHash(row[2][$0..<($0 + 32)]) },
            fence: UInt64(row[3].bigInt))
    }

    static func leaves(_ connection: PostgresConnection, _ range: Range<UInt64>) throws -> [UInt8] {
        guard !range.isEmpty else { return [] }
        // Rows never cross a multiple of 256, so the row that holds the first leaf begins at or above that multiple.
        let floor = range.lowerBound - range.lowerBound % 256
        let rows = try connection.query(
            "SELECT first, bytes FROM leaves WHERE first >= $1 AND first < $2 ORDER BY first",
            [.int(Int64(floor)), .int(Int64(range.upperBound))])
        var out = [UInt8]()
        out.reserveCapacity(range.count * LedgerLeaf.byteCount)
        var next = range.lowerBound
        for row in rows {
            let first = UInt64(row[0].bigInt)
            let end = first + UInt64(row[1].count / LedgerLeaf.byteCount)
            guard end > next else { continue }
            guard first <= next else { throw StoreFault.corrupt("a leaf is missing") }
            let stop = min(end, range.upperBound)
            out += row[1][(Int(next - first) * LedgerLeaf.byteCount)..<(Int(stop - first) * LedgerLeaf.byteCount)]
            next = stop
        }
        guard next == range.upperBound else { throw StoreFault.corrupt("a leaf is missing") }
        return out
    }
}

/// The open transaction on the writing connection.
final class PostgresTransaction: LedgerTransaction {
    private let connection: PostgresConnection
    private(set) var head: StoredHead

    init(_ connection: PostgresConnection) throws {
        self.connection = connection
        head = try PostgresLedgerStore.head(connection, locking: true)
    }

    func leaves(_ range: Range<UInt64>) throws -> [UInt8] { try PostgresLedgerStore.leaves(connection, range) }

    func signedRoot(at size: UInt64) throws -> TreeHash? {
        try connection.query("SELECT root FROM signed_head WHERE size = $1", [.int(Int64(size))]).first
            .flatMap { TreeHash($0[0]) }
    }

    func append(_ batch: LedgerBatch) throws {
        guard batch.size == head.size + UInt64(batch.count) else { throw StoreFault.corrupt("batch and head") }
        let rows = batch.rows(from: head.size)
        try connection.query(
            "INSERT INTO leaves SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])",
            [.ints(rows.map { Int64($0.first) }), .byteArrays(rows.map(\.leaves)), .byteArrays(rows.map(\.appenders))])
        if !batch.fullTiles.isEmpty {
            let places = batch.fullTiles.map { PostgresLedgerStore.place($0.tile.level, $0.tile.index) }
            try connection.query(
                "INSERT INTO tile SELECT * FROM unnest($1::bigint[], $2::bytea[])",
                [.ints(places), .byteArrays(batch.fullTiles.map(\.bytes))])
        }
        for record in batch.records {
            try connection.query(
                "INSERT INTO record VALUES ($1, $2) ON CONFLICT DO NOTHING", [.bytes(record.hash), .bytes(record.body)])
        }
        try connection.query(
            "INSERT INTO signed_head VALUES ($1, $2, $3, $4)",
            [.int(Int64(batch.size)), .bytes(batch.root.bytes), .int(Int64(head.size)), .int(Int64(batch.time))])
        let moved = StoredHead(size: batch.size, root: batch.root, frontier: batch.frontier, fence: head.fence)
        let updated = try connection.query(
            "UPDATE head SET size = $1, root = $2, frontier = $3 WHERE id = 1 AND size = $4 RETURNING size",
            [
                .int(Int64(moved.size)), .bytes(moved.root.bytes), .bytes(Tile.encode(moved.frontier)),
                .int(Int64(head.size)),
            ])
        guard updated.count == 1 else { throw StoreFault.corrupt("the head moved under its lock") }
        head = moved
    }

    func publish(_ note: [UInt8]) throws {
        try connection.query(
            "INSERT INTO published VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET note = excluded.note", [.bytes(note)])
    }

    func fence() throws -> UInt64 {
        let raised = head.fence + 1
        try connection.query("UPDATE head SET fence = $1 WHERE id = 1", [.int(Int64(raised))])
        head = StoredHead(size: head.size, root: head.root, frontier: head.frontier, fence: raised)
        return raised
    }
}

/// One connection on a queue of its own, so that libpq's waiting blocks no thread of Swift's. Connects again when it
/// was lost.
private actor Worker {
    private let conninfo: String
    private let schema: String
    private var connection: PostgresConnection?
    private let executor = QueueExecutor(label: "postgres")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ conninfo: String, schema: String) { (self.conninfo, self.schema) = (conninfo, schema) }

    private func connected() throws -> PostgresConnection {
        if let connection, !connection.isLost { return connection }
        connection = nil
        let fresh = try PostgresConnection(conninfo)
        try fresh.execute(
            """
            SET search_path = \(schema); SET synchronous_commit = on; SET lock_timeout = '5s';
            SET statement_timeout = '30s';
            SET idle_in_transaction_session_timeout = '30s'; SET client_min_messages = error
            """)
        connection = fresh
        return fresh
    }

    func run<R: Sendable>(_ body: @Sendable (PostgresConnection) throws -> R) throws -> R {
        do { return try body(try connected()) } catch { throw fault(error, committing: false) }
    }

    func transaction<R: Sendable>(_ body: @Sendable (any LedgerTransaction) throws -> R) throws -> R {
        var isCommitting = false
        do {
            let connection = try connected()
            try connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            do {
                let result = try body(try PostgresTransaction(connection))
                isCommitting = true
                try connection.commit()
                return result
            } catch {
                if !isCommitting { try? connection.execute("ROLLBACK") }
                throw error
            }
        } catch { throw fault(error, committing: isCommitting) }
    }

    /// What PostgreSQL reports, as the contract has it. Any trouble while COMMIT is under way leaves its outcome
    /// unknown.
    private func fault(_ error: any Error, committing: Bool) -> any Error {
        guard let error = error as? PostgresError else { return error }
        if committing { return StoreFault.unknown(error.description) }
        if error.isLost { connection = nil }
        switch error.sqlState {
        case "53100": return StoreFault.full
        case "58030", "XX001", "XX002": return StoreFault.corrupt(error.description)
        default: return StoreFault.refused(error.description)
        }
    }

    func close() { connection = nil }
}
