import Guards
import Polymorphic
import Ristretto255

extension Exchanger {
    /// Has the chains made, per target in route order, but for the last run of steps. Without targets there is no
    /// chain.
    func reshuffle(_ decided: consuming DecidedExchange) async throws(ExchangeFailure) -> TurnedExchange {
        let request = decided.prepared.request
        let participants = try unusable { () throws(Refusal) in
            try pins.participants(request.content.participants)
        }
        let plan = try unusable { () throws(Refusal) in
            try RoutePlan(pins.ceremony.route, participants: participants)
        }
        var chains = [[Step]](repeating: [], count: request.content.targets.count)
        guard !chains.isEmpty else { return TurnedExchange(decided, plan, []) }
        for run in plan.runs.dropLast() {
            let signed = decided.prepared.signed
            let answers = await courier.send(
                all: chains.enumerated().map { target, steps in
                    let call = ReshuffleCall(request: signed, target: UInt16(target), steps: steps)
                    return Courier.Letter(.reshuffle, call.body, to: pins.transcryptor(run.holder))
                })
            for (target, answer) in answers.enumerated() {
                let steps: [Step]
                do { steps = try ReshuffleCall.steps(answer: try received(answer, from: run.holder)) } catch {
                    throw blame(error, run.holder)
                }
                try complete(steps, run)
                chains[target] += steps
            }
        }
        return TurnedExchange(decided, plan, chains)
    }

    /// As many steps as the holder has in a row.
    func complete(_ steps: [Step], _ run: RoutePlan.Run) throws(ExchangeFailure) {
        guard steps.count == run.steps.count else {
            throw .lied(Liar(index: run.holder, refusal: Refusal(.chainIncomplete), evidence: []))
        }
    }

    /// An answer that cannot be read is its sender's fault; other failures stay what they are.
    func blame(_ error: any Error, _ index: UInt8) -> ExchangeFailure {
        switch error {
        case let failure as ExchangeFailure: failure
        case let refusal as Refusal: .lied(Liar(index: index, refusal: refusal, evidence: []))
        default: .store
        }
    }

    /// Verifies the chains to all targets.
    func verify(_ chains: [[Step]], _ request: ExchangeRequest) throws(ExchangeFailure) -> [VerifiedChain] {
        var verified: [VerifiedChain] = []
        for (target, steps) in chains.enumerated() {
            let chain = try unusable { () throws(Refusal) in try request.chain(to: target, directory, pins) }
            do { verified.append(try chain.verify(steps, keys: keys)) } catch { throw liar(error, steps) }
        }
        return verified
    }

    /// Looks for a false step among the first ones, when a later holder refused to go on from there.
    func search(_ chains: [[Step]], _ request: ExchangeRequest) throws(ExchangeFailure) {
        for (target, steps) in chains.enumerated() where !steps.isEmpty {
            let chain = try unusable { () throws(Refusal) in
                try request.chain(to: target, steps: steps.count, directory, pins)
            }
            do { _ = try chain.verify(steps, keys: keys) } catch { throw liar(error, steps) }
        }
    }

    /// Who made the step that a refusal names, and whether it signed it.
    private func liar(_ refusal: Refusal, _ steps: [Step]) -> ExchangeFailure {
        guard let k = refusal.index, steps.indices.contains(k - 1), steps[k - 1].bytes.count > 1 else {
            return .unusable(refusal)
        }
        let bytes = steps[k - 1].bytes
        let isSigned = ![.signature, .length].contains(refusal.code)
        return .lied(Liar(index: bytes[1], refusal: refusal, evidence: isSigned ? bytes : []))
    }
}
