public import Polymorphic

/// What is said about a code.
public enum CodePart: String, CaseIterable, Sendable {
    /// What it means.
    case meaning
    /// Its likely cause.
    case cause
    /// What to do.
    case action
}

/// Where a code comes from. The same word may stand in two families.
public enum CodeFamily: String, CaseIterable, Sendable {
    /// PROTOCOL 14: what a node answers.
    case node
    /// What a hospital's FHIR server and its desk answer.
    case fhir
    /// What `warifu citizen` says by itself.
    case command
}

/// Every code that this system refuses with, for `warifu explain`.
public enum ExplainedCode: Hashable, Sendable {
    case node(Refusal.Code)
    case fhir(FHIRCode)
    case command(CommandCode)

    public var family: CodeFamily {
        switch self {
        case .node: .node
        case .fhir: .fhir
        case .command: .command
        }
    }

    /// The code as it is written in answers.
    public var word: String {
        switch self {
        case .node(let code): code.rawValue
        case .fhir(let code): code.rawValue
        case .command(let code): code.rawValue
        }
    }

    /// One part of its explanation.
    public func text(_ part: CodePart, in language: Language) -> String {
        MessageKey.code(self, part).text[language]
    }

    /// Every code there is.
    public static let all: [ExplainedCode] =
        Refusal.Code.allCases.map(ExplainedCode.node) + FHIRCode.allCases.map(ExplainedCode.fhir)
        + CommandCode.allCases.map(ExplainedCode.command)

    /// The codes with this word, one for each family that has it. Case, hyphens for spaces and the place at the end of
    /// a refusal (`equality at 2`) make no difference.
    public static func named(_ text: String) -> [ExplainedCode] {
        let wanted = plain(text)
        return all.filter { plain($0.word) == wanted }
    }

    private static func plain(_ text: String) -> String {
        var words = text.lowercased().split { " -_".contains($0) }
        if words.count > 2, words[words.count - 2] == "at", words.last?.allSatisfy(\.isNumber) == true {
            words.removeLast(2)
        }
        return words.joined(separator: " ")
    }
}

/// The codes of the FHIR server, which no centre can import; a test compares them with the server's own.
public enum FHIRCode: String, CaseIterable, Sendable {
    case json, duplicateMember = "duplicate-member", tooLarge = "too-large", tooComplex = "too-complex"
    case notAResource = "not-a-resource", unknownType = "unknown-type", wrongType = "wrong-type", badID = "bad-id"
    case wrongID = "wrong-id", badMeta = "bad-meta", badDate = "bad-date"
    case noSuchPath = "no-such-path", badMethod = "bad-method", readOnlyType = "read-only-type"
    case notAcceptable = "not-acceptable", badMediaType = "bad-media-type"
    case forbidden, versionConflict = "version-conflict", conflict, manyMatches = "many-matches"
    case needsCondition = "needs-condition"
    case badParameter = "bad-parameter", unknownParameter = "unknown-parameter", badModifier = "bad-modifier"
    case badHeader = "bad-header", pageExpired = "page-expired"
    case notABundle = "not-a-bundle", badEntry = "bad-entry", tooManyEntries = "too-many-entries"
    case duplicateEntry = "duplicate-entry", unresolvedReference = "unresolved-reference"
    case unavailable, tooCostly = "too-costly"
}

/// What `warifu citizen` and `warifu explain` say by themselves.
public enum CommandCode: String, CaseIterable, Sendable {
    case wrongUse = "wrong-use", nationalNumber = "national-number", unknownCode = "unknown-code"
    case noPhone = "no-phone", phoneInUse = "phone-in-use", phoneDamaged = "phone-damaged"
    case alreadyEnrolled = "already-enrolled", notEnrolled = "not-enrolled"
    case countryFile = "country-file", officialKey = "official-key"
    case unreachable, deskAddress = "desk-address", noVisit = "no-visit", deskRefused = "desk-refused"
    case deskAnswer = "desk-answer"
    case noSuchConsent = "no-such-consent", notConfirmed = "not-confirmed", needsYes = "needs-yes"
    case doubts
}

/// What stands in the catalogue for a code.
struct CodeWords: Sendable {
    let meaning: Text
    let cause: Text
    let action: Text

    subscript(part: CodePart) -> Text {
        switch part {
        case .meaning: meaning
        case .cause: cause
        case .action: action
        }
    }
}

/// What is to be done in many cases.
enum CodeActions {
    static let sendAgain = Text(
        "もう一度、送ってください。続くなら、送る側のソフトの版を確かめてください。",
        "Send it again. If it stays, check the version of the sender's software.")
    static let keepEvidence = Text(
        "この機関の答えを使わず、記録を残して、第三者機関に知らせてください。",
        "Do not use this node's answer. Keep the log and tell the Oversight Authority.")
    static let askAuthority = Text(
        "自分で直さず、第三者機関に連絡してください。",
        "Do not repair it yourself: contact the Oversight Authority.")
    static let later = Text("少し待って、もう一度試してください。", "Wait a little and try again.")
    static let presentAgain = Text(
        "その人に、もう一度、提示してもらってください。",
        "Ask the person to present again.")
    static let narrow = Text("求めを小さく分けてください。", "Split the request into smaller parts.")
    static let correct = Text("名ざされた所を直して、もう一度送ってください。", "Correct the place that is named and send it again.")
}
