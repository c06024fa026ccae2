import Device
import Exchanges
import Guards
import Polymorphic
import Serving
import Simulation
import Testing

@testable import FHIR
@testable import GatewayServer

/// A refusal tells nothing: no consent, another purpose, a person who is unknown or does not exist are the same bytes.
@Suite struct RefusalTests {
    @Test func everyNoIsTheSameNo() async throws {
        try await DepositTests.scene(seed: 61) { scene in
            _ = await scene.deposit()
            let b = scene.b
            let stranger = try await scene.country.enrol("stranger")
            let gives = try await scene.resident.phone.activeGives()
            let opened = await b.post("/desk/visits/\(try await b.visit(scene.resident))/open")
            let patient = try #require(opened.json?["patient"]?.string)
            var refused: [(String, ServedAnswer)] = [
                ("no consent", await b.post("/desk/visits/\(try await b.visit(stranger))/open")),
                ("no consent to identify", await b.post("/desk/visits/\(try await b.visit(stranger))/identify")),
                (
                    "wrong purpose",
                    await b.post("/desk/visits/\(try await b.visit(scene.resident, purpose: "research"))/open")
                ),
                (
                    "kinds",
                    await b.post("/desk/visits/\(try await b.visit(scene.resident))/open", #"{"categories":["DNA"]}"#)
                ),
                ("unknown", await b.post("/desk/patients/unknown/open")),
                ("deposit of an unknown", await b.post("/desk/patients/unknown/deposit")),
                ("nonexistent", await b.get("/fhir/Patient/nobody")),
                ("$everything of nobody", await b.get("/fhir/Patient/nobody/$everything")),
            ]
            for give in gives { _ = try await scene.resident.phone.withdraw(give) }
            refused += [
                ("withdrawn", await b.post("/desk/visits/\(try await b.visit(scene.resident))/open")),
                ("withdrawn, known", await b.post("/desk/patients/\(patient)/open")),
                (
                    "withdrawn, a clerk",
                    await b.post("/desk/patients/\(patient)/open", token: Hospital.clerkToken)
                ),
            ]
            #expect(await scene.observation("o1", "new") == 201)
            refused.append(("withdrawn, deposit", await scene.deposit()))
            let expected = Refused.answer(Problem(.forbidden))
            for (what, answer) in refused.dropLast() {
                #expect(answer.status == 403 && answer.body == expected.body, "\(what)")
            }
            // What is there already is told to the hospital that has it.
            let (_, deposit) = try #require(refused.last)
            #expect(deposit.status == 200 && deposit.number("records") == 0 && deposit.number("refused") == 1)
            // The background does not press.
            await scene.country.wait(seconds: 10)
            #expect(await scene.a.server.depositDue() == 0)
            let mark = try #require(try await scene.due().first)
            #expect(mark.notBefore >= scene.country.scheduler.now() + DepositMarks.refusedPause - 5)
        }
    }

    /// A client is told to come again where nobody has said no.
    @Test func whatIsNotThereAtTheMomentIsAnotherAnswer() async throws {
        try await DepositTests.scene(seed: 62) { scene in
            _ = await scene.deposit()
            let visit = try await scene.b.visit(scene.resident)
            scene.country.network.setDown(scene.country.names.medical, true)
            let answer = await scene.b.post("/desk/visits/\(visit)/open")
            #expect(answer.status == 503 && answer.headers["retry-after"] != nil && answer.problem == "unavailable")
            scene.country.network.setDown(scene.country.names.medical, false)
            #expect(try await scene.atB().answer.status == 200)
        }
    }

    // MARK: AuditEvents

    private func events(_ hospital: Hospital, _ query: String = "") async throws -> [Resource] {
        try await hospital.get("/fhir/AuditEvent", query: query).resources
    }

    @Test func whoeverLooksAtARecordIsNamed() async throws {
        try await DepositTests.scene(seed: 63) { scene in
            _ = await scene.deposit()
            let opened = await scene.b.post("/desk/visits/\(try await scene.b.visit(scene.resident))/open")
            let patient = try #require(opened.json?["patient"]?.string)
            let before = try await events(scene.b, "patient=\(patient)").count
            #expect(before > 0)
            let reads: [(String, String)] = [
                ("Patient/\(patient)", ""), ("Patient/\(patient)/$everything", ""),
                ("Encounter", "patient=\(patient)"), ("Patient/\(patient)/_history", ""),
            ]
            for (path, query) in reads { #expect(await scene.b.get("/fhir/" + path, query: query).status == 200) }
            let after = try await events(scene.b, "patient=\(patient)")
            // The look at the AuditEvents themselves is one, too.
            #expect(after.count == before + reads.count + 1)
            let agents = after.compactMap {
                $0.json["agent"]?.elements.first { _ in true }?["who"]?["identifier"]?["value"]?.string
            }
            #expect(agents.count == after.count && Set(agents) == ["his"])
            await Guards.withOff("guard:gateway.audit") {
                let read = await scene.b.get("/fhir/Patient/\(patient)")
                #expect(read.status == 200)
            }
            #expect(try await events(scene.b, "patient=\(patient)").count == after.count + 1)
            // Clients cannot write one.
            let forged = #"{"resourceType":"AuditEvent","id":"x"}"#
            #expect(await scene.b.send(.put, "/fhir/AuditEvent/x", bytes: Array(forged.utf8)).status == 405)
        }
    }

    /// What cannot be accounted for is not given out.
    @Test func withoutAnAuditEventThereIsNoAnswer() async throws {
        try await DepositTests.scene(seed: 64) { scene in
            let store = try #require(scene.country.network.store(of: scene.a.id))
            store.schedule([.failed])
            let answer = await scene.a.get("/fhir/Patient/\(scene.patient)")
            #expect(answer.status == 503 && answer.isOutcome)
            #expect(await scene.a.get("/fhir/Patient/\(scene.patient)").status == 200)
        }
    }
}

extension ServedAnswer {
    fileprivate var isOutcome: Bool { json?["resourceType"]?.string == "OperationOutcome" }
}
