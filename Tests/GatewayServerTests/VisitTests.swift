import Device
import Exchanges
import Guards
import Polymorphic
import Serving
import Simulation
import Testing

@testable import FHIR
@testable import GatewayServer

/// A person at the desk.
@Suite struct VisitTests {
    private struct Scene: Sendable {
        let country: Country
        let a: Hospital
        let one: Resident
        let two: Resident
    }

    private func scene(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        try await Country.run(seed: 41) { country in
            let id = country.names.hospitalA
            try await body(
                Scene(
                    country: country, a: try Hospital(country, id),
                    one: try await country.resident("one", agreeingTo: [id]),
                    two: try await country.resident("two", agreeingTo: [id])))
        }
    }

    private static let refusal = Refused.answer(Problem(.forbidden)).body

    @Test func aVisitIsUsedOnceByItsSystemInItsTime() async throws {
        try await scene { scene in
            let a = scene.a
            for path in ["visits/00112233445566778899aabbccddeeff/identify", "visits/x/open"] {
                let guessed = await a.post("/desk/\(path)")
                #expect(guessed.status == 403 && guessed.body == Self.refusal)
            }
            // Before anybody is presented, and by another system.
            let begun = await a.post("/desk/visits")
            let empty = try #require(begun.json?["visit"]?.string)
            #expect(await a.post("/desk/visits/\(empty)/identify").body == Self.refusal)
            let visit = try await a.visit(scene.one)
            #expect(await a.post("/desk/visits/\(visit)/identify", token: Hospital.clerkToken).body == Self.refusal)
            #expect(await a.post("/desk/visits/\(visit)/identify").status == 200)
            #expect(await a.post("/desk/visits/\(visit)/identify").body == Self.refusal)
            #expect(await a.send(.get, "/desk/visits/\(visit)", token: nil).body == Self.refusal)
            let late = try await a.visit(scene.one)
            await scene.country.wait(seconds: Visits.seconds)
            #expect(await a.post("/desk/visits/\(late)/identify").body == Self.refusal)
        }
    }

    @Test func eachOfTheseChecksIsNeeded() async throws {
        try await scene { scene in
            let a = scene.a
            let visit = try await a.visit(scene.one)
            await Guards.withOff("guard:gateway.visit-owner") {
                let answer = await a.post("/desk/visits/\(visit)/identify", token: Hospital.clerkToken)
                #expect(answer.status == 200)
            }
            await Guards.withOff("guard:gateway.visit-once") {
                // What the person agreed to once is looked at again.
                let answer = await a.send(.get, "/desk/visits/\(visit)", token: nil)
                #expect(answer.status == 200)
            }
            let late = try await a.visit(scene.one)
            await scene.country.wait(seconds: Visits.seconds)
            await Guards.withOff("guard:gateway.visit-time") {
                let answer = await a.send(.get, "/desk/visits/\(late)", token: nil)
                #expect(answer.status == 200)
            }
        }
    }

    @Test func nobodyTakesThePlaceOfThePersonWhoIsHere() async throws {
        try await scene { scene in
            let a = scene.a
            let visit = try await a.visit(scene.one)
            let shown = try a.server.desk.visits.shown(visit)
            let other = try await scene.two.phone.present(shown.text, shown.signature)
            let path = "/desk/visits/\(visit)/presentation"
            #expect(await a.send(.post, path, bytes: other.bytes, token: nil).body == Self.refusal)
            // The same again changes nothing: an answer may have been lost.
            let same = try #require(shown.presentation)
            #expect(await a.send(.post, path, bytes: same.bytes, token: nil).status == 204)
            let one = try await a.identify(scene.one).json?["patient"]?.string
            await Guards.withOff("guard:gateway.presented") {
                let taken = await a.send(.post, path, bytes: other.bytes, token: nil)
                #expect(taken.status == 204)
            }
            let answer = await a.post("/desk/visits/\(visit)/identify")
            #expect(answer.status == 200 && answer.json?["patient"]?.string != one)
        }
    }

