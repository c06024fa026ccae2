import Testing
@Test func theSuiteRuns() { #expect(true) }
