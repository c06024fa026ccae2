import AsyncHTTPClient
import Deployment
import Device
import Exchanges
import FHIR
import Foundation
import NIOCore
import NIOHTTP1
import Policy
import Polymorphic

/// Records over FHIR from one hospital to another, as the hospitals' own systems see it: what 100 bundles take to be
/// sent and deposited, and what a patient's whole record takes at the other hospital.
enum NetworkRecords {
    /// So many bundles; `NETWORK_BUNDLES` shortens the run for trying out.
    static let count = max(1, Int(ProcessInfo.processInfo.environment["NETWORK_BUNDLES"] ?? "") ?? 100)

    static func run(_ report: inout Report) throws { try LedgerBench.collect(&report) { try await measure($0) } }

    private static func measure(_ add: @escaping @Sendable (Figure) -> Void) async throws {
        let scratch = try LedgerScratch()
        defer { scratch.remove() }
        let (bundles, source) = try bundles()
        let country = CountryRun(CountryHome(scratch.fresh("country"))) { NetworkWorld.quiet($0) }
        try await country.start()
        do {
            let lines = (1...bundles.count).map { "r\($0),person of the bench \($0)" }
            let list = try ResidentList(parsing: (["id,name"] + lines).joined(separator: "\n"))
            let ready = try country.readyFile(try await list.enrol(in: country))
            guard ready.residents.count == bundles.count else {
                throw DeploymentFault.usage("not everybody is enrolled")
            }
            try await figures(country, ready, bundles, source, add)
        } catch {
            await country.stop()
            throw error
        }
        await country.stop()
    }

