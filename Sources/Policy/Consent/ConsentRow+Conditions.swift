import Guards
import Polymorphic
import Ristretto255

/// The conditions that several entries share, each with its one code.
extension ConsentRow {
    /// - Throws: `row` for a stopped row.
    func needOpen() throws(Refusal) {
        if enforced("guard:consent.row-stopped") { try need(!isStopped, .row) }
    }

    /// The key of the row that signed, stopped or not.
    /// - Throws: `signature`.
    func signer(
        _ bytes: [UInt8], _ signature: [UInt8], at now: Instant, _ check: some SignatureCheck
    ) throws(Refusal) -> DeviceKey {
        for (key, device) in devices.sorted(by: { $0.key < $1.key }) where isActive(device, at: now) {
            if check.accepts(signature, over: bytes, by: key) { return key }
        }
        guard !enforced("guard:consent.signature"), let any = devices.keys.min() else { throw Refusal(.signature) }
        return any
    }

    /// Whether a device may present and sign: known, past its waiting time, not stopped.
    public func isActive(device id: Bytes16, at now: Instant) -> Bool {
        guard let device = devices.values.first(where: { $0.id == id }) else { return false }
        let isStopped = stopped.contains(StopTarget(.device, id))
        return isActive(device, at: now) && (!isStopped || !enforced("guard:consent.key-stopped"))
    }

    /// Whether a device is a delegate's.
    public func isDelegate(device id: Bytes16) -> Bool {
        devices.values.contains { $0.id == id && $0.isDelegate }
    }

    /// `w_row`, for comparing it with that of an entry.
    public var rowStopKey: Bytes32 { rowKey.revealed }

    private func isActive(_ device: Device, at now: Instant) -> Bool {
        device.activeFrom <= now || !enforced("guard:consent.device-waits")
    }

    /// - Throws: `signature` for a stopped key, `mandate` for a delegate's.
    func needOwn(_ key: DeviceKey) throws(Refusal) {
        guard let device = devices[key] else { throw Refusal(.signature) }
        if enforced("guard:consent.key-stopped") {
            try need(!stopped.contains(StopTarget(.device, device.id)), .signature)
        }
        if enforced("guard:consent.key-delegate") { try need(!device.isDelegate, .mandate) }
    }

    /// Entries are accepted from 120 s before to 24 h after they were signed.
    /// - Throws: `time`.
    func needFresh(_ signedAt: Instant, at now: Instant) throws(Refusal) {
        guard enforced("guard:consent.entry-time") else { return }
        try need((-Span.entryEarly...Span.entryLate).contains(now - signedAt), .time)
    }

    /// - Throws: `conflict` for other bytes under a known id.
    func needUnused(_ isNew: Bool) throws(Refusal) {
        if enforced("guard:consent.entry-id") { try need(isNew, .conflict) }
    }

    /// - Throws: `quota` for one entry too many.
    func limit(_ holds: Bool) throws(Refusal) {
        if enforced("guard:consent.row-limit") { try need(holds, .quota) }
    }
}
