import struct Crypto.SHA256
import Ristretto255
import VectorSupport

@testable import Polymorphic

/// Sections about records: deposit, Envelopes, Tickets, fetch, combine.
enum RecordSections {
    /// The S pair of the deposit and its tie to the item.
    static func subject(_ cast: Cast) throws -> DepositSubject {
        let section = try cast["deposit"]
        let exchange = try unpack(.request, try section["request"].bytes, 15)[0]
        return try DepositSubject(
            of: try EncryptedPseudonym(wire: try cast["held"]["pair"].bytes), exchange: try Wire.fixed(exchange),
            key: try cast.shared("dkg_psn").key, author: try cast.secret("hospital-a"),
            fresh: try cast.randomness("blindings", of: section["S_pair"], in: "blinded"))
    }

    static func deposit(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["deposit"]
        let subject = try subject(cast)
        let digest = sha512(try section["request"].bytes)
        let (key, ciphertext) = (
            try cast.shared("dkg_psn", PSN.self).key, try EncryptedPseudonym(wire: try cast["held"]["pair"].bytes)
        )
        try tally.same(subject.subject.bytes, section["S_pair"])
        let context = SubjectPair.tieContext(requestDigest: digest, item: 0, ciphertext, subject.subject)
        try tally.same(context, section["tie_context"])
        let tie = try subject.tie(requestDigest: digest, item: 0, key: key, fresh: try section["tie_rand"].b64)
        try tally.same(tie.bytes, section["tie"])
        // The checks of a deposit, over both records; the second replaces the first.
        let envelopes = try cast["envelopes"].elements.map { try Envelope(wire: try $0["envelope"].bytes) }
        let rules = DepositRules(
            requester: try PartyID("hospital-a"), authorKey: try cast.signingKey("gateway").verifyingKey,
            nowMinute: envelopes[0].prefix.header.minute, yGeneration: 1, requestDigest: digest, key: key)
        let records = envelopes.map {
            DepositRules.Record(prefix: $0.prefix, bodyHash: $0.bodyHash)
        }
        try rules.verify(records, item: 0, ciphertext, tie: tie)
        try DepositRules.verify(
            envelopes[1].prefix.header, replaces: envelopes[0].prefix.header,
            ticket: try tickets(cast, 1)[0], keys: try ticketKeys(cast, 1),
            row: try cast["held"]["row_ids"]["t1"].b16)
    }

    static func envelopes(_ cast: Cast, _ tally: inout Tally) throws {
        let (subject, key) = (try subject(cast).subject, try cast.shared("dkg_kem", KEM.self).key)
        for entry in try cast["envelopes"].elements {
            let written = try RecordHeader(wire: try entry["header"].bytes)
            let draft = RecordHeader.Draft(
                recordID: try entry["record_id"].b16, yGeneration: written.yGeneration, author: written.author,
                category: written.category, minute: written.minute, dataMinute: written.dataMinute,
                previous: written.previous)
            let sealer = try EnvelopeSealer(
                draft, subject: subject, key: key, author: try entry["k"].secret(),
                fresh: (try entry["rand_K"].b64, try entry["rand_r"].b64, try entry["pok_rand"].b64))
            let bytes = try sealer.seal(try entry["plaintext"].bytes, signer: try cast.signingKey("gateway"))
            try tally.same(bytes, entry["envelope"])
            let envelope = try Envelope(wire: bytes)
            try tally.same(envelope.prefix.header.bytes, entry["header"])
            try tally.same(envelope.prefix.header.hash.bytes, entry["header_hash"])
            try tally.same(envelope.prefix.knowledge.bytes.bytes, entry["pok_kem"])
            try tally.same(envelope.prefix.signature.bytes, entry["signature"])
            try tally.same(envelope.body, entry["ciphertext"])
            try intermediates(entry, envelope, key, &tally)
            let opened = try envelope.open(
                with: RecordKey(try entry["K"].secretBytes()), authorKeys: [try entry["author_pk"].verifyingKey])
            try tally.same(opened, entry["plaintext"])
            try tally.same(streamed(envelope, entry), entry["plaintext"])
        }
    }

