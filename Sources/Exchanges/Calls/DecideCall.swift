import Polymorphic
import Ristretto255

/// The body of `decide`: SR and O (PROTOCOL 8, 8.1). Each transcryptor gets only its own origins.
public struct DecideCall: Hashable, Sendable {
    public let request: SignedRequest
    /// By item: `u64(time) || box` from base, else a held token.
    public let origins: [[UInt8]]
    public let records: [RecordSubmission]
    /// By item: the tie of its deposits; empty without one.
    public let ties: [[UInt8]]

    static let baseOriginBytes = 8 + PresentationBox.byteCount

    public init(request: SignedRequest, origins: [[UInt8]], records: [RecordSubmission], ties: [[UInt8]]) {
        (self.request, self.origins, self.records, self.ties) = (request, origins, records, ties)
    }

    /// SR and O: what `adopt` begins with as well.
    var fields: [[UInt8]] {
        request.fields + [Wire.list(origins), Wire.list(records.map(\.bytes)), Wire.list(ties)]
    }
    public var body: [UInt8] { Wire.list(fields) }

    /// Parses form and counts only.
    /// - Throws: `length`, `trailing`, `label`, `record`, `prev`, those of a header.
    public init(body: [UInt8]) throws(Refusal) { try self.init(fields: try Wire.fields(of: body, 5)) }

    init(fields: [[UInt8]]) throws(Refusal) {
        let rawRecords = try Wire.elements(of: fields[3])
        origins = try Wire.elements(of: fields[2])
        ties = try Wire.elements(of: fields[4])
        request = try SignedRequest(fields[0], fields[1])
        let content = try request.content()
        let items = try Wire.elements(of: content[11])
        let lines = try Wire.elements(of: content[13])
        try need(origins.count == items.count && rawRecords.count == lines.count, .length)
        let originBytes = content[10] == Domain.base.bytes ? Self.baseOriginBytes : HeldToken.byteCount
        try need(origins.allSatisfy { $0.count == originBytes }, .length)
        var records: [RecordSubmission] = []
        for (line, record) in zip(lines, rawRecords) {
            records.append(try RecordSubmission(wire: record, line: line, beside: records.last?.header))
        }
        self.records = records
        for (index, tie) in ties.enumerated() {
            let deposits = lines.contains { $0.first == RecordLine.Use.deposit.rawValue && Self.item($0) == index }
            try need(tie.count == (deposits ? 64 : 0), .length)
        }
        try need(ties.count == items.count, .length)
    }

    private static func item(_ line: [UInt8]) -> Int { line.count >= 3 ? Int(line[1]) << 8 | Int(line[2]) : -1 }
}

/// What a transcryptor gets per record: for a fetch the header and its own Ticket; for a deposit what it checks
/// instead of the body.
public enum RecordSubmission: Hashable, Sendable {
    case fetch(header: RecordHeader, ticket: Ticket)
    case deposit(Deposit)

    public struct Deposit: Hashable, Sendable {
        public let prefix: EnvelopePrefix
        /// SHA-256 of the body.
        public let bodyHash: [UInt8]
        /// The header of the record that it replaces, and this transcryptor's own Ticket of it.
        public let previous: (header: RecordHeader, ticket: Ticket)?

        public init(prefix: EnvelopePrefix, bodyHash: [UInt8], previous: (header: RecordHeader, ticket: Ticket)?) {
            (self.prefix, self.bodyHash, self.previous) = (prefix, bodyHash, previous)
        }
        public static func == (a: Deposit, b: Deposit) -> Bool { a.fields == b.fields }
        public func hash(into hasher: inout Hasher) { hasher.combine(fields) }
        var fields: [[UInt8]] {
            [
                prefix.header.bytes, prefix.knowledge.bytes.bytes, prefix.commitment.bytes, prefix.signature.bytes,
                bodyHash, previous?.header.bytes ?? [], previous?.ticket.bytes ?? [],
            ]
        }
    }

    public var header: RecordHeader {
        switch self {
        case .fetch(let header, _): header
        case .deposit(let deposit): deposit.prefix.header
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .fetch(let header, let ticket): Wire.list([header.bytes, ticket.bytes])
        case .deposit(let deposit): Wire.list(deposit.fields)
        }
    }

    /// - Throws: `length`, `record` where the header is not that of its line, `prev`, those of a header.
    init(wire bytes: [UInt8], line: [UInt8], beside other: RecordHeader?) throws(Refusal) {
        let fields = try Wire.elements(of: bytes)
        let isDeposit = line.first == RecordLine.Use.deposit.rawValue
        try need(fields.count == (isDeposit ? 7 : 2), .length)
        try need(digest(.header, fields[0]).first.bytes.elementsEqual(line.dropFirst(5)), .record)
        if !isDeposit {
            let ticket = try Ticket(wire: fields[1])
            self = .fetch(header: try RecordHeader(wire: fields[0], beside: other), ticket: ticket)
            return
        }
        let header = try RecordHeader(wire: fields[0], beside: other)
        let replaces = header.previous != .zero
        try need(fields[4].count == 32 && fields[6].count == (replaces ? Ticket.byteCount : 0), .length)
        let prefix = EnvelopePrefix(
            header, try Knowledge(wire: fields[1]), try Wire.fixed(fields[2]), try Wire.fixed(fields[3]))
        var previous: (RecordHeader, Ticket)?
        if replaces {
            try need(digest(.header, fields[5]).first == header.previous, .prev)
            previous = (try RecordHeader(wire: fields[5]), try Ticket(wire: fields[6]))
        } else {
            try need(fields[5].isEmpty, .length)
        }
        self = .deposit(Deposit(prefix: prefix, bodyHash: fields[4], previous: previous))
    }
}
