import Synchronization

/// The first of several values, for one who waits.
package final class FirstValue<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiter: CheckedContinuation<Value, Never>?
    }
    private let state = Mutex(State())

    package init() {}

    package func fill(_ value: Value) {
        state.withLock { state -> CheckedContinuation<Value, Never>? in
            guard state.value == nil else { return nil }
            state.value = value
            defer { state.waiter = nil }
            return state.waiter
        }?.resume(returning: value)
    }

    /// Called once.
    package func value() async -> Value {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if state.value == nil { state.waiter = continuation }
                return state.value
            }
            if let now { continuation.resume(returning: now) }
        }
    }
}
