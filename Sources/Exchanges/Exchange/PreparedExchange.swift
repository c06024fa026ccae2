import Polymorphic
import Ristretto255

/// A signed Request with everything that goes with it, as bytes that can be kept and sent again: whoever starts anew
/// after a crash sends the same ones, and is given the same answers.
public struct PreparedExchange: Sendable {
    public let request: ExchangeRequest
    public let signed: SignedRequest
    /// By index 1...n: what `decide` or `adopt` gets there; nil where the requester has no origin for that
    /// transcryptor.
    public let calls: [DecideCall?]
    /// By target: the Envelopes that the Request deposits there, in its order.
    public let envelopes: [[[UInt8]]]
    /// Where the bodies of fetched records lie.
    public let store: PartyID?

    /// - Throws: `participants` where a participant has no call; `length` where Envelopes and deposit lines differ;
    ///   `target` for base, which no Share reaches.
    public init(
        _ request: ExchangeRequest, _ signed: SignedRequest, calls: [DecideCall?], envelopes: [[[UInt8]]],
        store: PartyID?, pins: Pins
    ) throws(Refusal) {
        try need(calls.count == Int(pins.ceremony.n), .participants)
        for index in try pins.participants(request.content.participants) {
            try need(calls[Int(index) - 1] != nil, .participants)
        }
        try need(envelopes.count == request.content.targets.count, .length)
        for (place, deposited) in envelopes.enumerated() {
            try need(deposited.count == request.depositLines(at: place).count, .length)
        }
        try need(!request.content.targets.contains(.base), .target)
        try need(request.content.records.allSatisfy { $0.use != .fetch } || store != nil, .target)
        (self.request, self.signed, self.calls, self.envelopes) = (request, signed, calls, envelopes)
        self.store = store
    }

    /// For the journal: `list(list(Request, signatures), list(decide bodies), list(list(Envelopes)..), store)`.
    public var bytes: [UInt8] {
        Wire.list([
            Wire.list(signed.fields), Wire.list(calls.map { $0?.body ?? [] }), Wire.list(envelopes.map(Wire.list)),
            store?.bytes ?? [],
        ])
    }

    /// Reads what a journal kept.
    /// - Throws: those of a Request and of `decide`.
    public init(wire bytes: [UInt8], requester: PartyID, pins: Pins) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 4)
        let both = try Wire.fields(of: fields[0], 2)
        let signed = try SignedRequest(both[0], both[1])
        let request = try ExchangeRequest(wire: signed.request, peer: requester, now: nil, roll: pins.roll)
        var calls: [DecideCall?] = []
        for body in try Wire.elements(of: fields[1], maximum: 16) {
            calls.append(body.isEmpty ? nil : try DecideCall(body: body))
        }
        var envelopes: [[[UInt8]]] = []
        for target in try Wire.elements(of: fields[2], maximum: 16) {
            envelopes.append(try Wire.elements(of: target, maximum: 256))
        }
        try self.init(
            request, signed, calls: calls, envelopes: envelopes,
            store: fields[3].isEmpty ? nil : try PartyID(fields[3]), pins: pins)
    }

    /// The headers of the records, in the order of the Request.
    var headers: [RecordHeader] { calls.compactMap { $0 }.first?.records.map(\.header) ?? [] }
}

extension ExchangeRequest {
    /// The record lines that are deposited at a target, by its place in the Request.
    func depositLines(at target: Int) -> [Int] {
        content.records.indices.filter {
            content.records[$0].use == .deposit && content.records[$0].target == target
        }
    }
    /// Those of them that all participants permit.
    func deposits(at target: Int, _ verdict: JointVerdict) -> [Int] {
        depositLines(at: target).filter { verdict.records[$0] }
    }
    /// The fetched records that all participants permit.
    func fetches(_ verdict: JointVerdict) -> [Int] { verdict.permitted(.fetch, in: content.records) }

    /// The chain to one target, as everybody who verifies it builds it.
    /// - Parameter steps: so many first steps of the route alone, to find one that is false; nil: all.
    /// - Throws: `source`, `target`, `point`.
    func chain(
        to target: Int, steps: Int? = nil, _ directory: Directory, _ pins: Pins
    ) throws(Refusal) -> ChainRequest {
        let destination = content.targets[target]
        let all = try directory.legs(from: content.source, to: destination)
        let legs = steps.map { Array(all.prefix($0)) } ?? all
        let key = pins.ceremony.pseudonyms.key
        if content.source == .base {
            return ChainRequest(
                requestDigest: digest, presented: try PolymorphicPseudonym(wire: content.items[0].bytes),
                to: destination, legs: legs, key: key)
        }
        var held: [EncryptedPseudonym] = []
        for item in content.items { held.append(try EncryptedPseudonym(wire: item.bytes)) }
        return ChainRequest(
            requestDigest: digest, held: held, at: content.source, to: destination, legs: legs, key: key)
    }
}
