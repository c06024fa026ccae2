import Ristretto255

/// What a node has opened and must let go of: stores and clients, the last one first. Also where it could not start.
final class Opened: Sendable {
    private let closers = Locked<[@Sendable () async -> Void]>([])

    func add(_ closer: @escaping @Sendable () async -> Void) { closers.withLock { $0.append(closer) } }

    /// Closes everything, once.
    func close() async {
        let all = closers.withLock { closers in
            defer { closers = [] }
            return closers
        }
        for closer in all.reversed() { await closer() }
    }
}
