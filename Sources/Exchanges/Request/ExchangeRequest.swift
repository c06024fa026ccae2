import Guards
import Polymorphic
import Ristretto255

/// What a party asks for: who, in which role, for which purpose, about whom (encrypted), which data (PROTOCOL 8).
/// All participants answer one and the same Request; its digest `rd` stands in every proof.
public struct ExchangeRequest: Hashable, Sendable {
    /// What a Request says, before it is packed.
    public struct Content: Hashable, Sendable {
        public var exchangeID: Bytes16
        public var requester: PartyID
        /// SHA-256 of the acting person's credential.
        public var credential: Bytes32
        public var role: Name
        public var purpose: Name
        public var categories: [Name]
        /// The period of the data, in minutes, both ends included.
        public var dataFrom: UInt64
        public var dataTo: UInt64
        public var basis: RequestBasis
        /// t different transcryptors in byte order.
        public var participants: [PartyID]
        public var source: Domain
        /// One presented pair from base, or 1...256 held pairs.
        public var items: [Pair]
        public var targets: [Domain]
        public var records: [RecordLine]
        /// Unix seconds.
        public var time: UInt64

        public init(
            exchangeID: Bytes16, requester: PartyID, credential: Bytes32, role: Name, purpose: Name, categories: [Name],
            dataFrom: UInt64, dataTo: UInt64, basis: RequestBasis, participants: [PartyID], source: Domain,
            items: [Pair],
            targets: [Domain], records: [RecordLine], time: UInt64
        ) {
            (self.exchangeID, self.requester, self.credential) = (exchangeID, requester, credential)
            (self.role, self.purpose, self.categories) = (role, purpose, categories)
            (self.dataFrom, self.dataTo, self.basis, self.participants) = (dataFrom, dataTo, basis, participants)
            (self.source, self.items, self.targets) = (source, items, targets)
            (self.records, self.time) = (records, time)
        }

        var packed: [UInt8] {
            let head = [exchangeID.bytes, requester.bytes, credential.bytes, role.bytes, purpose.bytes]
            let data = [
                Wire.list(categories.map(\.bytes)), dataFrom.bigEndianBytes, dataTo.bigEndianBytes, basis.bytes,
                Wire.list(participants.map(\.bytes)),
            ]
            let what = [
                source.bytes, Wire.list(items.map(\.bytes)), Wire.list(targets.map(\.bytes)),
                Wire.list(records.map(\.bytes)), time.bigEndianBytes,
            ]
            return pack(.request, fields: head + data + what)
        }
    }

    public let content: Content
    /// The bytes that are signed.
    public let bytes: [UInt8]
    /// `rd`.
    public let digest: Bytes64

    /// Packs a Request.
    public init(_ content: Content) {
        self.content = content
        bytes = content.packed
        digest = sha512(bytes)
    }

    static let fieldCount = 15
    static let categoriesMax = 64
    static let itemsMax = 256
    static let targetsMax = 16
    static let recordsMax = 256

    /// Who a Request may name.
    public struct Roll: Sendable {
        /// The transcryptors, in index order.
        public let transcryptors: [PartyID]
        public let t: Int
        public init(transcryptors: [PartyID], t: Int) { (self.transcryptors, self.t) = (transcryptors, t) }
    }

