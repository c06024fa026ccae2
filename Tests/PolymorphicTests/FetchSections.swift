import Ristretto255
import VectorSupport

@testable import Polymorphic

/// Sections in which record keys are shared and combined.
enum FetchSections {
    /// From the Tickets to the plaintext.
    static func fetch(_ name: String, _ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast[name]
        let (digest, permits) = (sha512(try section["request"].bytes), try section["record_verdicts"].verdicts)
        let envelopes = try cast["envelopes"].elements.map { try Envelope(wire: try $0["envelope"].bytes) }
        try tally.same(envelopes.map(\.prefix.header.hash.bytes), list: section["records"])
        let chosen = envelopes.indices.filter { permits[$0] }
        let headers = chosen.map { envelopes[$0].prefix.header }
        try tally.same(headers.map(\.key.pair.b.encoding.bytes), list: section["B"])
        try tally.same(headers.map(\.key.pair.c.encoding.bytes), list: section["C"])
        try tally.same(ShareStatement.origin(headers.map(\.hash)).bytes, section["origin"])

        let hospital = try PartyID("hospital-a")
        let recipient = try cast.openingKey("hospital-a")
        let key = try cast.shared("dkg_kem", KEM.self)
        var opened: [VerifiedShare<KEM>] = []
        for (index, entry) in try section["shares"].numbered {
            let (keys, tickets) = (try RecordSections.ticketKeys(cast, index), try RecordSections.tickets(cast, index))
            let row = try cast["held"]["row_ids"]["t\(index)"].b16
            let records = try chosen.map { try keys.admit(envelopes[$0].prefix.header, tickets[$0], of: row) }
            let sealed = try cast.shareMaker(index).share(
                records, permits: permits, requestDigest: digest, with: try cast.share("dkg_kem", index),
                to: try cast.partyKey(hospital),
                fresh: (try entry["rand"].b64, try cast.randomness("seals", of: entry["box"], in: "box")))
            try tally.same(sealed.bytes, entry["box"])
            guard let signer = try cast.transcryptorKeys()[index] else { throw Cast.Missing(list: "signing_keys") }
            let share = try ShareExpectation(
                headers, permits: permits, requestDigest: digest, from: index, in: key, shareEpoch: 1,
                recipient: recipient, party: hospital, signer: signer
            ).open(sealed, with: recipient, forbidden: try cast.classKeys())
            try tally.same(share.answers.map(\.encoding.bytes), list: entry["U"])
            opened.append(share)
        }
        let recordKeys = try recipient.unmasking(key.key).recordKeys(
            headers, requestDigest: digest, opened, participants: opened.map(\.index))
        try tally.same(recordKeys.map { $0.encoding.withBytes { [UInt8]($0) } }, list: section["K"])
        for (place, recordKey) in zip(chosen, recordKeys) {
            let plain = try envelopes[place].open(
                with: recordKey, authorKeys: [try cast.signingKey("gateway").verifyingKey])
            try tally.same(plain, cast["envelopes"][place]["plaintext"])
        }
    }

    /// Every two of three holders give the same key, before and after a resharing; the two do not mix.
    static func combine(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["combine_2_of_3"]
        let party = try section["destination"].party
        let recipient = try cast.openingKey(party.description)
        let key = try cast.shared("dkg_kem", KEM.self).key
        let pair = Pair(b: try section["B"].element, c: try section["C"].element)
        let r = try section["r"].secret()
        try tally.same(r.timesGenerator().encoding.bytes, section["B"])
        let point = try section["K"].element.point
        try tally.same((point + r.times(key.base)).encoding.bytes, section["C"])

        let header = try RecordHeader(
            carrying: EncryptedRecordKey(pair), as: RecordHeader(wire: try cast["envelopes"][0]["header"].bytes))
        let shares = try (UInt8(1)...3).map { index in
            try share(index, 1, try cast["dkg_kem"]["shares"][Int(index) - 1], header, party, recipient.element)
        }
        let later = try (UInt8(1)...3).map { index in
            try share(index, 2, try cast["reshare_2_of_3"]["shares"][Int(index) - 1], header, party, recipient.element)
        }
        try tally.same(shares.map { $0.answers[0].encoding.bytes }, list: section["U"])
        try tally.same(later.map { $0.answers[0].encoding.bytes }, list: section["U_after_reshare"])
        let unmasking = recipient.unmasking(key)
        for set in [[1, 2], [1, 3], [2, 3]] as [[UInt8]] {
            for all in [shares, later] {
                let chosen = set.map { all[Int($0) - 1] }
                let made = try unmasking.recordKeys([header], chosen, participants: set)
                try tally.same(made[0].encoding.withBytes { [UInt8]($0) }, section["K"])
            }
            let mixed = [shares[Int(set[0]) - 1], later[Int(set[1]) - 1]]
            let refused = (try? unmasking.recordKeys([header], mixed, participants: set)) == nil
            tally.holds(refused, "combine_2_of_3: Shares of two share epochs are combined")
        }
    }

    private static func share(
        _ index: UInt8, _ epoch: UInt32, _ secret: Vector, _ header: RecordHeader, _ party: PartyID,
        _ recipient: Element
    ) throws -> VerifiedShare<KEM> {
        let share = try ClassShare<KEM>(index: index, shareEpoch: epoch, secret: try secret.secret())
        let statement = ShareStatement(
            requestDigest: .zero, keyClass: KEM.byte, shareEpoch: epoch, index: index, holder: share.element,
            destination: party, recipient: recipient, origin: ShareStatement.origin([header.hash]), permits: [true],
            points: [header.key.pair.b])
        let (answers, _) = try share.answer(statement, fresh: .zero)
        return VerifiedShare(statement, answers: answers, tokens: [], tickets: [])
    }
}

extension RecordHeader {
    /// The header of another record with this key: a place for a ciphertext that no header of the vectors holds.
    init(carrying key: EncryptedRecordKey, as header: RecordHeader) {
        let draft = Draft(
            recordID: header.recordID, yGeneration: header.yGeneration, author: header.author,
            category: header.category, minute: header.minute, dataMinute: header.dataMinute,
            previous: header.previous)
        self.init(draft, subject: header.subject, key: key)
    }
}
