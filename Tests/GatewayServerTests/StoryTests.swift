import Device
import Exchanges
import Foundation
import Guards
import Policy
import Polymorphic
import Serving
import Simulation
import Testing

@testable import FHIR
@testable import GatewayServer

/// The main job through the gateways: what one hospital wrote is read at another.
@Suite struct StoryTests {
    @Test(arguments: [3, 5], [false, true]) func whatAWroteIsReadAtB(_ index: Int, _ isSealed: Bool) async throws {
        try await Country.run(seed: 21, stores: isSealed ? sealedStores : .memory) { country in
            let names = country.names
            let (a, b) = (try Hospital(country, names.hospitalA), try Hospital(country, names.hospitalB))
            let resident = try await country.resident("one", agreeingTo: [names.hospitalA, names.hospitalB])
            let patient = try await a.take(bundle(index))
            let identified = try await a.identify(resident, as: patient)
            #expect(identified.status == 200 && identified.json?["patient"]?.string == patient)
            let deposited = await a.post("/desk/patients/\(patient)/deposit")
            #expect(deposited.status == 200 && deposited.number("refused") == 0)
            let records = try #require(deposited.number("records"))
            #expect(records > 3 && deposited.number("unchanged") == 0)

            let opened = await b.post("/desk/visits/\(try await b.visit(resident))/open")
            #expect(opened.status == 200)
            #expect(opened.number("found") == records && opened.number("records") == records)
            let atB = try #require(opened.json?["patient"]?.string)
            #expect(atB != patient)
            let here = try await b.everything(atB)
            #expect(modulo(here) == modulo(try await a.everything(patient)))
            #expect(opened.number("resources") == here.count)
            // Nothing of it is in B's store, and what it knows of how it came there is.
            let own = try await b.server.records.candidates(nil, nil)
            #expect(own.allSatisfy { $0.key.isOwnAccount })
            #expect(own.contains { $0.key.type == .provenance } && own.contains { $0.key.type == .consent })
            let found = await b.get("/fhir/Observation", query: "patient=\(atB)&_summary=count")
            #expect(found.status == 200)
            let history = try await resident.phone.history()
            #expect(history.doubts == [])
        }
    }

    /// The same with one bundle as other makers of test data write them, where such data lie beside this checkout.
    @Test func aRealBundleIsReadAtB() async throws {
        guard let sample = Samples.smallest else { return Samples.report(run: false) }
        Samples.report(run: true)
        try await Country.run(seed: 22) { country in
            let names = country.names
            let (a, b) = (try Hospital(country, names.hospitalA), try Hospital(country, names.hospitalB))
            let resident = try await country.resident("one", agreeingTo: [names.hospitalA, names.hospitalB])
            let patient = try await a.take(sample)
            _ = try await a.identify(resident, as: patient)
            let deposited = await a.post("/desk/patients/\(patient)/deposit")
            #expect(deposited.status == 200)
            let opened = await b.post("/desk/visits/\(try await b.visit(resident))/open")
            #expect(opened.status == 200)
            let atB = try #require(opened.json?["patient"]?.string)
            if deposited.number("refused") == 0 {
                #expect(modulo(try await b.everything(atB)) == modulo(try await a.everything(patient)))
            }
        }
    }