    /// Parses a Request and checks its form, in the order of PROTOCOL 8.
    /// - Parameters:
    ///   - peer: the party of the TLS connection.
    ///   - now: Unix seconds; nil where the time no longer counts (`adopt`, an answer that is repeated).
    /// - Throws: `label`, `length`, `trailing`, `peer`, `time`, `text`, `participants`, `point`, `source`, `target`,
    ///   `conflict`.
    public init(wire bytes: [UInt8], peer: PartyID, now: UInt64?, roll: Roll) throws(Refusal) {
        let fields = try unpack(.request, bytes, Self.fieldCount)
        if enforced("guard:request.peer") { try need(fields[1] == peer.bytes, .peer) }
        let exchangeID: Bytes16 = try Wire.fixed(fields[0])
        let credential: Bytes32 = try Wire.fixed(fields[2])
        let (from, to) = (try Wire.u64(fields[6]), try Wire.u64(fields[7]))
        let time = try Wire.u64(fields[14])
        if let now { try Self.fresh(time, now) }
        let (role, purpose) = (try Name(fields[3]), try Name(fields[4]))
        var categories: [Name] = []
        let names = try Wire.elements(of: fields[5])
        for name in names { categories.append(try Name(name)) }
        let basis = try RequestBasis(wire: fields[8])
        try need(names.count <= Self.categoriesMax && Set(names).count == names.count, .length)
        let participants = try Self.participants(fields[9], roll)
        let items = try Self.items(fields[11])
        let lines = try Wire.elements(of: fields[13])
        try need(lines.count <= Self.recordsMax, .length)
        let source = try Self.source(fields[10], items.count, fields[1])
        let targets = try Self.targets(fields[12], fields[10], hasRecords: !lines.isEmpty)
        var records: [RecordLine] = []
        for line in lines {
            records.append(
                try RecordLine(wire: line, items: items.count, targets: targets.count, fromBase: source == .base))
        }
        try need(Set(records.map(\.hash)).count == records.count || !enforced("guard:request.records"), .conflict)
        content = Content(
            exchangeID: exchangeID, requester: try PartyID(fields[1]), credential: credential, role: role,
            purpose: purpose, categories: categories, dataFrom: from, dataTo: to, basis: basis,
            participants: participants, source: source, items: items, targets: targets, records: records, time: time)
        self.bytes = bytes
        digest = sha512(bytes)
    }

    /// A Presentation or Request is fresh for so many seconds.
    static let freshSeconds: UInt64 = 120

    static func fresh(_ time: UInt64, _ now: UInt64) throws(Refusal) {
        let distance = time > now ? time - now : now - time
        try need(distance <= freshSeconds || !enforced("guard:request.time"), .time)
    }

    private static func participants(_ field: [UInt8], _ roll: Roll) throws(Refusal) -> [PartyID] {
        let known = Dictionary(uniqueKeysWithValues: roll.transcryptors.map { ($0.bytes, $0) })
        var out: [PartyID] = []
        for bytes in try Wire.elements(of: field) {
            guard let id = known[bytes] else { throw Refusal(.participants) }
            out.append(id)
        }
        let ordered = zip(out, out.dropFirst()).allSatisfy { $0 < $1 }
        try need(out.count == roll.t && ordered || !enforced("guard:request.participants"), .participants)
        return out
    }

    private static func items(_ field: [UInt8]) throws(Refusal) -> [Pair] {
        let all = try Wire.elements(of: field)
        let form = (1...itemsMax).contains(all.count) && all.allSatisfy { $0.count == 64 }
        try need(form && Set(all).count == all.count, .length)
        var pairs: [Pair] = []
        for (index, bytes) in all.enumerated() {
            do { pairs.append(try Pair(wire: bytes)) } catch { throw Refusal(error.code, at: index) }
        }
        return pairs
    }

    /// The source is base with one item, or a domain of the requester: nobody sends another party's pseudonyms.
    private static func source(_ field: [UInt8], _ items: Int, _ requester: [UInt8]) throws(Refusal) -> Domain {
        let source = try Domain(field, orRefuse: .source)
        switch source {
        case .base: try need(items == 1, .source)
        case .party(let id, _): try need(id.bytes == requester || !enforced("guard:request.source"), .source)
        }
        return source
    }

    private static func targets(_ field: [UInt8], _ source: [UInt8], hasRecords: Bool) throws(Refusal) -> [Domain] {
        let all = try Wire.elements(of: field)
        let form = all.count <= targetsMax && Set(all).count == all.count && !all.contains(source)
        try need(form && (!all.isEmpty || hasRecords), .target)
        var targets: [Domain] = []
        for bytes in all { targets.append(try Domain(bytes, orRefuse: .target)) }
        return targets
    }

    /// Which item each record is about.
    public var itemOfRecord: [Int] { content.records.map(\.item) }
}
