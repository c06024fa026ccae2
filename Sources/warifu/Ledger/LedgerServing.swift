import ArgumentParser
import AsyncHTTPClient
import Foundation
import Ledger
import LedgerServer
import Logging
import PostgresStore
import SQLiteStore
import Serving
import ServiceLifecycle
import TransparencyLog
import UnixSignals

/// `host:port`, or a port on loopback.
func address(_ text: String) throws -> HTTPNode.Address {
    let parts = text.split(separator: ":")
    guard let port = parts.last.flatMap({ Int($0) }), (0...65_535).contains(port), parts.count <= 2 else {
        throw ValidationError("an address is host:port")
    }
    return HTTPNode.Address(host: parts.count == 2 ? String(parts[0]) : "127.0.0.1", port: port)
}

/// Says on standard error where something listens: port 0 takes a free one.
func announce(_ what: String) -> @Sendable (Int) -> Void {
    { port in FileHandle.standardError.write(Data("\(what) port \(port)\n".utf8)) }
}

/// Runs services until SIGTERM or SIGINT; then stops them, the last one first.
func runServices(_ services: [any Service], _ logger: Logger) async throws {
    var configuration = ServiceGroupConfiguration(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(20)
    try await ServiceGroup(configuration: configuration).run()
}

/// A failed commit or fsync: nothing in this process may be believed any more.
func endProcess(_ error: any Error) {
    FileHandle.standardError.write(Data("warifu ledger: \(error)\n".utf8))
    exit(LedgerExit.storeFailed.rawValue)
}

func serverLogger(_ label: String) -> Logger {
    var logger = Logger(label: label)
    logger.logLevel = .notice
    return logger
}

/// `warifu ledger serve`
struct LedgerServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the ledger of a directory.")
    @Option(help: "Directory that `init` made.") var dir: String
    @Option(help: "Where the public reads: host:port.") var listen = "127.0.0.1:8080"
    @Option(help: "Where appenders come in, with client certificates: host:port.") var appendListen = "127.0.0.1:8443"
    @Option(help: "Milliseconds that leaves gather: 5 to 100.") var flushMs = 100
    @Option(help: "libpq connection string, to keep the log in PostgreSQL instead of the directory.") var postgres:
        String?
    @Flag(help: "Shut out sequencers that were started before.") var takeOver = false

    func run() async throws {
        try await ending {
            let files = LedgerFiles(directory: dir)
            let policy = try files.policy()
            let signer = try files.signer("log.key")
            let client = makeLedgerHTTPClient()
            var configuration = LedgerConfiguration(origin: signer.key.name)
            configuration.flushInterval = .milliseconds(flushMs)
            var witnesses = [String: any WitnessClient]()
            for witness in policy.witnesses {
                if let url = witness.url { witnesses[witness.name] = HTTPWitness(client, url: url) }
            }
            let store: any LedgerStore
            if let postgres {
                store = try await PostgresLedgerStore(postgres)
            } else {
                store = try SQLiteLedgerStore(path: files.path("ledger.sqlite"))
            }
            let ledger = try await RunningLedger.start(
                configuration,
                RunningLedger.Parts(
                    store: store, signer: signer, policy: policy, witnesses: witnesses, time: systemTime,
                    random: SystemRandomNumberGenerator(), onFatal: endProcess), takingOver: takeOver)
            try await serve(ledger, files)
            await store.close()
            try await client.shutdown()
        }
    }

    private func serve(_ ledger: RunningLedger, _ files: LedgerFiles) async throws {
        let logger = serverLogger("ledger")
        let (reads, appends) = (ServingMetrics(), ServingMetrics())
        let read = ReadAPI(ledger, metrics: reads)
        let append = AppendAPI(ledger, appenders: try Appenders(parsing: try files.text("appenders.txt")))
        let identity = DevelopmentCA.Identity(
            certificate: try files.text("server.pem"), key: try files.text("server.key"), fingerprint: [])
        let tls = try NodeTLS.server(identity, root: try files.text("ca.pem"))
        try await runServices(
            [
                LedgerService(ledger),
                try HTTPNode(
                    address(listen), metrics: reads, logger: logger, onReady: announce("read"), handler: read.answer),
                try HTTPNode(
                    address(appendListen), tls: tls, metrics: appends, logger: logger, onReady: announce("append"),
                    handler: append.answer),
            ], logger)
    }
}

/// `warifu ledger witness`
struct LedgerWitness: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "Sign checkpoints of logs that only grow.", subcommands: [Serve.self])

    /// `warifu ledger witness serve`
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run a witness.")
        @Option(help: "Directory with witness.key and what it has signed.") var dir: String
        @Option(help: "Public key of a log to witness; may be given several times.") var log: [String]
        @Option(help: "host:port.") var listen = "127.0.0.1:8081"

        func run() async throws {
            try await ending {
                let files = LedgerFiles(directory: dir)
                let state = files.path("signed")
                try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
                let witness = try Witness(
                    signer: files.signer("witness.key"), logs: log.map { try NoteVerifierKey(parsing: $0) },
                    state: WitnessDirectory(state), now: unixTime, onFatal: endProcess)
                let logger = serverLogger("witness")
                let api = WitnessAPI(witness)
                let node = try HTTPNode(
                    address(listen), logger: logger, onReady: announce("witness"), handler: api.answer)
                try await runServices([node], logger)
            }
        }
    }
}

/// `warifu ledger mirror`
struct LedgerMirror: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror", abstract: "Hold and serve a checked copy of a log.", subcommands: [Serve.self])

    /// `warifu ledger mirror serve`
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run a mirror.")
        @Option(help: "Directory with mirror.key; the copy is kept there.") var dir: String
        @OptionGroup var reading: LedgerReading
        @Option(help: "host:port.") var listen = "127.0.0.1:8082"
        @Option(help: "Milliseconds between looks for a new checkpoint.") var everyMs = 1_000

        func run() async throws {
            try await ending {
                let files = LedgerFiles(directory: dir)
                let (policy, log) = try reading.load()
                let client = makeLedgerHTTPClient()
                let store = try SQLiteLedgerStore(path: files.path("mirror.sqlite"))
                let mirror = try await Mirror.open(
                    policy: policy, log: log, source: HTTPSource(client, url: reading.url), store: store,
                    state: DurableFile(files.path("mirror.state")), signer: files.signer("mirror.key"), now: unixTime)
                let logger = serverLogger("mirror")
                let metrics = ServingMetrics()
                let service = MirrorService(mirror, log: log, every: .milliseconds(everyMs), logger: logger)
                let api = try await service.readAPI(metrics: metrics)
                let node = try HTTPNode(
                    address(listen), metrics: metrics, logger: logger, onReady: announce("mirror"), handler: api.answer)
                try await runServices([service, node], logger)
                await store.close()
                try await client.shutdown()
            }
        }
    }
}
