import ArgumentParser
import AsyncHTTPClient
import Deployment
import Device
import Exchanges
import Foundation
import Logging
import Polymorphic
import Ristretto255
import Serving
import ServiceLifecycle
import Synchronization
import Testing

@testable import warifu

/// A country as `warifu up` runs it, in a folder of its own, and what a person has of it.
struct RunningCountry: Sendable {
    let run: CountryRun
    let home: CountryHome

    static func with(_ body: @Sendable (RunningCountry) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/warifu-citizen-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let home = CountryHome(folder)
        let run = CountryRun(home, logger: quiet)
        try await run.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(RunningCountry(run: run, home: home))) } catch {
            result = .failure(error)
        }
        await run.stop()
        try result.get()
    }

    static func quiet(_ name: String) -> Logger {
        var logger = Logger(label: name)
        logger.logLevel = .critical
        return logger
    }

    func phone(_ name: String, portal: String? = nil) -> PhoneFolder {
        PhoneFolder("\(home.path)/phones/\(name)", country: home.country, portal: portal)
    }

    func officials() throws -> [SoftwareAuthenticator] { try home.officials().map { try $0.load() } }

    /// Runs `warifu` with these arguments and returns its exit code. What it prints is looked at elsewhere.
    func warifu(_ arguments: String..., phone: String) async throws -> Int32 {
        var command = try Warifu.parseAsRoot(
            ["citizen"] + arguments + ["--phone", self.phone(phone).path, "--country", home.country, "--json"])
        do {
            guard var command = command as? any AsyncParsableCommand else {
                try command.run()
                return 0
            }
            try await command.run()
            return 0
        } catch let code as ExitCode { return code.rawValue }
    }

    /// Runs a server with a certificate of the country as long as `body` does.
    func serving(
        _ handler: @escaping ServedHandler, _ body: (_ url: String) async throws -> Void
    ) async throws {
        let identity = try home.certificateAuthority().issue("test.warifu", hosts: ["localhost"])
        let root = String(decoding: try Data(contentsOf: URL(filePath: home.country + "/ca.pem")), as: UTF8.self)
        let tls = try NodeTLS.server(identity, root: root, admittingDevices: true)
        let (ports, filled) = AsyncStream<Int>.makeStream()
        var limits = ServingLimits()
        limits.bodyMaxByPath = CallAPI.bodyMax
        limits.answerWithin = .seconds(60)
        let node = try HTTPNode(
            .init(host: "127.0.0.1", port: 0), tls: tls, limits: limits, logger: Self.quiet("test"),
            onReady: { filled.yield($0) }, handler: handler)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: node)], logger: Self.quiet("test")))
        let running = Task { try await group.run() }
        let result: Result<Void, any Error>
        do {
            let port = try #require(await ports.first { _ in true })
            result = .success(try await body("https://localhost:\(port)"))
        } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await running.value
        try result.get()
    }

    /// Starts an accredited portal, as `warifu serve` does. Whoever started it stops it.
    func startPortal() async throws -> (node: ServedNode, url: String) {
        let folder = try home.makeNode(NodeFolder.Making(.portal, id: "portal-two"), from: SystemRandom())
        let root = String(decoding: try Data(contentsOf: URL(filePath: home.country + "/ca.pem")), as: UTF8.self)
        let client = try run.addresses.client(nil, root: root)
        let office = OfficeClient(
            client, addresses: run.addresses, authority: try PartyID("authority"),
            officers: try home.officers().map { try $0.load() })
        let accredited: Result<Void, any Error>
        do { accredited = .success(try await office.accredit(try folder.card())) } catch {
            accredited = .failure(error)
        }
        try await client.shutdown()
        try accredited.get()
        run.addresses.set(try PartyID("portal-two"), try folder.card().address)
        let node = try await NodeStarter(folder, addresses: run.addresses, logger: Self.quiet("portal-two")).start()
        try run.addresses.write(folder: home.country)
        return (node, try #require(run.addresses[try PartyID("portal-two")]).url)
    }
}

/// What a test desk gets.
final class Got: Sendable {
    private let bodies = Mutex<[[UInt8]]>([])
    var all: [[UInt8]] { bodies.withLock { $0 } }
    func add(_ body: [UInt8]) { bodies.withLock { $0.append(body) } }
}
