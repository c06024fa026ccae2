import Polymorphic

/// How often and how long a caller asks. Everything that waits has a bound.
public struct Patience: Sendable {
    /// So often is a call sent that nobody answers.
    public var attempts: Int
    /// So often is a call sent that is answered `unavailable` or `ledger`: the other side is not ready yet.
    public var delays: Int
    /// Milliseconds between two attempts.
    public var pauseMilliseconds: UInt64
    /// Waits for so many milliseconds. A simulation has its own time.
    public var wait: @Sendable (_ milliseconds: UInt64) async -> Void

    public init(
        attempts: Int = 3, delays: Int = 40, pauseMilliseconds: UInt64 = 1_000,
        wait: @escaping @Sendable (_ milliseconds: UInt64) async -> Void
    ) {
        (self.attempts, self.delays) = (attempts, delays)
        (self.pauseMilliseconds, self.wait) = (pauseMilliseconds, wait)
    }
}

/// Sends a call until it is answered, a bounded number of times, always with the same bytes.
public struct Courier: Sendable {
    public let transport: any Transport
    /// Who calls; nil for a device.
    public let caller: PartyID?
    public let patience: Patience

    public init(_ transport: any Transport, caller: PartyID?, patience: Patience) {
        (self.transport, self.caller, self.patience) = (transport, caller, patience)
    }

    /// One message to one node.
    public struct Letter: Sendable {
        public let call: Call
        public let body: [UInt8]
        public let node: PartyID

        public init(_ call: Call, _ body: [UInt8], to node: PartyID) {
            (self.call, self.body, self.node) = (call, body, node)
        }
    }

    /// - Throws: `CallFailure` of the last attempt.
    public func send(_ letter: Letter) async throws(CallFailure) -> [UInt8] {
        var (attempts, delays) = (patience.attempts, patience.delays)
        while true {
            do {
                return try await transport.send(letter.call, letter.body, to: letter.node, from: caller)
            } catch {
                switch error {
                case .noAnswer: attempts -= 1
                case .refused(let refusal) where Self.later.contains(refusal.code): delays -= 1
                case .refused: throw error
                }
                guard attempts > 0, delays > 0, !Task.isCancelled else { throw error }
            }
            await patience.wait(patience.pauseMilliseconds)
        }
    }

    /// The answer to a letter, or the failure of the last attempt.
    func answer(to letter: Letter) async -> Result<[UInt8], CallFailure> {
        do throws(CallFailure) { return .success(try await send(letter)) } catch { return .failure(error) }
    }

    /// Refusals that say "later": 503 of PROTOCOL 8.1.
    static let later: Set<Refusal.Code> = [.ledger, .unavailable]
    /// Whether a refusal says "later".
    public static func isLater(_ refusal: Refusal) -> Bool { later.contains(refusal.code) }

    /// Several letters at the same time; the answers in their order.
    public func send(all letters: [Letter]) async -> [Result<[UInt8], CallFailure>] {
        await withTaskGroup(of: (Int, Result<[UInt8], CallFailure>).self) { group in
            for (place, letter) in letters.enumerated() {
                // An error type in the closure itself is miscompiled with optimisation (Swift 6.3.1): a wrong place.
                group.addTask { (place, await answer(to: letter)) }
            }
            var answers = [Result<[UInt8], CallFailure>](repeating: .failure(.noAnswer), count: letters.count)
            for await (place, answer) in group { answers[place] = answer }
            return answers
        }
    }
}
