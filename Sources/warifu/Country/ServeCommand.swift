import ArgumentParser
import Deployment
import Foundation
import UnixSignals

/// `warifu serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run one node until SIGTERM or SIGINT.")
    @Argument(help: "The node.") var id: String?
    @Option(help: "Home folder.") var home: String?
    @Option(help: "node.json, instead of home and name.") var config: String?

    func run() async throws {
        do {
            let folder = try folder()
            let addresses = try Addresses(folder: try folder.countryFolder())
            let name = try folder.config().id
            let node = try await NodeStarter(folder, addresses: addresses, logger: nodeLogger(name)).start()
            FileHandle.standardError.write(
                Data("\(name) ready on \(node.ports.map(String.init).joined(separator: " "))\n".utf8))
            await untilStopped()
            await node.stop()
        } catch { throw commandExit(error) }
    }

    private func folder() throws -> NodeFolder {
        if let config { return NodeFolder(URL(fileURLWithPath: config).deletingLastPathComponent().path) }
        guard let home, let id else { throw ValidationError("name a node and its home, or a configuration") }
        return CountryHome(home).node(id)
    }
}

/// Returns at SIGTERM or SIGINT.
func untilStopped() async { for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { return } }
