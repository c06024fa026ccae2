import Polymorphic
import Testing

@testable import Policy

/// The access matrix as the rules apply it: what is declared goes, one step beside it does not.
@Suite struct MatrixTests {
    let now = Country.now + Span.day

    private func reason(_ request: RequestEvidence, _ flow: Flow) throws -> Reason? {
        var row = try Person.row()
        if flow.grounds.contains(.consent) { try row.accept(flow, request.request) }
        return Country.reason(request, [Country.item(row)], at: now)
    }

    @Test func everyDeclaredRequestOfAnOfferedServiceGoesAndOfTheOthersIsNotYetOffered() throws {
        for service in Service.all {
            for flow in service.flows {
                for request in FlowRequests.all(flow) {
                    let reason = try reason(request, flow)
                    let rows = Country.policy.matrix.rows(
                        allowing: request.request, by: request.party?.roles ?? [])
                    #expect(!rows.isEmpty)
                    // A Request of a service to come may be one of an offered service as well.
                    let offered = service.offered || rows.contains(where: \.offered)
                    #expect(reason == (offered ? nil : Reason(.policy, .serviceOffered)), "\(service.id)")
                }
            }
        }
    }

    @Test func offeringAServiceIsOneWordInItsDeclaration() throws {
        let all = Service.all.map {
            Service($0.id, offered: true, requesterKeepsDays: $0.requesterKeepsDays, flows: $0.flows)
        }
        let policy = PolicyDocument.standard(version: 8, notBefore: now, services: all)
        for flow in all.flatMap(\.flows) {
            for var request in FlowRequests.all(flow) {
                request.policy = policy
                #expect(try reason(request, flow) == nil)
            }
        }
    }

    /// Changes one thing of every declared Request into every other word of its vocabulary: what no flow declares is
    /// refused.
    @Test func oneStepBesideADeclarationIsRefused() throws {
        let declared = Service.all.flatMap(\.flows)
        func isDeclared(_ party: PartyRole, _ actor: Role, _ purpose: PurposeOfUse, _ use: ExchangeUse, _ flow: Flow)
            -> Bool
        {
            declared.contains {
                $0.requesters.contains(party) && $0.actors.contains(actor) && $0.purpose == purpose
                    && $0.exchanges.contains(use) && $0.grounds == flow.grounds
                    && flow.categories.isSubset(of: $0.categories)
            }
        }
        var refused = 0
        func expect(
            _ flow: Flow, _ party: PartyRole, _ actor: Role, _ purpose: PurposeOfUse, _ use: ExchangeUse
        ) {
            let changed = Flow(
                by: [party], acting: [actor], for: purpose, of: flow.categories, through: [use], on: flow.grounds)
            let request = FlowRequests.evidence(changed, party, actor, use)
            let allowed = !Country.policy.matrix.rows(allowing: request.request, by: request.party?.roles ?? []).isEmpty
            #expect(allowed == isDeclared(party, actor, purpose, use, flow))
            if !allowed { refused += 1 }
        }
        for flow in declared {
            for party in flow.requesters {
                for actor in flow.actors {
                    for use in flow.exchanges {
                        for other in PartyRole.allCases { expect(flow, other, actor, flow.purpose, use) }
                        for other in Role.allCases { expect(flow, party, other, flow.purpose, use) }
                        for other in PurposeOfUse.allCases { expect(flow, party, actor, other, use) }
                    }
                }
            }
        }
        #expect(refused > 3_000)
        print("\(refused) Requests one step beside a declaration are refused")
    }

    @Test func anyCategoryBeyondTheFlowIsRefused() throws {
        for flow in Service.ehrLinkage.flows {
            for category in Category.allCases where !flow.categories.contains(category) {
                for request in FlowRequests.all(flow) {
                    var request = request
                    request.request.categories = [category.name]
                    let others = Service.ehrLinkage.flows.contains {
                        $0.categories.contains(category) && $0.purpose == flow.purpose
                            && $0.grounds == flow.grounds && !$0.exchanges.isDisjoint(with: flow.exchanges)
                    }
                    if !others { #expect(try reason(request, flow)?.code == .policy) }
                }
            }
        }
    }

    @Test func aTargetThatIsNoPartyOfTheDirectoryIsRefused() throws {
        let facts = Country.facts { $0.targets = [Country.target("unknown", roles: [])] }
        #expect(
            Country.reason(Country.request(facts), [try Country.item(Country.row())]) == Reason(.policy, .accessMatrix))
    }

    @Test func depositsGoToTheirStoreAndNowhereElse() throws {
        func reason(_ target: TargetFacts, _ role: Role = .recordsClerk) throws -> Reason? {
            let facts = Country.facts {
                $0.role = role.name
                $0.targets = [target]
            }
            return Country.reason(Country.request(facts), [try Country.item(Country.row())])
        }
        #expect(try reason(Country.target(takesDeposits: true)) == nil)
        // The clerk deposits and never looks.
        #expect(try reason(Country.target(takesDeposits: false)) == Reason(.policy, .accessMatrix))
        #expect(
            try reason(Country.target("product", roles: [.productSafetyCentre], takesDeposits: true))
                == Reason(.policy, .accessMatrix))
        // Nor does a deposit hide behind the requester's own pseudonym.
        #expect(
            try reason(Country.target("hospital-a", roles: [.hospital], takesDeposits: true))
                == Reason(.policy, .accessMatrix))
        // The nurse looks and does not deposit.
        #expect(try reason(Country.target(takesDeposits: false), .nurse) == nil)
        #expect(try reason(Country.target(takesDeposits: true), .nurse) == Reason(.policy, .accessMatrix))
    }

    @Test func aRequestThatTwoRowsAllowTogetherButNoneAloneIsRefused() throws {
        // Deposit is allowed to the physician, and fetch is; both at once in one Request are not.
        let facts = Country.facts {
            $0.targets = [Country.target(takesDeposits: true)]
            $0.fetches = true
        }
        #expect(
            Country.reason(Country.request(facts), [try Country.item(Country.row())]) == Reason(.policy, .accessMatrix))
    }
}
