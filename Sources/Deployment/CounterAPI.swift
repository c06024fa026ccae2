import Exchanges
import NumberCentre
import Polymorphic
import Ristretto255
import Serving

/// The counters of the Number Centre, where people are enrolled: beside the calls of PROTOCOL 8.1, on the same port.
/// Every act is signed by two officials, so a connection needs no certificate; what comes in is sealed or signed.
///
/// | `POST /counter/v1/..` | body | answer |
/// |---|---|---|
/// | `offer` | `list(identity, key hash 64, u64(time), approvals)` | `list(enrolment, list(signatures))` |
/// | `rows` | `list(enrol id 16, list(entries), list(boxes), w_row 32)` | `list(answers)` |
/// | `number` | `list(enrol id 16, u64(time), approvals)` | `list(13 digits)`, told once |
///
/// `approvals` is `list(list(officer 16, signature), ..)` over the act that `OfficialAct` makes of verb, subject and
/// time: `NumberCentreNode.enrolmentAct`, and `number` over the enrol id.
public struct CounterAPI: Sendable {
    public static let prefix = "/counter/v1/"
    public static let contentType = CallAPI.contentType
    private let centre: NumberCentreNode

    public init(_ centre: NumberCentreNode) { self.centre = centre }

    /// - Returns: nil for another path.
    public func answer(_ request: ServedRequest) async -> ServedAnswer? {
        guard request.path.hasPrefix(Self.prefix) else { return nil }
        guard request.method == .post else { return ServedAnswer(405) }
        guard request.contentType == Self.contentType else { return ServedAnswer(415) }
        do throws(Refusal) {
            switch request.path.dropFirst(Self.prefix.count) {
            case "offer": return accept(try await offer(request.body))
            case "rows": return accept(try await rows(request.body))
            case "number": return accept(try await number(request.body))
            default: return ServedAnswer(404)
            }
        } catch { return CallAPI.refuse(error) }
    }

    private func accept(_ body: [UInt8]) -> ServedAnswer { ServedAnswer(200, body, type: Self.contentType) }

    private func offer(_ body: [UInt8]) async throws(Refusal) -> [UInt8] {
        let fields = try Wire.fields(of: body, 4)
        try NationalNumber.refuse(in: fields[0])
        let keyHash: Bytes64 = try Wire.fixed(fields[1])
        let act = OfficialAct(
            party: centre.id, verb: "enrol", subject: NumberCentreNode.enrolmentSubject(fields[0], keyHash),
            time: try Wire.u64(fields[2]))
        let offer = try await centre.enrol(
            identity: fields[0], keyHash: keyHash, act, try Approval.list(wire: fields[3]))
        return offer.wire
    }

    private func rows(_ body: [UInt8]) async throws(Refusal) -> [UInt8] {
        Wire.list(try await centre.makeRows(try RowPapers(wire: body)))
    }

    private func number(_ body: [UInt8]) async throws(Refusal) -> [UInt8] {
        let fields = try Wire.fields(of: body, 3)
        let enrolID: Bytes16 = try Wire.fixed(fields[0])
        let act = OfficialAct(
            party: centre.id, verb: "number", subject: enrolID.bytes, time: try Wire.u64(fields[1]))
        let number = try await centre.issueNumber(for: enrolID, act, try Approval.list(wire: fields[2]))
        return Wire.list([Array(number.revealedDigits.utf8)])
    }
}
