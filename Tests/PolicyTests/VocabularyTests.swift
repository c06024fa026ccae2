import Polymorphic
import Testing

@testable import Policy

@Suite struct VocabularyTests {
    private func check<T: Term>(_ terms: T.Type) {
        #expect(Set(T.allCases.map(\.rawValue)).count == T.allCases.count)
        for term in T.allCases {
            #expect(code { _ = try Name(term.rawValue) } == nil)
            #expect(T(term.name) == term)
        }
        #expect(T(name("no-word-of-ours")) == nil)
    }

    @Test func everyWordHasAnameOfTheWire() {
        check(Role.self)
        check(RoleClass.self)
        check(PurposeOfUse.self)
        check(Category.self)
        check(PartyRole.self)
        check(Ground.self)
        check(EmergencyReason.self)
        check(ExchangeKind.self)
        check(ServiceID.self)
        check(RuleID.self)
    }

    @Test func everyPurposeFitsIntoTheScopeOfAMandate() {
        for purpose in PurposeOfUse.allCases {
            #expect(code { _ = try Name(MandateScope.consent(purpose.name).text) } == nil)
        }
    }

    @Test func everyClassOfRolesHasMembersAndEveryMemberItsClass() {
        for roles in RoleClass.allCases {
            #expect(!roles.roles.isEmpty)
            for role in roles.roles { #expect(RoleClass.classes(of: role).contains(roles)) }
        }
        #expect(RoleClass.classes(of: .emergencyPhysician) == [.physician, .careTeam])
    }

    @Test func codesOfHL7StandWhereTheyFit() {
        #expect(PurposeOfUse.treatment.hl7 == "TREAT")
        #expect(PurposeOfUse.emergency.hl7 == "ETREAT")
        #expect(PurposeOfUse.research.hl7 == "HRESCH")
        #expect(PurposeOfUse.ownUse.hl7 == "PATRQT")
        let codes = PurposeOfUse.allCases.compactMap(\.hl7)
        #expect(Set(codes).count == codes.count)
    }
}
