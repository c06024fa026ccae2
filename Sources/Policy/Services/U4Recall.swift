extension Service {
    /// Service U4, product recall: the shop registers owner and product; the centre reaches the owners of the affected
    /// products, through the Registry where they moved. The maker learns no owner, the centre no name.
    static let recall = Service(
        .u4, offered: false, requesterKeepsDays: 0,
        flows: [
            Flow(
                by: [.retailer], acting: [.salesClerk], for: .productRegistration, of: [.product, .ownership],
                through: [.identify, .deposit(.productSafetyCentre)], on: [.consent]),
            Flow(
                by: [.productSafetyCentre], acting: [.recallOfficer], for: .recall, of: [.recallNotice],
                through: [.link(.portal)], on: [.consent]),
            Flow(
                by: [.productSafetyCentre], acting: [.recallOfficer], for: .recall, of: [.contact, .address],
                through: [.link(.residentRegistry)], on: [.consent]),
        ])
}
