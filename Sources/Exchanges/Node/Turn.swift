import Ristretto255

/// Lets one task pass at a time; the others wait in their order. For work that many ask for and one does for all.
package final class Turn: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Locked(State())

    package init() {}

    /// Returns when it is the caller's turn, who must `leave`.
    package func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                defer { if state.isTaken { state.waiting.append(continuation) } else { state.isTaken = true } }
                return !state.isTaken
            }
            if isFree { continuation.resume() }
        }
    }

    package func leave() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.isTaken = false
            return nil
        }?.resume()
    }
}
