import ArgumentParser
import Deployment
import Device
import Exchanges
import Foundation
import Policy
import Polymorphic

/// `warifu citizen consent list`
struct CitizenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "What was given and not withdrawn.")
    @OptionGroup var options: CitizenOptions

    /// What is printed with --json.
    struct Answer: Encodable {
        let consents: [ConsentView]
    }

    func run() async throws {
        try await options.saying {
            let words = options.words
            return try await options.folder().open { open in
                guard try await open.phone.isEnrolled() else { throw CommandFault(.notEnrolled) }
                let now = SystemClock().now()
                let kept = try await open.phone.activeGives().filter { $0.give.dates.notAfter > Instant(Int64(now)) }
                let views = kept.map { ConsentView($0, open.country.pins) }
                let lines = zip(views, kept).flatMap { $0.lines(words, $1.give) }
                return CitizenAnswer(Answer(consents: views), lines.isEmpty ? [words(.noConsents)] : lines)
            }
        }
    }
}

/// `warifu citizen consent withdraw`
struct CitizenWithdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "withdraw", abstract: "End one consent now.")
    @OptionGroup var options: CitizenOptions
    @Option(help: "Its id, as the list shows it.") var consent: String
    @OptionGroup var portal: PortalOption

    /// What is printed with --json.
    struct Answer: Encodable {
        let withdrawn: Bool
        let consent: String
        let proof: StopView?
    }

    func run() async throws {
        try await options.saying {
            let words = options.words
            return try await options.folder(portal: portal.portal).open { open in
                let gives = try await open.phone.activeGives()
                guard let kept = gives.first(where: { ConsentView.id($0.give.id) == consent.lowercased() }) else {
                    throw CommandFault(.noSuchConsent)
                }
                let id = ConsentView.id(kept.give.id)
                guard let stopped = try await open.phone.withdraw(kept) else {
                    return CitizenAnswer(
                        Answer(withdrawn: true, consent: id, proof: nil), [words(.withdrawnNowhere, [.mark: id])])
                }
                return CitizenAnswer(
                    Answer(withdrawn: true, consent: id, proof: StopView(stopped, open.country.pins)),
                    [words(.withdrawn, [.mark: id, .leaves: "\(stopped.leafIndex)"])])
            }
        }
    }
}

/// `warifu citizen consent deny-all`
struct CitizenDenyAll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "deny-all", abstract: "End all consents now.")
    @OptionGroup var options: CitizenOptions
    @OptionGroup var portal: PortalOption

    /// What is printed with --json.
    struct Answer: Encodable {
        let denied: Bool
        let proof: StopView
    }

    func run() async throws {
        try await options.saying {
            let words = options.words
            return try await options.folder(portal: portal.portal).open { open in
                guard try await open.phone.isEnrolled() else { throw CommandFault(.notEnrolled) }
                let stopped = try await open.phone.denyAll()
                return CitizenAnswer(
                    Answer(denied: true, proof: StopView(stopped, open.country.pins)),
                    [words(.deniedAll, [.leaves: "\(stopped.leafIndex)"])])
            }
        }
    }
}

/// What proves a stop.
struct StopView: Encodable, Equatable {
    let transcryptor: String
    /// Index in the ledger, verified.
    let leaf: UInt64
    /// From then on it holds everywhere, UTC.
    let effectiveFrom: String

    init(_ stopped: Withdrawal, _ pins: Pins) {
        transcryptor = pins.transcryptor(stopped.index).description
        leaf = stopped.leafIndex
        effectiveFrom = CommandJSON.time(stopped.effectiveFrom)
    }
}
