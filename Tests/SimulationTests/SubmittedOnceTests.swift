import Exchanges
import Gateway
import Polymorphic
import Ristretto255
import Simulation
import Synchronization
import Testing

@testable import Transcryptor

/// A leaf that the Ledger has acknowledged is not sent again while it waits to be read back, and one that it has not
/// acknowledged is.
@Suite struct SubmittedOnceTests {
    @Test func eachLeafIsAppendedOnce() async throws {
        try await Country.run(seed: 67) { country in
            let patient = try await country.patient()
            try await country.deposit([country.record("one"), country.record("two")], of: patient)
            let sent = Mutex<[[UInt8]: Int]>([:])
            country.network.setTap { passage in
                guard passage.call == .append, let fields = try? Wire.fields(of: passage.body, 2),
                    let leaves = try? Wire.elements(of: fields[0])
                else { return }
                sent.withLock { sent in for leaf in leaves { sent[leaf, default: 0] += 1 } }
            }
            for _ in 0..<3 { _ = try await country.found(of: patient) }
            await country.wait(seconds: 1)
            // Two decide about one item, three times.
            #expect(sent.withLock { $0.count } == 6)
            #expect(sent.withLock { $0.values.allSatisfy { $0 == 1 } })
        }
    }

    @Test func whatIsNotReadBackInTimeIsSentAgain() {
        let leaves = AcknowledgedLeaves()
        let (one, two): ([UInt8], [UInt8]) = ([1], [2])
        #expect(leaves.without([one, two], at: 100) == [one, two])
        leaves.insert([one], at: 100)
        #expect(leaves.without([one, two], at: 109) == [two])
        #expect(leaves.without([one, two], at: 110) == [one, two])
        // A clock that was set back does not keep a leaf from being sent.
        leaves.insert([one], at: 200)
        #expect(leaves.without([one], at: 100) == [one])
    }
}
