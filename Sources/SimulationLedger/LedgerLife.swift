import Crypto
import Exchanges
import Ledger
import LedgerServer
import Polymorphic
import Serving
import Simulation
import Synchronization
import TransparencyLog

/// One life of a durable ledger, from the opening of its store to its end.
final class LedgerLife: Sendable {
    let ledger: RunningLedger
    let store: any LedgerStore
    private let appends: AppendAPI
    private let files: LocalSource
    private let scheduler: Scheduler
    private let running: Task<Void, Never>
    private let rounds = Mutex(Rounds())

    /// Rounds follow one another; each knows the one before.
    private struct Rounds {
        var last: Task<Void, Never>?
        /// When the witnesses were asked last, in the country's time.
        var askedAt: UInt64 = 0
    }

    /// A head that stays the newest is cosigned again after so many seconds.
    static let renewSeconds: UInt64 = 20

    /// - Throws: `StartFault`.
    init(_ parts: RunningLedger.Parts, _ place: LedgerMaker.Place) async throws {
        (store, scheduler) = (parts.store, place.scheduler)
        var configuration = LedgerConfiguration(origin: parts.signer.key.name)
        configuration.flushInterval = .milliseconds(5)
        // Only ends what hangs; a silent witness says so at once.
        configuration.witnessTimeout = .seconds(30)
        let ledger = try await RunningLedger.start(configuration, parts)
        self.ledger = ledger
        appends = AppendAPI(ledger, appenders: try Appenders(parsing: Self.appenders(place)))
        files = LocalSource(ledger)
        running = Task.detached { await ledger.sequencer.run() }
    }

    /// Takes nothing more, writes what waits, and closes the store.
    func end() async {
        ledger.stop()
        await running.value
        await rounds.withLock { $0.last }?.value
        await allAnswered()
        await store.close()
    }

    /// Waits for witnesses that did not answer before the quorum was there: a round does not ask them.
    private func allAnswered() async {
        for _ in 0..<10_000 {
            guard ledger.publisher.isAsking else { return }
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    // MARK: Who may append

    /// Stands for the key of a TLS connection, which a country within one process does not have.
    private static func fingerprint(_ party: PartyID) -> [UInt8] { Array(SHA256.hash(data: party.bytes)) }

    private static func appenders(_ place: LedgerMaker.Place) -> String {
        let parties = place.transcryptors.map { ($0, "transcryptor") } + [(place.authority, "authority")]
        return parties.enumerated().map { number, party in
            "\(number + 1) \(party.1) \(party.0) \(Hex.encode(fingerprint(party.0)))\n"
        }.joined()
    }

    // MARK: Calls and files

    /// As over HTTP. Who has an index may also read a checkpoint that covers it, if the quorum speaks.
    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async -> ServedAnswer {
        let answer = await appends.answer(
            ServedRequest(
                method: .post, path: "/v1/\(call.rawValue)", contentType: AppendAPI.contentType, body: body,
                peer: peer.map(Self.fingerprint)))
        if call == .append, answer.status == 200 { await publish() }
        return answer
    }

    func fetch(_ path: String, limit: Int) async throws -> [UInt8] {
        if path == "checkpoint", rounds.withLock({ $0.askedAt }) + Self.renewSeconds < scheduler.now() {
            await publish(atLeastOnce: true)
        }
        let bytes = try await files.fetch(path, limit: limit)
        guard bytes.count <= limit else { throw SourceFault.tooLarge }
        return bytes
    }

    /// A round of the witnesses, unless the newest head is published already.
    /// - Parameter atLeastOnce: even then: the witnesses sign it again.
    func publish(atLeastOnce: Bool = false) async {
        let round = rounds.withLock { rounds in
            let before = rounds.last
            let round = Task.detached { [self] in
                await before?.value
                let published = ledger.publisher.published
                guard atLeastOnce || published == nil || ledger.sequencer.head.size > published?.size ?? 0 else {
                    return
                }
                await allAnswered()
                if await ledger.publisher.round() { self.rounds.withLock { $0.askedAt = scheduler.now() } }
            }
            rounds.last = round
            return round
        }
        await round.value
    }
}
