import ArgumentParser
import Deployment
import Foundation
import Logging
import Serving

/// `warifu up`: a whole country in one process.
struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Found and run a whole country in one process, for development, tests and demonstrations.")
    @Option(help: "Folder of the country; it is founded there if there is none.") var home: String
    @Option(help: "CSV file: whom to enrol.") var residents: String?
    @Option(help: "Written when everything runs: addresses and credentials, as JSON.") var readyFile: String?

    func run() async throws {
        do {
            let list = try residents.map { try ResidentList(path: $0) }
            let country = CountryRun(CountryHome(home)) { nodeLogger($0) }
            try await country.start()
            do { try await serve(country, list) } catch {
                await country.stop()
                throw error
            }
            await country.stop()
        } catch { throw commandExit(error) }
    }

    private func serve(_ country: CountryRun, _ list: ResidentList?) async throws {
        let enrolled = try await list?.enrol(in: country) ?? ResidentList.Enrolled()
        let ready = try country.readyFile(enrolled)
        if let readyFile { try JSONFile.write(ready, URL(fileURLWithPath: readyFile).path) }
        for (id, url) in ready.nodes.sorted(by: { $0.key < $1.key }) { print("\(id)\t\(url)") }
        for (id, hospital) in ready.hospitals.sorted(by: { $0.key < $1.key }) { print("\(id)\t\(hospital.fhir)") }
        print("ready\t\(ready.residents.count)")
        fflush(nil)
        await untilStopped()
    }
}

/// A logger of one node: JSON lines on standard error.
func nodeLogger(_ node: String) -> Logger {
    var logger = Logger(label: node) { JSONLogHandler(node: $0) }
    logger.logLevel = .info
    return logger
}

/// Says what is wrong, for an operator, and ends with 1.
func commandExit(_ error: any Error) -> any Error {
    if error is ExitCode || error is ValidationError || error is CleanExit { return error }
    FileHandle.standardError.write(Data("warifu: \(error)\n".utf8))
    return ExitCode(1)
}
