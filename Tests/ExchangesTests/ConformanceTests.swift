import Polymorphic
import Testing
import VectorSupport

/// The vectors of the protocol: every value that the exchange makes, byte for byte, and every call that it refuses.
@Suite struct ConformanceTests {
    typealias Body = @Sendable (Cast, inout Tally) throws -> Void

    /// The sections of the exchange, each with what makes it again.
    static let sections: [String: Body] = [
        "enrolment": { try PersonSections.enrolment("enrolment", of: "dkg_psn", $0, &$1) },
        "enrolment_2_of_2": { try PersonSections.enrolment("enrolment_2_of_2", of: "dkg_2_of_2_psn", $0, &$1) },
        "rows": { try PersonSections.rows($0, &$1) }, "added_device": { try PersonSections.addedDevice($0, &$1) },
        "key_countersignatures": { try PersonSections.keyCountersignatures($0, &$1) },
        "presentation": { try PresentationSections.phone($0, &$1) },
        "presentation_es256": { try PresentationSections.es256($0, &$1) },
        "presentation_webauthn": { try PresentationSections.webAuthn($0, &$1) },
        "emergency": { try PresentationSections.emergency($0, &$1) },
        "request": { try RequestSections.request($0, &$1) },
        "intents": { try RequestSections.intents($0, &$1) }, "head": { try RequestSections.head($0, &$1) },
        "public_leaf": { try RequestSections.publicLeaf($0, &$1) },
        "consent": { try ConsentSections.consent($0, &$1) }, "bodies": { try BodySections.bodies($0, &$1) },
    ]

    /// Sections of the core, made once more through what this layer adds to them.
    static let more: [String: Body] = [
        "identify and find": { try ExchangeSections.identifyAndFind($0, &$1) },
        "deposit": { try ExchangeSections.deposit($0, &$1) },
        "joint verdicts": { try ExchangeSections.verdicts($0, &$1) }, "adopt": { try ExchangeSections.adopt($0, &$1) },
        "encodings": { try ExchangeSections.encodings($0, &$1) },
    ]

    @Test func everyValueOfTheExchangeIsMadeAgainByteForByte() throws {
        let cast = try Cast()
        var tally = Tally()
        for (name, body) in (Self.sections.merging(Self.more) { first, _ in first }).sorted(by: { $0.key < $1.key }) {
            let before = tally.count
            do { try body(cast, &tally) } catch { Issue.record("\(name): \(error)") }
            #expect(tally.count > before, "\(name) compares nothing")
        }
        #expect(tally.failures == [])
        #expect(Set(Self.sections.keys) == Conformance.exchanges.sections)
        print("\(tally.count) values of \(Self.sections.count) sections and \(Self.more.count) of the core made again")
    }

    @Test func everyNegativeOfTheExchangeIsRefusedWithItsCode() throws {
        let operations = ExchangeOperations.all()
        let report = try operations.run(leavingOut: Conformance.waitingNegatives, code: ExchangeOperations.code)
        #expect(report.failures == [])
        #expect(operations.names == Conformance.exchanges.operations)
        #expect(Set(report.ran.keys) == operations.names, "an operation without a negative")
        print("\(report.count) negatives refused, \(report.ran.count) operations")
    }

    @Test func everyOperationOfTheNegativesAcceptsAGoodCase() throws {
        let (operations, cases) = (ExchangeOperations.all(), try GoodCases.all(Cast()))
        for (operation, arguments) in cases {
            #expect(throws: Never.self, "\(operation) \(arguments)") { try operations.call(operation, arguments) }
        }
        #expect(Set(cases.map(\.operation)) == operations.names)
    }

    /// Presenting oneself by card, by number or by visit code comes later; nothing else does.
    @Test func onlyCardsAndCodesWait() throws {
        let later: Set<String> = ["card", "visit_code", "card_unseal", "code_parse"]
        #expect(Conformance.waitingOperations.union(Conformance.waitingSections).isSubset(of: later))
        let reasons = try Vectors.negatives().filter { $0.operation == "presentation" && $0.reason.hasPrefix("card: ") }
        #expect(Conformance.waitingNegatives == Set(reasons.map(\.reason)))
    }
}
