import ArgumentParser
import Deployment
import Device
import Foundation
import Policy
import Ristretto255

/// `warifu citizen enrol`
struct CitizenEnrol: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Make a phone's keys and have the person enrolled by two officials; shows the number once.",
        discussion: "One that was interrupted goes on where it stopped: run it again with the same identity.")
    @OptionGroup var options: CitizenOptions
    @Option(help: "The person's official identity, as the register writes it. It is kept nowhere.") var identity: String
    @Option(help: "An official's key; two are needed.") var official: [String]

    /// What is printed with --json.
    struct Answer: Encodable {
        let enrolled: Bool
        /// 13 digits.
        let number: String
    }

    func run() async throws {
        try await options.saying {
            let officials: [SoftwareAuthenticator]
            do { officials = try official.map { try AuthenticatorFile($0).load() } } catch {
                throw CommandFault(.officialKey)
            }
            let folder = options.folder()
            if !folder.exists { try folder.make(from: SystemRandom()) }
            let number = try await folder.open { try await $0.enrol(identity, by: officials) }
            let words = options.words
            return CitizenAnswer(
                Answer(enrolled: true, number: number), [words(.enrolled), words(.number, [.mark: number])])
        }
    }
}
