import ArgumentParser
import Deployment
import Foundation
import Logging
import Serving
import ServiceLifecycle
import UnixSignals

/// `warifu up`: a whole country in one process.
struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Found and run a whole country in one process, for development, tests and demonstrations.")
    @Option(help: "Folder of the country; it is founded there if there is none.") var home: String
    @Option(help: "CSV file: whom to enrol.") var residents: String?
    @Option(help: "Written when everything runs: addresses and credentials, as JSON.") var readyFile: String?

    func run() async throws {
        do {
            let country = CountryRun(CountryHome(home)) { serverLogger($0) }
            try await country.start()
            FileHandle.standardError.write(Data("ready\n".utf8))
            await untilStopped()
            await country.stop()
        } catch { throw commandExit(error) }
    }
}

/// Says what is wrong, for an operator, and ends with 1.
func commandExit(_ error: any Error) -> any Error {
    if error is ExitCode { return error }
    FileHandle.standardError.write(Data("warifu: \(error)\n".utf8))
    return ExitCode(1)
}
