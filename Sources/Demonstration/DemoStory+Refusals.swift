import Device
import Exchanges
import Gateway
import Policy
import Polymorphic
import Ristretto255
import Simulation

/// What must be refused, and is.
extension DemoStory {
    func refusals(_ moved: Moved) async throws {
        try await nothingAgreed()
        try await withdrawn(moved)
        _ = try await agree(moved.resident, to: names.hospitalB, .hospitalB, again: true)
        try await wrongPurpose(moved)
        try await copied(moved)
        try await lied(moved)
    }

    /// The failure of what must fail.
    private func failure(
        of what: String, _ body: () async throws -> Void
    ) async throws -> ExchangeFailure {
        do { try await body() } catch let failure as ExchangeFailure { return failure }
        throw DemoFault(check: what)
    }

    private func nothingAgreed() async throws {
        let other = try await country.enrol(Self.neighbour)
        await country.wait(seconds: 2)
        _ = try await teller.newLeaves(other.phone)
        asks(names.hospitalB)
        _ = try await teller.step(.hospitalB, of: { _ in other.phone }) {
            try await failure(of: "nothing-agreed.refused") {
                _ = try await country.gateway(names.hospitalB).identify(
                    try await country.present(other, at: names.hospitalB), for: country.use(),
                    by: try doctor(names.hospitalB))
            }
        } say: { failure, _ in
            try teller.check(failure == .notPermitted, "nothing-agreed.not-permitted")
            return Said(.nothingAgreed, [.reason: .text(try await reason(other.phone))])
        }
    }

    /// Why the last use was refused, as the person sees it.
    private func reason(_ phone: Phone) async throws -> String {
        guard let last = try await teller.history(phone).uses.last else { throw DemoFault(check: "refused.use") }
        // One transcryptor that says no is enough.
        let words = last.words.values.filter { !$0.verdict }
        try teller.check(!words.isEmpty && !last.isDelivered(country.pins), "refused.verdicts")
        try teller.check(words.allSatisfy { $0.reason == Refusal.Code.consent.rawValue }, "refused.reason")
        return words.first?.reason ?? ""
    }

    private func withdrawn(_ moved: Moved) async throws {
        let phone = moved.resident.phone
        _ = try await teller.step(.patient, of: { _ in nil }) {
            try await phone.withdraw(moved.giveB)
        } say: { withdrawal, _ in
            guard let withdrawal else { throw DemoFault(check: "withdrew.leaf") }
            return Said(
                .withdrew,
                [.party: .key(.demoParty(.hospitalB)), .leaves: .text(String(withdrawal.leafIndex))],
                leaf: withdrawal.leafIndex
            )
        }
        _ = try await teller.step(.hospitalB, of: { _ in phone }) {
            try await failure(of: "withdrawn.refused") { _ = try await find(moved) }
        } say: { failure, _ in
            try teller.check(failure == .notPermitted, "withdrawn.not-permitted")
            return Said(.afterWithdrawal, [.reason: .text(try await reason(phone))])
        }
    }

    /// Hospital B looks for her records.
    private func find(_ moved: Moved, for purpose: PurposeOfUse = .treatment) async throws -> Int {
        try await country.gateway(names.hospitalB).find(
            moved.atB, at: names.medical, for: country.use(purpose: purpose), by: try doctor(names.hospitalB)
        ).count
    }

    private func wrongPurpose(_ moved: Moved) async throws {
        asks(names.hospitalB, for: .research)
        _ = try await teller.step(.hospitalB, of: { _ in moved.resident.phone }) {
            try await failure(of: "wrong-purpose.refused") { _ = try await find(moved, for: .research) }
        } say: { failure, _ in
            guard case .refused(let by, let refusal) = failure, let number = names.transcryptors.firstIndex(of: by)
            else { throw DemoFault(check: "wrong-purpose.by-transcryptor") }
            try teller.check(refusal.code == .policy, "wrong-purpose.policy")
            return Said(
                .wrongPurpose,
                [
                    .purpose: .key(PurposeOfUse.research.key), .party: .key(.demoParty(Self.transcryptors[number])),
                    .reason: .text(refusal.code.rawValue),
                ]
            )
        }
    }

