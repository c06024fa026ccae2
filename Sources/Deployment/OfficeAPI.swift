import Authority
import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255
import Serving

/// The office of the authority, where its officers act: on the port of its calls. Every act carries the signatures of
/// two officers, so a connection needs no certificate. An act counts for an hour. The same act again changes nothing:
/// what is there already is there once, and nobody is taken out of force by what was signed before its newest entry.
///
/// | `POST /office/v1/..` | body, then `u64(time), approvals` | the officers sign `act(verb, subject)` |
/// |---|---|---|
/// | `accredit` | entry, signature of the previous key or empty | `accredit`, SHA-512 of the entry |
/// | `credential` | credential | `credential`, its SHA-256 |
/// | `policy` | policy document | `policy`, SHA-512 of it |
/// | `revoke`, `suspend` | party | the verb, party |
/// | `record` | signed record, such as that of a ceremony | `record`, SHA-512 of it |
/// | `entry` | party; nobody signs | the newest entry of a party: it is public |
public struct OfficeAPI: Sendable {
    public static let prefix = "/office/v1/"
    private let authority: AuthorityNode

    public init(_ authority: AuthorityNode) { self.authority = authority }

    /// - Returns: nil for another path.
    public func answer(_ request: ServedRequest) async -> ServedAnswer? {
        guard request.path.hasPrefix(Self.prefix) else { return nil }
        guard request.method == .post else { return ServedAnswer(405) }
        guard request.contentType == CallAPI.contentType else { return ServedAnswer(415) }
        do throws(Refusal) {
            guard let verb = Office.Verb(rawValue: String(request.path.dropFirst(Self.prefix.count))) else {
                return ServedAnswer(404)
            }
            let body = try await carry(verb, request.body)
            return ServedAnswer(200, body, type: CallAPI.contentType)
        } catch { return CallAPI.refuse(error) }
    }

    private func carry(_ verb: Office.Verb, _ body: [UInt8]) async throws(Refusal) -> [UInt8] {
        let fields = try Wire.elements(of: body, maximum: 8)
        if verb == .entry {
            try need(fields.count == 1, .length)
            guard let entry = try await authority.entry(of: try PartyID(fields[0])) else { return [] }
            return entry.bytes
        }
        try need(fields.count == verb.fields + 2, .length)
        let time = try Wire.u64(fields[verb.fields])
        let approvals = try Approval.list(wire: fields[verb.fields + 1])
        let act = OfficialAct(
            party: authority.id, verb: verb.rawValue, subject: try verb.subject(fields), time: time)
        switch verb {
        case .accredit:
            try await authority.accredit(
                try DirectoryEntry(wire: fields[0]), previous: fields[1].isEmpty ? nil : fields[1], act, approvals)
        case .credential: try await authority.accredit(try Credential(wire: fields[0]), act, approvals)
        case .policy: try await authority.publish(try PolicyDocument(wire: fields[0]), act, approvals)
        case .revoke:
            try await fresh(act, against: try PartyID(fields[0]))
            try await authority.revoke(try PartyID(fields[0]), act, approvals)
        case .suspend:
            try await fresh(act, against: try PartyID(fields[0]))
            try await authority.suspend(try PartyID(fields[0]), act, approvals)
        case .record: try await authority.record(try SignedEntry(wire: fields[0]), act, approvals)
        case .entry: break
        }
        return []
    }

    /// An act that was kept and sent again must not end what the officers have accredited since.
    /// - Throws: `conflict` for an act that is older than the entry in force.
    private func fresh(_ act: OfficialAct, against party: PartyID) async throws(Refusal) {
        guard let entry = try await authority.entry(of: party) else { return }
        // One that begins later is no newer act: it may be ended before it begins.
        let isOlder = act.time < entry.notBefore && entry.notBefore <= SystemClock().now()
        try need(!isOlder || !enforced("guard:office.replay"), .conflict)
    }
}

/// What officers do there.
public enum Office {
    public enum Verb: String, Sendable, CaseIterable {
        case accredit, credential, policy, revoke, suspend, record, entry

        /// Fields of a body before the time.
        var fields: Int { self == .accredit ? 2 : 1 }

        /// What is signed of them.
        func subject(_ fields: [[UInt8]]) throws(Refusal) -> [UInt8] {
            switch self {
            case .accredit, .policy, .record: sha512(fields[0]).bytes
            case .credential: try Credential(wire: fields[0]).hash.bytes
            case .revoke, .suspend: try PartyID(fields[0]).bytes
            case .entry: []
            }
        }
    }

    /// The body of an act, signed by officers.
    public static func body(
        _ verb: Verb, _ fields: [[UInt8]], party: PartyID, at now: UInt64, by officers: [(OfficialAct) -> Approval]
    ) throws(Refusal) -> [UInt8] {
        let act = OfficialAct(party: party, verb: verb.rawValue, subject: try verb.subject(fields), time: now)
        return Wire.list(fields + [now.bigEndianBytes, Approval.wire(officers.map { $0(act) })])
    }
}
