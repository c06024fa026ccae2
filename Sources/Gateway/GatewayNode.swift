import Exchanges
import Polymorphic
import Ristretto255

/// A participant's own node: it knows its patients or customers under pseudonyms that nobody else has, asks for them,
/// and keeps no record that it has read.
public final class GatewayNode: Node {
    public var id: PartyID { requester.secrets.id }
    public let requester: Requester
    let reception: Reception
    let random: any RandomSource

    public init(requester: Requester, random: any RandomSource) {
        (self.requester, self.random) = (requester, random)
        reception = Reception(
            secrets: requester.secrets, pins: requester.pins, directory: requester.directory,
            store: requester.store, clock: requester.clock)
    }

    /// After a start: finishes the exchanges that were under way, or gives them up.
    /// - Returns: how many there were.
    @discardableResult
    public func start() async throws(ExchangeFailure) -> Int { try await requester.resume() }

    /// A participant is the target of a link: it learns under which of its own pseudonyms a person is asked about.
    /// - Throws: `peer` for any other call.
    public func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8] {
        try need(body.count <= call.bodyMax, .length)
        guard let peer else { throw Refusal(.peer) }
        switch call {
        case .deliver:
            let delivered = try DeliverCall(body: body)
            // Only a store keeps records.
            try need(delivered.envelopes.isEmpty, .target)
            return try await reception.deliver(delivered, from: peer) { _, _ in [] }
        case .adopted:
            try await reception.adopted(try AdoptedCall(body: body), from: peer) { _, _, _ in }
            return []
        default: throw Refusal(.peer)
        }
    }

    /// What a terminal shows the person, signed: a new exchange begins here.
    /// - Returns: the text, and the gateway's signature over it.
    public func terminal(_ purpose: Name) -> (text: TerminalText, signature: [UInt8]) {
        let text = TerminalText(
            party: id, exchangeID: random.draw(), purpose: purpose, time: requester.clock.now())
        return (text, requester.secrets.signer.sign(text.bytes))
    }
}

/// A person at a desk: what the terminal showed, and what the phone handed over.
public struct Presented: Sendable {
    public let text: TerminalText
    public let presentation: Presentation

    public init(_ text: TerminalText, _ presentation: Presentation) {
        (self.text, self.presentation) = (text, presentation)
    }
}

/// A record that a store has, and where.
public struct FoundRecord: Hashable, Sendable {
    public let record: ListedRecord
    public let store: PartyID
    public var header: RecordHeader { record.header }
}

/// A record that was read. Its content is not kept.
public struct ReadRecord: Sendable {
    public let header: RecordHeader
    /// nil where it is not permitted.
    public let content: [UInt8]?
}
