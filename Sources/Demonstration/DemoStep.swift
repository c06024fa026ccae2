import Policy

/// What a step took.
public struct DemoCost: Hashable, Sendable {
    /// Microseconds on the wall.
    public let wall: Int
    /// Microseconds of CPU of the whole process.
    public let cpu: Int

    public init(wall: Int, cpu: Int) { (self.wall, self.cpu) = (wall, cpu) }

    static func - (a: DemoCost, b: DemoCost) -> DemoCost { DemoCost(wall: a.wall - b.wall, cpu: a.cpu - b.cpu) }
}

/// What stands in the place of a placeholder.
public enum DemoValue: Hashable, Sendable {
    case text(String)
    case count(Int)
    case key(MessageKey)
    /// A day in Japan.
    case day(Instant)

    func text(in language: Language) -> String {
        switch self {
        case .text(let text): text
        case .count(let count): Self.grouped(count)
        case .key(let key): key.text[language]
        case .day(let instant): CalendarDate(instant).text
        }
    }

    /// `12,345`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var out = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { out += "," }
            out.append(digit)
        }
        return out
    }
}

/// What one party could see, as the search of its store, its calls and what it was handed found it.
public struct DemoSight: Hashable, Sendable {
    public let party: DemoParty
    /// Of `DemoText.sights`.
    public let items: [DemoText]
}

/// One step of the story: who did what, what it took, what was written, what could be seen. Everything in it comes from
/// the run.
public struct DemoStep: Hashable, Sendable {
    /// From 1.
    public let number: Int
    public let actor: DemoParty
    public let what: DemoText
    public let values: [Placeholder: DemoValue]
    public let cost: DemoCost
    /// The person's leaves that are new, each verified by the phone against the signed and witnessed tree; nil for a
    /// step that is about nobody's.
    public let leaves: [UInt64]?
    public let sights: [DemoSight]
    /// Bytes of stores and messages that were searched for it; nil where that is not told.
    public var searched: Int?

    /// The step, and under it what could be seen.
    public func lines(in language: Language) -> [String] {
        let words = DemoWords(language)
        var notes = [
            words(.took, [.time: .text(Self.milliseconds(cost.wall)), .cpu: .text(Self.milliseconds(cost.cpu))])
        ]
        if let leaves, leaves.isEmpty {
            notes.append(words(.noLeaf))
        } else if let leaves {
            notes.append(words(.leaves, [.leaves: .text(leaves.map(String.init).joined(separator: " "))]))
        }
        let head = "\(number < 10 ? " " : "")\(number)  \(words.padded(words[actor], to: 19)) "
        var lines = [head + words(what, values) + "  [" + notes.joined(separator: words.semicolon) + "]"]
        if !sights.isEmpty {
            let seen = words.grouped(sights).map { parties, items in
                let list = items.isEmpty ? words(.seesNothing) : items.map { words($0) }.joined(separator: words.comma)
                return parties.joined(separator: words.comma) + words.colon + list
            }
            let bytes = searched.map { "  [" + words(.searched, [.bytes: .count($0)]) + "]" } ?? ""
            lines.append("      \(words(.sees))" + words.colon + seen.joined(separator: words.semicolon) + bytes)
        }
        return lines
    }

    private static func milliseconds(_ microseconds: Int) -> String {
        let tenths = (microseconds + 50) / 100
        return tenths < 1_000 ? "\(tenths / 10).\(tenths % 10)" : DemoValue.grouped(tenths / 10)
    }
}

extension DemoText {
    /// What is searched for, and what a party can see.
    public static let sights: [DemoText] = [
        .identity, .number, .pseudonymA, .pseudonymB, .pseudonymCentre, .header, .content, .asker, .purposeOfUse,
    ]
}

/// The words of one language.
public struct DemoWords: Sendable {
    public let language: Language
    public init(_ language: Language) { self.language = language }

    public subscript(party: DemoParty) -> String { MessageKey.demoParty(party).text[language] }

    /// A text with its places filled; a text whose places differ stands as it is, and its test fails.
    public func callAsFunction(_ text: DemoText, _ values: [Placeholder: DemoValue] = [:]) -> String {
        Messages.text(.demo(text), in: language, values.mapValues { $0.text(in: language) })
            ?? MessageKey.demo(text).text[language]
    }

    var comma: String { language == .ja ? "、" : ", " }
    var semicolon: String { language == .ja ? "；" : "; " }
    var colon: String { language == .ja ? "：" : ": " }

    /// Parties that see the same stand together.
    func grouped(_ sights: [DemoSight]) -> [(parties: [String], items: [DemoText])] {
        var out: [(parties: [String], items: [DemoText])] = []
        for sight in sights {
            if let place = out.firstIndex(where: { $0.items == sight.items }) {
                out[place].parties.append(self[sight.party])
            } else {
                out.append(([self[sight.party]], sight.items))
            }
        }
        return out
    }

    /// Fills up with blanks; a sign of Japanese is two wide.
    public func padded(_ text: String, to width: Int) -> String {
        let taken = text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x1100 ? 2 : 1) }
        return text + String(repeating: " ", count: max(0, width - taken))
    }
}