    private static func figures(
        _ country: CountryRun, _ ready: ReadyFile, _ bundles: [[UInt8]], _ source: String,
        _ add: @Sendable (Figure) -> Void
    ) async throws {
        let root = try String(contentsOfFile: ready.caFile, encoding: .utf8)
        let client = try country.addresses.client(nil, root: root)
        do {
            let a = try BenchHospital("hospital-a", ready, client)
            let b = try BenchHospital("hospital-b", ready, client)
            for resident in ready.residents { try await consents(resident, ready) }
            let begun = ContinuousClock.now
            for (resident, bundle) in zip(ready.residents, bundles) { try await a.takes(bundle, of: resident) }
            let deposited = secondsSince(begun)
            var times: [Double] = []
            for resident in ready.residents { times.append(try await b.reads(resident)) }
            add(
                Figure(
                    id: "exchange.deposit100.s", value: deposited * 100 / Double(bundles.count), unit: "s",
                    runs: bundles.count,
                    note: "\(source), one after another: sent, person presented, all records deposited; target <= 60"))
            for (name, share, target) in [("median_s", 0.5, 1), ("largest_s", 1.0, 3)] {
                add(
                    Figure(
                        id: "exchange.everything.\(name)", value: percentile(times, share), unit: "s",
                        runs: times.count,
                        note: "\(source): presented at B, found, fetched, all pages read; target <= \(target)"))
            }
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private static func consents(_ resident: ReadyFile.Resident, _ ready: ReadyFile) async throws {
        try await PhoneFolder(resident.phone, country: ready.country).open { open in
            for hospital in ["hospital-a", "hospital-b"] {
                _ = try await open.phone.give(try terms(to: hospital))
            }
        }
    }

    /// Everything ordinary, for treatment.
    private static func terms(to hospital: String) throws -> GiveTerms {
        let categories = Policy.Category.allCases.filter { !$0.isSensitive }
        let service = Service.all[0]
        let allowed = service.flows.filter { $0.purpose == .treatment && $0.grounds.contains(.consent) }.flatMap(
            \.categories)
        let asked = categories.filter { allowed.contains($0) }
        let from = Instant(Int64(SystemClock().now()) - 60)
        let until = from + 29 * 86_400
        let notice = try ConsentNotice(
            service,
            NoticeTerms(
                grantees: [hospital], purpose: .treatment, categories: asked, dataFrom: 0,
                dataTo: NetworkWorld.dataEnd, until: until, maxUses: 10_000), in: .ja)
        return GiveTerms(
            grantees: [.party(try PartyID(hospital))], purposes: [PurposeOfUse.treatment.name],
            categories: asked.map(\.name), dataFrom: 0, dataTo: NetworkWorld.dataEnd,
            dates: Validity(notBefore: from, notAfter: until), maxUses: 10_000, notice: notice.noticeDigest,
            refusal: notice.refusalDigest)
    }

    /// Sample bundles where they lie beside the project, else made-up ones.
    private static func bundles() throws -> ([[UInt8]], String) {
        let folder = ProcessInfo.processInfo.environment["WARIFU_DATA"] ?? "../shared/data"
        let path = folder + "/health/fhir_r4_synthea"
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().prefix(count)
        if !files.isEmpty { return (try files.map { try unpacked("\(path)/\($0)") }, "sample bundles") }
        let maker = PeopleMaker(seed: 1)
        return ((0..<count).map { maker.bundle(for: maker.person($0), visits: 30) }, "made-up bundles")
    }

    private static func unpacked(_ path: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        process.arguments = ["-dc", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(data)
    }
}

/// A hospital's own system.
private struct BenchHospital {
    private let client: HTTPClient
    private let hospital: ReadyFile.Hospital
    private let country: String

    init(_ id: String, _ ready: ReadyFile, _ client: HTTPClient) throws {
        guard let hospital = ready.hospitals[id] else { throw DeploymentFault.usage("there is no \(id)") }
        (self.hospital, self.client, country) = (hospital, client, ready.country)
    }

    /// A bundle is sent, its patient presented, everything deposited.
    func takes(_ bundle: [UInt8], of resident: ReadyFile.Resident) async throws {
        let answer = try await send(hospital.fhir, bundle, "application/fhir+json")
        let entries = (answer["entry"] as? [[String: Any]]) ?? []
        let places = entries.compactMap { ($0["response"] as? [String: Any])?["location"] as? String }
        guard let patient = places.first(where: { $0.hasPrefix("Patient/") })?.split(separator: "/").dropFirst().first
        else { throw DeploymentFault.usage("the bundle names no patient") }
        let visit = try await visit(resident)
        _ = try await desk("/visits/\(visit)/identify", ["patient": String(patient)])
        _ = try await desk("/patients/\(patient)/deposit", [:])
    }

    /// The person is presented, found, fetched, and read.
    /// - Returns: seconds from the presentation on.
    func reads(_ resident: ReadyFile.Resident) async throws -> Double {
        let visit = try await visit(resident)
        let begun = ContinuousClock.now
        let opened = try await desk("/visits/\(visit)/open", [:])
        var url = (opened["patient"] as? String).map { hospital.fhir + "/Patient/\($0)/$everything" }
        while let next = url {
            let page = try await send(next, nil, "application/fhir+json")
            let links = (page["link"] as? [[String: Any]]) ?? []
            url = links.first { $0["relation"] as? String == "next" }?["url"] as? String
        }
        return secondsSince(begun)
    }

    private func visit(_ resident: ReadyFile.Resident) async throws -> String {
        let shown = try await desk("/visits", ["purpose": "treatment"])
        guard let visit = shown["visit"] as? String,
            let text = (shown["text"] as? String).flatMap({ Data(base64Encoded: $0) }),
            let signature = (shown["signature"] as? String).flatMap({ Data(base64Encoded: $0) })
        else { throw DeploymentFault.usage("the terminal shows nothing") }
        let presented = try await PhoneFolder(resident.phone, country: country).open { open in
            try await open.phone.present(try TerminalText(wire: Array(text)), Array(signature)).bytes
        }
        _ = try await send(hospital.desk + "/visits/\(visit)/presentation", presented, "application/warifu")
        return visit
    }

    private func desk(_ path: String, _ body: [String: String]) async throws -> [String: Any] {
        try await send(
            hospital.desk + path, Array(try JSONSerialization.data(withJSONObject: body)), "application/json")
    }

    private func send(_ url: String, _ body: [UInt8]?, _ type: String) async throws -> [String: Any] {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "authorization", value: "Bearer \(hospital.token)")
        if let body {
            request.method = .POST
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: .seconds(300))
        let bytes = try await response.body.collect(upTo: 128 << 20)
        guard (200..<300).contains(response.status.code) else {
            throw DeploymentFault.refused(node: "the gateway", code: "\(response.status.code)")
        }
        guard bytes.readableBytes > 0 else { return [:] }
        let json = try JSONSerialization.jsonObject(with: Data(bytes.readableBytesView))
        return (json as? [String: Any]) ?? [:]
    }
}
