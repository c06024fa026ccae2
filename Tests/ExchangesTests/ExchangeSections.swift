import Exchanges
import Policy
import Polymorphic
import Ristretto255
import VectorSupport

/// Whole exchanges of the vectors through what is public: the Request, the Directory's route, the joint verdicts, the
/// steps and Shares, what an adopter adds. The core makes the same chains again from the inside.
enum ExchangeSections {
    /// A Directory in which everybody of the vectors stands. Their TLS keys are ours.
    static func directory(_ cast: Cast) throws -> Directory {
        let authority = try cast.signingKey("authority")
        let anchors = Directory.Anchors(
            authority: try PartyID("authority"), authorityKey: authority.verifyingKey, pages: try cast.pages(),
            transcryptors: try cast.roll().transcryptors, route: .production)
        var entries: [SignedEntry] = []
        for (offset, (name, entry)) in try cast["parties"].entries.enumerated() {
            let signer = ["t1", "t2", "t3"].firstIndex(of: name).map { "t-sign|\($0 + 1)" }
            let made = DirectoryEntry(
                party: try PartyID(name), roles: [], keyEpoch: 1, key: try entry["Z"].element,
                possession: try Knowledge(wire: entry["pop"].bytes),
                signingKey: try cast.signingKey(signer ?? "gateway").verifyingKey,
                tlsKeyHash: .filled(UInt8(offset)), pseudonymEpoch: 1, notBefore: Cast.now,
                notAfter: Cast.now + 86_400, sequence: 1)
            entries.append(SignedEntry(made.bytes, signatures: [authority.sign(made.bytes)]))
        }
        for step in Route.production.steps {
            for (party, point) in try cast["factors"][step.id.description]["S"].entries {
                for holder in step.holders {
                    let made = FactorPoint(
                        step: step.id, holder: holder, party: try PartyID(party), epoch: 1, point: try point.element)
                    let signature = try cast.transcryptorKey(holder).sign(made.bytes)
                    entries.append(SignedEntry(made.bytes, signatures: [signature]))
                }
            }
        }
        let credential = try RequestSections.credential(cast)
        entries.append(SignedEntry(credential.bytes, signatures: [authority.sign(credential.bytes)]))
        let snapshot = Snapshot(entries, time: Cast.now, signer: authority)
        return try Directory(anchors: anchors).taking(Snapshot(wire: snapshot.bytes), at: Cast.now)
    }

    /// Makes one chain of a Request again: its steps, Shares and pseudonyms.
    static func chain(
        _ name: String, of request: ExchangeRequest, target: Int, tickets: Bool = false, _ cast: Cast,
        _ tally: inout Tally
    ) throws {
        let (section, directory) = (try cast[name], try directory(cast))
        let (content, key) = (request.content, try cast.classKey())
        let destination = content.targets[target]
        let legs = try directory.legs(from: content.source, to: destination)
        let chain =
            content.source == .base
            ? ChainRequest(
                requestDigest: request.digest, presented: try PolymorphicPseudonym(wire: content.items[0].bytes),
                to: destination, legs: legs, key: key)
            : ChainRequest(
                requestDigest: request.digest,
                held: try content.items.map { try EncryptedPseudonym(wire: $0.bytes) }, at: content.source,
                to: destination, legs: legs, key: key)
        var steps: [Step] = []
        for (entry, leg) in zip(try section["steps"].elements, legs) {
            let secret = StepSecret(try cast["factors"][leg.step.id.description]["secret"].secretBytes())
            let factor = try StepFactor(secret, from: content.source, to: destination, leg: leg)
            let holder = try entry["holder"].index
            let maker = ShareMaker(signer: try cast.transcryptorKey(holder), sender: try cast.secret("t\(holder)"))
            let step = try maker.step(
                chain, after: steps, holder: holder, factor: factor, fresh: try entry["rand"].b64)
            try tally.same(step.bytes, entry["wire"])
            steps.append(step)
        }
        let verified = try chain.verify(steps, keys: directory.transcryptorKeys(at: Cast.now))
        try tally.same(verified.origin.bytes, section["origin"])
        try shares(verified, request, tickets, section, cast, &tally)
    }

