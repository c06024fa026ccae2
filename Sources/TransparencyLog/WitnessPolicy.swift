import Guards

/// Which log, which witnesses, and how many of them make a checkpoint believed. (C2SP tlog-policy)
///
/// ```
/// log <vkey> [url]
/// witness <name> <vkey> [url]
/// group <name> all|any|<k> <name>...
/// quorum <name>|none
/// ```
/// Names are defined before they are used, so groups cannot be circular. `#` begins a comment line.
public struct WitnessPolicy: Sendable, Hashable {
    /// Bytes and lines of the longest policy that is read.
    public static let byteMax = 64 << 10, linesMax = 512

    public struct Log: Sendable, Hashable {
        public let key: NoteVerifierKey
        public let url: String?
        public var origin: String { key.name }
    }
    public struct Witness: Sendable, Hashable {
        /// Name within the policy.
        public let name: String
        public let key: NoteVerifierKey
        /// Where it takes `add-checkpoint`.
        public let url: String?
    }
    struct Group: Sendable, Hashable {
        let threshold: Int
        let members: [String]
    }

    public private(set) var logs: [Log] = []
    public private(set) var witnesses: [Witness] = []
    private var groups: [String: Group] = [:]
    /// nil means `none`: the log's own signature is enough.
    public private(set) var quorum: String?
    /// The text it was read from, unchanged.
    public let text: String

    /// - Throws: `LogFault` `limit` or `malformed`.
    public init(parsing bytes: [UInt8]) throws(LogFault) {
        text = try plainText(bytes.map { $0 == 0x09 ? 0x20 : $0 }, atMost: Self.byteMax)
        let all = lines(text)
        guard all.count <= Self.linesMax else { throw LogFault(.limit, "too many lines in the policy") }
        var hasQuorum = false
        for line in all {
            let words = line.split(separator: " ").map(String.init)
            guard let verb = words.first, !verb.hasPrefix("#") else { continue }
            switch (verb, words.count) {
            case ("log", 2...3): try addLog(words)
            case ("witness", 3...4): try addWitness(words)
            case ("group", 4...): try addGroup(words)
            case ("quorum", 2):
                guard !hasQuorum else { throw LogFault(.malformed, "policy has two quorum lines") }
                guard words[1] == "none" || isDefined(words[1]) else {
                    throw LogFault(.malformed, "unknown name in the quorum")
                }
                quorum = words[1] == "none" ? nil : words[1]
                hasQuorum = true
            default: throw LogFault(.malformed, "policy line")
            }
        }
        guard hasQuorum else { throw LogFault(.malformed, "policy has no quorum line") }
    }

    private func isDefined(_ name: String) -> Bool { groups[name] != nil || witnesses.contains { $0.name == name } }

    private mutating func addLog(_ words: [String]) throws(LogFault) {
        let key = try NoteVerifierKey(parsing: words[1])
        guard key.algorithm == .ed25519, !logs.contains(where: { $0.key == key }) else {
            throw LogFault(.malformed, "log key in the policy")
        }
        logs.append(Log(key: key, url: words.count > 2 ? words[2] : nil))
    }

    private mutating func addWitness(_ words: [String]) throws(LogFault) {
        let key = try NoteVerifierKey(parsing: words[2])
        guard words[1] != "none", !isDefined(words[1]) else {
            throw LogFault(.malformed, "name used twice in the policy")
        }
        // One key under two names would count twice towards a quorum.
        guard key.algorithm != .ed25519, !witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw LogFault(.malformed, "witness key in the policy")
        }
        witnesses.append(Witness(name: words[1], key: key, url: words.count > 3 ? words[3] : nil))
    }

    private mutating func addGroup(_ words: [String]) throws(LogFault) {
        let members = Array(words[3...])
        guard words[1] != "none", !isDefined(words[1]), Set(members).count == members.count,
            members.allSatisfy(isDefined)
        else { throw LogFault(.malformed, "group names in the policy") }
        let threshold: Int
        switch words[2] {
        case "all": threshold = members.count
        case "any": threshold = 1
        default:
            guard let k = Decimal64.parse(words[2]), k >= 1, k <= UInt64(members.count) else {
                throw LogFault(.malformed, "group threshold in the policy")
            }
            threshold = Int(k)
        }
        groups[words[1]] = Group(threshold: threshold, members: members)
    }

    /// Whether these witnesses, by their names in the policy, make the quorum.
    public func isMet(by names: Set<String>) -> Bool {
        guard let quorum else { return true }
        return counts(quorum, names)
    }

    private func counts(_ name: String, _ names: Set<String>) -> Bool {
        guard let group = groups[name] else { return names.contains(name) }
        return group.members.count { counts($0, names) } >= group.threshold
    }

    /// Whether every quorum that could form has a member among `names`: then nothing was witnessed that none of them
    /// saw.
    public func everyQuorumMeets(_ names: Set<String>) -> Bool {
        quorum == nil || !isMet(by: Set(witnesses.map(\.name)).subtracting(names))
    }

    /// Reads a checkpoint, verifies the log's signature and every known witness's, and demands the quorum.
    /// - Throws: `LogFault`; `quorum` if too few of the witnesses signed.
    public func verify(_ bytes: [UInt8], log: Log) throws(LogFault) -> SignedCheckpoint {
        try verifyTimes(bytes, log: log).signed
    }

    /// The same, and when each witness signed, in Unix seconds by its own clock.
    /// - Throws: `LogFault`.
    public func verifyTimes(
        _ bytes: [UInt8], log: Log
    ) throws(LogFault) -> (signed: SignedCheckpoint, times: [String: UInt64]) {
        let signed = try SignedCheckpoint(parsing: bytes, origin: log.origin, log: log.key)
        let times = try cosignatureTimes(of: signed.note)  // verifies each of them, once
        if enforced("guard:note.quorum") {
            guard isMet(by: Set(times.keys)) else { throw LogFault(.quorum, "too few witnesses have signed") }
        }
        return (signed, times)
    }

    /// The witnesses of the policy, by name, whose signature on the note verifies.
    /// - Throws: `LogFault` `signature` if one of them is there and wrong.
    public func cosigners(of note: Note) throws(LogFault) -> Set<String> { Set(try cosignatureTimes(of: note).keys) }

    /// When each witness signed, in Unix seconds by its own clock.
    /// - Throws: `LogFault` `signature` if one of them is there and wrong.
    public func cosignatureTimes(of note: Note) throws(LogFault) -> [String: UInt64] {
        let present = witnesses.filter { witness in note.signatures.contains { $0.key == witness.key.id } }
        guard !present.isEmpty else { return [:] }
        let signed = try note.verify(present.map(\.key))
        var times = [String: UInt64]()
        for witness in witnesses { times[witness.name] = signed[witness.key] }
        return times
    }

    /// The time since which a quorum vouches for the note: that of the oldest signature in the newest quorum.
    /// - Returns: nil if there is no quorum on it, or the policy asks for none.
    /// - Throws: `LogFault` `signature` if a witness is there and wrong.
    public func quorumTime(of note: Note) throws(LogFault) -> UInt64? {
        quorum == nil ? nil : quorumTime(try cosignatureTimes(of: note))
    }

    /// The same from times that were verified before.
    public func quorumTime(_ times: [String: UInt64]) -> UInt64? {
        guard quorum != nil else { return nil }
        var names = Set<String>()
        for (name, time) in times.sorted(by: { ($0.value, $0.key) > ($1.value, $1.key) }) {
            names.insert(name)
            if isMet(by: names) { return time }
        }
        return nil
    }
}
