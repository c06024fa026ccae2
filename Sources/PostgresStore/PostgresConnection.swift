import CPostgres
import Ledger

/// What PostgreSQL or the connection to it answered, as far as an operator may see it: no row content is in it.
struct PostgresError: Error, CustomStringConvertible {
    /// Five characters, nil if the server did not answer.
    let sqlState: String?
    /// The connection is gone.
    let isLost: Bool
    var description: String { isLost ? "connection lost" : "PostgreSQL \(sqlState ?? "no answer")" }
}

/// A value on its way into a statement; everything travels in binary.
enum PostgresValue {
    case int(Int64)
    case bytes([UInt8])
    case ints([Int64])
    case byteArrays([[UInt8]])

    var encoded: [UInt8] {
        switch self {
        case .int(let value): Self.big(value)
        case .bytes(let value): value
        case .ints(let values): Self.array(oid: 20, values.map { Self.big($0) })
        case .byteArrays(let values): Self.array(oid: 17, values)
        }
    }

    private static func big(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// One dimension, no nulls, lower bound 1.
    private static func array(oid: Int32, _ items: [[UInt8]]) -> [UInt8] {
        var out = [UInt8]()
        out.reserveCapacity(20 + items.reduce(0) { $0 + $1.count + 4 })
        for header in [items.isEmpty ? 0 : 1, 0, oid] as [Int32] { out += big(header) }
        guard !items.isEmpty else { return out }
        for header in [Int32(items.count), 1] { out += big(header) }
        for item in items { out += big(Int32(item.count)) + item }
        return out
    }
}

/// One connection, used from one queue at a time by whoever owns it. Prepared statements, binary both ways.
final class PostgresConnection {
    typealias Row = [[UInt8]]

    private let handle: OpaquePointer
    private var prepared: [String: String] = [:]

    /// - Throws: `PostgresError`; the connection string, which can hold a password, is not in it.
    init(_ conninfo: String) throws {
        guard let handle = PQconnectdb(conninfo) else { throw PostgresError(sqlState: nil, isLost: true) }
        guard PQstatus(handle) == CONNECTION_OK else {
            PQfinish(handle)
            throw PostgresError(sqlState: nil, isLost: true)
        }
        self.handle = handle
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    var isLost: Bool { PQstatus(handle) != CONNECTION_OK }

    /// - Throws: also if the server answered COMMIT with a rollback, as it does in a transaction that had failed.
    func commit() throws {
        guard let result = PQexec(handle, "COMMIT") else { throw PostgresError(sqlState: nil, isLost: true) }
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK, String(cString: PQcmdStatus(result)) == "COMMIT" else {
            throw PostgresError(sqlState: nil, isLost: isLost)
        }
    }

    /// Statements without parameters, several of them separated by semicolons.
    func execute(_ sql: String) throws { _ = try check(PQexec(handle, sql)) }

    @discardableResult
    func query(_ sql: String, _ values: [PostgresValue] = []) throws -> [Row] {
        let name: String
        if let known = prepared[sql] {
            name = known
        } else {
            name = "s\(prepared.count)"
            _ = try check(PQprepare(handle, name, sql, 0, nil))
            prepared[sql] = name
        }
        let encoded = values.map(\.encoded)
        var flat = [UInt8]()
        flat.reserveCapacity(encoded.reduce(1) { $0 + $1.count })
        let offsets = encoded.map { bytes in
            defer { flat += bytes }
            return flat.count
        }
        flat.append(0)
        let lengths = encoded.map { Int32($0.count) }
        let formats = [Int32](repeating: 1, count: values.count)
        let result = flat.withUnsafeBytes { raw -> OpaquePointer? in
            let base = raw.bindMemory(to: CChar.self).baseAddress
            let pointers: [UnsafePointer<CChar>?] = offsets.map { offset in base.map { $0 + offset } }
            return PQexecPrepared(handle, name, Int32(values.count), pointers, lengths, formats, 1)
        }
        return try check(result)
    }

    private func check(_ result: OpaquePointer?) throws -> [Row] {
        guard let result else { throw PostgresError(sqlState: nil, isLost: true) }
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
            // PG_DIAG_SQLSTATE is the C character 'C', a macro that Swift does not import.
            let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
            throw PostgresError(sqlState: state, isLost: isLost)
        }
        return (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { column in
                let count = Int(PQgetlength(result, row, column))
                guard let start = PQgetvalue(result, row, column), count > 0 else { return [] }
                return Array(UnsafeRawBufferPointer(start: start, count: count))
            }
        }
    }
}

extension [UInt8] {
    /// A bigint as it comes over the wire.
    var bigInt: Int64 { Int64(bitPattern: reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) }
}
