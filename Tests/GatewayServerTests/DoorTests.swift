import Guards
import Policy
import Polymorphic
import Serving
import Simulation
import Testing

@testable import FHIR
@testable import GatewayServer

/// Who may use a hospital's gateway, and what becomes of what is malformed.
@Suite struct DoorTests {
    private func with(_ body: @escaping @Sendable (Country, Hospital) async throws -> Void) async throws {
        try await Country.run(seed: 31) { country in
            try await body(country, try Hospital(country, country.names.hospitalA))
        }
    }

    @Test func withoutACredentialNothingIsDone() async throws {
        try await with { _, a in
            let paths: [(ServedRequest.Method, String)] = [
                (.get, "/fhir/metadata"), (.get, "/fhir/Patient/p"), (.post, "/fhir"), (.post, "/desk/visits"),
                (.post, "/desk/patients/p/open"), (.post, "/desk/visits/00/identify"), (.get, "/desk/unknown"),
            ]
            for (method, path) in paths {
                for answer in [
                    await a.send(method, path, token: nil), await a.send(method, path, token: "another-token"),
                    await a.send(method, path, token: nil, peer: Hospital.sha256("another key")),
                    await a.send(method, path, token: ""),
                ] {
                    #expect(answer.status == 401 && answer.headers["www-authenticate"] != nil, "\(path)")
                    #expect(answer.body == Refused.unknownSystem.body)
                }
            }
            await Guards.withOff("guard:gateway.credential") {
                let answer = await a.send(.get, "/fhir/metadata", token: nil)
                #expect(answer.status == 200)
            }
            await Guards.withOff("guard:gateway.token") {
                let answer = await a.send(.get, "/fhir/metadata", token: "another-token")
                #expect(answer.status == 200)
            }
            // Each of the two alone is enough.
            #expect(await a.get("/fhir/metadata").status == 200)
            let byKey = await a.send(.get, "/fhir/metadata", token: nil, peer: Hospital.sha256("key of his"))
            #expect(byKey.status == 200)
        }
    }

    @Test func twoCredentialsOfTwoSystemsAreNobodys() async throws {
        try await with { _, a in
            let peer = Hospital.sha256("key of his")
            let both = await a.send(.get, "/fhir/metadata", token: Hospital.clerkToken, peer: peer)
            #expect(both.status == 401)
            await Guards.withOff("guard:gateway.two-systems") {
                let answer = await a.send(.get, "/fhir/metadata", token: Hospital.clerkToken, peer: peer)
                #expect(answer.status == 200)
            }
            #expect(await a.send(.get, "/fhir/metadata", peer: peer).status == 200)
            // A wrong token is not made good by a certificate.
            #expect(await a.send(.get, "/fhir/metadata", token: "another-token", peer: peer).status == 401)
        }
    }

    @Test func malformedBodiesEndInAnErrorAndHarmNobody() async throws {
        try await with { country, a in
            let patient = #"{"resourceType":"Patient","id":"p","name":[{"family":"x"}]}"#
            #expect(await a.send(.put, "/fhir/Patient/p", bytes: Array(patient.utf8)).status == 201)
            let deep = String(repeating: "[", count: 10_000)
            let large = "\"" + String(repeating: "x", count: 70_000) + "\""
            let cases: [(String, String, Int)] = [
                ("/fhir", deep, 400), ("/fhir", #"{"resourceType":"Bundle","type":"transaction","entry":[{"#, 400),
                ("/fhir", "\u{feff}{}", 400), ("/fhir/Patient", #"{"resourceType":"Patient","a":1,"a":2}"#, 400),
                ("/desk/visits", deep, 400), ("/desk/visits", large, 413), ("/desk/visits", #"{"purpose":"#, 400),
                ("/desk/visits", "[]", 400), ("/desk/visits", #"{"purpose":1}"#, 400),
                ("/desk/visits", #"{"purpose":"theft"}"#, 400), ("/desk/visits", #"{"patient":"p"}"#, 400),
                ("/desk/patients/p/open", #"{"categories":[]}"#, 400),
                ("/desk/patients/p/open", #"{"categories":["LAB","LAB"]}"#, 400),
                ("/desk/patients/p/open", #"{"from":"2026-13"}"#, 400),
                ("/desk/patients/p/open", #"{"from":"2026-02","to":"2026-01"}"#, 400),
                ("/desk/unknown", "{}", 404), ("/else", "{}", 404),
            ]
            for (path, body, status) in cases {
                let answer = await a.send(.post, path, bytes: Array(body.utf8))
                #expect(
                    answer.status == status && answer.json?["resourceType"]?.string == "OperationOutcome", "\(path)")
                // The others go on as before.
                #expect(await a.get("/fhir/Patient/p").status == 200)
            }
            #expect(await a.send(.put, "/desk/visits").status == 405)
            #expect(await a.get("/desk/visits", query: "a=b").status == 405)
            #expect(await a.send(.post, "/desk/visits", query: "a=b").status == 400)
        }
    }

    /// A My Number has no place at the desk, however it is written, and none in the log.
    @Test(arguments: ["123456789018", "1234-5678-9018", "１２３４５６７８９０１８"]) func aMyNumberIsRefused(
        _ number: String
    ) async throws {
        try #require(NationalNumber.occurs(in: number.utf8))
        try await with { _, a in
            let bodies = [
                #"{"patient":"\#(number)"}"#, #"{"\#(number)":"x"}"#, #"{"categories":["LAB","\#(number)"]}"#,
                #"{"from":"\#(number)"}"#,
            ]
            for body in bodies {
                let answer = await a.post("/desk/visits/00112233445566778899aabbccddeeff/open", body)
                #expect(answer.status == 400 && !String(decoding: answer.body, as: UTF8.self).contains(number))
            }
            #expect(await a.post("/desk/patients/\(number)/deposit").status == 400)
            #expect(!a.log.text.contains(number))
            await Guards.withOff("guard:gateway.national") {
                let body = #"{"patient":"\#(number.filter { $0.isASCII })"}"#
                let answer = await a.post("/desk/visits/00112233445566778899aabbccddeeff/open", body)
                // It is taken for the id of a Patient who is not here, or for no id.
                #expect(answer.status == (number.first == "1" ? 403 : 400))
            }
        }
    }

    @Test func whatTheCompositionServesWithIsBounded() {
        let limits = GatewayServer.limits
        #expect(limits.bodyMax == 64 << 10 && limits.bodyMaxByPrefix == ["/fhir": 64 << 20])
        #expect(limits.queryMax == 8 << 10 && limits.methods == [.get, .post, .put, .delete])
    }
}
