import CPostgres
import Crypto
import Foundation
import GRDB

/// What the machine and the bare databases do: one row of 98 bytes for each leaf, the batch of a full flush, durable.
enum LedgerFloors {
    static let batch = 4_096

    static func machine(_ scratch: LedgerScratch, _ add: (Figure) -> Void) throws {
        let file = open(scratch.fresh("fsync"), O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4_096)
        var rates = [Double]()
        for _ in 0..<5 {
            let start = ContinuousClock.now
            var count = 0.0
            while secondsSince(start) < 0.4 {
                _ = pwrite(file, block, block.count, 0)
                guard fdatasync(file) == 0 else { throw CocoaError(.fileWriteUnknown) }
                count += 1
            }
            rates.append(count / secondsSince(start))
        }
        add(
            Figure(
                id: "ledger.floor.fsync_per_s", value: percentile(rates, 0.5), unit: "1/s", runs: 5,
                note: "4 KiB pwrite + fdatasync in place; whether the host flushes to a stable medium is unknown"))
        let leaf = [UInt8](repeating: 7, count: 99)
        let start = ContinuousClock.now
        var sum = 0
        for _ in 0..<2_000_000 { sum &+= SHA256.hash(data: leaf).withUnsafeBytes { Int($0[0]) } }
        add(
            Figure(
                id: "ledger.floor.sha256_per_s", value: 2_000_000 / secondsSince(start), unit: "1/s", runs: 1,
                note: "99 bytes, one thread (\(sum & 1))"))
    }

    /// Rows each second of a bare SQLite with the same settings.
    static func sqlite(_ path: String, seconds: Double) throws -> Double {
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            try db.execute(sql: "CREATE TABLE row (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
        }
        let start = ContinuousClock.now
        var rows: Int64 = 0
        while secondsSince(start) < seconds {
            try queue.write { db in
                let insert = try db.cachedStatement(sql: "INSERT INTO row VALUES (?, ?)")
                for _ in 0..<batch {
                    try insert.execute(arguments: [rows, Data(repeating: UInt8(truncatingIfNeeded: rows), count: 98)])
                    rows += 1
                }
            }
        }
        let rate = Double(rows) / secondsSince(start)
        try queue.close()
        return rate
    }

    /// Rows each second of a bare PostgreSQL: locked head, one multi-row insert from an array, update, commit.
    static func postgres(_ conninfo: String, seconds: Double) throws -> Double {
        guard let connection = PQconnectdb(conninfo), PQstatus(connection) == CONNECTION_OK else {
            throw CocoaError(.fileReadUnknown)
        }
        defer { PQfinish(connection) }
        func check(_ result: OpaquePointer?) throws {
            defer { PQclear(result) }
            let status = PQresultStatus(result)
            guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else { throw CocoaError(.fileWriteUnknown) }
        }
        func run(_ sql: String) throws { try check(PQexec(connection, sql)) }
        try run("CREATE TABLE floor_head (size bigint); INSERT INTO floor_head VALUES (0)")
        try run("CREATE TABLE floor_row (number bigint PRIMARY KEY, bytes bytea NOT NULL)")
        let insert = """
            INSERT INTO floor_row SELECT (SELECT size FROM floor_head) + n - 1, b
            FROM unnest($1::bytea[]) WITH ORDINALITY u(b, n)
            """
        try check(PQprepare(connection, "insert", insert, 1, nil))
        let array = binaryArray(batch, of: [UInt8](repeating: 7, count: 98))
        let start = ContinuousClock.now
        var rows = 0
        while secondsSince(start) < seconds {
            try run("BEGIN")
            try run("SELECT size FROM floor_head FOR UPDATE")
            try array.withUnsafeBytes { raw in
                let values: [UnsafePointer<CChar>?] = [raw.bindMemory(to: CChar.self).baseAddress]
                try check(PQexecPrepared(connection, "insert", 1, values, [Int32(array.count)], [1], 1))
            }
            rows += batch
            try run("UPDATE floor_head SET size = \(rows)")
            try run("COMMIT")
        }
        return Double(rows) / secondsSince(start)
    }
}

/// A bytea[] as it travels in binary: the same bytes `count` times.
private func binaryArray(_ count: Int, of bytes: [UInt8]) -> [UInt8] {
    func big(_ value: Int) -> [UInt8] { withUnsafeBytes(of: Int32(value).bigEndian) { Array($0) } }
    var out = [1, 0, 17, count, 1].flatMap(big)
    for _ in 0..<count { out += big(bytes.count) + bytes }
    return out
}

/// A PostgreSQL of its own, on a Unix socket; as the user postgres if this is root.
final class LedgerPostgres {
    private let directory: String
    private let user = getuid() == 0 ? "postgres" : NSUserName()
    var conninfo: String { "host=\(directory) dbname=postgres user=\(user)" }
    private let tools = "/usr/lib/postgresql/15/bin"

    init(_ scratch: LedgerScratch) throws {
        directory = NSTemporaryDirectory() + "warifu-bench-\(getpid())"  // short: a socket's path has at most 107 bytes
        try shell("mkdir -m 700 \(directory)")
        if getuid() == 0 { try shell("chown \(user) \(directory)") }
        try run("\(tools)/initdb -D \(directory)/data -A trust --no-locale -E UTF8")
        let options =
            "-c listen_addresses= -c unix_socket_directories=\(directory) -c shared_buffers=256MB -c max_wal_size=4GB"
        try run("\(tools)/pg_ctl -D \(directory)/data -w -l \(directory)/log -o \\\"\(options)\\\" start")
    }

    func stop() {
        try? run("\(tools)/pg_ctl -D \(directory)/data -m fast -w stop")
        try? shell("rm -rf \(directory)")
    }

    private func run(_ command: String) throws {
        let prefix = getuid() == 0 ? "cd \(directory) && runuser -u \(user) -- " : ""
        try shell("\(prefix)sh -c \"\(command)\"")
    }

    /// `system`, not Foundation's Process: that one waits for the last heir of its file descriptors, here the server.
    private func shell(_ command: String) throws {
        guard system("( \(command) ) </dev/null >/dev/null 2>&1") == 0 else { throw CocoaError(.executableLoad) }
    }
}
