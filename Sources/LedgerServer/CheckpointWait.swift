import Crypto
import Guards
import Ledger
import Serving
import Synchronization
import TransparencyLog

/// Readers that have the newest checkpoint may wait for the next one instead of asking again and again: `If-None-Match`
/// with its entity tag (RFC 9110) and `Prefer: wait=SECONDS` (RFC 7240). Who names neither gets the checkpoint at once.
final class CheckpointWait: Sendable {
    /// So many may wait at a time: those who wait hold their connections, and must not keep others out.
    static let waitersMax = 64
    /// Nobody waits longer, in seconds.
    static let secondsMax: Int64 = 5

    private let waiting = Mutex(0)
    private let next: @Sendable (UInt64, Duration) async -> Void

    /// - Parameter next: returns when a checkpoint beyond a size is published, or the time is over.
    init(_ next: @escaping @Sendable (UInt64, Duration) async -> Void) { self.next = next }

    /// The entity tag of a checkpoint.
    static func tag(of note: [UInt8]) -> String {
        "\"" + Hex.encode(Array(SHA256.hash(data: note).prefix(16))) + "\""
    }

    /// Whether the caller has this very checkpoint; waits first if it wants to.
    /// - Parameter current: the checkpoint that is published now, asked for once more after waiting.
    func isKnown(_ request: ServedRequest, _ current: @Sendable () async -> (note: [UInt8], size: UInt64)?) async
        -> Bool
    {
        guard let known = request.headers["if-none-match"], let now = await current(), known == Self.tag(of: now.note)
        else { return false }
        guard let seconds = Self.seconds(request.headers["prefer"]), take() else { return true }
        await next(now.size, .seconds(seconds))
        waiting.withLock { $0 -= 1 }
        return await current().map { known == Self.tag(of: $0.note) } ?? false
    }

    private func take() -> Bool {
        waiting.withLock { waiting in
            guard waiting < Self.waitersMax || !enforced("guard:ledger.waiters") else { return false }
            waiting += 1
            return true
        }
    }

    /// The seconds of `wait=N`; nil for anything else.
    static func seconds(_ preference: String?) -> Int64? {
        guard let preference, preference.hasPrefix("wait="), let seconds = Int64(preference.dropFirst(5)), seconds > 0
        else { return nil }
        return min(seconds, secondsMax)
    }
}
