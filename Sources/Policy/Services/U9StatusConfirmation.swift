extension Service {
    /// Service U9, current-status confirmation: a bank asks whether name and address still hold, and what they are now,
    /// on a ground that its contract names.
    static let statusConfirmation = Service(
        .u9, offered: false, requesterKeepsDays: 2_557,
        flows: [
            Flow(
                by: [.bank], acting: [.bankClerk], for: .statusConfirmation, of: [.status, .name, .address],
                through: [.link(.residentRegistry)], on: [.consent])
        ])
}
