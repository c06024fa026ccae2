/// The rules by name. Which one refused is told to the person and the Authority, never to an outsider.
public enum RuleID: String, Term {
    case accreditation
    case credential
    case role
    case accessMatrix = "access-matrix"
    case serviceOffered = "service-offered"
    case twoPersons = "two-persons"
    case partyQuota = "party-quota"
    case officerQuota = "officer-quota"
    case origin
    case consent
    case pending
    case emergencyRole = "emergency-role"
    case emergencyCredential = "emergency-credential"
    case emergencyReason = "emergency-reason"
    case emergencyCategories = "emergency-categories"
    case emergencyLimit = "emergency-limit"
    case subjectQuota = "subject-quota"
    case record
    case recordCategory = "record-category"
    case recordPeriod = "record-period"

    public var key: MessageKey { .rule(self) }
}
