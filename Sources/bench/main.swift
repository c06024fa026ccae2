import Foundation

/// Collects figures, prints them as a table and writes them to `bench-results.json`.
struct Report {
    private(set) var figures: [Figure] = []

    mutating func add(_ id: String, _ value: Double, _ unit: String, _ runs: Int, _ note: String) {
        figures.append(Figure(id: id, value: value, unit: unit, runs: runs, note: note))
        let name = id.padding(toLength: 38, withPad: " ", startingAt: 0)
        print("\(name) \(fmt(value)) \(unit)   \(note)")
    }

    func line(_ text: String) { print(text) }

    func write() throws {
        let url = URL(fileURLWithPath: "bench-results.json")
        let decoder = JSONDecoder()
        let old = (try? decoder.decode(Results.self, from: Data(contentsOf: url)))?.results ?? []
        let ids = Set(figures.map(\.id))
        let all = (old.filter { !ids.contains($0.id) } + figures).sorted { $0.id < $1.id }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(Results(machine: machineDescription(), results: all)).write(to: url)
    }
}

func fmt(_ value: Double) -> String {
    value >= 1_000 ? String(format: "%10.0f", value) : String(format: "%10.3f", value)
}

let parts: [(String, (inout Report) throws -> Void)] = [
    ("core", CoreBench.run), ("exchange", ExchangeBench.run), ("ledger", LedgerBench.run),
    ("network", NetworkBench.run),
]
/// Parts that take long or much disk: run only when they are asked for.
let large: [(String, (inout Report) throws -> Void)] = [
    ("large", LedgerBench.runLarge), ("large", NetworkGrowth.run), ("growth", NetworkGrowth.run),
]
let arguments = CommandLine.arguments.dropFirst()
let only = arguments.first == "--only" ? arguments.dropFirst().first : nil
var report = Report()
print(machineDescription())
for (name, run) in parts where only == nil || only == name { try run(&report) }
for (name, run) in large where only == name { try run(&report) }
try report.write()
