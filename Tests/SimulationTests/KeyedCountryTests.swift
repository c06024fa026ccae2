import Polymorphic
import Simulation
import Testing

/// The keys of a small country come from its seed alone.
struct KeyedCountryTests {
    @Test func theSameSeedGivesTheSameKeysAndAnotherGivesOthers() throws {
        let first = try KeyedCountry(from: Simulation.SeededRandom(seed: 7))
        let again = try KeyedCountry(from: Simulation.SeededRandom(seed: 7))
        let other = try KeyedCountry(from: Simulation.SeededRandom(seed: 8))
        #expect(first.pseudonyms.key.element == again.pseudonyms.key.element)
        #expect(first.recordKeys.shares == again.recordKeys.shares)
        #expect(first.pseudonyms.key.element != other.pseudonyms.key.element)
    }
}
