extension Service {
    /// Service U5, accident prevention: the product's use is watched, and its owner is warned before an accident. The
    /// watcher learns no owner.
    static let accidentPrevention = Service(
        .u5, offered: false, requesterKeepsDays: 30,
        flows: [
            Flow(
                by: [.manufacturer, .maintenanceFirm], acting: [.safetyOfficer], for: .accidentPrevention,
                of: [.productUse], through: [.identify, .deposit(.productSafetyCentre)], on: [.consent]),
            Flow(
                by: [.productSafetyCentre], acting: [.safetyOfficer], for: .accidentPrevention, of: [.recallNotice],
                through: [.link(.portal)], on: [.consent]),
        ])
}