    /// The same Envelope opened as a stream, in small pieces.
    private static func streamed(_ envelope: Envelope, _ entry: Vector) throws -> [UInt8] {
        let prefix = try EnvelopePrefix(wire: envelope.bytes, total: envelope.bytes.count)
        var opener = try EnvelopeOpener(
            prefix, bodyHash: envelope.bodyHash, key: RecordKey(try entry["K"].secretBytes()),
            authorKeys: [try entry["author_pk"].verifyingKey])
        let body = Array(envelope.body)
        var out: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: 7) {
            try body[start..<min(start + 7, body.count)].withUnsafeBytes {
                try opener.update($0) { out.append(contentsOf: $0) }
            }
        }
        try opener.finish { out.append(contentsOf: $0) }
        return out
    }

    /// K, r and the content keys.
    private static func intermediates(
        _ entry: Vector, _ envelope: Envelope, _ key: ClassKey<KEM>, _ tally: inout Tally
    ) throws {
        let k = try entry["k"].secret()
        let point = EnvelopeSealer.recordKey(k, try entry["rand_K"].b64, try entry["record_id"].b16)
        try tally.same(point.encoding.bytes, entry["K"])
        try tally.same(key.encrypt(point, key: k, fresh: try entry["rand_r"].b64).r.revealed, entry["r_kem"])
        let keys = BodyKeys(try entry["K"].secretBytes(), hash: envelope.prefix.header.hash)
        try tally.same(keys.dek.withUnsafeBytes { [UInt8]($0) }, entry["dek_prefix_commit"][0])
        try tally.same(keys.commitment, entry["dek_prefix_commit"][2])
        try tally.same(envelope.prefix.commitment.bytes, entry["dek_prefix_commit"][2])
    }

    /// A body of three chunks, taken in pieces of odd sizes.
    static func chunks(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["envelope_chunks"]
        let block = try section["block"].bytes
        let plain = (0..<2_049).flatMap { _ in block }
        try tally.same(sha512(plain).bytes, section["plaintext_sha512"])
        try tally.same(plain.count, integer: section["plaintext_len"])
        try tally.same(Padding.padme(plain.count + 1), integer: section["padded_len"])
        let key = try section["K"].secretBytes()
        let hash = try section["header_hash"].b32
        var body = BodySealer(key, hash: hash)
        try tally.same(body.commitment, section["kc"])
        var sealed: [UInt8] = []
        var start = 0
        for size in [1, 65_535, 65_537, plain.count] where start < plain.count {
            let end = min(start + size, plain.count)
            try plain[start..<end].withUnsafeBytes { try body.update($0) { sealed.append(contentsOf: $0) } }
            start = end
        }
        let bodyHash = try body.finish { sealed.append(contentsOf: $0) }
        try tally.same(sealed.count, integer: section["ciphertext_len"])
        try tally.same(sha512(sealed).bytes, section["ciphertext_sha512"])
        tally.holds(bodyHash == Array(SHA256.hash(data: sealed)), "envelope_chunks: hash of the body")
        let opened = try Envelope.open(sealed[...], key, hash: hash, commitment: try section["kc"].bytes)
        try tally.same(sha512(opened).bytes, section["plaintext_sha512"])
    }

    static func ticketKeys(_ cast: Cast, _ index: UInt8) throws -> TicketKeys {
        TicketKeys(try cast["tickets"]["keys"]["t\(index)"].keyRing(id: 1))
    }

    /// The Tickets of both records at one transcryptor.
    static func tickets(_ cast: Cast, _ index: UInt8) throws -> [Ticket] {
        try cast["tickets"]["tickets"]["t\(index)"].elements.map { try Ticket(wire: try $0.bytes) }
    }

    static func tickets(_ cast: Cast, _ tally: inout Tally) throws {
        for index in UInt8(1)...3 {
            let (keys, row) = (try ticketKeys(cast, index), try cast["held"]["row_ids"]["t\(index)"].b16)
            let made = try cast["envelopes"].elements.map {
                try keys.ticket(for: try $0["header_hash"].b32, of: row).bytes
            }
            try tally.same(made, list: cast["tickets"]["tickets"]["t\(index)"])
        }
    }

    static func held(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["held"]
        let place = HeldToken.Place(
            party: try section["holder"].party, epoch: try section["psn_epoch"].epoch,
            yGeneration: try section["y_generation"].epoch)
        let ciphertext = try EncryptedPseudonym(wire: try section["pair"].bytes)
        for (name, token) in try section["tokens"].entries {
            let keys = HeldTokenKeys(try section["keys"][name].keyRing(id: 1))
            let row = try section["row_ids"][name]
            let made = try keys.token(
                for: try row.b16, ciphertext, at: place,
                fresh: try cast.randomness("held_tokens", of: token, in: "token"))
            try tally.same(made.bytes, token)
            try tally.same(keys.row(of: made, ciphertext, at: place).bytes, row)
        }
    }
}
