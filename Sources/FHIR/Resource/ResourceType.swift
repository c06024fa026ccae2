/// A resource type of FHIR 4.0.1, by its name.
public struct ResourceType: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let name: String

    /// nil for a name that R4 does not know.
    public init?(_ name: String) {
        guard Self.names.contains(name) else { return nil }
        self.name = name
    }

    private init(known name: String) { self.name = name }

    public var description: String { name }
    public static func < (a: Self, b: Self) -> Bool { a.name < b.name }

    public static let patient = ResourceType(known: "Patient")
    public static let bundle = ResourceType(known: "Bundle")
    public static let consent = ResourceType(known: "Consent")
    public static let provenance = ResourceType(known: "Provenance")
    public static let auditEvent = ResourceType(known: "AuditEvent")

    /// Every type, in the order of the alphabet.
    public static let all: [ResourceType] = names.sorted().map(ResourceType.init(known:))

    /// Types that only carry a message and are never kept.
    public static let transient: Set<String> = ["Bundle", "OperationOutcome", "Parameters"]

    /// Types that a client can keep here and ask for.
    public static let kept: [ResourceType] = all.filter { !transient.contains($0.name) }

    public var isKept: Bool { !Self.transient.contains(name) }

    /// Resource types of R4, https://hl7.org/fhir/R4/resourcelist.html
    static let names: Set<String> = Set(
        """
        Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic
        Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry
        ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication
        CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage
        CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric
        DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
        Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable
        ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse
        HealthcareService ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation
        ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure MeasureReport Media Medication
        MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement
        MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication
        MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
        MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader
        MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition
        OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation
        Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
        RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject
        RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition
        StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein
        SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
        TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}

/// A resource on this server: type and logical id.
public struct ResourceKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let type: ResourceType
    public let id: String

    /// nil where the id is not `[A-Za-z0-9\-\.]{1,64}`.
    public init?(_ type: ResourceType, _ id: String) {
        guard Self.isID(id) else { return nil }
        (self.type, self.id) = (type, id)
    }

    public var description: String { type.name + "/" + id }
    public static func < (a: Self, b: Self) -> Bool { (a.type.name, a.id) < (b.type.name, b.id) }

    /// The syntax of a FHIR id.
    public static func isID(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        return (1...64).contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
