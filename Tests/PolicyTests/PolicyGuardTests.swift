import Guards
import Polymorphic
import Ristretto255
import Testing

@testable import Policy

/// Negative controls of every guard of the rules: with that one guard off the Request is admitted.
@Suite struct PolicyGuardTests {
    private static let now = Country.now

    /// A Request is admitted with its item and its records.
    private static func admit(
        _ facts: RequestFacts = Country.facts(), _ change: (inout RequestEvidence) -> Void = { _ in },
        item: ItemEvidence? = nil
    ) throws {
        let request = Country.request(facts, change)
        let one = try item ?? Country.item(Country.row())
        try Country.admit(request, Array(repeating: one, count: facts.itemCount))
    }
    private static func quota(_ scope: Quota.Scope, _ items: UInt64 = 10) -> Quota {
        Quota(id: name("q"), scope: scope, purpose: nil, items: items, seconds: 3_600)
    }
    private static let dead = Validity(notBefore: now - 2, notAfter: now)
    private static let recovery = Country.facts {
        $0.role = Role.keyOfficer.name
        $0.purpose = PurposeOfUse.administration.name
        $0.categories = []
        $0.basis = .policyRule(name(PolicyRule.recovery.rawValue))
        $0.targets = [
            TargetFacts(
                .base, of: party("hospital-a"), from: .party(party("hospital-a"), epoch: 1), roles: [],
                takesDeposits: false)
        ]
    }

    static let request: [Attack] = [
        Attack("guard:policy.accreditation", "accreditation that ended", .directory) {
            try admit {
                $0.party = PartyEntry(party: party("hospital-a"), roles: [PartyRole.hospital.name], dates: dead)
            }
        },
        Attack("guard:policy.accreditation", "accreditation of another party", .directory) {
            try admit {
                $0.party = PartyEntry(
                    party: party("hospital-b"), roles: [PartyRole.hospital.name], dates: Country.dates)
            }
        },
        Attack("guard:policy.credential", "a credential that ended", .directory) {
            try admit {
                $0.credential = CredentialEntry(party: party("hospital-a"), roles: [Role.physician.name], dates: dead)
            }
        },
        Attack("guard:policy.credential", "a credential of another party", .directory) {
            try admit {
                $0.credential = CredentialEntry(
                    party: party("clinic-b"), roles: [Role.physician.name], dates: Country.dates)
            }
        },
        Attack("guard:policy.role", "a clerk says to be a physician", .directory) {
            try admit {
                $0.credential = CredentialEntry(
                    party: party("hospital-a"), roles: [Role.salesClerk.name], dates: Country.dates)
            }
        },
        Attack("guard:policy.matrix", "a bank asks for laboratory results", .policy) {
            try admit {
                $0.party = PartyEntry(party: party("hospital-a"), roles: [PartyRole.bank.name], dates: Country.dates)
            }
        },
        Attack("guard:policy.matrix", "a category that no service gives to hospitals", .policy) {
            let address = Category.address.name
            let row = try Country.row { $0.categories = [address] }
            try Country.admit(
                Country.request(Country.facts { $0.categories = [address] }), [Country.item(row)],
                at: now + Span.day)
        },
        Attack("guard:policy.matrix", "a pseudonym for a store that the service does not use", .policy) {
            try admit(Country.facts { $0.targets.append(Country.target("product", roles: [.productSafetyCentre])) })
        },
        Attack("guard:policy.offered", "a service that is not offered yet", .policy) {
            let facts = Country.facts {
                $0.requester = party("bank-a")
                $0.role = Role.bankClerk.name
                $0.purpose = PurposeOfUse.identityVerification.name
                $0.categories = [Category.name.name]
                $0.targets = [Country.target("registry", roles: [.residentRegistry])]
            }
            let row = try Country.row {
                $0.grantees = [.party(party("bank-a"))]
                $0.purposes = [name("identity-verification")]
                $0.categories = [Category.name.name]
            }
            let request = Country.request(facts) {
                $0.party = PartyEntry(party: party("bank-a"), roles: [PartyRole.bank.name], dates: Country.dates)
            }
            try Country.admit(request, [Country.item(row)], at: now + Span.day)
        },
        Attack("guard:policy.base-target", "one person alone takes a pseudonym back to base", .policy) {
            try admit(recovery)
        },
        Attack("guard:policy.party-quota", "one item more than the party may ask", .quota) {
            try admit {
                $0.policy.quotas = [quota(.party)]
                $0.counts = [name("q"): 10]
            }
        },
        Attack("guard:policy.party-quota", "a batch that goes beyond the quota", .quota) {
            try admit(Country.facts { $0.itemCount = 4 }) {
                $0.policy.quotas = [quota(.party)]
                $0.counts = [name("q"): 7]
            }
        },
        Attack("guard:policy.officer-quota", "one item more than one person may ask", .quota) {
            try admit {
                $0.policy.quotas = [quota(.officer)]
                $0.counts = [name("q"): 10]
            }
        },
    ]

