import Exchanges
import FHIR
import Polymorphic
import Ristretto255

extension ExchangeFailure {
    /// What a system of the hospital is told: to come again later, or no, without a reason.
    ///
    /// Whether the person said no, said it to this purpose, is unknown, or never existed is the same answer: the
    /// reason is the person's own (PROTOCOL 14).
    var problem: Problem { Problem(isTransient ? .unavailable : .forbidden) }

    /// Whether the same may succeed later without anybody deciding otherwise.
    var isTransient: Bool {
        switch self {
        case .noAnswer, .lied, .store: true
        case .refused(_, let refusal): Courier.isLater(refusal)
        case .unusable(let refusal):
            // The Directory is not at hand, or too few transcryptors have adopted yet.
            Courier.isLater(refusal) || refusal.code == .directory || refusal.code == .participants
        case .notPermitted: false
        }
    }

    /// For logs: the kind and the code of the protocol.
    var code: String {
        switch self {
        case .refused(_, let refusal): "refused-\(refusal.code.rawValue)"
        case .unusable(let refusal): "unusable-\(refusal.code.rawValue)"
        case .notPermitted: "not-permitted"
        case .noAnswer: "no-answer"
        case .lied: "lied"
        case .store: "store"
        }
    }
}

/// Lets one caller at a time do something about one patient; the others wait in their order.
final class Turnstile: Sendable {
    private let waiting = Locked<[String: [CheckedContinuation<Void, Never>]]>([:])

    func pass<R: Sendable>(_ key: String, _ body: () async throws -> R) async rethrows -> R {
        await enter(key)
        defer { leave(key) }
        return try await body()
    }

    private func enter(_ key: String) async {
        await withCheckedContinuation { (next: CheckedContinuation<Void, Never>) in
            let isFree = waiting.withLock { waiting in
                guard waiting[key] != nil else {
                    waiting[key] = []
                    return true
                }
                waiting[key]?.append(next)
                return false
            }
            if isFree { next.resume() }
        }
    }

    private func leave(_ key: String) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard let first = waiting[key]?.first else {
                waiting[key] = nil
                return nil
            }
            waiting[key]?.removeFirst()
            return first
        }
        next?.resume()
    }
}
