import Exchanges
import GRDB
import GRDBSQLite

/// One transaction over the sealed entries. Statements are kept by GRDB; binding and stepping is done here, without a
/// box around each value: a node reads and writes some hundred entries for each exchange.
final class SQLiteNodeTransaction: NodeTransaction {
    private let db: Database
    private let sealer: StoreSealer

    init(_ db: Database, _ sealer: StoreSealer) { (self.db, self.sealer) = (db, sealer) }

    func get(_ table: Exchanges.Table, _ key: [UInt8]) throws -> [UInt8]? {
        let stored = sealer.stored(key, in: table)
        return try run("SELECT value FROM entry WHERE owner = ? AND key = ?", table, [stored]) { statement in
            guard try step(statement) else { return nil }
            return try sealer.open(Self.column(statement, 0), in: table, at: stored).value
        }
    }

    func scan(
        _ table: Exchanges.Table, prefix: [UInt8], after: [UInt8]?, limit: Int
    ) throws -> [(key: [UInt8], value: [UInt8])] {
        let start = sealer.stored(prefix, in: table)
        var (sql, bounds) = ("SELECT key, value FROM entry WHERE owner = ? AND key >= ?", [start])
        if let end = Self.end(of: start) {
            sql += " AND key < ?"
            bounds.append(end)
        }
        if let after {
            sql += " AND key > ?"
            bounds.append(sealer.stored(after, in: table))
        }
        return try run(sql + " ORDER BY key LIMIT ?", table, bounds) { statement in
            try check(sqlite3_bind_int64(statement, CInt(bounds.count + 2), Int64(limit)))
            var out: [(key: [UInt8], value: [UInt8])] = []
            while try step(statement) {
                let stored = [UInt8](Self.column(statement, 0))
                out.append(try sealer.open(Self.column(statement, 1), in: table, at: stored))
            }
            return out
        }
    }

    /// Behind everything that begins with a prefix; nil where nothing can stand there.
    private static func end(of prefix: [UInt8]) -> [UInt8]? {
        guard let place = prefix.lastIndex(where: { $0 < 255 }) else { return nil }
        return prefix[..<place] + [prefix[place] + 1]
    }

    func put(_ table: Exchanges.Table, _ key: [UInt8], _ value: [UInt8]) throws {
        let stored = sealer.stored(key, in: table)
        let sealed = sealer.seal(value, key: key, in: table, at: stored)
        _ = try run(
            "INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value", table,
            [stored, sealed], step)
    }

    func remove(_ table: Exchanges.Table, _ key: [UInt8]) throws {
        _ = try run("DELETE FROM entry WHERE owner = ? AND key = ?", table, [sealer.stored(key, in: table)], step)
    }

    /// Binds a table's name and byte strings, in this order, and lets the statement go afterwards.
    private func run<R>(
        _ sql: String, _ table: Exchanges.Table, _ bytes: [[UInt8]], _ body: (OpaquePointer) throws -> R
    ) throws -> R {
        let statement = try db.cachedStatement(sql: sql).sqliteStatement
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        try check(sqlite3_bind_text(statement, 1, table.name, -1, Self.copied))
        for (number, value) in bytes.enumerated() {
            // An empty array may have no address, and bytes without an address are NULL.
            let code = value.withUnsafeBufferPointer { buffer in
                buffer.isEmpty
                    ? sqlite3_bind_zeroblob(statement, CInt(number + 2), 0)
                    : sqlite3_bind_blob(statement, CInt(number + 2), buffer.baseAddress, CInt(value.count), Self.copied)
            }
            try check(code)
        }
        return try body(statement)
    }

    /// SQLite copies what is bound.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// - Returns: whether there is a row.
    private func step(_ statement: OpaquePointer) throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    private func check(_ code: CInt) throws {
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Codes only: a statement's text or values never stand in an error.
    private func failure(_ code: CInt) -> DatabaseError { DatabaseError(resultCode: ResultCode(rawValue: code)) }

    /// The bytes of a column, until the next step.
    private static func column(_ statement: OpaquePointer, _ number: CInt) -> UnsafeRawBufferPointer {
        // The address first: asking for it may change the length.
        let address = sqlite3_column_blob(statement, number)
        return UnsafeRawBufferPointer(start: address, count: Int(sqlite3_column_bytes(statement, number)))
    }
}
