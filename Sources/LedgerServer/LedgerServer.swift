import Ledger
import Logging
import NIOSSL
import Serving
import ServiceLifecycle
import Synchronization
import TransparencyLog

/// The ledger as a service: stops taking leaves first, writes and answers what waits, then ends.
public struct LedgerService: Service {
    private let ledger: RunningLedger
    public init(_ ledger: RunningLedger) { self.ledger = ledger }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await ledger.run()
        } onGracefulShutdown: {
            ledger.stop()
        }
    }
}

/// A mirror as a service: looks for a new checkpoint every so often.
public final class MirrorService: Service {
    private struct State {
        var signed: SignedCheckpoint?
        var note: [UInt8]?
        var lastFault: String?
    }
    private let mirror: Mirror
    private let every: Duration
    private let logger: Logger
    private let state = Mutex(State())

    private let log: WitnessPolicy.Log

    public init(_ mirror: Mirror, log: WitnessPolicy.Log, every: Duration, logger: Logger) {
        (self.mirror, self.log, self.every, self.logger) = (mirror, log, every, logger)
    }

    /// The checkpoint up to which everything is stored here.
    public var signed: SignedCheckpoint? { state.withLock { $0.signed } }

    /// What the mirror serves: the same as the ledger.
    public func readAPI(metrics: ServingMetrics) async throws -> ReadAPI {
        try await takePublished()
        return ReadAPI(
            tree: mirror.tree, signed: { self.signed }, checkpoint: { self.state.withLock { $0.note } },
            health: { [self] in
                let lag = await mirror.lag
                let fault = state.withLock { $0.lastFault }
                let seconds = lag.seconds.map { "\($0)" } ?? "null"
                let body = """
                    {"ok": \(fault == nil && signed != nil), "size": \(mirror.tree.edge.size), \
                    "behind": \(lag.leaves), "seconds": \(seconds)}

                    """
                return ServedAnswer(fault == nil && signed != nil ? 200 : 503, text: body, type: "application/json")
            },
            metrics: { [self] in
                """
                # TYPE mirror_size gauge
                mirror_size \(mirror.tree.edge.size)
                # TYPE mirror_behind gauge
                mirror_behind \(await mirror.lag.leaves)

                """ + metrics.text(prefix: "mirror_http")
            })
    }

    private func takePublished() async throws {
        guard let note = try await mirror.published() else { return }
        let signed = try SignedCheckpoint(parsing: note, origin: log.origin, log: log.key)
        state.withLock { ($0.signed, $0.note) = (signed, note) }
    }

    public func run() async throws {
        try await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                do {
                    try await mirror.update()
                    try await takePublished()
                    state.withLock { $0.lastFault = nil }
                } catch is CancellationError { return } catch let fault as FollowerFault {
                    // Evidence: a mirror that goes on as if nothing had happened would hide it.
                    logger.critical("the ledger contradicts itself; the mirror stops", metadata: ["cause": "\(fault)"])
                    throw fault
                } catch {
                    state.withLock { $0.lastFault = "\(error)" }
                    logger.warning("the mirror could not follow", metadata: ["cause": "\(error)"])
                }
                try? await Task.sleep(for: every)
            }
        }
    }
}
