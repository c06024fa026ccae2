import Exchanges
import Gateway
import Polymorphic
import Ristretto255
import Simulation
import Testing

@testable import Transcryptor

/// What is verified once is still verified: the memory of it holds for the same bytes only.
@Suite struct VerifiedOnceTests {
    /// Changes one bit of a signature in every call of a kind.
    private func spoil(_ signature: Int, in call: Call, at place: Int, _ country: Country) async throws {
        try await country.intercept(country.names.transcryptors[place]) { (asked, body) in
            guard asked == call else { return nil }
            var fields = try Wire.elements(of: body)
            var signatures = try Wire.elements(of: fields[1])
            signatures[signature][signatures[signature].count - 1] ^= 1
            fields[1] = Wire.list(signatures)
            return Wire.list(fields)
        }
    }

    @Test(arguments: [Call.reshuffle, .release], [0, 1])
    func aSignatureThatWasGoodBeforeIsRefusedOnceItIsAnother(_ call: Call, _ signature: Int) async throws {
        try await Country.run(seed: 61) { country in
            let patient = try await country.patient()
            _ = try await country.found(of: patient)
            try await spoil(signature, in: call, at: 0, country)
            let failed = await failure { _ = try await country.found(of: patient) }
            #expect(failed == .refused(by: country.names.transcryptors[0], Refusal(.signature)))
        }
    }

    @Test func theMemoryIsBoundedAndForgetsTheOldest() {
        let marks = VerifiedMarks(countMax: 3)
        let all = (0..<5).map { sha512([UInt8($0)]) }
        for mark in all { marks.insert(mark) }
        marks.insert(all[4])
        #expect(all.map(marks.contains) == [false, false, true, true, true])
    }
}
