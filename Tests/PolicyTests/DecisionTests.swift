import Polymorphic
import Ristretto255
import Testing

@testable import Policy

@Suite struct DecisionTests {
    let now = Country.now

    private func only(
        _ request: RequestEvidence, _ item: ItemEvidence, at now: Instant = Country.now
    ) throws -> ItemDecision {
        try Decision.judge(request, [item], at: now).decision().items[0]
    }

    @Test func anAdmittedItemNamesItsGroundAndTheDigestOfTheGive() throws {
        let row = try Country.row()
        let decision = try Decision.judge(Country.request(), [Country.item(row)], at: now).decision()
        #expect(decision.policyVersion == 7)
        let grounds = try #require(decision.items[0].grounds)
        #expect(grounds == .consent(try row.consent(for: Person.use, at: now)))
        #expect(grounds.consentDigest == sha512(Person.give().bytes))
        let emergency = try only(Country.request(Country.emergency), Country.item(row)).grounds
        #expect(emergency == .breakGlass(reason: EmergencyReason.unconscious.name))
        #expect(emergency?.consentDigest == .zero)
    }

    @Test func eachItemHasItsOwnVerdictAndARefusedOneHasRefusedRecords() throws {
        let good = try Country.row()
        var stopped = good
        try stopped.stop(StopTarget(.give, id("give")))
        let records = [Country.record(), Country.record(.mentalHealth), Country.record(failure: .ticket)]
        let request = Country.request(Country.facts { $0.itemCount = 4 })
        let items = [
            Country.item(good, records), Country.item(stopped, records), Country.item(try Person.row(), records),
            ItemEvidence(origin: .failed(.equality), records: records),
        ]
        let decision = try Decision.judge(request, items, at: now).decision()
        #expect(decision.items.map(\.isAdmitted) == [true, false, false, false])
        #expect(
            decision.items[0].records == [
                .admit, .refuse(.record, .recordCategory), .refuse(.ticket, .record),
            ])
        let reasons: [Reason] = [
            Reason(.consent, .consent), Reason(.consent, .consent), Reason(.equality, .origin),
        ]
        for (item, reason) in zip(decision.items.dropFirst(), reasons) {
            #expect(item.outcome == .refused(reason))
            #expect(item.records == Array(repeating: .refuse(reason), count: 3))
        }
    }

    @Test func everyRefusalOfAWholeRequestNamesItsRule() throws {
        let item = try Country.item(Country.row())
        func reason(_ facts: RequestFacts = Country.facts(), _ change: (inout RequestEvidence) -> Void) -> Reason? {
            Country.reason(Country.request(facts, change), [item])
        }
        #expect(reason { _ in } == nil)
        #expect(reason { $0.party = nil } == Reason(.directory, .accreditation))
        #expect(reason { $0.credential = nil } == Reason(.directory, .credential))
        #expect(
            reason(Country.facts { $0.role = name("king") }) {
                $0.credential = CredentialEntry(
                    party: party("hospital-a"), roles: [Role.physician.name], dates: Country.dates)
            } == Reason(.directory, .role))
        #expect(reason(Country.facts { $0.purpose = name("research") }) { _ in } == Reason(.policy, .accessMatrix))
        #expect(reason { $0.counts = [name("party-day"): 200_000] } == Reason(.quota, .partyQuota))
        #expect(reason { $0.counts = [name("officer-treatment-hour"): 600] } == Reason(.quota, .officerQuota))
        // A quota of another purpose does not count.
        #expect(reason { $0.counts = [name("officer-identity-hour"): 600] } == nil)
        // Accreditation is looked at first, quotas last.
        #expect(
            reason(Country.facts { $0.purpose = name("research") }) {
                $0.party = nil
                $0.counts = [name("party-day"): .max]
            } == Reason(.directory, .accreditation))
    }

    @Test func everyRefusalOfAnItemNamesItsRule() throws {
        func reason(
            _ row: ConsentRow, _ facts: RequestFacts = Country.facts(),
            _ change: (inout RequestEvidence) -> Void = { _ in }
        ) -> Reason? { Country.reason(Country.request(facts, change), [Country.item(row)]) }
        let row = try Country.row()
        #expect(reason(try Person.row()) == Reason(.consent, .consent))
        #expect(reason(try Country.row { $0.categories.append(name("PSY")) }) == Reason(.pending, .pending))
        var stopped = row
        try stopped.stop(StopTarget(.row, Person.enrolment))
        #expect(reason(stopped) == Reason(.row, .origin))
        let emergency = Country.emergency
        #expect(reason(row, emergency) { $0.breakGlassByOfficer = 3 } == Reason(.quota, .emergencyLimit))
        #expect(reason(row, emergency) { $0.breakGlassBySite = .max } == Reason(.quota, .emergencyLimit))
        #expect(
            reason(row, emergency) { $0.policy.breakGlass.reasons = [] } == Reason(.breakglass, .emergencyReason))
    }

    @Test func aGiveToAClassOfRolesReachesEveryRoleInIt() throws {
        let row = try Country.row { $0.grantees = [.roleClass(RoleClass.careTeam.name)] }
        let later = now + Span.day
        for role in [Role.physician, .nurse] {
            let facts = Country.facts { $0.role = role.name }
            #expect(Country.reason(Country.request(facts), [Country.item(row)], at: later) == nil)
        }
        let clerk = Country.facts {
            $0.role = Role.recordsClerk.name
            $0.targets = [Country.target(takesDeposits: true)]
        }
        #expect(Country.reason(Country.request(clerk), [Country.item(row)], at: later)?.code == .consent)
        // A role is a class of its own: "every nurse".
        let nurses = try Country.row { $0.grantees = [.roleClass(Role.nurse.name)] }
        #expect(
            Country.reason(
                Country.request(Country.facts { $0.role = Role.nurse.name }), [Country.item(nurses)], at: later) == nil)
        #expect(Country.reason(Country.request(), [Country.item(nurses)], at: later)?.code == .consent)
    }

    @Test func recordsAreCoveredFromTheFirstMinuteToTheLast() throws {
        let row = try Country.row {
            $0.dataFrom = 100
            $0.dataTo = 200
        }
        for (minute, covered) in [(99, false), (100, true), (200, true), (201, false)] as [(UInt64, Bool)] {
            let item = try only(Country.request(), Country.item(row, [Country.record(minute: minute)]))
            #expect(item.isAdmitted && (item.records == [.admit]) == covered)
        }
        let facts = Country.facts {
            $0.dataFrom = 110
            $0.dataTo = 190
        }
        for (minute, covered) in [(109, false), (110, true), (190, true), (191, false)] as [(UInt64, Bool)] {
            let item = try only(Country.request(facts), Country.item(row, [Country.record(minute: minute)]))
            #expect((item.records == [.admit]) == covered)
        }
    }

    @Test func usesAndLimitsCountWhatTheSameRequestHasTakenBefore() throws {
        let row = try Country.row { $0.maxUses = 2 }
        let request = Country.request(Country.facts { $0.itemCount = 4 }) {
            $0.policy.quotas = [Quota(id: name("q"), scope: .subject, purpose: nil, items: 9, seconds: 60)]
        }
        let items = Array(repeating: Country.item(row), count: 4)
        #expect(
            try Decision.judge(request, items, at: now).decision().items.map(\.isAdmitted) == [
                true, true, false, false,
            ])
        var counted = try Country.item(Country.row())
        counted.counts = [name("q"): 6]
        let decision = try Decision.judge(request, Array(repeating: counted, count: 4), at: now).decision()
        #expect(decision.items.map(\.isAdmitted) == [true, true, true, false])
        let emergency = Country.request(Country.emergency.with { $0.itemCount = 4 }) { $0.breakGlassByOfficer = 1 }
        let rescued = try Decision.judge(emergency, items, at: now).decision()
        #expect(rescued.items.map(\.isAdmitted) == [true, true, false, false])
    }

    @Test func aPersonWhoWithdrawsIsRefusedFromThatMomentInEveryRole() throws {
        for service in Service.all where service.offered {
            for flow in service.flows where flow.grounds.contains(.consent) {
                for request in FlowRequests.all(flow) {
                    var row = try Person.row()
                    try row.accept(flow, request.request)
                    #expect(Country.reason(request, [Country.item(row)], at: now + Span.day) == nil)
                    try row.stop(StopTarget(.give, id("give")))
                    #expect(Country.reason(request, [Country.item(row)], at: now + Span.day)?.code == .consent)
                }
            }
        }
    }
}

