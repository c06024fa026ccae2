import Synchronization
import TransparencyLog

/// What a witness answers to `add-checkpoint`. (C2SP tlog-witness)
public enum WitnessAnswer: Sendable {
    /// 200: signature lines.
    case cosigned([NoteSignature])
    /// 409: the size that the witness has.
    case conflict(UInt64)
    /// Any other status.
    case refused(Int)
}

/// The way to one witness. Throws when it cannot be reached in time.
public protocol WitnessClient: Sendable {
    func add(_ request: AddCheckpoint) async throws -> WitnessAnswer
    /// The newest checkpoint of `origin` that it has signed, as a note; nil if it has none.
    func latest(origin: String) async throws -> [UInt8]?
}

/// Brings each signed head to the witnesses and publishes it when the quorum has signed.
///
/// Rounds: one head goes to all witnesses; the round ends with the quorum or when all have answered or run out of time;
/// the next one takes the newest head there is by then. A slow witness misses rounds and holds nobody up.
public final class Publisher: Sendable {
    private struct State {
        var target: SignedCheckpoint?
        var published: SignedCheckpoint?
        var sizes: [String: UInt64] = [:]
        var busy: Set<String> = []
        var waiters: [UInt64: (size: UInt64, continuation: CheckedContinuation<SignedCheckpoint, any Error>)] = [:]
        var nextWaiter: UInt64 = 0
        var wake: CheckedContinuation<Void, Never>?
        var ended = false
        /// The head that is published is due to be signed again.
        var isDue = false
    }

    private let policy: WitnessPolicy
    private let clients: [String: any WitnessClient]
    private let tree: LogTree
    private let time: Timekeeping
    private let timeout: Duration
    private let refresh: Duration
    private let failpoints: Failpoints
    private let state = Mutex(State())
    /// Called with each newly published checkpoint.
    private let onPublished: @Sendable (SignedCheckpoint) -> Void

    init(
        policy: WitnessPolicy, clients: [String: any WitnessClient], tree: LogTree, time: Timekeeping,
        timeout: Duration, refresh: Duration,
        failpoints: @escaping Failpoints, onPublished: @escaping @Sendable (SignedCheckpoint) -> Void
    ) {
        (self.policy, self.clients, self.tree, self.time) = (policy, clients, tree, time)
        (self.timeout, self.refresh, self.failpoints) = (timeout, refresh, failpoints)
        self.onPublished = onPublished
    }

    /// The newest checkpoint under the quorum; this one is served.
    public var published: SignedCheckpoint? { state.withLock { $0.published } }

    /// Whether a witness still owes an answer, of this round or of one that ended without it.
    public var isAsking: Bool { state.withLock { !$0.busy.isEmpty } }

    func setSize(_ size: UInt64, of witness: String) { state.withLock { $0.sizes[witness] = size } }

    /// A new signed head; the newest one wins.
    func offer(_ head: SignedCheckpoint) {
        wake { state in
            if (state.target?.size ?? 0) <= head.size { state.target = head }
        }
    }

    /// Changes the state and lets the rounds look at it.
    private func wake(_ change: @Sendable (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            defer { state.wake = nil }
            return state.wake
        }?.resume()
    }

    /// Waits until a checkpoint of at least `size` leaves is published.
    /// - Throws: `LedgerRefusal.notWitnessed` after `limit`.
    public func published(atLeast size: UInt64, within limit: Duration) async throws -> SignedCheckpoint {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let alarm = Task { [time] in
            try await time.sleep(limit)
            self.state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(
                throwing: LedgerRefusal.notWitnessed)
        }
        defer { alarm.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            let now = state.withLock { state -> Result<SignedCheckpoint, any Error>? in
                if let published = state.published, published.size >= size { return .success(published) }
                if state.ended { return .failure(LedgerRefusal.notWitnessed) }
                state.waiters[number] = (size, continuation)
                return nil
            }
            if let now { continuation.resume(with: now) }
        }
    }

