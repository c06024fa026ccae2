import Ristretto255
import VectorSupport

@testable import Polymorphic

/// One section with a whole chain: identify, find, link, deposit.
struct ChainSection {
    let name: String
    let section: Vector
    let request: ChainRequest
    let factors: [StepFactor]
    let permits: [Bool]
    let ceremony: String

    /// From the secrets of all steps.
    init(_ name: String, _ cast: Cast) throws {
        (self.name, section) = (name, try cast[name])
        ceremony = name.hasPrefix("development") ? "dkg_2_of_2_psn" : "dkg_psn"
        let source = try Domain(try section["src"].bytes, orRefuse: .source)
        let destination = try Domain(try section["dst"].bytes, orRefuse: .target)
        factors = try section["steps"].elements.map { step in
            let id = try step["step"].name
            let entry = try cast["factors"][id.description]
            let secret = StepSecret(try entry["secret"].secretBytes())
            let leg = RouteLeg(
                step: RouteStep(id: id, holders: try entry["holders"].indexes),
                source: try secret.factorPoint(for: source), destination: try secret.factorPoint(for: destination))
            return try StepFactor(secret, from: source, to: destination, leg: leg)
        }
        let key = try cast.shared(ceremony, PSN.self).key
        let (digest, legs, items) = (try section["request_digest"].b64, factors.map(\.leg), try section["in"].elements)
        if source == .base {
            request = ChainRequest(
                requestDigest: digest, presented: try PolymorphicPseudonym(wire: try items[0].joined), to: destination,
                legs: legs, key: key)
        } else {
            request = ChainRequest(
                requestDigest: digest, held: try items.map { try EncryptedPseudonym(wire: try $0.joined) }, at: source,
                to: destination, legs: legs, key: key)
        }
        permits = try section["permits"].verdicts
    }

    /// The steps of the file.
    var steps: [Step] { get throws { try section["steps"].elements.map { Step(bytes: try $0["wire"].bytes) } } }

    /// The chain of the file, verified.
    func verified(_ cast: Cast) throws -> VerifiedChain { try request.verify(try steps, keys: cast.transcryptorKeys()) }

    var destination: PartyID {
        get throws {
            guard let party = request.destination.party else { throw Cast.Missing(list: "\(name): a party") }
            return party
        }
    }

    /// What the recipient expects of a Share.
    func expectation(
        _ chain: VerifiedChain, _ index: UInt8, tickets: Int, _ cast: Cast
    ) throws -> ShareExpectation<PSN> {
        guard let signer = try cast.transcryptorKeys()[index] else { throw Cast.Missing(list: "signing_keys") }
        return try ShareExpectation(
            chain, permits: permits, from: index, in: try cast.shared(ceremony), shareEpoch: 1,
            recipient: try cast.openingKey(try destination.description), party: try destination, signer: signer,
            tickets: tickets)
    }
}

enum ChainSections {
    static let names = [
        "identify_base_to_hospital", "find_base_to_medical", "link_hospital_to_medical_12",
        "link_hospital_to_medical_13", "link_hospital_to_medical_23", "batch_of_5_one_refused", "development_2_of_2",
        "deposit_hospital_to_medical", "deposit_one_record_refused",
    ]

    /// Steps, chain, Shares, pseudonyms.
    static func chain(_ name: String, _ cast: Cast, _ tally: inout Tally) throws {
        let chain = try ChainSection(name, cast)
        if let request = try chain.section[optional: "request"] {
            try tally.same(sha512(try request.bytes).bytes, chain.section["request_digest"])
        }
        var made: [Step] = []
        for (place, entry) in try chain.section["steps"].elements.enumerated() {
            let holder = try entry["holder"].index
            try tally.same(chain.factors[place].t.revealed, entry["t"])
            try tally.same(chain.request.statement(place + 1).digest.bytes, entry["statement"])
            let step = try Step(
                chain.request, after: made, holder: holder, factor: chain.factors[place],
                signer: try cast.signingKey(holder), fresh: try entry["rand"].b64)
            try tally.same(step.bytes, entry["wire"])
            try tally.same(Pair.flat(try step.parts().decodedOutputs()), joined: entry["out"])
            made.append(step)
        }
        let verified = try chain.request.verify(made, keys: try cast.transcryptorKeys())
        try tally.same(verified.origin.bytes, chain.section["origin"])
        try shares(chain, verified, cast, &tally)
    }

