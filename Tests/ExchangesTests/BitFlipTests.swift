import Exchanges
import Polymorphic
import Ristretto255
import Testing
import VectorSupport

/// Every change of one bit of what is signed or sealed is refused.
@Suite struct BitFlipTests {
    private static func isRefusal(_ error: any Error) -> Bool { error is Refusal }

    @Test func everyBitOfAnIntentCounts() throws {
        let cast = try Cast()
        let (request, keys) = (try RequestSections.identify(cast).request, try cast.transcryptorKeys())
        let intents = try BodySections.signedIntents(cast)
        let text = BitFlips.accepted(
            in: intents[0].intent,
            by: { changed in
                let first = SignedIntent(intent: changed, signature: intents[0].signature)
                _ = try JointVerdict([first, intents[1]], of: request, keys: keys)
            }, isRefusal: Self.isRefusal)
        let signature = BitFlips.accepted(
            in: intents[0].signature,
            by: { changed in
                let first = SignedIntent(intent: intents[0].intent, signature: changed)
                _ = try JointVerdict([first, intents[1]], of: request, keys: keys)
            }, isRefusal: Self.isRefusal)
        #expect(text.accepted.isEmpty && signature.accepted.isEmpty)
        #expect(text.tried + signature.tried == 8 * (115 + 64))
    }

    @Test func everyBitOfAPresentationBoxAndItsTimeCounts() throws {
        let cast = try Cast()
        let call = try BodySections.identify(cast)
        let box = OpeningBox(try cast.openingKey("t1"))
        let accept = try Self.presentation(cast)
        #expect(throws: Never.self) { try accept(call.origins[0], box.key) }
        let flips = BitFlips.accepted(
            in: call.origins[0], by: { try accept($0, box.key) }, isRefusal: Self.isRefusal)
        #expect(flips.accepted.isEmpty)
        #expect(flips.tried == 8 * 568)
    }

    /// What transcryptor 1 checks of a presented person.
    private static func presentation(_ cast: Cast) throws -> ([UInt8], borrowing OpeningKey) throws -> Void {
        let row = try cast["rows"]["t1"]
        let keys = PresentationKeys(
            pseudonym: try row["PP_i"].pseudonym, keys: [.ed25519(try cast.device().verifyingKey)],
            usedEmergencies: [])
        let rule = PresentationRule(
            index: 1, request: try RequestSections.identify(cast).request.content, key: try cast.classKey(),
            forbidden: try cast.forbidden(), relyingParty: try cast.pages())
        let handle = try row["handle"].b16
        return { origin, opening in
            _ = try rule.accept(origin, with: opening, now: Cast.now) { (shown) throws(Refusal) in
                shown == handle ? keys : nil
            }
        }
    }

    /// Every change of a body of `decide` is refused: by its form, by a signature, by the box or token, by the checks
    /// of a deposit.
    @Test(arguments: ["identify", "deposit"])
    func everyBitOfADecideBodyCounts(_ name: String) throws {
        let cast = try Cast()
        let call = name == "identify" ? try BodySections.identify(cast) : try BodySections.deposit(cast)
        let (body, opening) = (call.body, OpeningBox(try cast.openingKey("t1")))
        let check = try decide(cast)
        #expect(throws: Never.self) { try check(body, opening.key) }
        let flips = BitFlips.accepted(in: body, by: { try check($0, opening.key) }, isRefusal: Self.isRefusal)
        #expect(flips.accepted.isEmpty, "\(name): \(flips.accepted.prefix(5))")
        #expect(flips.tried == 8 * body.count)
        // Whatever can be parsed is the only form of what it says.
        let forms = BitFlips.accepted(
            in: body,
            by: { changed in
                let parsed = try DecideCall(body: changed)
                guard parsed.body == changed, parsed != call else { return }
                throw Refusal(.conflict)
            }, isRefusal: Self.isRefusal)
        #expect(forms.accepted.isEmpty)
    }

    /// A key that closures may hold.
    private final class OpeningBox {
        let key: OpeningKey
        init(_ key: consuming OpeningKey) { self.key = key }
    }

    /// Form, signatures, origin and records of a decide body, as transcryptor 1 checks them.
    private func decide(_ cast: Cast) throws -> ([UInt8], borrowing OpeningKey) throws -> Void {
        let (roll, staff) = (try cast.roll(), try cast.staffPages())
        let gateway = try cast.signingKey("gateway").verifyingKey
        let person = try WebAuthnKey(wire: try cast["request"]["person_pk"].bytes)
        let tokens = HeldTokenKeys(KeyRing(id: 1, key: try cast["held"]["keys"]["t1"].secretBytes()))
        let tickets = TicketKeys(KeyRing(id: 1, key: try cast["tickets"]["keys"]["t1"].secretBytes()))
        let (row, key, hospital) = (
            try cast["held"]["row_ids"]["t1"].b16, try cast.classKey(), try PartyID("hospital-a")
        )
        let accept = try Self.presentation(cast)
        return { body, opening in
            let call = try DecideCall(body: body)
            let request = try ExchangeRequest(
                wire: call.request.request, peer: hospital, now: Cast.now, roll: roll)
            try gateway.verify(call.request.gateway, over: request.bytes)
            try person.verify(call.request.person, over: request.bytes, relyingParty: staff)
            guard request.content.source != .base else { return try accept(call.origins[0], opening) }
            let pair = try EncryptedPseudonym(wire: request.content.items[0].bytes)
            let found = try tokens.row(
                of: HeldToken(wire: call.origins[0]), pair,
                at: HeldToken.Place(party: hospital, epoch: 1, yGeneration: 1))
            guard found == row else { throw Refusal(.row) }
            let rules = DepositRules(
                requester: hospital, authorKey: gateway, nowMinute: Cast.now / 60, yGeneration: 1,
                requestDigest: request.digest, key: key)
            var records: [DepositRules.Record] = []
            for case .deposit(let deposit) in call.records {
                records.append(DepositRules.Record(prefix: deposit.prefix, bodyHash: deposit.bodyHash))
                guard let previous = deposit.previous else { continue }
                try DepositRules.verify(
                    deposit.prefix.header, replaces: previous.header, ticket: previous.ticket, keys: tickets,
                    row: row)
            }
            try rules.verify(records, item: 0, pair, tie: SamePerson(wire: call.ties[0]))
        }
    }
}