    /// The Patient is of the general kind. Who agrees to others only is read without a name.
    @Test func someKindsWithoutThePatient() async throws {
        try await Country.run(seed: 25) { country in
            let names = country.names
            let (a, b) = (try Hospital(country, names.hospitalA), try Hospital(country, names.hospitalB))
            let resident = try await country.resident("one", agreeingTo: [names.hospitalA])
            _ = try await resident.phone.give(try country.terms(to: names.hospitalB, [.laboratory]))
            _ = try await resident.phone.give(try country.terms(to: names.hospitalB, [.vitalSigns]))
            let atA = try await a.take(bundle(4))
            _ = try await a.identify(resident, as: atA)
            _ = await a.post("/desk/patients/\(atA)/deposit")
            // Nothing is named, and no consent covers all kinds: each is asked for.
            let opened = await b.post("/desk/visits/\(try await b.visit(resident))/open")
            #expect(opened.status == 200)
            let patient = try #require(opened.json?["patient"]?.string)
            let read = try await b.everything(patient)
            #expect(Set(read.map(RecordCategory.init(of:))).isSubset(of: [.laboratory, .vitalSigns, .general]))
            #expect(read.contains { $0.type.name == "Observation" } && !read.contains { $0.type.name == "Encounter" })
            let shown = read.first { $0.type == .patient }
            #expect(shown?.id == patient && shown?.json["name"] == nil)
            // One kind by name is one exchange, in the presence of the person.
            let one = await b.post(
                "/desk/visits/\(try await b.visit(resident))/open", #"{"categories":["vital-signs"]}"#)
            #expect(one.status == 200 && one.number("records") ?? 0 < opened.number("records") ?? 0)
        }
    }

    /// Where both know the person: the own record wins, and what the other one wrote stands beside it.
    @Test func ownAndOpenedRecordsAreOneStore() async throws {
        try await Country.run(seed: 23) { country in
            let names = country.names
            let (a, b) = (try Hospital(country, names.hospitalA), try Hospital(country, names.hospitalB))
            let resident = try await country.resident("one", agreeingTo: [names.hospitalA, names.hospitalB])
            let atA = try await a.take(bundle(2))
            _ = try await a.identify(resident, as: atA)
            _ = await a.post("/desk/patients/\(atA)/deposit")
            // B has a Patient, and an Observation under an id that A may have given too.
            let body = #"{"resourceType":"Patient","id":"p1","name":[{"family":"B"}]}"#
            #expect(await b.send(.put, "/fhir/Patient/p1", bytes: Array(body.utf8)).status == 201)
            #expect(try await b.identify(resident, as: "p1").status == 200)
            let opened = await b.post("/desk/patients/p1/open")
            #expect(opened.status == 200)
            let shown = await b.get("/fhir/Patient/p1")
            #expect(shown.json?["name"]?.elements.first { _ in true }?["family"]?.string == "B")
            let count = try await a.everything(atA).count
            #expect(try await b.everything("p1").count == count + 1)
            // A write goes to B's own store, also while the session is open.
            let changed = #"{"resourceType":"Patient","id":"p1","name":[{"family":"C"}]}"#
            #expect(await b.send(.put, "/fhir/Patient/p1", bytes: Array(changed.utf8)).status == 200)
            // A bundle that only reads sees the session.
            let reads =
                #"{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","#
                + #""url":"Encounter?patient=p1"}}]}"#
            let answer = await b.send(.post, "/fhir", bytes: Array(reads.utf8))
            let total = answer.json?["entry"]?.elements.first { _ in true }?["resource"]?["total"]?.numberText
            #expect(total.flatMap { Int($0) } ?? 0 > 0)
            // It ends by itself, and then B sees what B wrote.
            await country.wait(seconds: Sessions.seconds)
            #expect(try await b.everything("p1").count == 1)
        }
    }

    @Test func aSessionIsSeenInItsRoleAndForItsTime() async throws {
        try await Country.run(seed: 24) { country in
            let names = country.names
            let (a, b) = (try Hospital(country, names.hospitalA), try Hospital(country, names.hospitalB))
            let resident = try await country.resident("one", agreeingTo: [names.hospitalA, names.hospitalB])
            let atA = try await a.take(bundle(2))
            _ = try await a.identify(resident, as: atA)
            _ = await a.post("/desk/patients/\(atA)/deposit")
            let opened = await b.post("/desk/visits/\(try await b.visit(resident))/open")
            let path = "/fhir/Patient/\(try #require(opened.json?["patient"]?.string))"
            #expect(await b.get(path).status == 200)
            let refused = await b.get(path, token: Hospital.clerkToken)
            let unknown = await b.get("/fhir/Patient/unknown", token: Hospital.clerkToken)
            #expect(refused.status == 403 && refused.body == unknown.body)
            await Guards.withOff("guard:gateway.session-role") {
                let seen = await b.get(path, token: Hospital.clerkToken)
                #expect(seen.status == 200)
            }
            await country.wait(seconds: Sessions.seconds)
            await Guards.withOff("guard:gateway.session-time") {
                // The guard keeps what is over; so it is looked at before the session is let go.
                let seen = await b.get(path)
                #expect(seen.status == 200)
            }
            #expect(await b.get(path).body == unknown.body)
        }
    }
}

/// Bundles of other makers beside this checkout, where there are some.
enum Samples {
    private static let folder: URL? = {
        var package = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { package.deleteLastPathComponent() }
        let places = [
            ProcessInfo.processInfo.environment["WARIFU_DATA"].map { URL(filePath: $0) },
            package.deletingLastPathComponent().appending(path: "shared/data"),
        ]
        return places.compactMap { $0?.appending(path: "health/fhir_r4_synthea") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    /// The smallest one, unpacked.
    static var smallest: [UInt8]? { bundle { $0.first } }
    /// The largest one, unpacked.
    static var largest: [UInt8]? { bundle { $0.last } }

    private static func bundle(_ pick: ([URL]) -> URL?) -> [UInt8]? {
        guard let folder,
            let all = try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: [.fileSizeKey])
        else { return nil }
        func size(_ url: URL) -> Int { (try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0 }
        let bundles = all.filter { $0.lastPathComponent.hasSuffix(".json.gz") }
            .sorted { (size($0), $0.path) < (size($1), $1.path) }
        guard let url = pick(bundles) else { return nil }
        let process = Process()
        let pipe = Pipe()
        (process.executableURL, process.arguments) = (URL(filePath: "/usr/bin/env"), ["gzip", "-dc", url.path])
        process.standardOutput = pipe
        guard (try? process.run()) != nil else { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 && !data.isEmpty ? [UInt8](data) : nil
    }

    static func report(run: Bool) {
        let state = run ? "run" : "skipped: no sample bundles beside this checkout"
        FileHandle.standardError.write(Data("gateway, a real bundle: \(state)\n".utf8))
    }
}
