extension Service {
    /// Service U2, PHR primary use: one life-long record. The person reads it, adds home measurements and shares parts
    /// with a doctor.
    static let ownRecord = Service(
        .u2, offered: false, requesterKeepsDays: 30,
        flows: [
            Flow(
                by: [.portal], acting: [.subject, .delegate], for: .ownUse,
                of: Set.allClinical.union([.homeMeasurement]), through: [.identify, .find(.medicalCentre), .fetch],
                on: [.consent]),
            Flow(
                by: [.portal], acting: [.subject, .delegate], for: .ownUse, of: [.homeMeasurement, .vitalSigns],
                through: [.identify, .deposit(.medicalCentre)], on: [.consent]),
            Flow(
                by: [.hospital, .clinic], acting: [.physician, .nurse], for: .treatment,
                of: [.homeMeasurement, .checkup, .immunisation],
                through: [.identify, .find(.medicalCentre), .fetch], on: [.consent]),
        ])
}
