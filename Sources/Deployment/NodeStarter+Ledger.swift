import AsyncHTTPClient
import Foundation
import Ledger
import LedgerServer
import Polymorphic
import Ristretto255
import SQLiteStore
import Serving
import TransparencyLog

/// The ledger and its witnesses.
extension NodeStarter {
    func ledger() async throws -> ServedNode.Plan {
        let countryFolder = try folder.countryFolder()
        // Before there is a country.json the ledger has its policy already: the authority's first act needs a ledger.
        let policy = try WitnessPolicy(parsing: Array(try Self.text(countryFolder + "/ledger-policy.txt").utf8))
        let client = makeLedgerHTTPClient()
        opened.add { try? await client.shutdown() }
        var witnesses: [String: any WitnessClient] = [:]
        for witness in policy.witnesses {
            witnesses[witness.name] = AddressedWitness(
                client: client, addresses: addresses, witness: try PartyID(witness.name))
        }
        let signer = try folder.noteSigner()
        var configuration = LedgerConfiguration(origin: signer.key.name)
        (configuration.flushInterval, configuration.flushPace) = (.milliseconds(5), .milliseconds(25))
        let store = try SQLiteLedgerStore(path: folder.file("ledger.sqlite"))
        opened.add { await store.close() }
        // Only a witness that hangs is cut off: on a busy machine one that is slow is still asked.
        configuration.witnessTimeout = .seconds(10)
        let clock = clock
        let ledger = try await RunningLedger.start(
            configuration,
            RunningLedger.Parts(
                store: store, signer: signer, policy: policy, witnesses: witnesses,
                time: Timekeeping(now: { clock.now() }, sleep: { try await Task.sleep(for: $0) }),
                random: SystemRandomNumberGenerator(), onFatal: EndOfProcess.now))
        let (reads, operations) = (ServingMetrics(), Operations(tap: tap))
        operations.health.add(NodeHealth.Check("published") { ledger.publisher.published != nil })
        let read = ReadAPI(ledger, metrics: reads)
        let append = AppendAPI(
            ledger, appenders: try Appenders(parsing: try Self.text(countryFolder + "/appenders.txt")))
        let tls = try NodeTLS.server(try folder.identity(), root: try Self.text(countryFolder + "/ca.pem"))
        let (config, logger) = (config, logger)
        return ServedNode.Plan(
            servers: [
                { onReady in
                    try HTTPNode(
                        .init(host: config.host, port: config.port), tls: tls, metrics: operations.requests,
                        health: operations.health, logger: logger, onReady: onReady,
                        handler: operations.handler([{ await append.answer($0) }]))
                },
                { onReady in
                    try HTTPNode(
                        .init(host: config.host, port: config.secondPort ?? 0), metrics: reads, logger: logger,
                        onReady: onReady
                    ) { request in
                        // The log's own counters stand under /metrics.
                        if request.path.hasPrefix("/healthz/"), let answer = await operations.answer(request) {
                            return answer
                        }
                        return await read.answer(request)
                    }
                },
            ], services: [LedgerService(ledger)], operations: operations)
    }

    func witness() throws -> ServedNode.Plan {
        let countryFolder = try folder.countryFolder()
        let policy = try WitnessPolicy(parsing: Array(try Self.text(countryFolder + "/ledger-policy.txt").utf8))
        let state = folder.file("signed")
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        let clock = clock
        let witness = try Witness(
            signer: try folder.noteSigner(), logs: policy.logs.map(\.key), state: WitnessDirectory(state),
            now: { clock.now() }, onFatal: EndOfProcess.now)
        let (api, config, logger, operations) = (WitnessAPI(witness), config, logger, Operations(tap: tap))
        return ServedNode.Plan(
            servers: [
                { onReady in
                    try HTTPNode(
                        .init(host: config.host, port: config.port), metrics: operations.requests,
                        health: operations.health, logger: logger, onReady: onReady,
                        handler: operations.handler([{ await api.answer($0) }]))
                }
            ], operations: operations)
    }
}

/// A witness whose address may come later.
struct AddressedWitness: WitnessClient {
    let client: HTTPClient
    let addresses: Addresses
    let witness: PartyID

    private func reached() throws -> HTTPWitness {
        guard let address = addresses[witness] else { throw SourceFault.unreachable("no address") }
        // Notes are signed, so a witness is reached without TLS, by its number.
        let port = address.url.split(separator: ":").last ?? ""
        return HTTPWitness(
            client, url: "http://\(address.connect ?? "127.0.0.1"):\(port)", within: .seconds(10))
    }
    func add(_ request: AddCheckpoint) async throws -> WitnessAnswer { try await reached().add(request) }
    func latest(origin: String) async throws -> [UInt8]? { try await reached().latest(origin: origin) }
}

/// A failed commit or fsync: nothing in this process may be believed any more.
enum EndOfProcess {
    @Sendable static func now(_ error: any Error) {
        FileHandle.standardError.write(
            Data("warifu: the store failed; the process ends and reads what is there\n".utf8))
        exit(75)
    }
}
