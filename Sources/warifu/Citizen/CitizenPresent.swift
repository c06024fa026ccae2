import ArgumentParser
import Deployment
import Device
import Exchanges
import Foundation
import Policy
import Polymorphic

/// `warifu citizen present`
struct CitizenPresent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "present", abstract: "Read what a terminal shows, and present yourself there.")
    @OptionGroup var options: CitizenOptions
    @Option(help: "Address of the desk, as the terminal shows it.") var desk: String
    @Option(help: "Id of the visit, as the terminal shows it.") var visit: String
    @Flag(help: "You have read who asks and what for, and agree.") var yes = false

    /// What is printed with --json.
    struct Answer: Encodable {
        let presented: Bool
        let party: String
        let purpose: String
    }

    func run() async throws {
        try await options.saying {
            let place = try DeskVisit(desk: desk, visit: visit)
            let words = options.words
            return try await options.folder().open { open in
                guard try await open.phone.isEnrolled() else { throw CommandFault(.notEnrolled) }
                let client = DeskClient(open.client, place)
                let (text, signature) = try await client.shown()
                let asked = try await open.phone.read(text, signature)
                let purpose = words.term(PurposeOfUse.self, asked.purpose)
                try CitizenQuestion(words: words, isAnswered: yes).ask([
                    words(.asked, [.party: asked.party.description, .purpose: purpose])
                ])
                try await client.present(try await open.phone.present(text, signature))
                return CitizenAnswer(
                    Answer(
                        presented: true, party: asked.party.description, purpose: asked.purpose.description),
                    [words(.presented, [.party: asked.party.description])])
            }
        }
    }
}
