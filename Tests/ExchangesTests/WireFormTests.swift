import Exchanges
import Polymorphic
import Ristretto255
import Testing

/// Forms that no negative of the vectors has.
@Suite struct WireFormTests {
    /// A reason code and a rule are names, the text of a break-glass is UTF-8 (PROTOCOL 2.2).
    @Test func aBasisHoldsNamesAndText() throws {
        let (code, text) = (Array("unconscious".utf8), Array("意識なし".utf8))
        for basis in [RequestBasis.consent, .breakGlass(code: code, text: text), .policy(rule: code)] {
            #expect(try RequestBasis(wire: basis.bytes) == basis)
        }
        for basis in [
            RequestBasis.breakGlass(code: [], text: text), .breakGlass(code: Array("a b".utf8), text: text),
            .breakGlass(code: code, text: [0xff]), .policy(rule: [0x7f]),
        ] { #expect(throws: Refusal(.text)) { try RequestBasis(wire: basis.bytes) } }
    }

    @Test func aVerdictInAPrivatePartIsZeroOrOne() throws {
        let part = PrivatePart(
            requestDigest: .zero, transcryptor: try PartyID("t1"), item: 0, verdict: true,
            records: [(true, .filled(9))], reason: nil, policyVersion: 1, counter: 0, consent: .zero)
        var fields = try unpack(.private, part.bytes, 9)
        fields[4][0] = 2
        let changed = fields.reduce(try Array(part.bytes.prefix(4 + Wire.elements(of: part.bytes)[0].count))) {
            $0 + Wire.lengthPrefixed($1)
        }
        #expect(throws: Refusal(.length)) { try PrivatePart(wire: changed) }
        fields[4][0] = 1
        #expect(try PrivatePart(wire: part.bytes) == part)
    }

    @Test func aRefusalHasOneForm() throws {
        for refusal in [Refusal(.participants), Refusal(.reshuffle, at: 2), Refusal(.point, at: 65_535)] {
            #expect(try CallFailure.refusal(body: CallFailure.body(of: refusal)) == refusal)
        }
        let code = Array("reshuffle".utf8)
        for fields in [[code, [1]], [code, [0, 0, 1]], [Array("none".utf8), []], [code]] {
            #expect(throws: Refusal(.length)) { try CallFailure.refusal(body: Wire.list(fields)) }
        }
    }
}
