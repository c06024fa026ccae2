/// One of U1 to U9 as a declaration over the one path. The access matrix, the consent wording, `docs/services.md` and
/// the category templates of the policy are generated from these values; no service has code of its own.
public struct Service: Sendable {
    public let id: ServiceID
    /// Whether requests are admitted. A service that is declared but not offered is refused with `policy`.
    public let offered: Bool
    /// Who asks whom for what, flow by flow.
    public let flows: [Flow]
    /// How long the requester may keep what it received, in days; 0: not beyond the task at hand.
    public let requesterKeepsDays: Int

    init(_ id: ServiceID, offered: Bool, requesterKeepsDays: Int, flows: [Flow]) {
        (self.id, self.offered) = (id, offered)
        (self.requesterKeepsDays, self.flows) = (requesterKeepsDays, flows)
    }

    /// All nine, in order.
    public static let all: [Service] = [
        .ehrLinkage, .ownRecord, .secondaryUse, .recall, .accidentPrevention, .maintenance, .resale,
        .identityVerification, .statusConfirmation,
    ]

    /// The same declaration with its requests admitted: to try a service that is not offered yet.
    package var onTrial: Service {
        Service(id, offered: true, requesterKeepsDays: requesterKeepsDays, flows: flows)
    }

    /// Purposes for which the service asks for consent.
    public var consentPurposes: Set<PurposeOfUse> {
        Set(flows.filter { $0.grounds.contains(.consent) }.map(\.purpose))
    }

    /// Everything that its flows may carry on consent.
    public var consentCategories: Set<Category> {
        flows.filter { $0.grounds.contains(.consent) }.reduce(into: []) { $0.formUnion($1.categories) }
    }
}

/// One flow of a service: parties in these roles, acting through persons in these roles, for one purpose.
public struct Flow: Sendable {
    public let requesters: Set<PartyRole>
    public let actors: Set<Role>
    public let purpose: PurposeOfUse
    public let categories: Set<Category>
    public let exchanges: Set<ExchangeUse>
    public let grounds: Set<Ground>

    init(
        by requesters: Set<PartyRole>, acting actors: Set<Role>, for purpose: PurposeOfUse,
        of categories: Set<Category>, through exchanges: Set<ExchangeUse>, on grounds: Set<Ground>
    ) {
        (self.requesters, self.actors, self.purpose) = (requesters, actors, purpose)
        (self.categories, self.exchanges, self.grounds) = (categories, exchanges, grounds)
    }
}

extension Set<Category> {
    /// Clinical records of the ordinary kinds.
    static let clinical: Set<Category> = [
        .general, .laboratory, .medication, .allergy, .immunisation, .imaging, .vitalSigns, .checkup,
    ]
    /// Clinical records of all kinds; the sensitive ones wait for a second confirmation.
    static let allClinical: Set<Category> = clinical.union([.mentalHealth, .genetic])
    /// What an emergency room needs to save a life.
    static let emergency: Set<Category> = [.general, .laboratory, .medication, .allergy, .imaging]
    /// Name, sex, address and date of birth (基本4情報).
    static let basicFour: Set<Category> = [.name, .sex, .address, .birthDate]
}
