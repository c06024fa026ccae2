import AsyncHTTPClient
import Deployment
import Exchanges
import Foundation
import Logging
import Policy
import Polymorphic
import Ristretto255
import Serving

/// A country in one process in a folder of its own, and what outsiders use of it.
struct TestCountry: Sendable {
    let run: CountryRun
    let home: CountryHome
    let client: HTTPClient
    let pinned: PinnedCountry
    let root: String

    static func quiet(_ name: String) -> Logger {
        var logger = Logger(label: name)
        logger.logLevel = .critical
        return logger
    }

    /// Starts one, runs `body`, stops it, and takes the folder away.
    static func with<R: Sendable>(_ body: @Sendable (TestCountry) async throws -> R) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.path + "/warifu-country-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await with(folder, body)
    }

    static func with<R: Sendable>(
        _ folder: String, _ body: @Sendable (TestCountry) async throws -> R
    ) async throws -> R {
        let home = CountryHome(folder)
        let run = CountryRun(home, logger: quiet)
        try await run.start()
        let result: Result<R, any Error>
        do {
            let root = String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: home.country + "/ca.pem")), as: UTF8.self)
            let client = try run.addresses.client(nil, root: root)
            do {
                let country = TestCountry(
                    run: run, home: home, client: client, pinned: try PinnedCountry(folder: home.country), root: root)
                result = .success(try await body(country))
            } catch { result = .failure(error) }
            try await client.shutdown()
        } catch {
            await run.stop()
            throw error
        }
        await run.stop()
        return try result.get()
    }

    /// The office with so many officers.
    func office(officers: Int = 2) throws -> OfficeClient {
        OfficeClient(
            client, addresses: run.addresses, authority: pinned.pins.anchors.authority,
            officers: try home.officers().prefix(officers).map { try $0.load() })
    }

    /// The Directory as somebody sees it who looks for the first time.
    func newcomer() async throws -> Exchanges.Directory {
        let keeper = DirectoryKeeper(
            pinned.pins.anchors, own: nil, authority: pinned.pins.anchors.authority,
            transport: run.addresses.transport(client, own: nil), clock: SystemClock(), store: MemoryNodeStore())
        try await keeper.refresh()
        return await keeper.current()
    }
}
