import Device
import Exchanges
import Guards
import Policy
import Polymorphic
import Serving
import Simulation
import Testing

@testable import FHIR
@testable import GatewayServer

/// What becomes of what a hospital writes about a person who is known.
@Suite struct DepositTests {
    struct Scene: Sendable {
        let country: Country
        let a: Hospital
        let b: Hospital
        let resident: Resident
        let patient: String

        /// What B reads now.
        func atB() async throws -> (answer: ServedAnswer, resources: [Resource]) {
            let answer = await b.post("/desk/visits/\(try await b.visit(resident))/open")
            #expect(answer.status == 200)
            return (answer, try await b.everything(try #require(answer.json?["patient"]?.string)))
        }

        func put(_ type: String, _ id: String, _ members: String) async -> Int {
            let body = #"{"resourceType":"\#(type)","id":"\#(id)",\#(members)}"#
            return await a.send(.put, "/fhir/\(type)/\(id)", bytes: Array(body.utf8)).status
        }

        func observation(_ id: String, _ value: String, about patient: String? = nil) async -> Int {
            await put(
                "Observation", id,
                #""status":"final","subject":{"reference":"Patient/\#(patient ?? self.patient)"},"#
                    + #""effectiveDateTime":"2025-06-02","category":[{"coding":[{"code":"laboratory"}]}],"#
                    + #""valueString":"\#(value)""#)
        }

        func deposit() async -> ServedAnswer { await a.post("/desk/patients/\(patient)/deposit") }
        func due() async throws -> [DepositMarks.Mark] {
            let entries = try await a.server.parts.store.read { reading in
                try reading.scan(DepositMarks.table, prefix: [], after: nil, limit: 10).map(\.value)
            }
            var marks: [DepositMarks.Mark] = []
            for entry in entries { marks.append(try DepositMarks.Mark(wire: entry)) }
            return marks
        }
    }

    static func scene(
        seed: UInt64 = 51, stores: StoreMaker = .memory, _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await Country.run(seed: seed, stores: stores) { country in
            let names = country.names
            let (a, b) = (try Hospital(country, names.hospitalA), try Hospital(country, names.hospitalB))
            let resident = try await country.resident("one", agreeingTo: [names.hospitalA, names.hospitalB])
            let patient = try await a.take(bundle(4, visits: 3))
            #expect(try await a.identify(resident, as: patient).status == 200)
            try await body(Scene(country: country, a: a, b: b, resident: resident, patient: patient))
        }
    }

    @Test func anUnchangedMonthIsNotDepositedAgainAndAChangedOneReplaces() async throws {
        try await Self.scene { scene in
            #expect(await scene.observation("o1", "old") == 201)
            let first = await scene.deposit()
            let records = try #require(first.number("records"))
            #expect(first.number("unchanged") == 0 && first.number("refused") == 0)
            let again = await scene.deposit()
            #expect(again.number("records") == 0 && again.number("unchanged") == records)
            #expect(await scene.observation("o1", "new") == 200)
            let changed = await scene.deposit()
            #expect(changed.number("records") == 1 && changed.number("unchanged") == records - 1)
            let (answer, read) = try await scene.atB()
            #expect(answer.number("found") == records)
            let values = read.compactMap { $0.json["valueString"]?.string }
            #expect(values.contains("new") && !values.contains("old"))
            #expect(modulo(read) == modulo(try await scene.a.everything(scene.patient)))
        }
    }

    /// What was deleted stays at the centre, sealed, and is read by nobody any more.
    @Test func whatWasDeletedIsNotRead() async throws {
        try await Self.scene { scene in
            #expect(await scene.observation("o1", "alone in its month") == 201)
            let records = try #require(await scene.deposit().number("records"))
            #expect(await scene.a.send(.delete, "/fhir/Observation/o1").status == 204)
            let emptied = await scene.deposit()
            #expect(emptied.number("records") == 1 && emptied.number("unchanged") == records - 1)
            // Once is enough.
            #expect(await scene.deposit().number("records") == 0)
            let gone = try await scene.atB().resources
            #expect(!gone.contains { $0.json["valueString"]?.string == "alone in its month" })
            try await Guards.withOff("guard:gateway.replaced") {
                let all = try await scene.atB().resources
                #expect(all.contains { $0.json["valueString"]?.string == "alone in its month" })
            }
            // And it can come back.
            #expect(await scene.observation("o1", "again") == 201)
            #expect(await scene.deposit().number("records") == 1)
            #expect(try await scene.atB().resources.contains { $0.json["valueString"]?.string == "again" })
        }
    }

    @Test func whatIsAboutTwoPatientsIsDepositedForNeither() async throws {
        try await Self.scene { scene in
            #expect(await scene.put("Patient", "other", #""active":true"#) == 201)
            let members =
                #""recorded":"2026-01-01T00:00:00Z","target":[{"reference":"Patient/other"},{"reference":"Patient/"#
                + scene.patient + #""}],"agent":[{"who":{"display":"x"}}]"#
            #expect(await scene.put("Provenance", "both", members) == 201)
            _ = await scene.deposit()
            #expect(!(try await scene.atB().resources.contains { $0.type == .provenance }))
            try await Guards.withOff("guard:gateway.other-patient") {
                _ = await scene.deposit()
                let seen = try await scene.atB().resources
                #expect(seen.contains { $0.type == .provenance })
            }
        }
    }

    /// Two hospitals give the same ids to different things.
    @Test func whatOthersCallAlikeStaysApart() async throws {
        try await Self.scene { scene in
            #expect(await scene.observation("o1", "of A") == 201)
            _ = await scene.deposit()
            let own = #"{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"of B"}}"#
            #expect(await scene.b.send(.put, "/fhir/Observation/o1", bytes: Array(own.utf8)).status == 201)
            #expect(try await scene.atB().resources.contains { $0.json["valueString"]?.string == "of A" })
            #expect(await scene.b.get("/fhir/Observation/o1").json?["code"]?["text"]?.string == "of B")
            try await Guards.withOff("guard:gateway.naming") {
                let hidden = try await scene.atB().resources
                #expect(!hidden.contains { $0.json["valueString"]?.string == "of A" })
            }
        }
    }

    /// Messages are lost, come twice or late, nodes crash: in the end the centre has everything once.
    @Test(arguments: 0..<6) func faultsLoseNothingAndDoubleNothing(_ seed: UInt64) async throws {
        try await Self.scene(seed: 500 + seed, stores: sealedStores) { scene in
            let network = scene.country.network
            var a = scene.a
            for round in 0..<2 {
                #expect(await scene.observation("o\(round)", "round \(round)") == 201)
                network.setPlan(.random(seed: seed * 10 + UInt64(round), faults: 3, among: 40))
                _ = await a.post("/desk/patients/\(scene.patient)/deposit")
                network.setPlan(.none)
                // Whoever crashed is up again, and has ended what was under way.
                await scene.country.wait(seconds: 120)
                a = try Hospital(scene.country, scene.a.id, life: round + 1)
            }
            for _ in 0..<5 where !(try await scene.due().isEmpty) {
                await scene.country.wait(seconds: DepositMarks.pauseMost)
                _ = await a.server.depositDue()
            }
            #expect(try await scene.due().isEmpty)
            let after = await a.post("/desk/patients/\(scene.patient)/deposit")
            #expect(after.number("records") == 0 && after.number("refused") == 0)
            let (answer, read) = try await scene.atB()
            #expect(answer.number("found") == after.number("unchanged"))
            #expect(modulo(read) == modulo(try await a.everything(scene.patient)))
        }
    }

    // MARK: By itself

    @Test func whatIsWrittenIsDepositedByItself() async throws {
        try await Self.scene(stores: sealedStores) { scene in
            let before = try await scene.due()
            #expect(before.isEmpty)
            #expect(await scene.observation("o1", "written") == 201)
            #expect(try await scene.due().count == 1)
            // Not at once: what follows goes with it.
            #expect(await scene.a.server.depositDue() == 0)
            let running = Task(executorPreference: scene.country.scheduler) { try await scene.a.server.run() }
            await scene.country.wait(seconds: 60)
            running.cancel()
            #expect(try await scene.due().isEmpty)
            #expect(await scene.deposit().number("records") == 0)
            #expect(try await scene.atB().resources.contains { $0.json["valueString"]?.string == "written" })
        }
    }

    /// The program ends between a write and its deposit: the next one does it.
    @Test func aDepositThatIsOwedOutlivesTheProgram() async throws {
        try await Self.scene { scene in
            #expect(await scene.observation("o1", "written") == 201)
            scene.country.network.crash(scene.a.id)
            try await scene.country.network.start(scene.a.id)
            let again = try Hospital(scene.country, scene.a.id, life: 1)
            await scene.country.wait(seconds: 10)
            #expect(await again.server.depositDue() == 1)
            #expect(try await scene.due().isEmpty)
            #expect(try await scene.atB().resources.contains { $0.json["valueString"]?.string == "written" })
        }
    }

    @Test func aCentreThatIsAwayIsToldLater() async throws {
        try await Self.scene { scene in
            #expect(await scene.observation("o1", "written") == 201)
            let medical = scene.country.names.medical
            scene.country.network.setDown(medical, true)
            let answer = await scene.deposit()
            #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
            await scene.country.wait(seconds: 10)
            #expect(await scene.a.server.depositDue() == 0)
            let waiting = try #require(try await scene.due().first)
            #expect(waiting.attempts == 1 && waiting.notBefore > scene.country.scheduler.now())
            scene.country.network.setDown(medical, false)
            await scene.country.wait(seconds: 120)
            #expect(await scene.a.server.depositDue() == 1)
            #expect(try await scene.due().isEmpty)
            #expect(modulo(try await scene.atB().resources) == modulo(try await scene.a.everything(scene.patient)))
        }
    }

    /// The centre took it, and nobody here heard of it: the next deposit finds that out and sends nothing twice.
    @Test func aDepositOfUnknownOutcomeIsNotMadeTwice() async throws {
        try await Self.scene { scene in
            #expect(await scene.observation("o1", "first") == 201)
            let medical = scene.country.names.medical
            for value in ["second", "third"] {
                scene.country.network.setLie(medical) { call, _, _ in call == .deliver ? [1, 2, 3] : nil }
                #expect(await scene.deposit().status != 200)
                scene.country.network.setLie(medical, nil)
                let after = await scene.deposit()
                #expect(after.status == 200 && after.number("records") == 0)
                let (answer, read) = try await scene.atB()
                #expect(answer.number("found") == after.number("unchanged"))
                #expect(modulo(read) == modulo(try await scene.a.everything(scene.patient)))
                #expect(await scene.observation("o1", value) == 200)
            }
            #expect(await scene.deposit().number("records") == 1)
        }
    }

    /// The hospital's store is an older one, out of a backup: the centre knows more than the book.
    @Test func anOldBookLearnsFromTheCentre() async throws {
        try await Self.scene { scene in
            #expect(await scene.observation("o1", "first") == 201)
            let records = try #require(await scene.deposit().number("records"))
            let store = try #require(scene.country.network.store(of: scene.a.id))
            let old = store.contents[DepositBook.table] ?? [:]
            #expect(await scene.observation("o1", "second") == 200)
            #expect(await scene.observation("o2", "more") == 201)
            #expect(await scene.deposit().number("records") == 1)
            try await store.transaction { transaction in
                for (key, value) in old { try transaction.put(DepositBook.table, key, value) }
            }
            #expect(await scene.observation("o1", "third") == 200)
            #expect(await scene.deposit().status == 200)
            let (answer, read) = try await scene.atB()
            #expect(answer.number("found") == records)
            #expect(modulo(read) == modulo(try await scene.a.everything(scene.patient)))
            #expect(await scene.deposit().number("records") == 0)
        }
    }

    /// One kind is not covered: the others are deposited, and this one is not tried again and again.
    @Test func whatIsNotAgreedToTakesNothingElseWithIt() async throws {
        try await Country.run(seed: 52) { country in
            let names = country.names
            let a = try Hospital(country, names.hospitalA)
            let resident = try await country.enrol("one")
            _ = try await resident.phone.give(try country.terms(to: names.hospitalA, [.general, .vitalSigns]))
            let patient = try await a.take(bundle(4, visits: 3))
            #expect(try await a.identify(resident, as: patient).status == 200)
            let answer = await a.post("/desk/patients/\(patient)/deposit")
            #expect(answer.status == 200)
            #expect(answer.number("records") ?? 0 > 0 && answer.number("refused") ?? 0 > 0)
            // By itself it is not tried again for a long time, unless the person comes.
            let body = #"{"resourceType":"Observation","id":"o1","subject":{"reference":"Patient/\#(patient)"}}"#
            #expect(await a.send(.put, "/fhir/Observation/o1", bytes: Array(body.utf8)).status == 201)
            await country.wait(seconds: 10)
            #expect(await a.server.depositDue() == 0)
            let marks = a.server.records.marks
            let later = try await a.server.parts.store.read { try marks.due($0) }
            #expect(later.isEmpty)
            #expect(try await a.identify(resident).json?["patient"]?.string == patient)
            let now = try await a.server.parts.store.read { try marks.due($0) }
            #expect(now.map(\.patient) == [patient])
            // The person agrees to the rest.
            _ = try await resident.phone.give(try country.terms(to: names.hospitalA, Opener.ordinary))
            let rest = await a.post("/desk/patients/\(patient)/deposit")
            #expect(rest.number("records") ?? 0 >= answer.number("refused") ?? 1 && rest.number("refused") == 0)
            let none = try await a.server.parts.store.read { try marks.due($0) }
            #expect(none.isEmpty)
        }
    }
}
