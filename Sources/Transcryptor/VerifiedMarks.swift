import Exchanges
import Polymorphic
import Ristretto255

/// Digests of what was verified lately, a bounded number: whoever is forgotten is verified again.
final class VerifiedMarks: Sendable {
    private struct State {
        var marks: Set<Bytes64> = []
        /// In the order in which they came, as a ring.
        var order: [Bytes64] = []
        var next = 0
    }
    private let state = Locked(State())
    private let countMax: Int

    init(countMax: Int = 4_096) { self.countMax = countMax }

    func contains(_ mark: Bytes64) -> Bool { state.withLock { $0.marks.contains(mark) } }

    func insert(_ mark: Bytes64) {
        state.withLock { state in
            guard state.marks.insert(mark).inserted else { return }
            guard state.order.count >= countMax else { return state.order.append(mark) }
            state.marks.remove(state.order[state.next])
            state.order[state.next] = mark
            state.next = (state.next + 1) % countMax
        }
    }
}

/// Headers that were parsed lately, so that their points need not be decoded twice in one exchange. They are as public
/// as the table of fetches, and bounded: whoever is forgotten is parsed again.
final class RecentHeaders: Sendable {
    private let state = Locked<[Bytes32: RecordHeader]>([:])
    private let countMax = 2_048

    func keep(_ records: [RecordSubmission]) {
        state.withLock { state in
            for case .fetch(let header, _) in records {
                if state.count >= countMax { state.removeAll(keepingCapacity: true) }
                state[header.hash] = header
            }
        }
    }

    func header(of hash: Bytes32) -> RecordHeader? { state.withLock { $0[hash] } }
}
