import Guards
import Polymorphic
import Ristretto255

extension Exchanger {
    /// Has the last steps made and the Shares released: first by the holder of the last run of steps, then, over whole
    /// chains, by the others. A fetch, which has no chain, asks all at the same time.
    func release(_ turned: consuming TurnedExchange) async throws(ExchangeFailure) -> ReleasedExchange {
        let request = turned.prepared.request
        var steps = turned.steps
        var answers: [UInt8: ReleaseCall.Answer] = [:]
        if !steps.isEmpty, let run = turned.plan.runs.last {
            let call = ReleaseCall(request: turned.prepared.signed, intents: turned.intents, chains: steps)
            let received = await ask(.release, call.body, pins.transcryptor(run.holder))
            if case .failure(.refused) = received { try search(steps, request) }
            let answer = try answer(received, run.holder, request, turned.verdict)
            for target in steps.indices {
                try complete(answer.added[target], run)
                steps[target] += answer.added[target]
            }
            answers[run.holder] = answer
        }
        let chains = try verify(steps, request)
        let call = ReleaseCall(request: turned.prepared.signed, intents: turned.intents, chains: steps)
        let others = request.content.participants.compactMap { pins.index(of: $0) }.filter { answers[$0] == nil }
        let body = call.body
        let received = await courier.send(
            all: others.map { Courier.Letter(.release, body, to: pins.transcryptor($0)) })
        for (index, bytes) in zip(others, received) {
            let answer = try answer(bytes, index, request, turned.verdict)
            guard answer.added.allSatisfy(\.isEmpty) else { throw blame(Refusal(.length), index) }
            answers[index] = answer
        }
        return ReleasedExchange(turned, chains, steps, answers)
    }

    /// Checks the form of an answer: a field for each target, and a Share exactly where something is permitted.
    private func answer(
        _ received: Result<[UInt8], CallFailure>, _ index: UInt8, _ request: ExchangeRequest, _ verdict: JointVerdict
    ) throws(ExchangeFailure) -> ReleaseCall.Answer {
        do {
            let answer = try ReleaseCall.Answer(wire: try self.received(received, from: index))
            let targets = request.content.targets.count
            let fits =
                answer.added.count == targets && answer.shares.count == targets
                && answer.shares.allSatisfy { !$0.isEmpty }
                && answer.recordKeys.isEmpty == request.fetches(verdict).isEmpty
            try need(fits, .length)
            return answer
        } catch { throw blame(error, index) }
    }
}
