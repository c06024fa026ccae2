import Deployment
import Device
import Exchanges
import FHIR
import Policy
import Polymorphic
import Ristretto255

/// What must be refused, and is.
extension CountryStory {
    /// - Parameters:
    ///   - neighbour: a phone that nobody has enrolled yet.
    ///   - identity: whose it is.
    func refusals(_ moved: Moved, neighbour: OpenPhone, identity: String) async throws {
        try await nothingAgreed(neighbour, identity)
        try await wrongPurpose(moved)
        try await withdrawn(moved)
    }

    private func nothingAgreed(_ other: OpenPhone, _ identity: String) async throws {
        let officials = try run.home.officials().map { try $0.load() }
        _ = try await other.enrol(identity, by: officials)
        try await teller.pass(other.phone, leaves: 3)
        _ = try await teller.step(.hospitalB, of: other.phone, leaves: 2) {
            try await b.ask("/visits/\(try await b.visit(other))/open")
        } say: { answer, _ in
            try forbidden(answer, "nothing-agreed", ExchangeFailure.notPermitted.word)
            return Said(.nothingAgreed, [.reason: .text(try await reason(other.phone))])
        }
    }

    /// A system of the hospital is told no and nothing else; the gateway's operator sees the code.
    private func forbidden(_ answer: DemoHospital.Answer, _ what: String, _ code: String) throws {
        try teller.check(answer.status == 403, "\(what).\(answer.status)")
        let outcome = try answer.json(what)
        try teller.check(outcome["resourceType"]?.string == "OperationOutcome", "\(what).outcome")
        try teller.check(log.lastCode(Self.hospitalB) == code, "\(what).code")
    }

    /// Why the last use was refused, as the person sees it.
    private func reason(_ phone: Phone) async throws -> String {
        let last = try teller.need(try await teller.history(phone).uses.last, "refused.use")
        // One transcryptor that says no is enough.
        let words = last.words.values.filter { !$0.verdict }
        try teller.check(!words.isEmpty && !last.isDelivered(pinned.pins), "refused.verdicts")
        try teller.check(words.allSatisfy { $0.reason == Refusal.Code.consent.rawValue }, "refused.reason")
        return words.first?.reason ?? ""
    }

    /// Hospital B looks for her records again, one kind of them.
    private func again(_ moved: Moved, for purpose: PurposeOfUse) async throws -> DemoHospital.Answer {
        try await b.ask(
            "/patients/\(moved.atB)/open",
            [("purpose", .string(purpose.rawValue)), ("categories", .array([.string("general")]))])
    }

    private func wrongPurpose(_ moved: Moved) async throws {
        // For what she agreed to it passes.
        let good = try await again(moved, for: .treatment)
        try teller.check(good.status == 200, "wrong-purpose.treatment")
        // Find and fetch.
        try await teller.pass(moved.open.phone, leaves: 4)
        let code = Refusal.Code.policy.rawValue
        _ = try await teller.step(.hospitalB) {
            try await again(moved, for: .research)
        } say: { answer, _ in
            try forbidden(answer, "wrong-purpose", "refused-" + code)
            return Said(
                .otherPurpose, [.purpose: .key(PurposeOfUse.research.key), .reason: .text(code)])
        }
    }

    private func withdrawn(_ moved: Moved) async throws {
        let phone = moved.open.phone
        _ = try await teller.step(.patient) {
            try await phone.withdraw(moved.giveB)
        } say: { withdrawal, _ in
            let leaf = try teller.need(withdrawal?.leafIndex, "withdrew.leaf")
            return Said(
                .withdrew, [.party: .key(.demoParty(.hospitalB)), .leaves: .text(String(leaf))], leaf: leaf)
        }
        _ = try await teller.step(.hospitalB, of: phone, leaves: 2) {
            try await again(moved, for: .treatment)
        } say: { answer, _ in
            try forbidden(answer, "withdrawn", ExchangeFailure.notPermitted.word)
            return Said(.afterWithdrawal, [.reason: .text(try await reason(phone))])
        }
    }

    // MARK: The end

    /// Who must be found to have seen what: the table of the architecture, for what is searched for.
    private static let expected: [DemoParty: Set<DemoText>] = [
        .numberCentre: [.identity, .number], .hospitalA: [.pseudonymA, .content],
        .hospitalB: [.pseudonymB, .content], .medicalCentre: [.pseudonymCentre],
    ]
    /// Who treats a person may know the name.
    private static let allowed: [DemoParty: Set<DemoText>] = [.hospitalA: [.identity], .hospitalB: [.identity]]

    /// Searches everything once more, and compares.
    func seen() async throws -> [DemoSight] {
        let seen = try await watch.all(in: run)
        for sight in seen {
            let expected = Self.expected[sight.party] ?? []
            let items = Set(sight.items)
            try teller.check(items.isSuperset(of: expected), "seen.\(sight.party.rawValue).found")
            let more = items.subtracting(expected).subtracting(Self.allowed[sight.party] ?? [])
            try teller.check(more.isEmpty, "seen.\(sight.party.rawValue)")
        }
        return seen
    }
}

extension ExchangeFailure {
    /// As a gateway logs it.
    fileprivate var word: String { if case .notPermitted = self { "not-permitted" } else { "other" } }
}
