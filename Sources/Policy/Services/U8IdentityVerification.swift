extension Service {
    /// Service U8, identity verification: an account is opened with the card or the phone in place of papers.
    static let identityVerification = Service(
        .u8, offered: false, requesterKeepsDays: 2_557,
        flows: [
            Flow(
                by: [.bank, .insurer], acting: [.bankClerk], for: .identityVerification, of: Set.basicFour,
                through: [.identify, .link(.residentRegistry)], on: [.consent])
        ])
}
