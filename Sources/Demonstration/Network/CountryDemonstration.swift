import AsyncHTTPClient
import Deployment
import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255
import Serving
import TransparencyLog

/// The story of patients who move, in a whole country over the network: every node with its own servers, mutual TLS,
/// store and log, in one process and one folder. Every sentence is computed from the run; one that does not hold ends
/// it.
public struct CountryDemonstration: Sendable {
    let bundles: [DemoBundle]
    let seed: UInt64
    let folder: String
    let language: Language
    let meter: @Sendable () -> DemoCost

    /// - Parameters:
    ///   - bundles: one for each person, at least one.
    ///   - seed: of the neighbour, who is made up.
    ///   - folder: for the country; it is taken away at the end.
    ///   - language: in which people read what they agree to.
    ///   - meter: what was used up to now.
    public init(
        bundles: [DemoBundle], seed: UInt64, folder: String, language: Language,
        meter: @escaping @Sendable () -> DemoCost
    ) {
        (self.bundles, self.seed, self.folder, self.language, self.meter) = (bundles, seed, folder, language, meter)
    }

    /// Tells the story.
    /// - Parameter tell: gets each step when it is done.
    /// - Throws: `DemoFault`; what a node refuses against expectation.
    public func run(_ tell: @escaping @Sendable (DemoStep) -> Void) async throws -> DemoEnd {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (watch, log, start) = (CountryWatch(), DemoLog(), meter())
        let run = CountryRun(CountryHome(folder), logger: log.logger, tap: watch.note)
        try await run.start()
        let teller = CountryTeller(run, watch, meter, tell)
        let seen: [DemoSight]
        do { seen = try await story(teller, log, since: start) } catch {
            await run.stop()
            throw error
        }
        await run.stop()
        // What is on the disk now is what a thief would find.
        let needles = watch.needles.values.flatMap { $0 }
        let disk = try DemoDisk(folder, log.bytes, needles)
        try teller.check(disk.finds.isEmpty, "disk." + (disk.finds.first ?? ""))
        let planted = try teller.need(needles.first, "disk.needles")
        try teller.check(try DemoDisk.findsPlanted(in: folder, planted), "disk.planted")
        return DemoEnd(
            seen: seen, isSearchable: true, checks: teller.checks, items: CountryWatch.items, disk: disk)
    }

    private func story(_ teller: CountryTeller, _ log: DemoLog, since start: DemoCost) async throws -> [DemoSight] {
        let run = teller.run
        var keys: [[UInt8]: DemoParty] = [:]
        for (id, party) in CountryWatch.parties {
            let hash = Hex.decode(try run.home.node(id).card().tlsKeyHash)
            keys[try teller.need(hash, "keys")] = party
        }
        teller.watch.know(keys)
        let root = String(
            decoding: try Data(contentsOf: URL(filePath: run.home.country + "/ca.pem")), as: UTF8.self)
        let client = HTTPTransport.client(
            try NodeTLS.client(nil, root: root), hosts: run.addresses.hosts, connecting: 30, patience: 300)
        let result: Result<[DemoSight], any Error>
        do { result = .success(try await story(teller, log, client, since: start)) } catch { result = .failure(error) }
        try await client.shutdown()
        return try result.get()
    }

    private func story(
        _ teller: CountryTeller, _ log: DemoLog, _ client: HTTPClient, since start: DemoCost
    ) async throws -> [DemoSight] {
        let run = teller.run
        let pinned = try PinnedCountry(folder: run.home.country)
        let ready = try run.readyFile(ResidentList.Enrolled())
        func hospital(_ id: String) throws -> DemoHospital {
            DemoHospital(about: try teller.need(ready.hospitals[id], "hospital"), client: client)
        }
        let story = CountryStory(
            run: run, teller: teller, log: log, a: try hospital(CountryStory.hospitalA),
            b: try hospital(CountryStory.hospitalB), pinned: pinned,
            office: { officers in
                OfficeClient(
                    client, addresses: run.addresses, authority: pinned.pins.anchors.authority, officers: officers)
            }, posting: Posting(client: client, addresses: run.addresses), language: language)
        try await story.founding(since: start)
        for (number, bundle) in bundles.enumerated() {
            try await phone("patient-\(number + 1)", run).open { open in
                let moved = try await story.move(bundle, open)
                guard number == bundles.count - 1 else { return }
                try await phone("neighbour", run).open { other in
                    try await story.refusals(
                        moved, neighbour: other, identity: DemoBundle.neighbour(seed: seed))
                }
            }
        }
        return try await story.seen()
    }

    private func phone(_ name: String, _ run: CountryRun) throws -> PhoneFolder {
        let phone = PhoneFolder("\(run.home.path)/phones/\(name)", country: run.home.country)
        try phone.make(from: SystemRandom())
        return phone
    }
}
