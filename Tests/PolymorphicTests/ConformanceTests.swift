import Testing
import VectorSupport

@testable import Polymorphic

/// The vectors of the protocol: every value that the core makes, byte for byte, and every call that it refuses.
@Suite struct ConformanceTests {
    typealias Body = (Cast, inout Tally) throws -> Void

    /// The sections and flat lists of the core, each with what makes it again.
    static func sections() -> [String: Body] {
        var all: [String: Body] = [
            "signing_keys": FlatLists.signingKeys, "signatures": FlatLists.signatures,
            "knowledge": FlatLists.knowledge, "same_person": FlatLists.samePerson, "seals": FlatLists.seals,
            "blindings": FlatLists.blindings, "held_tokens": FlatLists.heldTokens, "numbers": FlatLists.numbers,
            "labels": FlatLists.labels, "hashing": GroupSections.hashing, "rfc9497": GroupSections.rfc9497,
            "registry_row": GroupSections.registryRow, "reshare_2_of_3": CeremonySections.resharing,
            "complaint": PartySections.complaint, "parties": PartySections.parties,
            "factors": PartySections.factors, "encodings": PartySections.encodings,
            "deposit": RecordSections.deposit, "envelopes": RecordSections.envelopes,
            "envelope_chunks": RecordSections.chunks, "tickets": RecordSections.tickets,
            "held": RecordSections.held, "combine_2_of_3": FetchSections.combine,
        ]
        for name in ["dkg_psn", "dkg_2_of_2_psn"] {
            all[name] = { try CeremonySections.ceremony(name, PSN.self, $0, &$1) }
        }
        all["dkg_kem"] = { try CeremonySections.ceremony("dkg_kem", KEM.self, $0, &$1) }
        for name in ChainSections.names { all[name] = { try ChainSections.chain(name, $0, &$1) } }
        all["adopt"] = {
            try ChainSections.adopt("adopt", of: "identify_base_to_hospital", tickets: [], $0, &$1)
        }
        all["adopt_deposit"] = {
            let tickets = try RecordSections.tickets($0, 3)
            try ChainSections.adopt("adopt_deposit", of: "deposit_hospital_to_medical", tickets: tickets, $0, &$1)
        }
        for name in ["fetch", "fetch_one_record_refused"] { all[name] = { try FetchSections.fetch(name, $0, &$1) } }
        return all
    }

    @Test func everyValueOfTheCoreIsMadeAgainByteForByte() throws {
        let (cast, sections) = (try Cast(), Self.sections())
        var tally = Tally()
        for (name, body) in sections.sorted(by: { $0.key < $1.key }) {
            let before = tally.count
            do { try body(cast, &tally) } catch { Issue.record("\(name): \(error)") }
            #expect(tally.count > before, "\(name) compares nothing")
        }
        #expect(tally.failures == [])
        #expect(Set(sections.keys) == Conformance.core.sections)
        print("\(tally.count) values of \(sections.count) sections made again, \(tally.failures.count) otherwise")
        print("sections that wait: \(Conformance.waitingSections.sorted().joined(separator: " "))")
    }

    @Test func everyNegativeOfTheCoreIsRefusedWithItsCode() throws {
        let operations = CoreOperations.all()
        let report = try operations.run(code: CoreOperations.code)
        #expect(report.failures == [])
        #expect(operations.names == Conformance.core.operations)
        #expect(Set(report.ran.keys) == operations.names, "an operation without a negative")
        let count = report.count - report.failures.count
        print("\(count) of \(try Vectors.negatives().count) negatives refused, \(report.ran.count) operations")
        print("operations that wait: \(Conformance.waitingOperations.sorted().joined(separator: " "))")
    }

    @Test func everyOperationOfTheNegativesAcceptsAGoodCase() throws {
        let (operations, cases) = (CoreOperations.all(), try GoodCases.all(Cast()))
        for (operation, arguments) in cases {
            #expect(throws: Never.self, "\(operation) \(arguments)") { try operations.call(operation, arguments) }
        }
        #expect(Set(cases.map(\.operation)) == operations.names)
    }

    /// Each part of the vectors has one target that answers for it, or waits: a part that nobody names fails here, and
    /// so does a waiting part that somebody answers.
    @Test func everyPartOfTheVectorsHasOnePlace() throws {
        let operations = Conformance.all.map(\.operations) + [Conformance.waitingOperations]
        #expect(operations.reduce(0) { $0 + $1.count } == operations.reduce(Set()) { $0.union($1) }.count)
        #expect(operations.reduce(Set()) { $0.union($1) } == Set(try Vectors.negatives().map(\.operation)))
        let sections = Conformance.all.map(\.sections) + [Conformance.waitingSections, Conformance.descriptions]
        #expect(sections.reduce(0) { $0 + $1.count } == sections.reduce(Set()) { $0.union($1) }.count)
        #expect(sections.reduce(Set()) { $0.union($1) } == (try Vectors.sections()))
    }

    /// A code of the negatives that is none of section 14 would be a code that no caller knows.
    @Test func everyCodeOfTheNegativesIsOneOfOurs() throws {
        let ours = Set(Refusal.Code.allCases.map(\.rawValue))
        #expect(Set(try Vectors.negatives().map(\.code)).subtracting(ours) == [])
    }
}
