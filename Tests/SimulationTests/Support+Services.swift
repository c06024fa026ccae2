import Simulation

@testable import Policy

/// Services as a country could offer them later.
extension Service {
    /// The same, offered already.
    var opened: Service { Service(id, offered: true, requesterKeepsDays: requesterKeepsDays, flows: flows) }

    /// A hospital tells another one which of their patients it is about: a *link* that no service of today has between
    /// parties of this country.
    static let referral = Service(
        .u6, offered: true, requesterKeepsDays: 30,
        flows: [
            Flow(
                by: [.hospital], acting: [.physician], for: .treatment, of: Set.allClinical,
                through: [.link(.hospital)], on: [.consent])
        ])

    /// U1 as it is, U3 opened, and the referral.
    static let proof: [Service] = [ehrLinkage, secondaryUse.opened, referral]
}
