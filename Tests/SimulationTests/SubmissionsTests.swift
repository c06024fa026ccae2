import Testing

@testable import Transcryptor

/// The Ledger answers after its flush. Callers who queued up behind one another would wait for as many flushes.
struct SubmissionsTests {
    @Test func theNextSubmissionServesAllThatWait() {
        var submissions = TranscryptorNode.Submissions()
        let first = submissions.take()
        #expect(submissions.begin(for: first) == first)
        let (second, third) = (submissions.take(), submissions.take())
        submissions.end(first)
        // What these two want to submit came when the first had begun: it has not served them.
        #expect(submissions.begin(for: second) == third)
        submissions.end(third)
        #expect(submissions.begin(for: third) == nil)
        let fourth = submissions.take()
        #expect(submissions.begin(for: fourth) == fourth)
    }

    @Test func oneThatFailsServesNobody() {
        var submissions = TranscryptorNode.Submissions()
        let (first, second) = (submissions.take(), submissions.take())
        #expect(submissions.begin(for: first) == second)
        #expect(submissions.begin(for: second) == second)
    }
}
