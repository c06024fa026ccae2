import ArgumentParser
import Deployment
import Device
import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255
import TransparencyLog

/// `warifu citizen history`
struct CitizenHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Every use of your data, with proofs checked; doubts are named.",
        discussion: "Ends with 3 where there are doubts.")
    @OptionGroup var options: CitizenOptions
    @OptionGroup var portal: PortalOption

    func run() async throws {
        try await options.saying {
            let words = options.words
            return try await options.folder(portal: portal.portal).open { open in
                guard try await open.phone.isEnrolled() else { throw CommandFault(.notEnrolled) }
                // What did not reach every transcryptor before; a history is read also where it cannot.
                _ = try? await open.phone.settle()
                return HistoryView(try await open.phone.history(), open.country.pins).answer(words)
            }
        }
    }
}

/// A history as it is printed.
struct HistoryView: Encodable, Equatable {
    /// No doubt about it.
    let complete: Bool
    let uses: [Use]
    let entries: [Entry]
    let doubts: [DoubtView]

    /// One request about the person.
    struct Use: Encodable, Equatable {
        /// Of the request and item under which all transcryptors wrote it.
        let request: String
        let item: UInt16
        let requester: String
        let role: String
        let purpose: String
        let categories: [String]
        /// `consent`, `break-glass`, `policy-rule`.
        let basis: String
        let participants: [String]
        /// Whether all participants permitted it.
        let delivered: Bool
        let words: [Word]

        /// What one transcryptor wrote.
        struct Word: Encodable, Equatable {
            let transcryptor: String
            let permitted: Bool
            /// `ok`, or a code that `warifu explain` knows.
            let reason: String
            let records: Int
            let recordsPermitted: Int
            /// Index in the ledger, verified.
            let leaf: UInt64
        }
    }

    /// A device or consent that a transcryptor entered.
    struct Entry: Encodable, Equatable {
        let transcryptor: String
        let leaf: UInt64
        /// `device`, `consent` or `other`.
        let kind: String
    }

    init(_ history: History, _ pins: Pins) {
        complete = !history.mayBeIncomplete
        uses = history.uses.map { Use($0, pins) }
        entries = history.entries.map { entry in
            Entry(
                transcryptor: pins.transcryptor(entry.index).description, leaf: entry.leafIndex,
                kind: Self.kind(entry.entry))
        }
        doubts = history.doubts.map { DoubtView($0, pins) }
    }

    private static func kind(_ entry: [UInt8]) -> String {
        if (try? Give(wire: entry)) != nil { return "consent" }
        return (try? DeviceEntry(wire: entry)) != nil ? "device" : "other"
    }

    func answer(_ words: CitizenWords) -> CitizenAnswer {
        var lines = [words(.uses, [.count: "\(uses.count)"])]
        lines += uses.map { "  " + $0.line(words) }
        lines.append(words(.entries, [.count: "\(entries.count)"]))
        lines += complete ? [words(.noDoubts)] : [words(.mayBeIncomplete)] + doubts.map { "  " + $0.line(words) }
        return CitizenAnswer(self, lines, exit: complete ? nil : .doubts)
    }
}

extension HistoryView.Use {
    init(_ use: ShownUse, _ pins: Pins) {
        request = Hex.encode(use.requestDigest.bytes)
        (item, requester) = (use.item, use.requester.description)
        (role, purpose) = (use.role.description, use.purpose.description)
        categories = use.categories.map(\.description)
        basis =
            switch use.basis {
            case .consent: Ground.consent.rawValue
            case .breakGlass: Ground.breakGlass.rawValue
            case .policy: Ground.policyRule.rawValue
            }
        participants = use.participants.map(\.description)
        delivered = use.isDelivered(pins)
        words = use.words.sorted { $0.key < $1.key }.map { index, word in
            Word(
                transcryptor: pins.transcryptor(index).description, permitted: word.verdict, reason: word.reason,
                records: word.records, recordsPermitted: word.recordsPermitted, leaf: word.leafIndex)
        }
    }

    /// What a person reads of it.
    func line(_ say: CitizenWords) -> String {
        let leaf = "\(words.map(\.leaf).min() ?? 0)"
        let purpose = PurposeOfUse(rawValue: purpose).map { say($0.key) } ?? purpose
        if delivered {
            let records = words.map(\.recordsPermitted).min() ?? 0
            return say(
                .used, [.leaves: leaf, .party: requester, .purpose: purpose, .records: "\(records)"])
        }
        guard let refused = words.first(where: { !$0.permitted }) else {
            return say(.waits, [.leaves: leaf, .party: requester, .purpose: purpose])
        }
        return say(.refused, [.leaves: leaf, .party: requester, .purpose: purpose, .reason: refused.reason])
    }
}

/// Why a history may be incomplete, by name.
struct DoubtView: Encodable, Equatable {
    /// `hiding`, `false-detail`, `gap`, `missing`, `silent`.
    let doubt: String
    let transcryptor: String
    /// Of a gap.
    let counter: UInt64?
    /// Of a request in which an entry is missing.
    let request: String?

    init(_ doubt: Doubt, _ pins: Pins) {
        switch doubt {
        case .hiding(let index): self.init("hiding", pins.transcryptor(index))
        case .falseDetail(let index): self.init("false-detail", pins.transcryptor(index))
        case .gap(let index, let counter): self.init("gap", pins.transcryptor(index), counter: counter)
        case .missing(let request, let party): self.init("missing", party, request: Hex.encode(request.bytes))
        case .silent(let index): self.init("silent", pins.transcryptor(index))
        }
    }

    private init(_ doubt: String, _ party: PartyID, counter: UInt64? = nil, request: String? = nil) {
        (self.doubt, transcryptor, self.counter, self.request) = (doubt, party.description, counter, request)
    }

    func line(_ words: CitizenWords) -> String {
        switch doubt {
        case "hiding": words(.hiding, [.party: transcryptor])
        case "false-detail": words(.falseDetail, [.party: transcryptor])
        case "gap": words(.gap, [.party: transcryptor, .count: "\(counter ?? 0)"])
        case "missing": words(.missing, [.party: transcryptor])
        default: words(.silent, [.party: transcryptor])
        }
    }
}
