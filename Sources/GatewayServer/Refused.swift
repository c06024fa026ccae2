import FHIR
import Serving

/// What is not done, as an answer with an OperationOutcome.
enum Refused {
    static let mediaType = FHIRResponse.mediaType + ";charset=utf-8"

    static func answer(_ problem: Problem) -> ServedAnswer {
        let isLater = problem.code == .unavailable
        return ServedAnswer(
            problem.code.status, OperationOutcome.json([problem]).bytes, type: mediaType,
            headers: isLater ? ["retry-after": "5", "cache-control": "no-store"] : ["cache-control": "no-store"])
    }

    /// 401: no credential of a system of this hospital.
    static let unknownSystem: ServedAnswer = {
        let outcome: JSONText = [
            "resourceType": "OperationOutcome",
            "issue": [
                [
                    "severity": "error", "code": "login",
                    "details": ["text": "Show the token or the client certificate of a system of this hospital."],
                ]
            ],
        ]
        return ServedAnswer(
            401, outcome.bytes, type: mediaType,
            headers: ["www-authenticate": "Bearer realm=\"gateway\"", "cache-control": "no-store"])
    }()
}
