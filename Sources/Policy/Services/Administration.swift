/// What keeps the system itself: two flows that belong to no service and disclose nothing about anybody. They rest on a
/// named rule of the signed policy, not on consent.
enum Administration {
    /// Every party that keeps pseudonyms of persons.
    private static let keepers: Set<PartyRole> = [
        .hospital, .clinic, .pharmacy, .anonymiser, .retailer, .manufacturer, .maintenanceFirm, .secondHandDealer,
        .bank, .insurer, .medicalCentre, .productSafetyCentre, .residentRegistry, .portal,
    ]

    static let flows: [(rule: PolicyRule, flow: Flow)] = [
        (
            .epochRotation,
            Flow(
                by: keepers, acting: [.keyOfficer], for: .administration, of: [], through: [.rotate],
                on: [.policyRule])
        ),
        (
            .recovery,
            Flow(
                by: keepers, acting: [.keyOfficer], for: .administration, of: [], through: [.recover],
                on: [.policyRule])
        ),
    ]
}

/// The rules that a Request can name as its ground (basis 0x03).
public enum PolicyRule: String, CaseIterable, Sendable {
    /// Pseudonyms of one party go to its next epoch (PROTOCOL 11, factor rotation).
    case epochRotation = "epoch-rotation"
    /// A lost pseudonym goes back to base under two-person control (PROTOCOL 5).
    case recovery
}
