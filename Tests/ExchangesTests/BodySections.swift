import Exchanges
import Polymorphic
import Ristretto255
import VectorSupport

/// The bodies of calls, made from their parts and parsed again.
enum BodySections {
    static func bodies(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["bodies"]
        for (name, call) in [
            ("decide identify at t1", try identify(cast)), ("decide deposit at t1", try deposit(cast)),
            ("decide fetch at t1", try fetch(cast)),
        ] {
            try tally.same(call.body, section[name])
            tally.holds(try DecideCall(body: call.body) == call, "\(name): another call")
        }
        let intents = try signedIntents(cast)
        let answer = Wire.list([intents[0].intent, intents[0].signature])
        try tally.same(answer, section["answer to decide identify at t1"])
        try release(intents, cast, &tally)
        try tally.same(CallFailure.body(of: Refusal(.participants)), section["refusal"])
        try tally.same(CallFailure.body(of: Refusal(.reshuffle, at: 2)), section["refusal with index"])
        tally.holds(
            try CallFailure.refusal(body: section["refusal with index"].bytes) == Refusal(.reshuffle, at: 2),
            "another refusal")
    }

    private static func release(_ intents: [SignedIntent], _ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["bodies"]
        let (identify, find) = (try steps("identify_base_to_hospital", cast), try steps("find_base_to_medical", cast))
        let call = ReleaseCall(
            request: try RequestSections.identify(cast).signed, intents: intents,
            chains: [identify, Array(find.dropLast())])
        let name = "release at t2, last step of the second target still to be made"
        try tally.same(call.body, section[name])
        tally.holds(try ReleaseCall(body: call.body) == call, "\(name): another call")
        let shares = try ["identify_base_to_hospital", "find_base_to_medical"].map {
            try cast[$0]["shares"]["2"]["box"].bytes
        }
        let answer = ReleaseCall.Answer(added: [[], [find[2]]], shares: shares, recordKeys: [])
        try tally.same(answer.bytes, section["answer to that release"])
        tally.holds(try ReleaseCall.Answer(wire: answer.bytes) == answer, "\(name): another answer")
    }

    static func steps(_ name: String, _ cast: Cast) throws -> [Step] {
        try cast[name]["steps"].elements.map { Step(bytes: try $0["wire"].bytes) }
    }

    /// The Intents of identify and find, of the participants in order.
    static func signedIntents(_ cast: Cast, _ exchange: String = "identify and find") throws -> [SignedIntent] {
        try cast["intents"].elements.filter { try $0["exchange"].text == exchange }.map {
            SignedIntent(intent: try $0["intent"].bytes, signature: try $0["signature"].bytes)
        }
    }

    static func identify(_ cast: Cast) throws -> DecideCall {
        let box = try cast["presentation"]["boxes"]["t1"]["box"].bytes
        return DecideCall(
            request: try RequestSections.identify(cast).signed, origins: [Cast.now.bigEndianBytes + box], records: [],
            ties: [[]])
    }

    /// The pair that hospital A holds.
    static func held(_ cast: Cast) throws -> Pair { try cast["held"]["pair"].pair }

    private static func records(_ use: RecordLine.Use, _ cast: Cast) throws -> [RecordLine] {
        try cast["envelopes"].elements.map {
            RecordLine(use: use, item: 0, target: use == .deposit ? 0 : nil, hash: try $0["header_hash"].b32)
        }
    }

    static func deposit(_ cast: Cast) throws -> DecideCall {
        let section = try cast["deposit"]
        let known = try RequestSections.parsed(section["request"], cast)
        let request = ExchangeRequest(
            try RequestSections.content(
                cast, exchange: known.content.exchangeID, source: .party(PartyID("hospital-a"), epoch: 1),
                items: [held(cast)], targets: ["medical"], records: records(.deposit, cast)))
        var submissions: [RecordSubmission] = []
        var previous: (header: RecordHeader, ticket: Ticket)?
        for entry in try cast["envelopes"].elements {
            let envelope = try Envelope(wire: entry["envelope"].bytes)
            submissions.append(
                .deposit(
                    RecordSubmission.Deposit(
                        prefix: envelope.prefix, bodyHash: envelope.bodyHash, previous: previous)))
            previous = (envelope.prefix.header, try Ticket(wire: cast["tickets"]["tickets"]["t1"][0].bytes))
        }
        return DecideCall(
            request: try RequestSections.sign(request, cast), origins: [try cast["held"]["tokens"]["t1"].bytes],
            records: submissions, ties: [try section["tie"].bytes])
    }

    static func fetch(_ cast: Cast) throws -> DecideCall {
        let known = try RequestSections.parsed(cast["fetch"]["request"], cast)
        let request = ExchangeRequest(
            try RequestSections.content(
                cast, exchange: known.content.exchangeID, source: .party(PartyID("hospital-a"), epoch: 1),
                items: [held(cast)], targets: [], records: records(.fetch, cast), participants: ["t1", "t3"]))
        let tickets = try cast["tickets"]["tickets"]["t1"].byteStrings
        let submissions = try zip(cast["envelopes"].elements, tickets).map { entry, ticket in
            RecordSubmission.fetch(
                header: try RecordHeader(wire: entry["header"].bytes), ticket: try Ticket(wire: ticket))
        }
        return DecideCall(
            request: try RequestSections.sign(request, cast), origins: [try cast["held"]["tokens"]["t1"].bytes],
            records: submissions, ties: [[]])
    }
}