    private static func shares(
        _ chain: ChainSection, _ verified: VerifiedChain, _ cast: Cast, _ tally: inout Tally
    ) throws {
        let recipient = try cast.openingKey(try chain.destination.description)
        var opened: [VerifiedShare<PSN>] = []
        for (index, entry) in try chain.section["shares"].numbered {
            let tokens = try entry["tokens"].elements.map { try HeldToken(wire: try $0.bytes) }
            let tickets = try entry["tickets"].elements.map { try Ticket(wire: try $0.bytes) }
            let sealed = try cast.shareMaker(index).share(
                verified, permits: chain.permits, with: try cast.share(chain.ceremony, index),
                to: try cast.partyKey(try chain.destination), tokens: tokens, tickets: tickets,
                fresh: (try entry["rand"].b64, try cast.randomness("seals", of: entry["box"], in: "box")))
            try tally.same(sealed.bytes, entry["box"])
            let share = try chain.expectation(verified, index, tickets: tickets.count, cast).open(
                sealed, with: recipient, forbidden: try cast.classKeys())
            try tally.same(share.answers.map(\.encoding.bytes), list: entry["U"])
            tally.holds(share.tokens == tokens && share.tickets == tickets, "\(entry): other tokens or Tickets")
            opened.append(share)
        }
        let unmasking = recipient.unmasking(try cast.shared(chain.ceremony, PSN.self).key)
        let pseudonyms = try unmasking.pseudonyms(
            verified, permits: chain.permits, opened, participants: opened.map(\.index))
        try tally.same(pseudonyms.map(\.encoding.bytes), list: chain.section["pseudonyms"])
    }

    /// What transcryptor 3 gives that did not take part.
    static func adopt(
        _ name: String, of chainName: String, tickets: [Ticket], _ cast: Cast, _ tally: inout Tally
    ) throws {
        let (section, chain) = (try cast[name], try ChainSection(chainName, cast))
        let verified = try chain.verified(cast)
        if let origin = try section[optional: "origin"] { try tally.same(verified.origin.bytes, origin) }
        let key = try cast.shared("dkg_psn", PSN.self)
        guard let holder = key.share(of: 3) else { throw Cast.Missing(list: "dkg_psn") }
        let (hk, pair) = (try cast["held"]["keys"]["t3"].text, verified.outputs[0].bytes)
        let token = try cast.find("held_tokens") { try $0["hk"].text == hk && $0["pair"].bytes == pair }["token"]
        let tokens = [try HeldToken(wire: try token.bytes)]
        let sealed = try cast.shareMaker(3).adopt(
            verified, permits: chain.permits, holder: holder, index: 3, shareEpoch: 1,
            to: try cast.partyKey(try chain.destination), tokens: tokens, tickets: tickets,
            fresh: try cast.randomness("seals", of: section["box"], in: "box"))
        try tally.same(sealed.bytes, section["box"])

        let recipient = try cast.openingKey(try chain.destination.description)
        guard let signer = try cast.transcryptorKeys()[3] else { throw Cast.Missing(list: "signing_keys") }
        let expectation = try ShareExpectation(
            adopted: verified, permits: chain.permits, from: 3, in: key, shareEpoch: 1, recipient: recipient,
            party: try chain.destination, signer: signer, tickets: tickets.count)
        let plain = try recipient.open(sealed.bytes, info: expectation.statement.info)
        try tally.same(plain.dropLast(64), section["body"])
        let share = try expectation.open(sealed, with: recipient, forbidden: try cast.classKeys())
        tally.holds(share.tokens == tokens && share.tickets == tickets, "\(section): other tokens or Tickets")
    }
}