    private static let transcryptors: [DemoParty] = [.transcryptor1, .transcryptor2, .transcryptor3]

    private func copied(_ moved: Moved) async throws {
        let shown = try await country.present(moved.resident, at: names.hospitalB)
        asks(names.hospitalA)
        _ = try await teller.step(.stranger, of: { _ in moved.resident.phone }) {
            try await failure(of: "copied.refused") {
                let hospital = try country.gateway(names.hospitalA)
                let text = hospital.terminal(PurposeOfUse.treatment.name).text
                _ = try await hospital.identify(
                    Presented(text, shown.presentation), for: country.use(), by: try doctor(names.hospitalA))
            }
        } say: { failure, _ in
            try teller.check(failure == .notPermitted, "copied.not-permitted")
            // The very same is good where she showed it.
            let here = try await country.gateway(names.hospitalB).identify(
                shown, for: country.use(), by: try doctor(names.hospitalB))
            try teller.check(here.encoding == moved.atB.encoding, "copied.original-passes")
            return Said(.copied)
        }
    }

    private func lied(_ moved: Moved) async throws {
        asks(names.hospitalB)
        let liar = names.transcryptors[0]
        country.network.setLie(liar) { call, _, _ in call == .decide ? moved.oldVerdict : nil }
        _ = try await teller.step(.transcryptor1, of: { _ in moved.resident.phone }) {
            try await failure(of: "lied.refused") { _ = try await find(moved) }
        } say: { failure, _ in
            guard case .lied(let named) = failure else { throw DemoFault(check: "lied.named") }
            try teller.check(named.index == 1 && named.refusal.code == .intent, "lied.named")
            // What it signed itself is the evidence.
            let fields = try Wire.fields(of: named.evidence, 2)
            let directory = try await country.gateway(names.hospitalB).requester.directory.current()
            guard let key = directory.transcryptorKeys(at: country.scheduler.now())[named.index] else {
                throw DemoFault(check: "lied.key")
            }
            try key.verify(fields[1], over: fields[0])
            try teller.check(named.evidence == moved.oldVerdict, "lied.evidence")
            let party = Self.transcryptors[Int(named.index) - 1]
            return Said(.lied, [.party: .key(.demoParty(party)), .bytes: .count(named.evidence.count)])
        }
        country.network.setLie(liar, nil)
        _ = try await teller.step(.transcryptor1, of: { _ in moved.resident.phone }) {
            try await find(moved)
        } say: { found, _ in
            try teller.check(found == moved.found, "truth.found")
            return Said(.truth, [.records: .count(found)])
        }
    }

    // MARK: The end

    /// Who may see what, and must be found to have seen it: the table of the architecture, for what is searched for.
    private static let expected: [DemoParty: Set<DemoText>] = [
        .numberCentre: [.identity, .number],
        .hospitalA: [.pseudonymA, .header, .content],
        .hospitalB: [.pseudonymB, .header, .content],
        .medicalCentre: [.pseudonymCentre, .header],
        .transcryptor1: [.header], .transcryptor2: [.header],
    ]
    /// The third transcryptor sees what the others see when it takes part.
    private static let allowed: [DemoParty: Set<DemoText>] = [.transcryptor3: [.header]]

    /// Searches everything once more, and compares.
    func end() async throws -> DemoEnd {
        let isSearchable = !records.marks.isEmpty
        let seen = watch.all(in: country)
        for sight in seen {
            var items = Set(sight.items).subtracting([.asker, .purposeOfUse])
            var expected = Self.expected[sight.party] ?? []
            if !isSearchable { expected.remove(.content) }
            items.subtract(Self.allowed[sight.party] ?? [])
            try teller.check(items == expected, "seen.\(sight.party.rawValue)")
        }
        return DemoEnd(seen: seen, isSearchable: isSearchable, checks: teller.checks)
    }
}
