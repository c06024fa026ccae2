import Guards
import Polymorphic
import Ristretto255

/// The requester's side of the one path. It drives; the transcryptors answer it and never call each other (PROTOCOL 8).
public struct Exchanger: Sendable {
    public let secrets: PartySecrets
    public let pins: Pins
    public let directory: Directory
    public let courier: Courier
    /// Unix seconds.
    public let clock: any Timekeeper
    /// For receipts. The Requests come signed.
    let keys: [UInt8: VerifyingKey]

    public init(
        secrets: PartySecrets, pins: Pins, directory: Directory, courier: Courier, clock: any Timekeeper
    ) {
        (self.secrets, self.pins, self.directory) = (secrets, pins, directory)
        (self.courier, self.clock) = (courier, clock)
        keys = directory.transcryptorKeys(at: clock.now())
    }

    /// One exchange, from request to readable result. Start reading the code base here.
    ///
    /// The same bytes may be carried again, after a crash or a lost answer: every node gives its stored answers.
    public func carry(_ prepared: PreparedExchange) async throws(ExchangeFailure) -> Outcome {
        let decided = try await decide(prepared)  // each checks alone and signs; each verdict goes to the ledger
        let turned = try await reshuffle(decided)  // step after step, proved, blind
        let released = try await release(turned)  // whole chains verified, verdicts witnessed, no stop seen
        return try await receive(released)  // only the entitled recipients can combine; then receipts, adoption
    }

    /// Asks all participants, at the same time, each alone.
    func decide(_ prepared: PreparedExchange) async throws(ExchangeFailure) -> DecidedExchange {
        let participants = prepared.request.content.participants
        let indexes = try unusable { () throws(Refusal) in try pins.participants(participants) }
        let order = participants.compactMap { pins.index(of: $0) }
        let answers = await courier.send(
            all: order.compactMap { index in
                prepared.calls[Int(index) - 1].map {
                    Courier.Letter(.decide, $0.body, to: pins.transcryptor(index))
                }
            })
        var intents: [SignedIntent] = []
        for (index, answer) in zip(order, answers) {
            intents.append(try intent(try received(answer, from: index), of: index, prepared.request))
        }
        var signers: [PartyID: VerifyingKey] = [:]
        for index in indexes { signers[pins.transcryptor(index)] = keys[index] }
        let verdict: JointVerdict
        do { verdict = try JointVerdict(intents, of: prepared.request, keys: signers) } catch {
            throw .unusable(error)
        }
        // No curve work for what is refused (PROTOCOL 1, rule 3).
        guard verdict.permitsAnything else { throw .notPermitted }
        return DecidedExchange(prepared, intents, verdict)
    }

    /// Checks one answer to `decide` by itself, so that a false one is named.
    private func intent(
        _ answer: [UInt8], of index: UInt8, _ request: ExchangeRequest
    ) throws(ExchangeFailure) -> SignedIntent {
        var evidence: [UInt8] = []
        do throws(Refusal) {
            let fields = try Wire.fields(of: answer, 2)
            let signed = SignedIntent(intent: fields[0], signature: fields[1])
            guard enforced("guard:exchanger.intent") else { return signed }
            guard let key = keys[index] else { throw Refusal(.directory) }
            do { try key.verify(signed.signature, over: signed.intent) } catch { throw Refusal(.intent) }
            evidence = answer
            let intent = try Intent(wire: signed.intent)
            let fits =
                intent.requestDigest == request.digest && intent.transcryptor == pins.transcryptor(index)
                && intent.items.count == request.content.items.count
                && intent.records.count == request.content.records.count
                && zip(intent.records, request.itemOfRecord).allSatisfy { !$0 || intent.items[$1] }
            try need(fits, .intent)
            return signed
        } catch { throw .lied(Liar(index: index, refusal: error, evidence: evidence)) }
    }

    // MARK: Answers

    /// The answer of a transcryptor.
    func received(
        _ answer: Result<[UInt8], CallFailure>, from index: UInt8
    ) throws(ExchangeFailure) -> [UInt8] {
        try received(answer, from: pins.transcryptor(index))
    }

    func received(
        _ answer: Result<[UInt8], CallFailure>, from node: PartyID
    ) throws(ExchangeFailure) -> [UInt8] {
        switch answer {
        case .success(let bytes): return bytes
        case .failure(.noAnswer): throw .noAnswer(from: node)
        case .failure(.refused(let refusal)): throw .refused(by: node, refusal)
        }
    }

    func ask(_ call: Call, _ body: [UInt8], _ node: PartyID) async -> Result<[UInt8], CallFailure> {
        await courier.answer(to: Courier.Letter(call, body, to: node))
    }

    /// What is wrong before anything was sent.
    func unusable<R>(_ body: () throws(Refusal) -> R) throws(ExchangeFailure) -> R {
        do { return try body() } catch { throw .unusable(error) }
    }
}
