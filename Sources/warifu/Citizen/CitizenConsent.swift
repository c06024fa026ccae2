import ArgumentParser
import Deployment
import Device
import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255
import TransparencyLog

/// `warifu citizen consent`
struct CitizenConsent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent", abstract: "Give, list and end consents.",
        subcommands: [CitizenGive.self, CitizenList.self, CitizenWithdraw.self, CitizenDenyAll.self])
}

/// `warifu citizen consent give`
struct CitizenGive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "give", abstract: "Sign a consent and bring it to all transcryptors; shows its words first.",
        discussion: """
            Days are days in Japan, written 2026-01-31. A consent for more than 30 days, to a class of roles or of
            sensitive kinds waits 24 hours.
            """)
    @OptionGroup var options: CitizenOptions
    @Option(help: "Who may use it: a party, or a class of roles as role:physician; may be given several times.")
    var to: [String]
    @Option(help: "What for.") var purpose = PurposeOfUse.treatment.rawValue
    @Option(help: "Kinds of data, by commas. Without it all ordinary kinds of the service.") var categories = ""
    @Option(help: "First day on which it holds; without it from now on.") var from: String?
    @Option(help: "Last day on which it holds.") var until: String?
    @Option(help: "How many days it holds, in place of --until: 1 to 366.") var days: Int?
    @Option(help: "How often each transcryptor lets it be used.") var uses: UInt32 = 1_000
    @Option(help: "First day that the data may be about.") var dataFrom: String?
    @Option(help: "Last day that the data may be about; without it the last day on which the consent holds.")
    var dataTo: String?
    @OptionGroup var portal: PortalOption
    @Flag(help: "You have read the words, and agree.") var yes = false

    /// What is printed with --json.
    struct Answer: Encodable {
        let consent: ConsentView
        /// The words that were shown, and what refusing would have meant.
        let notice: String
        let refusal: String
    }

    func run() async throws {
        try await options.saying {
            let wish = ConsentWish(
                to: to, purpose: purpose, categories: categories.split(separator: ",").map(String.init), from: from,
                until: until, days: days, uses: uses, dataFrom: dataFrom, dataTo: dataTo)
            let words = options.words
            let made = try wish.made(at: SystemClock().now(), in: words.language)
            return try await options.folder(portal: portal.portal).open { open in
                guard try await open.phone.isEnrolled() else { throw CommandFault(.notEnrolled) }
                try CitizenQuestion(words: words, isAnswered: yes).ask([made.notice.notice, "", made.notice.refusal])
                let kept = try await open.phone.give(made.terms)
                let view = ConsentView(kept, open.country.pins)
                let done = words(
                    .given,
                    [
                        .mark: view.id, .count: "\(kept.countersigned.count)",
                        .limit: "\(open.country.pins.indexes.count)",
                    ])
                return CitizenAnswer(
                    Answer(consent: view, notice: made.notice.notice, refusal: made.notice.refusal), [done])
            }
        }
    }
}

/// Through which portal calls go.
struct PortalOption: ParsableArguments {
    @Option(help: "Base URL of a portal, through which the calls go.") var portal: String?
}

/// A consent as it is printed.
struct ConsentView: Encodable, Equatable {
    /// 32 hexadecimal digits.
    let id: String
    let to: [String]
    let purposes: [String]
    let categories: [String]
    /// Times, UTC; it holds before `until`.
    let from: String
    let until: String
    /// The time that the data may be about.
    let dataFrom: String
    let dataTo: String
    let uses: UInt32
    /// Transcryptors that have it.
    let countersigned: [String]

    init(_ kept: KeptGive, _ pins: Pins) {
        let give = kept.give
        id = Self.id(give.id)
        to = give.grantees.map { String(decoding: $0.bytes, as: UTF8.self) }
        (purposes, categories) = (give.purposes.map(\.description), give.categories.map(\.description))
        from = CommandJSON.time(UInt64(clamping: give.dates.notBefore.seconds))
        until = CommandJSON.time(UInt64(clamping: give.dates.notAfter.seconds))
        dataFrom = CommandJSON.time(give.dataFrom * 60)
        dataTo = CommandJSON.time(give.dataTo * 60)
        uses = give.maxUses
        countersigned = kept.countersigned.sorted().map { pins.transcryptor($0).description }
    }

    static func id(_ bytes: Bytes16) -> String { Hex.encode(bytes.bytes) }

    /// What a person reads of it.
    func lines(_ words: CitizenWords, _ give: Give) -> [String] {
        let purposes = words.list(give.purposes.map { words.term(PurposeOfUse.self, $0) })
        return [
            words(
                .consent,
                [
                    .mark: id, .party: words.list(to), .until: CalendarDate(give.dates.notAfter).text,
                    .purpose: purposes,
                ]),
            "  " + words(.kinds, [.kinds: words.list(give.categories.map { words.term(Policy.Category.self, $0) })]),
        ]
    }
}
