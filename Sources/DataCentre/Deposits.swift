import Exchanges
import Guards
import Polymorphic
import Ristretto255

/// One record that is deposited, verified.
struct VerifiedDeposit: Sendable {
    let item: Int
    let person: Pseudonym
    let envelope: Envelope
    /// By index 1...n; nil where a transcryptor has not adopted yet.
    let tickets: [Ticket?]
    var header: RecordHeader { envelope.prefix.header }
}

/// The deposits of one delivery, with the checks that a store makes of them again, bodies included (PROTOCOL 7).
struct Deposits: Sendable {
    let all: [VerifiedDeposit]

    /// - Parameter envelopes: those of the permitted lines, in their order.
    /// - Throws: with the place of the record: `length` for another number of Envelopes, `record` for one that no line
    ///   names; those of an Envelope and of a deposit.
    init(_ envelopes: [[UInt8]], _ delivery: Recipient.Delivery, _ rules: DepositRules) throws(Refusal) {
        try need(envelopes.count == delivery.deposits.count, .length)
        var all: [VerifiedDeposit] = []
        for (place, bytes) in envelopes.enumerated() {
            let (line, tickets) = delivery.deposits[place]
            let named = delivery.request.content.records[line]
            do throws(Refusal) {
                let envelope = try Envelope(wire: bytes, beside: all.last?.header)
                let header = envelope.prefix.header
                // The transcryptors checked the record that the line names, not this one.
                try need(header.hash == named.hash || !enforced("guard:store.line"), .record)
                try rules.verify(DepositRules.Record(prefix: envelope.prefix, bodyHash: envelope.bodyHash))
                guard let person = delivery.persons[named.item] else { throw Refusal(.intent) }
                all.append(
                    VerifiedDeposit(
                        item: named.item, person: person.pseudonym, envelope: envelope,
                        tickets: (1...UInt8(person.tokens.count)).map { tickets[$0] }))
            } catch { throw Refusal(error.code, at: place) }
        }
        self.all = all
    }
}
