import ArgumentParser
import Polymorphic
import Ristretto255
import Simulation

/// `warifu demo`: what works so far, one line a step.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows what works so far, step by step.")

    @Option(help: "A number from which the run can be repeated.")
    var seed: UInt64 = 1

    func run() async throws {
        var story = Story()
        try CoreDemo(random: SeededRandom(seed: seed)).run(&story)
    }
}

/// Prints numbered steps and how long each took.
struct Story {
    private var number = 0

    mutating func tell<R>(_ who: String, _ what: String, _ work: () throws -> R) rethrows -> R {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try work()
        number += 1
        let microseconds = (clock.now - start) / .microseconds(1)
        let label = (who + String(repeating: " ", count: 16)).prefix(16)
        print("\(number < 10 ? " " : "")\(number)  \(label) \(what)  [\(Int(microseconds)) us]")
        return result
    }

    func note(_ text: String) { print("                     \(text)") }
}