    private static func shares(
        _ chain: VerifiedChain, _ request: ExchangeRequest, _ tickets: Bool, _ section: Vector, _ cast: Cast,
        _ tally: inout Tally
    ) throws {
        guard let party = chain.destination.party else { throw Cast.Missing(list: "party") }
        let permits = try section["permits"].verdicts
        let opening = try cast.openingKey(party.description)
        let shared: SharedKey<PSN> = try cast.shared("dkg_psn")
        var verified: [VerifiedShare<PSN>] = []
        for (index, entry) in try section["shares"].numbered {
            let maker = ShareMaker(signer: try cast.transcryptorKey(index), sender: try cast.secret("t\(index)"))
            let keys = HeldTokenKeys(KeyRing(id: 1, key: try cast["held"]["keys"]["t\(index)"].secretBytes()))
            let row = try cast["held"]["row_ids"]["t\(index)"].b16
            let token = try entry["tokens"][0]
            let made = try keys.token(
                for: row, chain.outputs[0], at: HeldToken.Place(party: party, epoch: 1, yGeneration: 1),
                fresh: cast.randomness("held_tokens", of: token, in: "token"))
            try tally.same(made.bytes, token)
            let ticketKeys = TicketKeys(KeyRing(id: 1, key: try cast["tickets"]["keys"]["t\(index)"].secretBytes()))
            let ticketed =
                try tickets ? request.content.records.map { try ticketKeys.ticket(for: $0.hash, of: row) } : []
            let share = try maker.share(
                chain, permits: permits, with: cast.share("dkg_psn", index), to: cast.partyKey(party),
                tokens: [made], tickets: ticketed,
                fresh: (entry["rand"].b64, cast.randomness("seals", of: entry["box"], in: "box")))
            try tally.same(share.bytes, entry["box"])
            let expectation = try ShareExpectation<PSN>(
                chain, permits: permits, from: index, in: shared, shareEpoch: 1, recipient: opening, party: party,
                signer: cast.transcryptorKey(index).verifyingKey, tickets: ticketed.count)
            verified.append(try expectation.open(share, with: opening, forbidden: cast.forbidden()))
        }
        let pseudonyms = try opening.unmasking(shared.key).pseudonyms(
            chain, permits: permits, verified, participants: verified.map(\.index))
        try tally.same(pseudonyms.map(\.encoding.bytes), list: section["pseudonyms"])
    }

    static func identifyAndFind(_ cast: Cast, _ tally: inout Tally) throws {
        let request = try RequestSections.identify(cast).request
        let joint = try JointVerdict(
            BodySections.signedIntents(cast), of: request, keys: cast.transcryptorKeys())
        tally.holds(joint.items == [true] && joint.records.isEmpty, "other verdicts")
        try chain("identify_base_to_hospital", of: request, target: 0, cast, &tally)
        try chain("find_base_to_medical", of: request, target: 1, cast, &tally)
    }

    static func deposit(_ cast: Cast, _ tally: inout Tally) throws {
        let request = try RequestSections.parsed(cast["deposit"]["request"], cast)
        try chain("deposit_hospital_to_medical", of: request, target: 0, tickets: true, cast, &tally)
    }

    /// The joint verdicts of the exchanges in which one record is refused.
    static func verdicts(_ cast: Cast, _ tally: inout Tally) throws {
        for name in ["fetch", "fetch_one_record_refused", "deposit_one_record_refused"] {
            let section = try cast[name]
            let request = try RequestSections.parsed(section["request"], cast)
            let intents = try section["intents"].elements.map {
                SignedIntent(intent: try $0[0].bytes, signature: try $0[1].bytes)
            }
            let joint = try JointVerdict(intents, of: request, keys: cast.transcryptorKeys())
            try tally.same(joint.records.map { $0 ? 1 : 0 }, section["record_verdicts"])
            let use: RecordLine.Use = name.hasPrefix("deposit") ? .deposit : .fetch
            let permitted = try section["record_verdicts"].bytes.indices.filter {
                try section["record_verdicts"].bytes[$0] == 1
            }
            tally.holds(joint.permitted(use, in: request.content.records) == permitted, "\(section): others permitted")
        }
    }

    /// What transcryptor 3 adds that did not take part.
    static func adopt(_ cast: Cast, _ tally: inout Tally) throws {
        let request = try RequestSections.identify(cast).request
        try adopt("adopt", of: "identify_base_to_hospital", request, target: 0, tickets: [], cast, &tally)
        let deposit = try RequestSections.parsed(cast["deposit"]["request"], cast)
        try adopt(
            "adopt_deposit", of: "deposit_hospital_to_medical", deposit, target: 0,
            tickets: cast["tickets"]["tickets"]["t3"].byteStrings, cast, &tally)
    }

