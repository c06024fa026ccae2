import Guards
import Ledger
import Polymorphic
import Serving
import TransparencyLog

/// The side on which transcryptors and the authority append; behind mutual TLS. (PROTOCOL 8.1)
///
/// | call | fields | answer: one field |
/// |---|---|---|
/// | `/v1/append` | list(leaves), list(records, empty for kind 1) | list(u64(leaf index)) |
/// | `/v1/append-witnessed` | the same | list(proof files), each under the witness quorum |
/// | `/v1/record` | SHA-256 of a record | record |
///
/// Records are public: whoever can connect gets them.
public struct AppendAPI: Sendable {
    /// The type of every body and answer.
    public static let contentType = "application/warifu"
    private let ledger: RunningLedger
    private let appenders: Appenders

    public init(_ ledger: RunningLedger, appenders: Appenders) { (self.ledger, self.appenders) = (ledger, appenders) }

    public func answer(_ request: ServedRequest) async -> ServedAnswer {
        guard ["/v1/append", "/v1/append-witnessed", "/v1/record"].contains(request.path) else {
            return ServedAnswer(404)
        }
        guard request.method == .post else { return ServedAnswer(405) }
        guard request.contentType == Self.contentType else { return ServedAnswer(415) }
        let appender = appenders[request.peer]
        do {
            if request.path == "/v1/record" { return try await record(request.body) }
            if enforced("guard:ledger.peer") {
                guard appender != nil else { return Self.refuse(403, "peer") }
            }
            let leaves = try submissions(request.body, appender)
            if request.path == "/v1/append" {
                let indices = try await ledger.sequencer.append(leaves)
                return Self.accept(Wire.list(indices.map(\.bigEndianBytes)))
            }
            return Self.accept(Wire.list(try await ledger.appendWitnessed(leaves).map(\.encoded)))
        } catch let refusal as LedgerRefusal { return Self.refuse(refusal) } catch let refusal as Refusal {
            return Self.refuse(400, refusal.code.rawValue)
        } catch is PeerMayNot { return Self.refuse(403, "peer") } catch { return Self.refuse(503, "unavailable") }
    }

    private struct PeerMayNot: Error {}

    private func submissions(_ body: [UInt8], _ appender: Appenders.Appender?) throws -> [LeafSubmission] {
        let fields = try Wire.fields(of: body, 2)
        let (leaves, records) = (try Wire.elements(of: fields[0]), try Wire.elements(of: fields[1]))
        guard leaves.count == records.count, (1...LeafSubmission.perCallMax).contains(leaves.count) else {
            throw LedgerRefusal.leaf
        }
        return try zip(leaves, records).map { bytes, record in
            let leaf = try LedgerLeaf(parsing: bytes)
            if enforced("guard:ledger.peer-kind") {
                guard appender?.may(leaf.kind) ?? true else { throw PeerMayNot() }
            }
            return try LeafSubmission(leaf, record: record.isEmpty ? nil : record, appender: appender?.number ?? 0)
        }
    }

    private func record(_ body: [UInt8]) async throws -> ServedAnswer {
        let hash = try Wire.fields(of: body, 1)[0]
        // Not there (yet): 503, the caller comes again. (PROTOCOL 8.1)
        guard let record = try await ledger.tree.store.record(hash) else { return Self.refuse(503, "ledger") }
        return Self.accept(record)
    }

    private static func accept(_ field: [UInt8]) -> ServedAnswer {
        ServedAnswer(200, Wire.list([field]), type: contentType)
    }

    /// `list(code, empty)`: what an outsider is told. (PROTOCOL 8.1)
    private static func refuse(_ status: Int, _ code: String, retryAfter seconds: Int? = nil) -> ServedAnswer {
        let after = seconds ?? (status == 503 ? 1 : nil)
        return ServedAnswer(
            status, Wire.list([Array(code.utf8), []]), type: contentType,
            headers: after.map { ["retry-after": "\($0)"] } ?? [:])
    }

    private static func refuse(_ refusal: LedgerRefusal) -> ServedAnswer {
        switch refusal {
        case .leaf, .record: refuse(400, refusal.code)
        case .busy(let milliseconds): refuse(503, "unavailable", retryAfter: max(1, (milliseconds + 999) / 1_000))
        default: refuse(503, refusal.code)
        }
    }
}
