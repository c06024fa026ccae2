/// What information is used for (利用目的). A Request has exactly one; a give names those that it permits.
public enum PurposeOfUse: String, Term {
    case treatment
    /// Emergency treatment without the person's consent (break-glass).
    case emergency
    /// The person reads or adds to his or her own information.
    case ownUse = "own-use"
    case research
    /// An important finding of research goes back to the person.
    case returnOfResults = "return-of-results"
    case productRegistration = "product-registration"
    case recall
    case accidentPrevention = "accident-prevention"
    case maintenance
    case resale
    case identityVerification = "identity-verification"
    case statusConfirmation = "status-confirmation"
    /// Keeping the system itself: new factors, a lost pseudonym. Nothing about the person is disclosed.
    case administration

    /// The code of HL7 v3 ActReason (PurposeOfUse) where one fits.
    public var hl7: String? {
        switch self {
        case .treatment: "TREAT"
        case .emergency: "ETREAT"
        case .ownUse: "PATRQT"
        case .research: "HRESCH"
        case .administration: "SYSADMIN"
        case .returnOfResults, .productRegistration, .recall, .accidentPrevention, .maintenance, .resale,
            .identityVerification, .statusConfirmation:
            nil
        }
    }

    public var key: MessageKey { .purpose(self) }
}
