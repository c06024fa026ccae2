import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Synchronization
import Testing

@testable import Demonstration

/// The story as it is told, with a meter that stands still: the same seed gives the same steps.
@Suite struct DemonstrationTests {
    /// Steps that a run told.
    final class Told: Sendable {
        private let steps = Mutex<[DemoStep]>([])
        var all: [DemoStep] { steps.withLock { $0 } }
        @Sendable func add(_ step: DemoStep) { steps.withLock { $0.append(step) } }
    }

    private func tell(
        _ records: DemoRecords = MadeUpBundle.records, seed: UInt64 = 1
    ) async throws -> (steps: [DemoStep], end: DemoEnd) {
        let told = Told()
        let end = try await Demonstration(seed: seed, records: records, meter: { DemoCost(wall: 0, cpu: 0) })
            .run(told.add)
        return (told.all, end)
    }

    @Test func theStoryIsToldToItsEndAndEveryRefusalIsInIt() async throws {
        let (steps, end) = try await tell()
        #expect(
            steps.map(\.what) == [
                .founded, .enrolled, .agreed, .identified, .deposited, .agreed, .found, .read, .history,
                .nothingAgreed, .withdrew, .afterWithdrawal, .agreedAgain, .wrongPurpose, .copied, .lied, .truth,
            ])
        #expect(steps.map(\.number) == Array(1...steps.count))
        #expect(end.checks > 40 && end.isSearchable)
        let bytes = DemoValue.count(MadeUpBundle.records.content.count)
        #expect(step(.deposited, steps)?.values[.bytes] == bytes && step(.read, steps)?.values[.bytes] == bytes)
        #expect(step(.history, steps)?.values[.uses] == .count(4))
        #expect(step(.lied, steps)?.values[.party] == .key(.demoParty(.transcryptor1)))
        #expect(step(.wrongPurpose, steps)?.values[.reason] == .text("policy"))
        #expect(step(.nothingAgreed, steps)?.values[.reason] == .text("consent"))
        #expect(step(.afterWithdrawal, steps)?.values[.reason] == .text("consent"))
        #expect(step(.identified, steps)?.values[.mark] != step(.found, steps)?.values[.mark])
    }

    @Test func everyUseHasALeafOfItsOwnAndNoOtherHasIt() async throws {
        let (steps, _) = try await tell()
        for what in [DemoText.identified, .deposited, .found, .read, .nothingAgreed, .afterWithdrawal, .lied] {
            #expect(step(what, steps)?.leaves?.count == 2, "\(what): one for each of the two that take part")
        }
        #expect(step(.agreed, steps)?.leaves?.count == 3 && step(.withdrew, steps)?.leaves?.count == 1)
        // Nothing is written about what is refused before anybody's row is looked at.
        #expect(step(.wrongPurpose, steps)?.leaves == [])
        let all = steps.flatMap { $0.leaves ?? [] }
        #expect(Set(all).count == all.count)
    }

    @Test func whatPartiesSeeIsWhatTheyMaySee() async throws {
        let (steps, end) = try await tell()
        func seen(_ what: DemoText, by party: DemoParty) -> Set<DemoText>? {
            step(what, steps)?.sights.first { $0.party == party }.map { Set($0.items) }
        }
        #expect(seen(.enrolled, by: .numberCentre) == [.identity, .number])
        #expect(seen(.identified, by: .transcryptor1) == [.asker, .purposeOfUse])
        #expect(seen(.deposited, by: .medicalCentre) == [.pseudonymCentre, .header, .asker, .purposeOfUse])
        #expect(seen(.deposited, by: .hospitalB) == nil)
        #expect(seen(.found, by: .hospitalB) == [.pseudonymB, .header, .asker, .purposeOfUse])
        #expect(seen(.read, by: .hospitalB)?.contains(.content) == true)
        #expect(seen(.copied, by: .hospitalA)?.contains(.pseudonymB) == false)
        for sight in end.seen {
            #expect(sight.items.contains(.content) == [.hospitalA, .hospitalB].contains(sight.party), "\(sight.party)")
        }
    }

    @Test func theSameSeedTellsTheSameStoryAndAnotherOneAnother() async throws {
        let first = try await tell(seed: 7).steps
        let (again, other) = (try await tell(seed: 7).steps, try await tell(seed: 8).steps)
        #expect(again == first && other != first)
    }

    @Test func bytesOfAnyKindAndLengthComeBackAsTheyWere() async throws {
        // More than one record holds; the last one is short.
        let random = SeededRandom(seed: 3)
        let large = DemoRecords(content: random.bytes(DemoRecords.recordBytes + 1_000))
        let (steps, end) = try await tell(large)
        #expect(step(.read, steps)?.values == [.records: .count(2), .bytes: .count(large.content.count)])
        #expect(end.isSearchable)
        let (short, unknown) = try await tell(DemoRecords(content: [0]))
        #expect(step(.read, short)?.values[.bytes] == .count(1))
        // What cannot be searched for is not claimed to be unseen.
        #expect(!unknown.isSearchable)
    }

    @Test func everyLineReadsInBothLanguages() async throws {
        let (steps, _) = try await tell()
        for step in steps {
            let (ja, en) = (step.lines(in: .ja), step.lines(in: .en))
            #expect(ja != en && ja.count == en.count && !ja.isEmpty)
            for line in ja + en { #expect(!line.contains { "{}".contains($0) }, "\(line)") }
            #expect(en.joined().unicodeScalars.allSatisfy { $0.isASCII })
        }
    }

    private func step(_ what: DemoText, _ steps: [DemoStep]) -> DemoStep? { steps.first { $0.what == what } }
}
