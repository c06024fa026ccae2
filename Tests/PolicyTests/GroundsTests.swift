import Polymorphic
import Ristretto255
import Testing

@testable import Policy

/// Every combination of evidence, against a table written by hand: what is admitted has its ground, and nothing else is
/// admitted.
@Suite struct GroundsTests {
    enum Who: CaseIterable { case none, hospital, expired, bank }
    enum Credential: CaseIterable { case none, expired, software, hardware }
    enum RowState: CaseIterable {
        case failed, empty, active, otherParty, otherPurpose, pending, withdrawn, denied, denialWaits, expired
        case usedUp, stopped
    }
    enum Targets: CaseIterable { case selfAndStore, nextEpoch, base }
    enum Ground: CaseIterable { case consent, emergency, otherReason, rotation, recovery, otherRule }

    struct Evidence {
        var who: Who
        var credential: Credential
        var row: RowState
        var targets: Targets
        var ground: Ground
        var role: Role
        var purpose: PurposeOfUse
        var hasCategory: Bool
        var limitReached: Bool
        var twoPersons: Bool

        /// The table: when an item may be admitted.
        var mayBeAdmitted: Bool {
            guard who == .hospital || who == .bank, credential == .software || credential == .hardware,
                row != .failed, row != .stopped
            else { return false }
            let isHospital = who == .hospital
            switch ground {
            case .consent:
                return isHospital && purpose == .treatment && role == .physician && targets == .selfAndStore
                    && row == .active
            case .emergency:
                return isHospital && purpose == .emergency && role == .emergencyPhysician
                    && credential == .hardware && targets == .selfAndStore && !limitReached
            case .rotation:  // whoever keeps pseudonyms renews them
                return purpose == .administration && role == .keyOfficer && targets == .nextEpoch && !hasCategory
            case .recovery:
                return purpose == .administration && role == .keyOfficer && targets == .base && !hasCategory
                    && twoPersons
            case .otherReason, .otherRule: return false
            }
        }
    }

    static func rows() throws -> [RowState: Origin] {
        let now = Country.now
        var out: [RowState: Origin] = [:]
        for state in RowState.allCases {
            var row = try Person.row()
            switch state {
            case .failed, .empty: break
            case .active, .stopped, .withdrawn, .denied, .denialWaits: try row.give(Person.give())
            case .otherParty: try row.give(Person.give { $0.grantees = [.party(party("clinic-b"))] })
            case .otherPurpose: try row.give(Person.give { $0.purposes = [name("research")] })
            case .pending: try row.give(Person.give { $0.categories.append(name("PSY")) })
            case .expired: try row.give(Person.give { $0.dates = Validity(notBefore: now - 2, notAfter: now) })
            case .usedUp: try row.give(Person.give { $0.maxUses = 0 })
            }
            switch state {
            case .stopped: try row.stop(StopTarget(.row, Person.enrolment))
            case .withdrawn: try row.stop(StopTarget(.give, id("give")))
            case .denied: row.read(leafTag: Person.rowKey.tag(.denyAll(1), transcryptor: 1))
            case .denialWaits: try row.stop(.denyAll(1))
            default: break
            }
            out[state] = state == .failed ? .failed(.presentation) : .row(row)
        }
        return out
    }

    static func request(_ e: Evidence) -> RequestEvidence {
        let own = Domain.party(party("hospital-a"), epoch: 1)
        let next = Domain.party(party("hospital-a"), epoch: 2)
        let facts = Country.facts {
            $0.role = e.role.name
            $0.purpose = e.purpose.name
            $0.categories = e.hasCategory ? [Category.laboratory.name] : []
            switch e.targets {
            case .selfAndStore: break
            case .nextEpoch:
                $0.targets = [TargetFacts(next, of: party("hospital-a"), from: own, roles: [], takesDeposits: false)]
            case .base:
                $0.targets = [TargetFacts(.base, of: party("hospital-a"), from: own, roles: [], takesDeposits: false)]
            }
            $0.basis =
                switch e.ground {
                case .consent: .consent
                case .emergency: .breakGlass(reason: EmergencyReason.unconscious.name, text: "fell")
                case .otherReason: .breakGlass(reason: name("hurry"), text: "fell")
                case .rotation: .policyRule(name("epoch-rotation"))
                case .recovery: .policyRule(name("recovery"))
                case .otherRule: .policyRule(name("because"))
                }
        }
        return Country.request(facts) {
            let dead = Validity(notBefore: Country.now - 2, notAfter: Country.now)
            switch e.who {
            case .none: $0.party = nil
            case .hospital: break
            case .expired:
                $0.party = PartyEntry(party: facts.requester, roles: [PartyRole.hospital.name], dates: dead)
            case .bank:
                $0.party = PartyEntry(party: facts.requester, roles: [PartyRole.bank.name], dates: Country.dates)
            }
            var roles: Set<Name> = [e.role.name]
            if e.credential == .hardware { roles.insert(name(CredentialEntry.hardwareMark)) }
            $0.credential =
                e.credential == .none
                ? nil
                : CredentialEntry(
                    party: facts.requester, roles: roles, dates: e.credential == .expired ? dead : Country.dates)
            if e.limitReached { $0.breakGlassByOfficer = 3 }
            $0.secondApproval = e.twoPersons
        }
    }

    @Test func nothingIsAdmittedWithoutGroundsForEveryCombinationOfEvidence() throws {
        let rows = try Self.rows()
        let roles: [Role] = [.physician, .emergencyPhysician, .keyOfficer]
        let purposes: [PurposeOfUse] = [.treatment, .emergency, .administration]
        let sizes = [
            Who.allCases.count, Credential.allCases.count, Targets.allCases.count, Ground.allCases.count,
            roles.count, purposes.count, 8,
        ]
        var (tried, admitted) = (0, 0)
        for number in 0..<sizes.reduce(1, *) {
            // One digit of the number for each kind of evidence.
            var rest = number
            let digits = sizes.map { size in
                defer { rest /= size }
                return rest % size
            }
            var evidence = Evidence(
                who: Who.allCases[digits[0]], credential: Credential.allCases[digits[1]], row: .active,
                targets: Targets.allCases[digits[2]], ground: Ground.allCases[digits[3]], role: roles[digits[4]],
                purpose: purposes[digits[5]], hasCategory: digits[6] & 1 == 1, limitReached: digits[6] & 2 == 2,
                twoPersons: digits[6] & 4 == 4)
            let request = Self.request(evidence)
            for (state, origin) in rows {
                evidence.row = state
                let isAdmitted = Country.reason(request, [ItemEvidence(origin: origin)]) == nil
                #expect(isAdmitted == evidence.mayBeAdmitted, "\(evidence)")
                tried += 1
                if isAdmitted { admitted += 1 }
            }
        }
        #expect(admitted > 50 && admitted < tried / 100)
        print("\(tried) combinations of evidence, \(admitted) admitted, each with its ground")
    }
}
