/// What a party is accredited as. Its Directory entry lists these.
public enum PartyRole: String, Term {
    case hospital
    case clinic
    case pharmacy
    case researchInstitute = "research-institute"
    /// Makes anonymised releases (U3); reads records, never names.
    case anonymiser
    case retailer
    case manufacturer
    case maintenanceFirm = "maintenance-firm"
    case secondHandDealer = "second-hand-dealer"
    case bank
    case insurer
    case medicalCentre = "medical-centre"
    case productSafetyCentre = "product-safety-centre"
    case residentRegistry = "resident-registry"
    case numberCentre = "number-centre"
    case cardService = "card-service"
    case authority
    case transcryptor
    case portal

    public var key: MessageKey { .party(self) }
}

/// On what ground an Exchange is admitted. "None" is not a case.
public enum Ground: String, Term {
    case consent
    case breakGlass = "break-glass"
    case policyRule = "policy-rule"

    public var key: MessageKey { .ground(self) }
}

/// Why emergency access without consent is needed. One is declared at each use, with a text.
public enum EmergencyReason: String, Term {
    case unconscious
    case lifeInDanger = "life-in-danger"
    /// The person cannot speak for himself or herself, and nobody who may is there.
    case cannotConsent = "cannot-consent"

    public var key: MessageKey { .emergencyReason(self) }
}
