/// The role in which a person acts for a party (役割). A credential of the Directory lists the roles of its person.
public enum Role: String, Term {
    case physician
    case emergencyPhysician = "emergency-physician"
    case nurse
    case pharmacist
    /// Deposits records and patient-id numbers, never reads them.
    case recordsClerk = "records-clerk"
    case researcher
    case anonymisationOfficer = "anonymisation-officer"
    case salesClerk = "sales-clerk"
    case recallOfficer = "recall-officer"
    case safetyOfficer = "safety-officer"
    case technician
    case secondHandDealer = "second-hand-dealer"
    case bankClerk = "bank-clerk"
    /// Officer of the Number Centre, the card service or the Authority who keeps keys and rows.
    case keyOfficer = "key-officer"
    /// The person concerned, acting for himself or herself.
    case subject
    /// A parent, guardian or helper within a mandate.
    case delegate

    public var key: MessageKey { .role(self) }
}

/// A class of roles that a person can name in place of a party: "every physician" (`role:<class>`).
public enum RoleClass: String, Term {
    case physician
    case careTeam = "care-team"
    case pharmacist
    case researcher
    case technician

    /// The roles in it.
    public var roles: Set<Role> {
        switch self {
        case .physician: [.physician, .emergencyPhysician]
        case .careTeam: [.physician, .emergencyPhysician, .nurse, .pharmacist]
        case .pharmacist: [.pharmacist]
        case .researcher: [.researcher]
        case .technician: [.technician]
        }
    }

    /// The classes of a role.
    public static func classes(of role: Role) -> Set<RoleClass> { Set(allCases.filter { $0.roles.contains(role) }) }

    public var key: MessageKey { .roleClass(self) }
}