    static let items: [Attack] = [
        Attack("guard:policy.origin", "an emergency about a box that does not open", .seal) {
            try admit(Country.emergency, item: ItemEvidence(origin: .failed(.seal)))
        },
        Attack("guard:policy.row-open", "an emergency about a row that was stopped", .row) {
            var row = try Country.row()
            try row.stop(StopTarget(.row, Person.enrolment))
            try admit(Country.emergency, item: Country.item(row))
        },
        Attack("guard:policy.same-person", "two items of one person on a give for one use", .consent) {
            let row = try Country.row { $0.maxUses = 1 }
            try admit(Country.facts { $0.itemCount = 2 }, item: Country.item(row))
        },
        Attack("guard:policy.subject-quota", "one use more of one person's data", .quota) {
            var item = try Country.item(Country.row())
            item.counts = [name("q"): 10]
            try admit(Country.facts(), { $0.policy.quotas = [quota(.subject)] }, item: item)
        },
        Attack("guard:policy.emergency-role", "a role without the privilege", .breakglass) {
            try admit(Country.emergency, { $0.policy.breakGlass.roles = [Role.nurse.name] })
        },
        Attack("guard:policy.emergency-credential", "a credential without hardware", .breakglass) {
            try admit(Country.emergency) {
                $0.credential = CredentialEntry(
                    party: party("hospital-a"), roles: [Role.emergencyPhysician.name], dates: Country.dates)
            }
        },
        Attack("guard:policy.emergency-reason", "a reason that is not on the list", .breakglass) {
            var facts = Country.emergency
            facts.basis = .breakGlass(reason: name("curiosity"), text: "she is famous")
            try admit(facts)
        },
        Attack("guard:policy.emergency-text", "no words of one's own", .breakglass) {
            var facts = Country.emergency
            facts.basis = .breakGlass(reason: EmergencyReason.unconscious.name, text: " \n")
            try admit(facts)
        },
        Attack("guard:policy.emergency-categories", "more than an emergency needs", .breakglass) {
            try admit(Country.emergency, { $0.policy.breakGlass.categories = [Category.allergy.name] })
        },
        Attack("guard:policy.emergency-officer-limit", "the fourth in one hour by one person", .quota) {
            try admit(Country.emergency, { $0.breakGlassByOfficer = 3 })
        },
        Attack("guard:policy.emergency-officer-limit", "a batch of four", .quota) {
            var facts = Country.emergency
            facts.itemCount = 4
            try admit(facts)
        },
        Attack("guard:policy.emergency-site-limit", "the 21st of a day at one site", .quota) {
            try admit(Country.emergency, { $0.breakGlassBySite = 20 })
        },
    ]

    static let records: [Attack] = [
        Attack("guard:policy.record", "a record of another person", .ticket) {
            try admit(item: Country.item(Country.row(), [Country.record(failure: .ticket)]))
        },
        Attack("guard:policy.record-category", "a record of a kind that was not asked", .record) {
            try admit(item: Country.item(Country.row(), [Country.record(.mentalHealth)]))
        },
        Attack("guard:policy.record-period", "a record before the period of the Request", .record) {
            try admit(
                Country.facts { $0.dataFrom = 29_000_001 }, item: Country.item(Country.row(), [Country.record()]))
        },
        Attack("guard:policy.record-period", "a record after the period of the Request", .record) {
            try admit(Country.facts { $0.dataTo = 28_999_999 }, item: Country.item(Country.row(), [Country.record()]))
        },
        Attack("guard:consent.data-period", "a record outside the period of the give", .consent) {
            let row = try Country.row { $0.dataTo = 28_999_999 }
            try admit(item: Country.item(row, [Country.record()]))
        },
    ]

    @Test(arguments: request + items + records)
    func everyGuardStopsItsAttackAlone(_ attack: Attack) {
        attack.isRefused()
        Guards.withOff(attack.guardName) { attack.succeeds() }
    }

    @Test func theHonestRequestsAreAdmitted() throws {
        try Self.admit()
        try Self.admit(item: Country.item(Country.row(), [Country.record()]))
        try Self.admit(Country.emergency)
        try Self.admit(Self.recovery) { $0.secondApproval = true }
        try Self.admit { $0.counts = [name("party-day"): 199_999] }
        try Self.admit(Country.emergency) {
            $0.breakGlassByOfficer = 2
            $0.breakGlassBySite = 19
        }
        var three = Country.emergency
        three.itemCount = 3
        try Self.admit(three)
    }
}
