import Polymorphic
import Ristretto255

/// The row as bytes, for its sealed storage. One row has one encoding: everything is sorted, nothing is optional twice.
///
/// `list(u8 version, enrol_id, w_row, u8 n, u64 denials, u8 waits, list(device..), list(mandate..), list(give..),
/// list(u8 kind || id ..))`.
extension ConsentRow {
    private static let version: UInt8 = 1

    public var bytes: [UInt8] {
        Wire.list([
            [Self.version], enrolment.bytes, rowKey.bytes, [transcryptors], denials.bigEndianBytes,
            [denialWaits ? 1 : 0],
            Wire.list(devices.sorted { $0.key < $1.key }.map { Self.encode($0.key, $0.value) }),
            Wire.list(mandates.values.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }),
            Wire.list(gives.values.map(Self.encode).sorted { $0.lexicographicallyPrecedes($1) }),
            Wire.list(stopped.sorted().map { [$0.kind.rawValue] + $0.id.bytes }),
        ])
    }

    private static func encode(_ key: DeviceKey, _ device: Device) -> [UInt8] {
        Wire.list([
            [key.algorithm], key.bytes, device.id.bytes, device.stopKey.bytes, [device.isDelegate ? 1 : 0],
            device.activeFrom.bytes,
        ])
    }

    private static func encode(_ stored: StoredGive) -> [UInt8] {
        Wire.list([
            stored.bytes, [stored.signer.algorithm], stored.signer.bytes, stored.mandate?.bytes ?? [],
            [stored.isWide ? 1 : 0], stored.accepted.bytes, [stored.confirmed.rawValue], stored.uses.bigEndianBytes,
        ])
    }

    /// Reads a row back.
    /// - Throws: `length` for anything that `bytes` does not write; the codes of the entries in it.
    public init(bytes: [UInt8]) throws(Refusal) {
        let fields = try Self.exactly(bytes, 10)
        try need(fields[0] == [Self.version] && fields[3].count == 1 && fields[3] != [0], .length)
        self.init(
            uncheckedEnrolment: try Wire.fixed(fields[1]), rowKey: try StopKey(wire: fields[2]),
            denials: try Wire.u64(fields[4]), transcryptors: fields[3][0])
        denialWaits = try Self.flag(fields[5])
        watchNow(StopTarget(.row, enrolment), rowKey)
        watchNextDenial()
        for element in try Wire.elements(of: fields[6], maximum: Self.devicesMax) { try decodeDevice(element) }
        for element in try Wire.elements(of: fields[7], maximum: Self.mandatesMax) {
            let mandate = try Mandate(wire: element)
            mandates[mandate.id] = mandate
            watchNow(StopTarget(.mandate, mandate.id), mandate.stopKey)
        }
        for element in try Wire.elements(of: fields[8], maximum: Self.givesMax) { try decodeGive(element) }
        for element in try Wire.elements(of: fields[9], maximum: .max) {
            guard element.count == 17, let kind = StopKind(rawValue: element[0]) else { throw Refusal(.length) }
            stopped.insert(StopTarget(kind, try Wire.fixed(element[1...])))
        }
        try need(self.bytes == bytes, .length)  // sorted, and nothing twice
    }

    private mutating func decodeDevice(_ bytes: [UInt8]) throws(Refusal) {
        let fields = try Self.exactly(bytes, 6)
        try need(fields[0].count == 1, .length)
        let key = try DeviceKey(algorithm: fields[0][0], bytes: fields[1])
        let device = Device(
            id: try Wire.fixed(fields[2]), stopKey: try StopKey(wire: fields[3]),
            isDelegate: try Self.flag(fields[4]), activeFrom: Instant(wire: try Wire.u64(fields[5])))
        devices[key] = device
        watchNow(StopTarget(.device, device.id), device.stopKey)
    }

    private mutating func decodeGive(_ bytes: [UInt8]) throws(Refusal) {
        let fields = try Self.exactly(bytes, 8)
        try need(fields[1].count == 1 && fields[6].count == 1 && fields[6][0] < 4 && fields[7].count == 4, .length)
        let give = try Give(wire: fields[0])
        gives[give.id] = StoredGive(
            give: give, bytes: fields[0], signer: try DeviceKey(algorithm: fields[1][0], bytes: fields[2]),
            mandate: fields[3].isEmpty ? nil : try Wire.fixed(fields[3]), isWide: try Self.flag(fields[4]),
            accepted: Instant(wire: try Wire.u64(fields[5])), confirmed: Confirmed(rawValue: fields[6][0]),
            uses: fields[7].reduce(0) { $0 << 8 | UInt32($1) })
        watchNow(StopTarget(.give, give.id), give.stopKey)
    }

    private static func exactly(_ bytes: [UInt8], _ count: Int) throws(Refusal) -> [[UInt8]] {
        let all = try Wire.elements(of: bytes, maximum: count)
        try need(all.count == count, .length)
        return all
    }

    private static func flag(_ bytes: [UInt8]) throws(Refusal) -> Bool {
        try need(bytes == [0] || bytes == [1], .length)
        return bytes == [1]
    }
}

extension ConsentRow: Equatable {
    public static func == (a: ConsentRow, b: ConsentRow) -> Bool { a.bytes == b.bytes }
}

extension ConsentRow {
    /// What all Transcryptors must agree about once they have received and read the same: the count of deny-alls, the
    /// row, devices and mandates with their stops, and each give that may still be used, with its confirmation.
    ///
    /// Not in it: times of acceptance, uses and letters, which are each Transcryptor's own; and gives that are dead. A
    /// give that arrives after a deny-all is refused where it would otherwise be stored and dead: both mean the same.
    public var agreement: [UInt8] {
        let devices = self.devices.map { key, device in
            Wire.list([Self.encode(key, device), [mark(StopTarget(.device, device.id))]])
        }
        let mandates = self.mandates.values.map { mandate in
            Wire.list([mandate.bytes, [mark(StopTarget(.mandate, mandate.id))]])
        }
        let usable = gives.values.filter { !isEnded($0) && $0.give.denials == denials && !isStopped }.map { stored in
            Wire.list([
                stored.bytes, stored.mandate?.bytes ?? [], [stored.isWide ? 1 : 0],
                [stored.confirmed.contains(.key) ? 1 : 0],
            ])
        }
        let lists = [devices, mandates, usable].map { list in
            Wire.list(list.sorted { $0.lexicographicallyPrecedes($1) })
        }
        return Wire.list([enrolment.bytes, denials.bigEndianBytes, [isStopped ? 1 : 0]] + lists)
    }

    private func mark(_ target: StopTarget) -> UInt8 { stopped.contains(target) ? 1 : 0 }

    /// Forgets gives that ended more than 25 h ago and can no longer arrive again. Their stops are kept.
    public mutating func forgetEnded(before now: Instant) {
        for stored in gives.values {
            let quiet = min(now - stored.give.dates.notAfter, now - stored.give.signedAt, now - stored.accepted)
            guard quiet > Span.tagsKept else { continue }
            gives[stored.give.id] = nil
            unwatch(StopTarget(.give, stored.give.id), stored.give.stopKey)
        }
    }
}