extension ItemDecision {
    var grounds: Grounds? { if case .admitted(let item) = outcome { item.grounds } else { nil } }
}

extension RequestFacts {
    func with(_ change: (inout RequestFacts) -> Void) -> RequestFacts {
        var facts = self
        change(&facts)
        return facts
    }
}

extension ConsentRow {
    /// A give for everything that a Request asks.
    mutating func accept(_ flow: Flow, _ request: RequestFacts) throws {
        try give(
            Person.give {
                $0.grantees = [.party(request.requester)]
                $0.purposes = [flow.purpose.name]
                $0.categories = flow.categories.map(\.name).sorted()
            })
    }
}

/// The Requests that a flow declares: one for each party, role and usual Exchange.
enum FlowRequests {
    static func all(_ flow: Flow) -> [RequestEvidence] {
        flow.requesters.sorted().flatMap { requester in
            flow.actors.sorted().flatMap { actor in
                flow.exchanges.sorted().map { evidence(flow, requester, actor, $0) }
            }
        }
    }

    static func evidence(
        _ flow: Flow, _ requester: PartyRole, _ actor: Role, _ use: ExchangeUse
    ) -> RequestEvidence {
        let facts = Country.facts {
            $0.role = actor.name
            $0.purpose = flow.purpose.name
            $0.categories = Set(flow.categories.map(\.name))
            $0.fetches = use.kind == .fetch
            switch use.kind {
            case .fetch: $0.targets = []
            case .identify: $0.targets = [Country.target("hospital-a", roles: [requester])]
            default:
                $0.targets = [
                    Country.target("other", roles: use.target.map { [$0] } ?? [], takesDeposits: use.kind == .deposit)
                ]
            }
            if flow.grounds == [.breakGlass] {
                $0.basis = .breakGlass(reason: EmergencyReason.lifeInDanger.name, text: "no pulse")
            }
        }
        return Country.request(facts) {
            $0.party = PartyEntry(party: facts.requester, roles: [requester.name], dates: Country.dates)
        }
    }
}
