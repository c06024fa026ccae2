import Ledger
import Serving
import TransparencyLog

/// A tlog-witness over HTTP: `POST /add-checkpoint`, `GET /<hex SHA-256 of the origin>/checkpoint`, health.
public struct WitnessAPI: Sendable {
    private let witness: Witness
    public init(_ witness: Witness) { self.witness = witness }

    public func answer(_ request: ServedRequest) async -> ServedAnswer {
        switch (request.method, request.path) {
        case (.post, "/add-checkpoint"): return served(await witness.add(request.body))
        case (.get, "/health"): return ServedAnswer(200, text: "{\"ok\": true}\n", type: "application/json")
        case (.get, let path) where path.hasSuffix("/checkpoint"):
            return served(await witness.checkpoint(originHash: String(path.dropFirst().dropLast(11))))
        case (_, "/add-checkpoint"): return ServedAnswer(405)
        default: return ServedAnswer(404)
        }
    }

    private func served(_ response: WitnessResponse) -> ServedAnswer {
        ServedAnswer(response.status, response.body, type: response.contentType)
    }
}