    @Test func garbageInPlaceOfAPresentationIsRefused() async throws {
        try await scene { scene in
            let a = scene.a
            let begun = await a.post("/desk/visits")
            let visit = try #require(begun.json?["visit"]?.string)
            let path = "/desk/visits/\(visit)/presentation"
            let shown = try a.server.desk.visits.shown(visit)
            let right = try await scene.one.phone.present(shown.text, shown.signature)
            for bytes in [[], [0], Array(right.bytes.dropLast()), right.bytes + [0], Array(right.bytes.reversed())] {
                #expect(await a.send(.post, path, bytes: bytes, token: nil).status == 400)
            }
            // Of a form that can be read, but nothing that opens: the exchange is refused, and nobody learns why.
            var broken = right.bytes
            broken[broken.count - 1] ^= 1
            broken[200] ^= 1
            let second = await a.post("/desk/visits")
            let other = try #require(second.json?["visit"]?.string)
            #expect(await a.send(.post, "/desk/visits/\(other)/presentation", bytes: broken, token: nil).status == 204)
            #expect(await a.post("/desk/visits/\(other)/identify").body == Self.refusal)
            #expect(await a.send(.post, path, bytes: right.bytes, token: nil).status == 204)
            #expect(await a.post("/desk/visits/\(visit)/identify").status == 200)
        }
    }

    @Test func oneSystemLeavesRoomForTheOthers() async throws {
        try await scene { scene in
            let a = scene.a
            for _ in 0..<Visits.ofSystemMax { #expect(await a.post("/desk/visits").status == 201) }
            let full = await a.post("/desk/visits")
            #expect(full.status == 503 && full.headers["retry-after"] != nil)
            #expect(await a.post("/desk/visits", token: Hospital.clerkToken).status == 201)
            await Guards.withOff("guard:gateway.visits") {
                let more = await a.post("/desk/visits")
                #expect(more.status == 201)
            }
            await scene.country.wait(seconds: Visits.seconds)
            #expect(await a.post("/desk/visits").status == 201)
        }
    }

    // MARK: Who is which patient

    private func put(_ a: Hospital, _ id: String) async {
        let body = #"{"resourceType":"Patient","id":"\#(id)"}"#
        #expect(await a.send(.put, "/fhir/Patient/\(id)", bytes: Array(body.utf8)).status == 201)
    }

    @Test func aPersonGoesOnBeingTheSamePatient() async throws {
        try await scene { scene in
            let a = scene.a
            let first = try await a.identify(scene.one).json?["patient"]?.string
            let again = try await a.identify(scene.one).json?["patient"]?.string
            #expect(first != nil && first == again && first?.count == 32)
            await put(a, "p2")
            #expect(try await a.identify(scene.two, as: "p2").json?["patient"]?.string == "p2")
            #expect(try await a.identify(scene.two).json?["patient"]?.string == "p2")
            #expect(try await a.identify(scene.two, as: "p2").json?["patient"]?.string == "p2")
        }
    }

    @Test func anIdOfSomebodyElseIsRefused() async throws {
        try await scene { scene in
            let a = scene.a
            await put(a, "p1")
            #expect(try await a.identify(scene.one, as: "p1").status == 200)
            let taken = try await a.identify(scene.two, as: "p1")
            #expect(taken.status == 403 && taken.body == Self.refusal)
            try await Guards.withOff("guard:gateway.taken") {
                // The second person's records would be the first one's.
                let answer = try await a.identify(scene.two, as: "p1")
                #expect(answer.json?["patient"]?.string == "p1")
            }
        }
    }

    @Test func aPersonHasOnePatientAndOnlyOneThatIsHere() async throws {
        try await scene { scene in
            let a = scene.a
            await put(a, "p1")
            await put(a, "p3")
            #expect(try await a.identify(scene.one, as: "p1").status == 200)
            #expect(try await a.identify(scene.one, as: "p3").body == Self.refusal)
            try await Guards.withOff("guard:gateway.second-patient") {
                let answer = try await a.identify(scene.one, as: "p3")
                #expect(answer.json?["patient"]?.string == "p3")
            }
            #expect(try await a.identify(scene.two, as: "nobody").body == Self.refusal)
            try await Guards.withOff("guard:gateway.patient-here") {
                let answer = try await a.identify(scene.two, as: "nobody")
                #expect(answer.json?["patient"]?.string == "nobody")
            }
        }
    }
}