    /// Rounds until `stop` or the task is cancelled. A head that stays the newest is signed again every so often, so
    /// that readers can tell a quiet ledger from one that hides its growth. (PROTOCOL 10: a checkpoint of the last 10
    /// minutes)
    public func run() async {
        let clock = Task { [time, refresh] in
            while true {
                try await time.sleep(refresh)
                wake { $0.isDue = true }
            }
        }
        defer { clock.cancel() }
        while !Task.isCancelled {
            await newTarget()
            if state.withLock({ $0.ended }) { break }
            state.withLock { $0.isDue = false }
            if await round() == false { try? await time.sleep(.milliseconds(200)) }
        }
        stop()
    }

    public func stop() {
        let (wake, waiters) = state.withLock { state in
            state.ended = true
            defer { (state.wake, state.waiters) = (nil, [:]) }
            return (state.wake, state.waiters.values.map(\.continuation))
        }
        wake?.resume()
        for waiter in waiters { waiter.resume(throwing: LedgerRefusal.notWitnessed) }
    }

    private func newTarget() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = state.withLock { state in
                    let isNew =
                        state.target.map { $0.size > state.published?.size ?? 0 || state.published == nil } ?? false
                    if isNew || (state.isDue && state.target != nil) || state.ended || Task.isCancelled { return true }
                    state.wake = continuation
                    return false
                }
                if now { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.wake = nil }
                return state.wake
            }?.resume()
        }
    }

    /// One round over the newest head. Simulations call it themselves.
    /// - Returns: whether the quorum signed.
    @discardableResult
    public func round() async -> Bool {
        guard let head = state.withLock({ $0.target }) else { return false }
        guard policy.quorum != nil else {
            publish(head)
            return true
        }
        let names = state.withLock { state in
            let free = clients.keys.filter { !state.busy.contains($0) }
            state.busy.formUnion(free)
            return free
        }
        let (stream, results) = AsyncStream.makeStream(of: (String, [NoteSignature]).self)
        for name in names {
            Task { [self] in
                let lines = (try? await ask(name, head)) ?? []
                state.withLock { _ = $0.busy.remove(name) }
                results.yield((name, lines))
            }
        }
        try? failpoints(.witnessAsked)
        let alarm = Task { [time, timeout] in
            try await time.sleep(timeout)
            results.finish()
        }
        defer { alarm.cancel() }
        var signed = head
        var answered = 0
        for await (_, lines) in stream {
            signed = signed.adding(lines)
            answered += 1
            if let by = try? policy.cosigners(of: signed.note), policy.isMet(by: by) {
                try? failpoints(.witnessed)
                publish(signed)
                return true
            }
            if answered == names.count { break }
        }
        return false
    }

    /// Asks one witness, with the proof from the size it has; its answer counts only if its own key made it.
    private func ask(_ name: String, _ head: SignedCheckpoint) async throws -> [NoteSignature] {
        guard let client = clients[name], let key = policy.witnesses.first(where: { $0.name == name })?.key else {
            return []
        }
        for _ in 0..<2 {
            let old = state.withLock { $0.sizes[name] ?? 0 }
            guard old <= head.size else { return [] }
            let proof = try await tree.prove(.consistency(old: old, new: head.size))
            switch try await client.add(AddCheckpoint(old: old, proof: proof, note: head.note.bytes)) {
            case .cosigned(let lines):
                let own = lines.filter { $0.key == key.id }
                _ = try Note(text: head.note.text, signatures: own).verify([key])
                state.withLock { $0.sizes[name] = head.size }
                return own
            case .conflict(let size): state.withLock { $0.sizes[name] = size }
            case .refused: return []
            }
        }
        return []
    }

    private func publish(_ signed: SignedCheckpoint) {
        let ready = state.withLock { state -> [CheckedContinuation<SignedCheckpoint, any Error>] in
            if let before = state.published, before.size > signed.size { return [] }
            state.published = signed
            let ready = state.waiters.filter { $0.value.size <= signed.size }
            for key in ready.keys { state.waiters.removeValue(forKey: key) }
            return ready.values.map(\.continuation)
        }
        for waiter in ready { waiter.resume(returning: signed) }
        onPublished(signed)
        try? failpoints(.published)
    }
}
