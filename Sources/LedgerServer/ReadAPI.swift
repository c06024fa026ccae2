import Ledger
import Serving
import TransparencyLog

/// The public side of a log: C2SP tlog-tiles, records, health, counters. Ledger and mirror serve the same.
///
/// Tiles and bundles never change and may be kept for ever; the checkpoint may be kept for a second. A partial tile is
/// served for every width below the published checkpoint, which covers every size that was ever published.
public struct ReadAPI: Sendable {
    private let source: LocalSource
    private let store: any LedgerStore
    private let checkpoint: @Sendable () async -> [UInt8]?
    private let health: @Sendable () async -> ServedAnswer
    private let metrics: @Sendable () async -> String
    private let wait: CheckpointWait
    private let size: @Sendable () -> UInt64

    /// - Parameter wait: a log that does not know when its next checkpoint comes lets nobody wait.
    init(
        tree: LogTree, signed: @escaping @Sendable () -> SignedCheckpoint?,
        checkpoint: @escaping @Sendable () async -> [UInt8]?, wait: CheckpointWait = CheckpointWait { _, _ in },
        health: @escaping @Sendable () async -> ServedAnswer, metrics: @escaping @Sendable () async -> String
    ) {
        (self.wait, size) = (wait, { signed()?.size ?? 0 })
        source = LocalSource(tree, checkpoint: signed)
        store = tree.store
        (self.checkpoint, self.health, self.metrics) = (checkpoint, health, metrics)
    }

    /// Of a running ledger.
    public init(_ ledger: RunningLedger, metrics: ServingMetrics) {
        self.init(
            tree: ledger.tree, signed: { ledger.publisher.published },
            checkpoint: { ledger.publisher.published?.note.bytes },
            wait: CheckpointWait { size, time in
                _ = try? await ledger.publisher.published(atLeast: size + 1, within: time)
            },
            health: {
                let published = ledger.publisher.published
                let body = """
                    {"ok": \(published != nil), "published": \(published?.size ?? 0), \
                    "size": \(ledger.sequencer.head.size), "waiting": \(ledger.sequencer.waiting)}

                    """
                return ServedAnswer(published == nil ? 503 : 200, text: body, type: "application/json")
            },
            metrics: {
                """
                # TYPE ledger_size gauge
                ledger_size \(ledger.sequencer.head.size)
                # TYPE ledger_published_size gauge
                ledger_published_size \(ledger.publisher.published?.size ?? 0)
                # TYPE ledger_waiting gauge
                ledger_waiting \(ledger.sequencer.waiting)
                # TYPE ledger_remembered gauge
                ledger_remembered \(ledger.sequencer.remembered)

                """ + metrics.text(prefix: "ledger_http")
            })
    }

    public func answer(_ request: ServedRequest) async -> ServedAnswer {
        guard request.method == .get else { return ServedAnswer(405) }
        switch request.path {
        case "/checkpoint":
            let isKnown = await wait.isKnown(request) { [self] in
                let size = size()  // before the note: one that is newer is none that the caller knows
                return await checkpoint().map { ($0, size) }
            }
            guard let note = await checkpoint() else { return ServedAnswer(503, headers: ["retry-after": "1"]) }
            let headers = ["cache-control": "max-age=1", "etag": CheckpointWait.tag(of: note)]
            return isKnown ? ServedAnswer(304, headers: headers) : ServedAnswer(200, note, headers: headers)
        case "/health": return await health()
        case "/metrics":
            return ServedAnswer(200, text: await metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
        default:
            if request.path.hasPrefix("/tile/") { return await tile(String(request.path.dropFirst())) }
            if request.path.hasPrefix("/record/") { return await record(request.path.dropFirst(8)) }
            return ServedAnswer(404)
        }
    }

    private static let forEver = ["cache-control": "public, max-age=31536000, immutable"]

    private func tile(_ path: String) async -> ServedAnswer {
        do {
            let bytes = try await source.fetch(path, limit: .max)
            return ServedAnswer(200, bytes, type: "application/octet-stream", headers: Self.forEver)
        } catch SourceFault.notFound { return ServedAnswer(404) } catch {
            return ServedAnswer(503, headers: ["retry-after": "1"])
        }
    }

    /// A public record by the SHA-256 of its bytes in hexadecimal.
    private func record(_ name: some StringProtocol) async -> ServedAnswer {
        guard let hash = Hex.decode(name), hash.count == LedgerLeaf.fieldCount else { return ServedAnswer(404) }
        do {
            guard let body = try await store.record(hash) else { return ServedAnswer(404) }
            return ServedAnswer(200, body, type: "application/octet-stream", headers: Self.forEver)
        } catch { return ServedAnswer(503, headers: ["retry-after": "1"]) }
    }
}
