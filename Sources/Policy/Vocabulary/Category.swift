/// A kind of data (情報の種類). Every record has one, every Request and give lists them.
public enum Category: String, Term {
    // Health
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
    /// The number under which one hospital knows the patient (診察券番号).
    case localPatientID = "MRN"
    case finding = "FIND"
    // Products
    case product = "PROD"
    case ownership = "OWN"
    case productUse = "PUSE"
    case serviceHistory = "SERV"
    case recallNotice = "RECN"
    // Register
    case name = "NAME"
    case address = "ADDR"
    case birthDate = "BIRTH"
    case sex = "SEX"
    /// Whether the four items have changed: yes, no, or cannot tell.
    case status = "STAT"
    case contact = "CONT"

    /// Kinds that no template expects: a give that names one is wide and waits for a second confirmation.
    public var isSensitive: Bool { self == .mentalHealth || self == .genetic }

    /// The sensitivity code of HL7 v3 ActCode where one fits.
    public var hl7Sensitivity: String? {
        switch self {
        case .mentalHealth: "PSY"
        case .genetic: "GDIS"
        default: nil
        }
    }

    public var key: MessageKey { .category(self) }
}
