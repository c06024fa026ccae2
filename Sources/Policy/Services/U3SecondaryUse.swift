extension Service {
    /// Service U3, PHR secondary use: the centre's records reach the anonymising party in batches, a research institute
    /// gets an anonymised release, and an important finding goes back to the person through the centre. The researcher
    /// never learns who.
    static let secondaryUse = Service(
        .u3, offered: false, requesterKeepsDays: 365,
        flows: [
            Flow(
                by: [.medicalCentre], acting: [.anonymisationOfficer], for: .research, of: Set.clinical,
                through: [.study(.anonymiser)], on: [.consent]),
            Flow(
                by: [.anonymiser], acting: [.anonymisationOfficer], for: .research, of: Set.clinical,
                through: [.fetch], on: [.consent]),
            Flow(
                by: [.anonymiser], acting: [.anonymisationOfficer], for: .returnOfResults, of: [.finding],
                through: [.link(.portal)], on: [.consent]),
        ])
}
