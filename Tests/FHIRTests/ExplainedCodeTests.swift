import FHIR
import Policy
import Testing

/// The catalogue of texts cannot import FHIR: this keeps its list of codes the server's.
@Test func everyProblemOfTheServerIsExplainedAndNoOther() {
    #expect(Set(ProblemCode.allCases.map(\.rawValue)) == Set(FHIRCode.allCases.map(\.rawValue)))
}
