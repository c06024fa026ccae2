/// Makes the resource that tells a client what happened.
public enum OperationOutcome {
    /// The system of our own codes, which are more exact than those of FHIR.
    public static let codeSystem = "urn:warifu:fhir-problem"

    public static func json(_ problems: [Problem]) -> JSONText {
        .object([
            ("resourceType", "OperationOutcome"), ("issue", .array(problems.map { issue($0, severity: "error") })),
        ])
    }

    /// Says that all went well.
    static let allOK: JSONText = [
        "resourceType": "OperationOutcome",
        "issue": [["severity": "information", "code": "informational", "details": ["text": "Done."]]],
    ]

    /// An issue in a result that is given all the same.
    static func warning(_ problem: Problem) -> JSONText {
        ["resourceType": "OperationOutcome", "issue": [issue(problem, severity: "warning")]]
    }

    private static func issue(_ problem: Problem, severity: String) -> JSONText {
        let (expression, diagnostics) = words(problem.place)
        return .members([
            ("severity", .string(severity)),
            ("code", .string(problem.code.issueType)),
            (
                "details",
                [
                    "coding": [["system": .string(codeSystem), "code": .string(problem.code.rawValue)]],
                    "text": .string(problem.code.text),
                ]
            ),
            ("diagnostics", diagnostics.map(JSONText.string)),
            ("expression", expression.map { [.string($0)] }),
        ])
    }

    private static func words(_ place: Problem.Place?) -> (expression: String?, diagnostics: String?) {
        switch place {
        case nil: return (nil, nil)
        case .byte(let offset): return (nil, "byte \(offset)")
        case .parameter(let number): return (nil, "parameter \(number)")
        case .header(let name): return ("http.\(name)", nil)
        case .element(let path): return (path, nil)
        case .entry(let index, let inner):
            let (expression, diagnostics) = words(inner)
            let entry = "Bundle.entry[\(index)]"
            return (expression.map { "\(entry).resource.\($0)" } ?? entry, diagnostics)
        }
    }
}
