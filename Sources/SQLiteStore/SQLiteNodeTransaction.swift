import Exchanges
import FoundationEssentials
import GRDB

/// One transaction over the sealed entries.
final class SQLiteNodeTransaction: NodeTransaction {
    private let db: Database
    private let sealer: StoreSealer

    init(_ db: Database, _ sealer: StoreSealer) { (self.db, self.sealer) = (db, sealer) }

    private func statement(_ sql: String, _ arguments: StatementArguments) throws -> Statement {
        let statement = try db.cachedStatement(sql: sql)
        statement.arguments = arguments
        return statement
    }

    func get(_ table: Exchanges.Table, _ key: [UInt8]) throws -> [UInt8]? {
        let stored = sealer.stored(key, in: table)
        let found = try Data.fetchOne(
            try statement(
                "SELECT value FROM entry WHERE owner = ? AND key = ?", [table.name, Data(stored)]))
        return try found.map { try sealer.open([UInt8]($0), in: table, at: stored).value }
    }

    func scan(
        _ table: Exchanges.Table, prefix: [UInt8], after: [UInt8]?, limit: Int
    ) throws -> [(key: [UInt8], value: [UInt8])] {
        let start = sealer.stored(prefix, in: table)
        let beyond = after.map { sealer.stored($0, in: table) }
        let end = Self.end(of: start)
        var sql = "SELECT key, value FROM entry WHERE owner = ? AND key >= ?"
        var arguments: StatementArguments = [table.name, Data(start)]
        if let end {
            sql += " AND key < ?"
            arguments += [Data(end)]
        }
        if let beyond {
            sql += " AND key > ?"
            arguments += [Data(beyond)]
        }
        sql += " ORDER BY key LIMIT ?"
        arguments += [Int64(limit)]
        let rows = try Row.fetchCursor(try statement(sql, arguments))
        var out: [(key: [UInt8], value: [UInt8])] = []
        while let row = try rows.next() {
            let stored = [UInt8](row[0] as Data)
            out.append(try sealer.open([UInt8](row[1] as Data), in: table, at: stored))
        }
        return out
    }

    /// Behind everything that begins with a prefix; nil where nothing can stand there.
    private static func end(of prefix: [UInt8]) -> [UInt8]? {
        guard let place = prefix.lastIndex(where: { $0 < 255 }) else { return nil }
        return prefix[..<place] + [prefix[place] + 1]
    }

    func put(_ table: Exchanges.Table, _ key: [UInt8], _ value: [UInt8]) throws {
        let stored = sealer.stored(key, in: table)
        let sealed = sealer.seal(value, key: key, in: table, at: stored)
        try statement(
            "INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value",
            [table.name, Data(stored), Data(sealed)]
        ).execute()
    }

    func remove(_ table: Exchanges.Table, _ key: [UInt8]) throws {
        let stored = sealer.stored(key, in: table)
        try statement("DELETE FROM entry WHERE owner = ? AND key = ?", [table.name, Data(stored)]).execute()
    }
}
