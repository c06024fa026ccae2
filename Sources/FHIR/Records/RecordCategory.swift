/// The kinds of health data by which a person consents, as the policy names them (`Policy.Category`); this module knows
/// their names only, and a test compares them.
public enum RecordCategory: String, Hashable, Sendable, CaseIterable, Comparable {
    case general = "GEN"
    case laboratory = "LAB"
    case medication = "MED"
    case allergy = "ALG"
    case immunisation = "IMM"
    case imaging = "IMG"
    case vitalSigns = "VIT"
    case checkup = "CHK"
    case homeMeasurement = "HOME"
    case mentalHealth = "PSY"
    case genetic = "DNA"

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The kind of a resource. A label that its author gave is stronger than its type; what nothing is known about is
    /// general.
    public init(of resource: Resource) {
        self = Self.sensitive(resource) ?? Self.byType[resource.type.name] ?? Self.byContent(resource)
    }

    /// What the policy calls sensitive is recognised by its security label (HL7 v3 ActCode), or by what it is.
    private static func sensitive(_ resource: Resource) -> RecordCategory? {
        let labels = Set(ElementPath("meta.security.code").values(in: resource.json).compactMap(\.string))
        if !labels.isDisjoint(with: ["PSY", "PSYTHPN", "MH", "SUD", "ETH", "BH"]) { return .mentalHealth }
        if !labels.isDisjoint(with: ["GDIS", "SICKLE"]) || resource.type.name == "MolecularSequence" {
            return .genetic
        }
        let codings = ["code.coding", "category.coding"].flatMap { ElementPath($0).values(in: resource.json) }
        for coding in codings {
            let (system, code) = (coding["system"]?.string ?? "", coding["code"]?.string ?? "")
            // ICD-10 chapter V: F00 to F99.
            if system.contains("icd-10"), code.hasPrefix("F") { return .mentalHealth }
            if code == "GE", system.hasSuffix("v2-0074") { return .genetic }
        }
        return nil
    }

    private static let byType: [String: RecordCategory] = [
        "MedicationRequest": .medication, "MedicationStatement": .medication, "MedicationAdministration": .medication,
        "MedicationDispense": .medication, "AllergyIntolerance": .allergy, "Immunization": .immunisation,
        "ImmunizationEvaluation": .immunisation, "ImmunizationRecommendation": .immunisation,
        "ImagingStudy": .imaging, "Media": .imaging, "Specimen": .laboratory,
    ]

    private static func byContent(_ resource: Resource) -> RecordCategory {
        let codes = ElementPath("category.coding.code").values(in: resource.json).compactMap(\.string)
        switch resource.type.name {
        case "Observation":
            if codes.contains("laboratory") { return .laboratory }
            if codes.contains("vital-signs") { return isFromHome(resource) ? .homeMeasurement : .vitalSigns }
            if codes.contains("imaging") { return .imaging }
            return .general
        case "DiagnosticReport", "ServiceRequest":
            if codes.contains(where: { ["RAD", "CT", "NMR", "RUS", "XRC", "imaging"].contains($0) }) {
                return .imaging
            }
            return codes.isEmpty || codes.contains("LAB") || codes.contains("laboratory") ? .laboratory : .general
        case "Encounter":
            let types = ElementPath("type.coding.code").values(in: resource.json).compactMap(\.string)
            return types.contains { checkups.contains($0) } ? .checkup : .general
        default: return .general
        }
    }

    /// SNOMED CT: general and well-child examinations.
    private static let checkups: Set<String> = ["162673000", "410620009"]

    /// What the person measured: the performer is the patient.
    private static func isFromHome(_ resource: Resource) -> Bool {
        resource.references(of: "performer", base: "").contains { $0.type == .patient }
    }
}
