import Crypto
import Exchanges
import Polymorphic
import Ristretto255
import VectorSupport

/// Sections about Requests, Intents, leaves and heads.
enum RequestSections {
    /// What the Requests of the vectors have in common.
    static func content(
        _ cast: Cast, exchange: Bytes16, source: Domain, items: [Pair], targets: [String],
        records: [RecordLine] = [], participants: [String] = ["t1", "t2"]
    ) throws -> ExchangeRequest.Content {
        ExchangeRequest.Content(
            exchangeID: exchange, requester: try PartyID("hospital-a"), credential: try credential(cast).hash,
            role: try Name("physician"), purpose: try Name("treatment"), categories: [try Name("LAB")],
            dataFrom: 0, dataTo: 40_000_000, basis: .consent, participants: try participants.map { try PartyID($0) },
            source: source, items: items, targets: try targets.map { .party(try PartyID($0), epoch: 1) },
            records: records, time: Cast.now)
    }

    static func credential(_ cast: Cast) throws -> Credential {
        let fields = try cast["encodings"]["credential"]["fields"].byteStrings
        return Credential(
            party: try PartyID("hospital-a"), personID: try Wire.fixed(fields[1]),
            key: try WebAuthnKey(wire: try cast["request"]["person_pk"].bytes), relyingParty: try cast.staffPages(),
            roles: [try Name("physician")], notBefore: Cast.now, notAfter: Cast.now + 365 * 86_400, sequence: 1)
    }

    /// The Request of identify and find, signed.
    static func identify(_ cast: Cast) throws -> (request: ExchangeRequest, signed: SignedRequest) {
        let presentation = try cast["presentation"]
        let request = ExchangeRequest(
            try content(
                cast, exchange: presentation["exchange_id"].b16, source: .base,
                items: [presentation["PP_presented"].pair], targets: ["hospital-a", "medical"]))
        return (request, try sign(request, cast))
    }

    static func sign(_ request: ExchangeRequest, _ cast: Cast) throws -> SignedRequest {
        let person = PresentationSections.webAuthn(
            over: request.bytes, at: try cast.staffPages(), by: try cast.signingKey("person"))
        return SignedRequest(
            request: request.bytes, gateway: try cast.signingKey("gateway").sign(request.bytes),
            person: person.signature)
    }

    static func request(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["request"]
        let (request, signed) = try identify(cast)
        try tally.same(request.bytes, section["identify_and_find"])
        try tally.same(request.digest.bytes, section["digest"])
        try tally.same([signed.gateway, signed.person], list: section["signatures"])
        try tally.same(cast.signingKey("gateway").verifyingKey.bytes.bytes, section["gateway_pk"])
        try tally.same([0] + cast.signingKey("person").verifyingKey.bytes.bytes, section["person_pk"])
        let parsed = try ExchangeRequest(
            wire: request.bytes, peer: PartyID("hospital-a"), now: Cast.now, roll: cast.roll())
        tally.holds(parsed == request, "\(section): another Request")
        try WebAuthnKey(wire: section["person_pk"].bytes).verify(
            signed.person, over: request.bytes, relyingParty: cast.staffPages())
        try tally.same(credential(cast).bytes, cast["encodings"]["credential"]["pack"])
    }

    /// A Request of the vectors, as its participants parse it.
    static func parsed(_ bytes: Vector, _ cast: Cast) throws -> ExchangeRequest {
        try ExchangeRequest(
            wire: bytes.bytes, peer: PartyID("hospital-a"), now: Cast.now, roll: cast.roll())
    }

    static func intents(_ cast: Cast, _ tally: inout Tally) throws {
        for section in try cast["intents"].elements {
            let request = try parsed(section["request"], cast)
            let fields = try unpack(.intent, try section["intent"].bytes, 5)
            let party = try PartyID(fields[1])
            guard let index = UInt8(party.description.dropFirst()) else { throw Cast.Missing(list: "index") }
            let intent = Intent(
                requestDigest: request.digest, transcryptor: party, items: fields[2].map { $0 == 1 },
                records: fields[3].map { $0 == 1 }, time: Cast.now + 1)
            try tally.same(intent.bytes, section["intent"])
            try tally.same(cast.transcryptorKey(index).sign(intent.bytes), section["signature"])
            for (item, entry) in try section["items"].elements.enumerated() {
                try leaf(of: item, entry, intent, request, index, cast, &tally)
            }
        }
    }

