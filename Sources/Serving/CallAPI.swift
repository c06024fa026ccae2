import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// The calls of a node over HTTPS: one `POST /v1/<call>` each (PROTOCOL 8.1). The node is the same as in memory, and so
/// are the bytes.
public struct CallAPI: Sendable {
    public static let contentType = "application/warifu"
    /// What stands before the name of a call.
    public static let prefix = "/v1/"

    /// The party whose Directory entry has this SHA-256 of a public key (SPKI); nil where none in force has.
    public typealias PeerLookup = @Sendable (Bytes32) async -> PartyID?

    private let node: any Node
    private let calls: Set<Call>
    private let peer: PeerLookup

    /// - Parameter calls: those that the node answers; any other path is not there.
    public init(_ node: any Node, calls: Set<Call>, peer: @escaping PeerLookup) {
        (self.node, self.calls, self.peer) = (node, calls, peer)
    }

    /// The largest body of each path, for the limits of the server.
    public static let bodyMax: [String: Int] = Dictionary(
        uniqueKeysWithValues: Call.allCases.map { (prefix + $0.rawValue, $0.bodyMax) })

    /// - Returns: nil for a path that is no call of this node.
    public func answer(_ request: ServedRequest) async -> ServedAnswer? {
        guard request.path.hasPrefix(Self.prefix),
            let call = Call(rawValue: String(request.path.dropFirst(Self.prefix.count))), calls.contains(call)
        else { return nil }
        guard request.method == .post else { return ServedAnswer(405) }
        guard request.contentType == Self.contentType else { return ServedAnswer(415) }
        do throws(Refusal) {
            let party = try await party(request.peer)
            let body = try await node.answer(call, request.body, from: party)
            return ServedAnswer(200, body, type: Self.contentType)
        } catch { return Self.refuse(error) }
    }

    /// Without a certificate a caller is nobody's: what it may ask is signed inside.
    /// - Throws: `peer` for a certificate that is in no entry in force.
    private func party(_ fingerprint: [UInt8]?) async throws(Refusal) -> PartyID? {
        guard let fingerprint else { return nil }
        let party = await peer(try Wire.fixed(fingerprint))
        try need(party != nil || !enforced("guard:serving.certificate"), .peer)
        return party
    }

    /// `list(code, u16(step or item) or empty)`: what an outsider is told.
    public static func refuse(_ refusal: Refusal) -> ServedAnswer {
        let status = refusal.code.status
        return ServedAnswer(
            status, CallFailure.body(of: refusal), type: contentType,
            headers: status == 503 ? ["retry-after": "1"] : [:])
    }
}

extension Refusal.Code {
    /// The HTTP status of a refusal (PROTOCOL 8.1).
    var status: Int {
        switch self {
        case .peer, .directory, .policy: 403
        case .conflict, .intent: 409
        case .quota: 429
        case .ledger, .unavailable: 503
        default: 400
        }
    }
}
