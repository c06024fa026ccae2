extension Service {
    /// Service U7, reuse quality and warranty: a fair price from the product's history; the history goes with the
    /// product, and ownership changes.
    static let resale = Service(
        .u7, offered: false, requesterKeepsDays: 90,
        flows: [
            Flow(
                by: [.secondHandDealer], acting: [.secondHandDealer], for: .resale,
                of: [.product, .serviceHistory, .productUse, .recallNotice],
                through: [.identify, .find(.productSafetyCentre), .fetch], on: [.consent]),
            Flow(
                by: [.secondHandDealer], acting: [.secondHandDealer], for: .resale, of: [.ownership],
                through: [.identify, .deposit(.productSafetyCentre)], on: [.consent]),
        ])
}
