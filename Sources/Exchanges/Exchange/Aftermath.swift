import Polymorphic
import Ristretto255

/// What an exchange still owes when its requester has what it asked for. Nobody waits for it; it is kept until it is
/// paid.
public struct Aftermath: Sendable {
    public let receipts: [Debt]
    public let adoptions: [Debt]
}

/// One call that is owed.
public enum Debt: Hashable, Sendable {
    /// The receipt, to a participant.
    case receipt(to: UInt8, body: [UInt8])
    /// An exchange that a transcryptor adopts, which did not take part.
    case adopt(by: UInt8, body: [UInt8])

    public var bytes: [UInt8] {
        switch self {
        case .receipt(let index, let body): Wire.list([[1], [index], body])
        case .adopt(let index, let body): Wire.list([[2], [index], body])
        }
    }

    /// - Throws: `length`, `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 3)
        let index = try Wire.u8(fields[1])
        switch try Wire.u8(fields[0]) {
        case 1: self = .receipt(to: index, body: fields[2])
        case 2: self = .adopt(by: index, body: fields[2])
        default: throw Refusal(.length)
        }
    }
}

/// A token that a transcryptor gave when it adopted.
public struct AdoptedToken: Hashable, Sendable {
    public let pair: EncryptedPseudonym
    /// 1...n.
    public let index: UInt8
    public let token: HeldToken
}

extension Exchanger {
    /// The receipts of an exchange.
    public func receipts(
        _ prepared: PreparedExchange, _ outcome: Receipt.Outcome, count: Int
    ) -> [Debt] {
        let receipt = Receipt(
            requestDigest: prepared.request.digest, outcome: outcome, count: UInt16(clamping: count), time: clock.now())
        let body = Wire.list([receipt.bytes, secrets.signer.sign(receipt.bytes)])
        return prepared.request.content.participants.compactMap { party in
            pins.index(of: party).map { .receipt(to: $0, body: body) }
        }
    }

    func aftermath(_ exchange: ReleasedParts, _ persons: [KnownPerson?], received: Int) -> Aftermath {
        var adoptions: [Debt] = []
        // Without a target there is nothing that an absent transcryptor could give.
        for index in pins.indexes where !exchange.chains.isEmpty && exchange.answers[index] == nil {
            guard let call = exchange.prepared.calls[Int(index) - 1] else { continue }
            let body = AdoptCall(decide: call, intents: exchange.intents, chains: exchange.steps).body
            adoptions.append(.adopt(by: index, body: body))
        }
        return Aftermath(
            receipts: receipts(exchange.prepared, .delivered, count: received), adoptions: adoptions)
    }

    /// Pays a debt: sends it, and brings what an adopter gave to its targets.
    /// - Returns: the tokens that the requester keeps.
    public func pay(_ debt: Debt) async throws(ExchangeFailure) -> [AdoptedToken] {
        switch debt {
        case .receipt(let index, let body):
            _ = try received(await ask(.receipt, body, pins.transcryptor(index)), from: index)
            return []
        case .adopt(let index, let body):
            let answer = try received(await ask(.adopt, body, pins.transcryptor(index)), from: index)
            let call = try unusable { () throws(Refusal) -> AdoptCall in try AdoptCall(body: body) }
            return try await adopted(answer, index, call)
        }
    }

    /// `pay` as a value.
    func answer(of debt: Debt) async -> Result<[AdoptedToken], ExchangeFailure> {
        do { return .success(try await pay(debt)) } catch { return .failure(error) }
    }

    private func adopted(
        _ bytes: [UInt8], _ index: UInt8, _ call: AdoptCall
    ) async throws(ExchangeFailure) -> [AdoptedToken] {
        let answer: ReleaseCall.Answer
        do { answer = try ReleaseCall.Answer(wire: bytes) } catch { throw blame(error, index) }
        let request = try unusable { () throws(Refusal) -> ExchangeRequest in
            try ExchangeRequest(wire: call.decide.request.request, peer: secrets.id, now: nil, roll: pins.roll)
        }
        guard answer.shares.count == request.content.targets.count else { throw blame(Refusal(.length), index) }
        var tokens: [AdoptedToken] = []
        for (target, domain) in request.content.targets.enumerated() {
            guard let party = domain.party else { throw .unusable(Refusal(.target)) }
            let box = SealedShare(bytes: answer.shares[target])
            if party == secrets.id {
                tokens += try open(box, call, request, target, index)
            } else {
                let body = AdoptedCall(requestDigest: request.digest, index: index, share: box).body
                _ = try received(await ask(.adopted, body, party), from: party)
            }
        }
        return tokens
    }

    private func open(
        _ box: SealedShare, _ call: AdoptCall, _ request: ExchangeRequest, _ target: Int, _ index: UInt8
    ) throws(ExchangeFailure) -> [AdoptedToken] {
        let verdict = try unusable { () throws(Refusal) -> JointVerdict in try self.verdict(call.intents, request) }
        let chain = try verify(call.chains, request)[target]
        let expected: ShareExpectation<PSN> = try expectation(index) { (signer) throws(Refusal) in
            try ShareExpectation(
                adopted: chain, permits: verdict.items, from: index, in: pins.ceremony.pseudonyms,
                shareEpoch: pins.ceremony.shareEpoch, recipient: secrets.opening, party: secrets.id, signer: signer,
                tickets: request.deposits(at: target, verdict).count)
        }
        do {
            let share = try expected.open(box, with: secrets.opening, forbidden: pins.forbidden)
            let pairs = zip(chain.outputs, verdict.items).filter(\.1).map(\.0)
            return zip(pairs, share.tokens).map { AdoptedToken(pair: $0, index: index, token: $1) }
        } catch { throw blame(error, index) }
    }

    /// The joint verdict of Intents that were verified before.
    func verdict(_ intents: [SignedIntent], _ request: ExchangeRequest) throws(Refusal) -> JointVerdict {
        try JointVerdict(intents, of: request, keys: signers)
    }

    /// The signing keys of the transcryptors by id.
    var signers: [PartyID: VerifyingKey] {
        Dictionary(uniqueKeysWithValues: keys.map { (pins.transcryptor($0.key), $0.value) })
    }
}
