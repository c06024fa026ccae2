import AsyncHTTPClient
import Foundation
import Ledger
import LedgerServer
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Polymorphic
import SQLiteStore
import Serving
import ServiceLifecycle
import TransparencyLog

/// Runs a server around `body`.
func withServer(
    tls: TLSConfiguration? = nil, _ handler: @escaping ServedHandler, _ body: (Int) async throws -> Void
) async throws {
    var logger = Logger(label: "bench")
    logger.logLevel = .critical
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let node = try HTTPNode(
        .init(host: "127.0.0.1", port: 0), tls: tls, logger: logger, onReady: { ready.yield($0) }, handler: handler)
    let group = ServiceGroup(configuration: .init(services: [node], logger: logger))
    let running = Task { try await group.run() }
    for await port in ports {
        try await body(port)
        break
    }
    await group.triggerGracefulShutdown()
    try await running.value
}

/// Appends over mutual TLS, one leaf a request, clients and server in one process on the same cores.
enum LedgerHTTPBench {
    static let clients = 256

    static func appends(_ scratch: LedgerScratch, _ add: @escaping @Sendable (Figure) -> Void) async throws {
        let authority = try DevelopmentCA(name: "bench", now: Date())
        let (server, caller) = (try authority.issue("ledger", hosts: ["localhost"]), try authority.issue("t1.example"))
        let store = try SQLiteLedgerStore(path: scratch.fresh("http"))
        let bench = try await BenchLedger.start(store, flush: .milliseconds(5))
        let appenders = try Appenders(parsing: "1 transcryptor t1.example \(Hex.encode(caller.fingerprint))")
        let api = AppendAPI(bench.ledger, appenders: appenders)
        let seconds = LedgerBench.seconds / 3
        let tls = try NodeTLS.client(caller, root: authority.certificate)
        let rate = try await bench.during {
            let rate = Shared(0.0)
            try await withServer(tls: try NodeTLS.server(server, root: authority.certificate), api.answer) { port in
                let measured = try await load(tls, "https://localhost:\(port)/v1/append", seconds)
                rate.change { $0 = measured }
            }
            return rate.value
        }
        add(
            Figure(
                id: "ledger.http.per_s", value: rate, unit: "leaves/s", runs: 1,
                note:
                    "\(clients) clients, one leaf a request, TLS 1.3 with client certificates; clients share the cores; target >= 5000"
            ))
        await store.close()
    }

    private static func load(_ tls: TLSConfiguration, _ url: String, _ seconds: Double) async throws -> Double {
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = clients
        configuration.httpVersion = .http1Only
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let start = ContinuousClock.now
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<clients {
                group.addTask {
                    var source = LeafSource(UInt64(number + 1))
                    var count = 0
                    while secondsSince(start) < seconds {
                        var request = HTTPClientRequest(url: url)
                        request.method = .POST
                        request.headers.add(name: "content-type", value: AppendAPI.contentType)
                        let leaf = try source.next().leaf.bytes
                        request.body = .bytes(ByteBuffer(bytes: Wire.list([Wire.list([leaf]), Wire.list([[]])])))
                        let response = try await client.execute(request, timeout: .seconds(20))
                        _ = try await response.body.collect(upTo: 1_024)
                        if response.status == .ok { count += 1 }
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let rate = Double(total) / secondsSince(start)
        try await client.shutdown()
        return rate
    }
}
