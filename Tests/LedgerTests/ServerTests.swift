import AsyncHTTPClient
import Foundation
import Guards
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Polymorphic
import Serving
import ServiceLifecycle
import Synchronization
import Testing
import TransparencyLog

@testable import Ledger
@testable import LedgerServer

/// Over real connections: TLS with client certificates, limits, witness and log over HTTP, stopping.
struct ServerTests {
    static let authority = Result { try DevelopmentCA(name: "tests", now: Date()) }

    struct Running: Sendable {
        let group: ServiceGroup
        let task: Task<Void, any Error>
        let port: Int
        func stop() async throws {
            await group.triggerGracefulShutdown()
            try await task.value
        }
    }

    /// Starts a node, and services that stop after it.
    static func start(
        _ identity: DevelopmentCA.Identity? = nil, with services: [any Service] = [],
        limits: ServingLimits = ServingLimits(),
        metrics: ServingMetrics = ServingMetrics(), handler: @escaping ServedHandler
    ) async throws -> Running {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let root = try authority.get().certificate
        let node = try HTTPNode(
            .init(host: "127.0.0.1", port: 0), tls: try identity.map { try NodeTLS.server($0, root: root) },
            limits: limits,
            metrics: metrics, logger: logger, onReady: { ready.yield($0) }, handler: handler)
        let group = ServiceGroup(
            configuration: .init(
                services: (services + [node]).map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                },
                logger: logger))
        let task = Task { try await group.run() }
        for await port in ports { return Running(group: group, task: task, port: port) }
        throw CancellationError()
    }

    private static let clients = Mutex<[HTTPClient]>([])

    /// A client as the ledger has it, but patient with a busy machine. It is kept: one that a failed test did not shut
    /// down would end the process.
    static func client(tls: TLSConfiguration? = nil) -> HTTPClient {
        let client = HTTPTransport.client(tls, connecting: 60, patience: 60)
        clients.withLock { $0.append(client) }
        return client
    }

    static func call(
        _ client: HTTPClient, _ url: String, _ body: [UInt8]? = nil, type: String = AppendAPI.contentType
    ) async throws -> (status: Int, body: [UInt8], headers: HTTPHeaders) {
        var request = HTTPClientRequest(url: url)
        if let body {
            request.method = .POST
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        return (
            Int(response.status.code), Array(try await response.body.collect(upTo: 1 << 22).readableBytesView),
            response.headers
        )
    }

    static func body(_ leaves: [[UInt8]], _ records: [[UInt8]]? = nil) -> [UInt8] {
        Wire.list([Wire.list(leaves), Wire.list(records ?? leaves.map { _ in [] })])
    }

    /// The answer's only field, a list.
    static func list(_ body: [UInt8]) throws -> [[UInt8]] { try Wire.elements(of: try Wire.fields(of: body, 1)[0]) }

    @Test func appendersComeInWithTheirCertificateAndReadersGetProofsThatVerify() async throws {
        let authority = try Self.authority.get()
        let (server, client) = (try authority.issue("ledger", hosts: ["localhost"]), try authority.issue("t1.example"))
        let world = try World()
        let store = MemoryLedgerStore()
        let ledger = try await world.ledger(store)
        let appenders = try Appenders(parsing: "# who\n7 transcryptor t1.example \(Hex.encode(client.fingerprint))\n")
        let metrics = ServingMetrics()
        let read = ReadAPI(ledger, metrics: metrics)
        let readNode = try await Self.start(metrics: metrics, handler: read.answer)
        let append = AppendAPI(ledger, appenders: appenders)
        let node = try await Self.start(server, with: [LedgerService(ledger)], handler: append.answer)
        let http = Self.client(tls: try NodeTLS.client(client, root: authority.certificate))
        let plain = Self.client()
        let url = "https://localhost:\(node.port)/v1/"

        let first = try await Self.call(http, url + "append", Self.body([leaf(1).bytes, leaf(2).bytes]))
        #expect(first.status == 200)
        #expect(Set(try Self.list(first.body)) == [UInt64(0).bigEndianBytes, UInt64(1).bigEndianBytes])
        let record = [UInt8](repeating: 3, count: 500)
        let proofs = try await Self.call(
            http, url + "append-witnessed", Self.body([leaf(2).bytes, LedgerLeaf(record: record).bytes], [[], record]))
        #expect(proofs.status == 200)
        for (field, bytes) in zip(
            try Self.list(proofs.body), [leaf(2).bytes, LedgerLeaf(record: record).bytes])
        {
            try ProofFile(parsing: field).verify(entry: bytes, policy: world.policy, log: world.log)
        }
        let hash = Array(LedgerLeaf(record: record).detailHash)
        #expect(try await Self.call(http, url + "record", Wire.list([hash])).body == Wire.list([record]))

        let base = "http://127.0.0.1:\(readNode.port)/"
        let follower = try Follower(
            policy: world.policy, log: world.log, source: HTTPSource(plain, url: base), state: MemoryState(), now: { 0 }
        )
        #expect(try await follower.update().size == 3)
        #expect(try await follower.next()?.count == 3)
        let tile = try await Self.call(plain, base + "tile/0/000.p/2")
        #expect(
            tile.status == 200 && tile.body.count == 64
                && tile.headers.first(name: "cache-control")?.contains("immutable") == true)
        for path in ["tile/0/000.p/4", "tile/0/001", "tile/0/000", "tile/0/0", "x", "record/00", "tile/0/000.p/2?x"] {
            #expect(try await Self.call(plain, base + path).status == 404, "\(path)")
        }
        #expect(try await Self.call(plain, base + "record/" + Hex.encode(hash)).body == record)
        #expect(try await Self.call(plain, base + "health").status == 200)
        let counters = String(decoding: try await Self.call(plain, base + "metrics").body, as: UTF8.self)
        #expect(counters.contains("ledger_size 3\n") && counters.contains("requests_total{status=\"404\"} 7"))
        #expect(!counters.contains("tile/"))

        // Without a certificate nothing is answered; wrong forms are refused by their status.
        let stranger = Self.client(tls: try NodeTLS.client(nil, root: authority.certificate))
        await #expect(throws: (any Error).self) { try await Self.call(stranger, url + "append", []) }
        #expect(try await Self.call(http, url + "other", []).status == 404)
        #expect(try await Self.call(http, url + "append").status == 405)
        #expect(try await Self.call(http, url + "append", [], type: "text/plain").status == 415)
        #expect(try await Self.call(http, url + "append", [UInt8](repeating: 0, count: (64 << 10) + 1)).status == 413)
        for bad in [[], [1], Self.body([[1, 2, 3]]), Self.body([leaf(1).bytes], []), Self.body([])] {
            let answer = try await Self.call(http, url + "append", bad)
            #expect(answer.status == 400 && (try? Wire.fields(of: answer.body, 2))?[1] == [])
        }
        for client in [http, plain, stranger] { try await client.shutdown() }
        try await node.stop()
        try await readNode.stop()
    }

    @Test func whoIsNotOnTheListMayNotAppendAndTheAuthorityOnlyRecords() async throws {
        let world = try World()
        let ledger = try await world.ledger(MemoryLedgerStore())
        let fingerprint = [UInt8](repeating: 8, count: 32)
        let api = AppendAPI(
            ledger, appenders: try Appenders(parsing: "9 authority authority.example \(Hex.encode(fingerprint))"))
        func send(_ peer: [UInt8]?, _ body: [UInt8]) async -> ServedAnswer {
            await api.answer(
                ServedRequest(
                    method: .post, path: "/v1/append", contentType: AppendAPI.contentType, body: body, peer: peer))
        }
        let record = [UInt8](repeating: 1, count: 40)
        let exchange = Self.body([leaf(1).bytes])
        let task = Task { await ledger.run() }
        #expect(await send(nil, exchange).status == 403)
        #expect(await send([1, 2], exchange).status == 403)
        #expect(await send(fingerprint, exchange).status == 403)
        #expect(await send(fingerprint, Self.body([LedgerLeaf(record: record).bytes], [record])).status == 200)
        #expect(await Guards.withOff("guard:ledger.peer-kind") { await send(fingerprint, exchange) }.status == 200)
        #expect(await Guards.withOff("guard:ledger.peer") { await send(nil, Self.body([leaf(2).bytes])) }.status == 200)
        ledger.stop()
        await task.value
        #expect(await send(fingerprint, Self.body([LedgerLeaf(record: record).bytes], [record])).status == 503)
        for bad in ["x", "1 transcryptor a", "1 nobody a \(Hex.encode(fingerprint))", "1 authority a 00"] {
            #expect(throws: StartFault.self) { try Appenders(parsing: bad) }
        }
    }

    @Test func aLedgerAndItsWitnessesMeetOverHTTP() async throws {
        let world = try World()
        let client = Self.client()
        var nodes = [Running]()
        var clients = [String: any WitnessClient]()
        for (name, witness) in world.witnesses {
            let node = try await Self.start(handler: handlerOf(witness))
            nodes.append(node)
            clients[name] = HTTPWitness(client, url: "http://127.0.0.1:\(node.port)", within: .seconds(60))
        }
        let store = MemoryLedgerStore()
        for number in 0..<3 {
            let ledger = try await world.ledger(store, clients: clients)
            try await world.running(ledger) {
                let proofs = try await ledger.appendWitnessed([submission(number)])
                try proofs[0].verify(entry: leaf(number).bytes, policy: world.policy, log: world.log)
            }
        }
        // A witness that has gone is one that did not answer.
        try await nodes[0].stop()
        _ = try await world.ledger(store, clients: clients)
        try await nodes[1].stop()
        let fault = await startFault { try await world.ledger(store, clients: clients) }
        #expect(fault == .witnessesSilent(answered: 1, of: 3))
        try await nodes[2].stop()
        try await client.shutdown()
    }

    private func handlerOf(_ witness: Witness) -> ServedHandler {
        let api = WitnessAPI(witness)
        return { await api.answer($0) }
    }

    @Test func aSlowHandlerIsCutOffAndTooManyRequestsAreTurnedAway() async throws {
        var limits = ServingLimits()
        (limits.answerWithin, limits.requestsMax) = (.seconds(1), 1)
        let release = Mutex(false)
        let node = try await Self.start(limits: limits) { request in
            while request.path == "/slow", !release.withLock({ $0 }), !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(5))
            }
            return ServedAnswer(200)
        }
        let client = Self.client()
        let slow = try await Self.call(client, "http://127.0.0.1:\(node.port)/slow")
        #expect(slow.status == 503 && slow.headers.first(name: "retry-after") == "1")
        #expect(try await Self.call(client, "http://127.0.0.1:\(node.port)/").status == 200)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { try await Self.call(client, "http://127.0.0.1:\(node.port)/slow").status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 503 })
        try await client.shutdown()
        try await node.stop()
    }

    @Test func stoppingAnswersWhatIsUnderWay() async throws {
        let authority = try Self.authority.get()
        let client = try authority.issue("t1.example")
        let world = try World()
        let store = MemoryLedgerStore()
        let ledger = try await world.ledger(store, configure: { $0.flushInterval = .milliseconds(100) })
        let appenders = try Appenders(parsing: "7 transcryptor t1.example \(Hex.encode(client.fingerprint))")
        let api = AppendAPI(ledger, appenders: appenders)
        let node = try await Self.start(
            try authority.issue("ledger", hosts: ["localhost"]), with: [LedgerService(ledger)], handler: api.answer)
        let http = Self.client(tls: try NodeTLS.client(client, root: authority.certificate))
        let url = "https://localhost:\(node.port)/v1/append"
        async let answer = Self.call(http, url, Self.body([leaf(1).bytes]))
        while ledger.sequencer.waiting == 0 { try await Task.sleep(for: .milliseconds(1)) }
        try await node.stop()
        #expect(try await answer.status == 200)
        #expect(try await store.head().size == 1)
        try await http.shutdown()
    }
}
