extension Service {
    /// Service U6, maintenance continuity: the service history follows the product to its next owner and firm, without
    /// the former owner.
    static let maintenance = Service(
        .u6, offered: false, requesterKeepsDays: 365,
        flows: [
            Flow(
                by: [.maintenanceFirm, .manufacturer], acting: [.technician], for: .maintenance,
                of: [.product, .serviceHistory], through: [.identify, .find(.productSafetyCentre), .fetch],
                on: [.consent]),
            Flow(
                by: [.maintenanceFirm, .manufacturer], acting: [.technician], for: .maintenance,
                of: [.serviceHistory], through: [.identify, .deposit(.productSafetyCentre)], on: [.consent]),
        ])
}
