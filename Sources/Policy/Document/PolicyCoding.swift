import Polymorphic
import Ristretto255

/// Canonical bytes of the policy: names sorted, one encoding for one policy.
extension PolicyDocument {
    private static let limit = 4_096

    /// `policy bytes`: `list(list(row..), list(template..), list(quota..), break-glass)`.
    public var policyBytes: [UInt8] {
        Wire.list([
            Wire.list(Self.sorted(matrix.rows.map(Self.encode))),
            Wire.list(Self.sorted(templates.map { Wire.list([$0.key.bytes, Self.encode($0.value)]) })),
            Wire.list(Self.sorted(quotas.map(Self.encode))),
            Wire.list([
                Self.encode(breakGlass.roles), Self.encode(breakGlass.categories), Self.encode(breakGlass.reasons),
                breakGlass.perOfficerHour.bigEndianBytes, breakGlass.perSiteDay.bigEndianBytes,
                breakGlass.secondSignature.bigEndianBytes, breakGlass.review.bigEndianBytes,
            ]),
        ])
    }

    /// What the authority signs: `pack("policy", u32(version), policy bytes, u64(not_before))`.
    public var bytes: [UInt8] { pack(.policy, version.bigEndianBytes, policyBytes, notBefore.bytes) }

    /// Reads a policy whose signature was verified.
    /// - Throws: `label`, `trailing`, `text`, `length` (also for bytes that are not the one encoding).
    public init(wire: [UInt8]) throws(Refusal) {
        let fields = try unpack(.policy, wire, 3)
        var reader = WireReader(fields[0])
        version = try reader.integer(UInt32.self, orRefuse: .length)
        try need(reader.isAtEnd, .length)
        notBefore = Instant(wire: try Wire.u64(fields[2]))
        let parts = try Self.fields(fields[1], 4)
        var rows: [AccessRow] = []
        for row in try Wire.elements(of: parts[0], maximum: Self.limit) { rows.append(try Self.row(row)) }
        matrix = AccessMatrix(rows: rows)
        templates = [:]
        for template in try Wire.elements(of: parts[1], maximum: Self.limit) {
            let pair = try Self.fields(template, 2)
            templates[try Name(pair[0])] = try Self.names(pair[1])
        }
        quotas = []
        for quota in try Wire.elements(of: parts[2], maximum: Self.limit) { quotas.append(try Self.quota(quota)) }
        let glass = try Self.fields(parts[3], 7)
        breakGlass = BreakGlassPolicy(
            roles: try Self.names(glass[0]), categories: try Self.names(glass[1]), reasons: try Self.names(glass[2]),
            perOfficerHour: try Wire.u64(glass[3]), perSiteDay: try Wire.u64(glass[4]),
            secondSignature: try Wire.u64(glass[5]), review: try Wire.u64(glass[6]))
        try need(bytes == wire, .length)
    }

    private static func encode(_ names: Set<Name>) -> [UInt8] { Wire.list(names.sorted().map(\.bytes)) }

    private static func encode(_ row: AccessRow) -> [UInt8] {
        let exchanges = row.exchanges.map { Wire.list([Array($0.kind.rawValue.utf8), $0.target?.bytes ?? []]) }
        return Wire.list([
            row.service.bytes, [row.offered ? 1 : 0], encode(row.requesters), row.actor.bytes, row.purpose.bytes,
            encode(row.categories), Wire.list(sorted(exchanges)),
            Wire.list(row.grounds.sorted().map { Array($0.rawValue.utf8) }), row.rule?.bytes ?? [],
        ])
    }

    private static func encode(_ quota: Quota) -> [UInt8] {
        Wire.list([
            quota.id.bytes, [quota.scope.rawValue], quota.purpose?.bytes ?? [], quota.items.bigEndianBytes,
            quota.seconds.bigEndianBytes,
        ])
    }

    private static func row(_ bytes: [UInt8]) throws(Refusal) -> AccessRow {
        let fields = try fields(bytes, 9)
        try need(fields[1] == [0] || fields[1] == [1], .length)
        var exchanges: Set<AllowedExchange> = []
        for element in try Wire.elements(of: fields[6], maximum: limit) {
            let pair = try Self.fields(element, 2)
            guard let kind = ExchangeKind(try Name(pair[0])) else { throw Refusal(.text) }
            exchanges.insert(AllowedExchange(kind, try optional(pair[1])))
        }
        var grounds: Set<Ground> = []
        for element in try Wire.elements(of: fields[7], maximum: limit) {
            guard let ground = Ground(try Name(element)) else { throw Refusal(.text) }
            grounds.insert(ground)
        }
        return AccessRow(
            service: try Name(fields[0]), offered: fields[1] == [1], requesters: try names(fields[2]),
            actor: try Name(fields[3]), purpose: try Name(fields[4]), categories: try names(fields[5]),
            exchanges: exchanges, grounds: grounds, rule: try optional(fields[8]))
    }

    private static func quota(_ bytes: [UInt8]) throws(Refusal) -> Quota {
        let fields = try fields(bytes, 5)
        guard fields[1].count == 1, let scope = Quota.Scope(rawValue: fields[1][0]) else { throw Refusal(.length) }
        return Quota(
            id: try Name(fields[0]), scope: scope, purpose: try optional(fields[2]), items: try Wire.u64(fields[3]),
            seconds: try Wire.u64(fields[4]))
    }

    private static func optional(_ bytes: [UInt8]) throws(Refusal) -> Name? { bytes.isEmpty ? nil : try Name(bytes) }

    private static func names(_ bytes: [UInt8]) throws(Refusal) -> Set<Name> {
        var out: Set<Name> = []
        for element in try Wire.elements(of: bytes, maximum: limit) { out.insert(try Name(element)) }
        return out
    }

    private static func fields(_ bytes: [UInt8], _ count: Int) throws(Refusal) -> [[UInt8]] {
        let all = try Wire.elements(of: bytes, maximum: count)
        try need(all.count == count, .length)
        return all
    }

    private static func sorted(_ elements: [[UInt8]]) -> [[UInt8]] {
        elements.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
