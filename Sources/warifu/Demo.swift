import ArgumentParser
import Demonstration
import Foundation
import Policy
import Simulation
import SimulationLedger

/// `warifu demo`: a patient moves, and her records follow her. One line a step, everything in it computed.
///
/// Exit codes: 0 everything that was said held; 1 something did not hold, or the run stopped; 64 wrong use; 65 the data
/// is empty, too large or no FHIR transaction about one patient; 66 it is not there, is no file, or cannot be read; 130
/// somebody stopped it.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows how records follow a patient, step by step, and what is refused.",
        discussion: """
            Exit codes: 0 everything that was said held; 1 something did not hold, or the run stopped; 64 wrong use; 65
            the data is empty, too large or no FHIR transaction about one patient; 66 it is not there, is no file, or
            cannot be read; 130 somebody stopped it.
            """)

    @Option(help: "A number from which the run can be repeated.") var seed: UInt64 = 1
    @Option(help: "A FHIR transaction about one patient, or a folder of them. Without it people are made up.")
    var data: String?
    @Option(help: "How many people at most: bundles of a folder, or people who are made up.") var bundles: Int?
    @Flag(help: "A simulated network in memory, with a transcryptor that lies; --data is then any file.")
    var simulated = false
    @Option(help: "Language of the story: ja or en. Without it that of the environment.") var lang: Language?
    @Flag(help: "Show the cryptographic core alone.") var core = false

    func run() async throws {
        if core {
            var story = Story()
            return try CoreDemo(random: SeededRandom(seed: seed)).run(&story)
        }
        let words = DemoWords(lang ?? .ofEnvironment(ProcessInfo.processInfo.environment))
        let folder = FileManager.default.temporaryDirectory.appending(path: "warifu-demo-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Also where somebody stops it nothing stays behind.
        let stopping = Task {
            await untilStopped()
            guard !Task.isCancelled else { return }
            try? FileManager.default.removeItem(atPath: folder)
            Self.exit(withError: ExitCode(130))
        }
        defer { stopping.cancel() }
        let printer = DemoPrinter(words)
        do { printer.end(try await simulated ? simulate(folder, printer) : live(folder, printer)) } catch {
            throw Self.end(error, words)
        }
    }

    func validate() throws {
        guard (1...1_000).contains(bundles ?? 1) else { throw ValidationError("--bundles is 1 to 1000") }
    }

    /// A country that runs, over the network.
    private func live(_ folder: String, _ printer: DemoPrinter) async throws -> DemoEnd {
        let people =
            try data.map { try DemoBundle.read($0, most: bundles ?? Self.bundlesMost) }
            ?? DemoBundle.madeUp(bundles ?? 1, seed: seed)
        let demonstration = CountryDemonstration(
            bundles: people, seed: seed, folder: folder, language: printer.language, meter: processCost)
        return try await demonstration.run(printer.step)
    }

    /// Of a folder, where nothing is said.
    private static let bundlesMost = 3

    private func simulate(_ folder: String, _ printer: DemoPrinter) async throws -> DemoEnd {
        let records = try data.map { try DemoRecords(file: $0) } ?? MadeUpBundle.records
        let demonstration = Demonstration(seed: seed, records: records, ledger: .sqlite(folder), meter: processCost)
        return try await demonstration.run(printer.step)
    }

    /// One line on standard error, and the exit code that goes with it.
    private static func end(_ error: any Error, _ words: DemoWords) -> ExitCode {
        let (code, text): (Int32, String) =
            switch error {
            case let fault as DemoDataFault: (fault.exitCode, "\(fault.code): \(fault.text(in: words.language))")
            case let fault as DemoFault: (1, "demo.check: " + words(.didNotHold, [.reason: .text(fault.check)]))
            default: (1, "demo.stopped: " + words(.stopped, [.reason: .text("\(error)")]))
            }
        FileHandle.standardError.write(Data("warifu demo: \(text)\n".utf8))
        return ExitCode(code)
    }
}

extension DemoDataFault {
    fileprivate var exitCode: Int32 {
        switch self {
        case .empty, .tooLarge, .packed, .bundle, .sensitive: 65
        case .missing, .noFile, .unreadable: 66
        }
    }
}

extension Language: ExpressibleByArgument {
    /// Japanese where the environment asks for it, as POSIX orders the variables; English everywhere else.
    static func ofEnvironment(_ environment: [String: String]) -> Language {
        let name = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        return name?.hasPrefix("ja") == true ? .ja : .en
    }
}

/// What this process has used up to now.
private func processCost() -> DemoCost {
    func microseconds(_ id: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(id, &time)
        return Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1_000
    }
    return DemoCost(wall: microseconds(CLOCK_MONOTONIC), cpu: microseconds(CLOCK_PROCESS_CPUTIME_ID))
}

/// Prints the story.
struct DemoPrinter: Sendable {
    private let words: DemoWords
    var language: Language { words.language }
    init(_ words: DemoWords) { self.words = words }

    func step(_ step: DemoStep) {
        if step.what == .nothingAgreed { print("\n" + words(.refusalsBegin)) }
        for line in step.lines(in: words.language) { print(line) }
        fflush(nil)
    }

    func end(_ end: DemoEnd) {
        print("\n" + words(.table))
        let items = end.items
        for (number, item) in items.enumerated() { print("  \(number + 1) \(words(item))") }
        print("  " + words.padded("", to: 26) + items.indices.map { " \($0 + 1)" }.joined())
        for sight in end.seen {
            let marks = items.map { item in
                sight.items.contains(item) ? " +" : item == .content && !end.isSearchable ? " ?" : " -"
            }
            print("  " + words.padded(words[sight.party], to: 26) + marks.joined())
        }
        print("  " + words(end.isSearchable ? .tableNote : .unsearchable))
        if let disk = end.disk {
            print(
                "  "
                    + words(
                        .disk,
                        [
                            .count: .count(disk.files), .bytes: .count(disk.bytes), .records: .count(disk.finds.count),
                        ]))
        }
        print("\n" + words(.allHeld, [.count: .count(end.checks)]))
        print("\n" + words(.next))
        for text in [DemoText.nextUp, .nextCitizen, .nextData, .nextTest, .nextBench, .nextServices, .nextProtocol] {
            print("  " + words(text))
        }
    }
}
