import Polymorphic

/// `I` of PROTOCOL 8.1: the Intents of all participants, in their order.
func intentsField(_ intents: [SignedIntent]) -> [UInt8] {
    Wire.list(intents.map { Wire.list([$0.intent, $0.signature]) })
}

func intents(_ field: [UInt8], participants: [UInt8]) throws(Refusal) -> [SignedIntent] {
    let all = try Wire.elements(of: field)
    try need(all.count == (try Wire.elements(of: participants)).count, .length)
    var out: [SignedIntent] = []
    for one in all {
        let fields = try Wire.elements(of: one)
        try need(fields.count == 2, .length)
        out.append(SignedIntent(intent: fields[0], signature: fields[1]))
    }
    return out
}

/// `C`: a chain of Steps for each target.
func chainsField(_ chains: [[Step]]) -> [UInt8] { Wire.list(chains.map { Wire.list($0.map(\.bytes)) }) }

func chains(_ field: [UInt8], targets: [UInt8]) throws(Refusal) -> [[Step]] {
    let all = try Wire.elements(of: field)
    try need(all.count == (try Wire.elements(of: targets)).count, .length)
    var out: [[Step]] = []
    for chain in all { out.append(try Wire.elements(of: chain).map { Step(bytes: $0) }) }
    return out
}

/// The body of `reshuffle`: SR, the target, the Steps so far. The answer is a list of Steps.
public struct ReshuffleCall: Hashable, Sendable {
    public let request: SignedRequest
    public let target: UInt16
    public let steps: [Step]

    public init(request: SignedRequest, target: UInt16, steps: [Step]) {
        (self.request, self.target, self.steps) = (request, target, steps)
    }
    public var body: [UInt8] {
        Wire.list(request.fields + [target.bigEndianBytes, Wire.list(steps.map(\.bytes))])
    }
    /// - Throws: `length`, `trailing`.
    public init(body: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: body, 4)
        request = try SignedRequest(fields[0], fields[1])
        var reader = WireReader(fields[2])
        target = try reader.integer(UInt16.self, orRefuse: .length)
        try need(reader.isAtEnd, .length)
        steps = try Wire.elements(of: fields[3], maximum: 64).map { Step(bytes: $0) }
    }

    public static func answer(_ steps: [Step]) -> [UInt8] { Wire.list(steps.map(\.bytes)) }
    /// - Throws: `length`.
    public static func steps(answer: [UInt8]) throws(Refusal) -> [Step] {
        try Wire.elements(of: answer, maximum: 64).map { Step(bytes: $0) }
    }
}

/// The body of `release`: SR, the Intents of all, the chains.
public struct ReleaseCall: Hashable, Sendable {
    public let request: SignedRequest
    public let intents: [SignedIntent]
    public let chains: [[Step]]

    public init(request: SignedRequest, intents: [SignedIntent], chains: [[Step]]) {
        (self.request, self.intents, self.chains) = (request, intents, chains)
    }

    var fields: [[UInt8]] { request.fields + [intentsField(intents), chainsField(chains)] }
    public var body: [UInt8] { Wire.list(fields) }

    /// - Throws: `length`, `trailing`, `label`.
    public init(body: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: body, 4)
        let content = try unpack(.request, fields[0], ExchangeRequest.fieldCount)
        request = try SignedRequest(fields[0], fields[1])
        chains = try Exchanges.chains(fields[3], targets: content[12])
        intents = try Exchanges.intents(fields[2], participants: content[9])
    }

    /// What a transcryptor answers: per target the Steps it added and a sealed Share (empty where nothing is
    /// permitted), and a sealed Share of record keys.
    public struct Answer: Hashable, Sendable {
        public var added: [[Step]]
        public var shares: [[UInt8]]
        public var recordKeys: [UInt8]
        public init(added: [[Step]], shares: [[UInt8]], recordKeys: [UInt8]) {
            (self.added, self.shares, self.recordKeys) = (added, shares, recordKeys)
        }
        public var bytes: [UInt8] { Wire.list([chainsField(added), Wire.list(shares), recordKeys]) }

        /// - Throws: `length`, `trailing`.
        public init(wire bytes: [UInt8]) throws(Refusal) {
            let fields = try Wire.fields(of: bytes, 3)
            var added: [[Step]] = []
            for chain in try Wire.elements(of: fields[0], maximum: 16) {
                added.append(try Wire.elements(of: chain, maximum: 64).map { Step(bytes: $0) })
            }
            self.added = added
            shares = try Wire.elements(of: fields[1], maximum: 16)
            recordKeys = fields[2]
        }
    }
}

/// The body of `adopt`: SR, O, I, C. The answer is that of `release`, without Steps and with Shares of class 0.
public struct AdoptCall: Hashable, Sendable {
    public let decide: DecideCall
    public let intents: [SignedIntent]
    public let chains: [[Step]]

    public init(decide: DecideCall, intents: [SignedIntent], chains: [[Step]]) {
        (self.decide, self.intents, self.chains) = (decide, intents, chains)
    }
    public var body: [UInt8] { Wire.list(decide.fields + [intentsField(intents), chainsField(chains)]) }

    /// - Throws: `length`, `trailing`, `label`, those of `decide`.
    public init(body: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: body, 7)
        decide = try DecideCall(fields: Array(fields[..<5]))
        let content = try decide.request.content()
        intents = try Exchanges.intents(fields[5], participants: content[9])
        chains = try Exchanges.chains(fields[6], targets: content[12])
    }
}