    private static func leaf(
        of item: Int, _ entry: Vector, _ intent: Intent, _ request: ExchangeRequest, _ index: UInt8, _ cast: Cast,
        _ tally: inout Tally
    ) throws {
        let isRowless = try unpack(.private, try entry["private"].bytes, 9)[5] == Array("row".utf8)
        let permitted = intent.items[item]
        let part = PrivatePart(
            requestDigest: request.digest, transcryptor: intent.transcryptor, item: UInt16(item), verdict: permitted,
            records: request.content.records.indices.filter { request.content.records[$0].item == item }.map {
                (intent.records[$0], request.content.records[$0].hash)
            }, reason: permitted ? nil : isRowless ? .row : .consent, policyVersion: 7,
            counter: isRowless ? 0 : 40 + UInt64(item),
            consent: permitted ? sha512(try cast["consent"]["give"].bytes) : .zero)
        try tally.same(part.bytes, entry["private"])
        tally.holds(try PrivatePart(wire: part.bytes) == part, "\(entry): another private part")
        let tag = try LeafMaker.Tag.made(isRowless, item, index, cast)
        try leaf(
            over: part.bytes, digest: request.digest, item: UInt16(item), tag: tag,
            explanation: Detail.explanation(of: request), recipient: isRowless ? "authority" : nil, index, entry,
            cast, &tally)
    }

    /// Makes a leaf with its detail, opens the detail again, and compares everything.
    static func leaf(
        over signed: [UInt8], digest: Bytes64, item: UInt16, tag: LeafMaker.Tag, explanation: [UInt8],
        recipient: String?, _ index: UInt8, _ entry: Vector, _ cast: Cast, _ tally: inout Tally
    ) throws {
        let key = try recipient.map { try cast.openingKey($0) } ?? OpeningKey(try cast.audit())
        let maker = LeafMaker(index: index, ring: KeyRing(id: 1, key: try entry["hk"].secretBytes()))
        let made = try maker.leaf(
            over: signed, requestDigest: digest, item: item, tag: tag, explanation: explanation, to: key.element,
            sender: cast.secret("t\(index)"),
            fresh: (entry["rand"].b64, cast.randomness("seals", of: entry["detail"], in: "box")))
        try tally.same(made.detail, entry["detail"])
        try tally.same(made.leaf.bytes, entry["leaf"])
        try tally.same(made.leaf.tag.bytes, entry["tag"])
        try tally.same(made.leaf.hash, entry["leaf_hash"])
        let detail = try Detail(
            opening: made.detail, with: key, requestDigest: digest, index: index, item: item)
        try tally.same(detail.opening, entry["opening"])
        tally.holds(detail.signed == signed && detail.explanation == explanation, "\(entry): another detail")
        tally.holds(detail.opens(made.leaf, detail: made.detail), "\(entry): does not open its leaf")
        tally.holds(try Leaf(wire: made.leaf.bytes) == made.leaf, "\(entry): another leaf")
    }

    static func head(_ cast: Cast, _ tally: inout Tally) throws {
        let (section, row) = (try cast["head"], try cast["rows"]["t1"])
        let key = try section["v"].secretBytes()
        let (handle, party) = (try row["handle"].b16, try PartyID("t1"))
        for (counter, tag) in try section["tags"].elements.enumerated() {
            try tally.same(LeafMaker.tag(key, counter: UInt64(counter)).bytes, tag)
        }
        let leaves = try section["leaves"].byteStrings
        for (leaf, hash) in zip(leaves, try section["leaf_hashes"].elements) {
            try tally.same(try Leaf(wire: leaf).hash, hash)
        }
        let head = Head(transcryptor: party, handle: handle, nextCounter: 3, checkpointSize: 1_000, time: Cast.now)
        try tally.same(head.bytes, section["head"])
        let signer = try cast.transcryptorKey(1)
        try tally.same(signer.sign(head.bytes), section["signature"])
        let verified = try Head.verify(
            head.bytes, section["signature"].bytes, key: signer.verifyingKey, transcryptor: party, handle: handle,
            tagKey: key, known: Head.Known(counter: 2, size: 900), leaves: leaves)
        tally.holds(verified == head, "\(section): another head")
    }

    static func publicLeaf(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["public_leaf"]
        let leaf = Leaf(governance: try section["record"].bytes)
        try tally.same(leaf.bytes, section["leaf"])
        try tally.same(leaf.hash, section["leaf_hash"])
        let page = PageRecord(
            name: try Name("consent-page"), version: 3, codeHash: sha512(Array("page code".utf8)),
            notBefore: Cast.now)
        try tally.same(page.bytes, section["record"])
    }
}

extension LeafMaker.Tag {
    /// The tag of an item: the 40th of the row and those after it.
    static func made(_ isRowless: Bool, _ item: Int, _ index: UInt8, _ cast: Cast) throws -> LeafMaker.Tag {
        guard !isRowless else { return .rowless }
        let secrets = try PersonSections.secrets(cast, index)
        return .counter(
            LeafMaker.tag(SecretBytes(copying: secrets.tagKey.bytes), counter: 40 + UInt64(item)))
    }
}