    private static func adopt(
        _ name: String, of chainName: String, _ request: ExchangeRequest, target: Int, tickets: [[UInt8]],
        _ cast: Cast, _ tally: inout Tally
    ) throws {
        let (section, directory, content) = (try cast[name], try directory(cast), request.content)
        let (destination, key) = (content.targets[target], try cast.classKey())
        guard let party = destination.party else { throw Cast.Missing(list: "party") }
        let legs = try directory.legs(from: content.source, to: destination)
        let chain =
            content.source == .base
            ? ChainRequest(
                requestDigest: request.digest, presented: try PolymorphicPseudonym(wire: content.items[0].bytes),
                to: destination, legs: legs, key: key)
            : ChainRequest(
                requestDigest: request.digest,
                held: try content.items.map { try EncryptedPseudonym(wire: $0.bytes) }, at: content.source,
                to: destination, legs: legs, key: key)
        let verified = try chain.verify(
            BodySections.steps(chainName, cast), keys: directory.transcryptorKeys(at: Cast.now))
        let shared: SharedKey<PSN> = try cast.shared("dkg_psn")
        // The token stands behind the head of the body; it is made again, with its randomness.
        let token = try section["body"].bytes[10..<55]
        let rand = try cast.find("held_tokens") { try $0["token"].bytes == Array(token) }["rand"].b64
        let keys = HeldTokenKeys(KeyRing(id: 1, key: try cast["held"]["keys"]["t3"].secretBytes()))
        let made = try keys.token(
            for: cast["held"]["row_ids"]["t3"].b16, verified.outputs[0],
            at: HeldToken.Place(party: party, epoch: 1, yGeneration: 1), fresh: rand)
        let maker = ShareMaker(signer: try cast.transcryptorKey(3), sender: try cast.secret("t3"))
        let box = try maker.adopt(
            verified, permits: [true], holder: shared.shares[2], index: 3, shareEpoch: 1, to: cast.partyKey(party),
            tokens: [made], tickets: tickets.map { try Ticket(wire: $0) },
            fresh: cast.randomness("seals", of: section["box"], in: "box"))
        try tally.same(box.bytes, section["box"])
        let call = AdoptedCall(requestDigest: request.digest, index: 3, share: box)
        tally.holds(try AdoptedCall(body: call.body) == call, "\(section): another call")
    }

    /// The signed structures that this layer has types for, from their fields.
    static func encodings(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["encodings"]
        let now = Cast.now
        let entry = DirectoryEntry(
            party: try PartyID("clinic-b"), roles: [try Name("care")], keyEpoch: 1, key: try cast.element("clinic-b"),
            possession: try Knowledge(wire: cast["parties"]["clinic-b"]["pop"].bytes),
            signingKey: try cast.signingKey("gateway").verifyingKey, tlsKeyHash: .zero, pseudonymEpoch: 1,
            notBefore: now, notAfter: now + 365 * 86_400, sequence: 1)
        try tally.same(entry.bytes, section["directory"]["pack"])
        let credential = try RequestSections.credential(cast)
        try tally.same(credential.bytes, section["credential"]["pack"])
        for (holder, name) in [(UInt8(1), "factor-point"), (2, "factor-point of the second holder")] {
            let point = FactorPoint(
                step: try Name("v12"), holder: holder, party: try PartyID("hospital-a"), epoch: 1,
                point: try cast["factors"]["v12"]["S"]["hospital-a"].element)
            try tally.same(point.bytes, section[name]["pack"])
        }
        let policy = PolicyRecord(version: 7, policy: Array("policy bytes".utf8), notBefore: now)
        try tally.same(policy.bytes, section["policy"]["pack"])
        for name in ["directory", "credential", "factor-point", "policy", "page"] {
            let bytes = try section[name]["pack"].bytes
            tally.holds(try DirectoryRecord(wire: bytes).bytes == bytes, "\(name): other bytes")
        }
        let authority = try cast.signingKey("authority")
        let entries = [credential.bytes, entry.bytes].map { SignedEntry($0, signatures: [authority.sign($0)]) }
        let snapshot = Snapshot(entries, time: now, signer: authority)
        try tally.same(snapshot.signed, section["snapshot"]["pack"])
        let signed = try cast.find("signatures") { try $0["what"].text == "snapshot by authority" }
        try tally.same(snapshot.signature, signed["signature"])

        let request = try RequestSections.identify(cast).request
        let enrolment = Enrolment(
            enrolID: try cast["enrolment"]["enrol_id"].b16, pseudonym: try cast.pseudonym(),
            keyHash: sha512(try cast.device().verifyingKey.bytes.bytes))
        try tally.same(enrolment.bytes, section["enrolment"]["pack"])
        let text = TerminalText(
            party: try PartyID("hospital-a"), exchangeID: request.content.exchangeID, purpose: try Name("treatment"),
            time: now)
        try tally.same(text.bytes, section["terminal"]["pack"])
        let clinician = ClinicianPack(
            requestDigest: request.digest, credential: try section["clinician"]["fields"][1].b32, time: now)
        try tally.same(clinician.bytes, section["clinician"]["pack"])
        tally.holds(try ClinicianPack(wire: clinician.bytes) == clinician, "another clinician pack")
        let receipt = Receipt(requestDigest: request.digest, outcome: .delivered, count: 1, time: now + 2)
        try tally.same(receipt.bytes, section["receipt"]["pack"])
        let query = HeadQuery(
            transcryptor: try PartyID("t1"), handle: try cast["rows"]["t1"]["handle"].b16, counter: 0, time: now)
        try tally.same(query.bytes, section["query"]["pack"])
    }
}
