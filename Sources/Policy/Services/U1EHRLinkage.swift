extension Service {
    /// Service U1, EHR linkage: a hospital deposits sealed records at the Medical Centre; the institution to which the
    /// patient moves finds and reads them. The centre reads nothing.
    static let ehrLinkage = Service(
        .u1, offered: true, requesterKeepsDays: 1_826,
        flows: [
            Flow(
                by: [.hospital, .clinic], acting: [.physician, .recordsClerk], for: .treatment,
                of: Set.allClinical.union([.localPatientID]), through: [.identify, .deposit(.medicalCentre)],
                on: [.consent]),
            Flow(
                by: [.hospital, .clinic, .pharmacy], acting: [.physician, .nurse, .pharmacist], for: .treatment,
                of: Set.allClinical, through: [.identify, .find(.medicalCentre), .fetch], on: [.consent]),
            Flow(
                by: [.hospital], acting: [.emergencyPhysician], for: .emergency,
                of: Set.emergency, through: [.identify, .find(.medicalCentre), .fetch], on: [.breakGlass]),
        ])
}
