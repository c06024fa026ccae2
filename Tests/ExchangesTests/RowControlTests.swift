import Exchanges
import Polymorphic
import Ristretto255
import Testing
import VectorSupport

/// Attacks on enrolment and rows that no negative of the vectors carries to its end.
@Suite struct RowControlTests {
    /// The row of the vectors at transcryptor 1, and who might want to make another.
    struct Scene {
        let cast: Cast
        let known: DeviceEntry
        let rules: RowRules
        let enrolment: Enrolment

        init() throws {
            cast = try Cast()
            known = try DeviceEntry(wire: cast["rows"]["t1"]["device"].bytes)
            rules = RowRules(
                index: 1, key: try cast.classKey(), relyingParty: try cast.pages(), now: Cast.now)
            enrolment = try Enrolment(wire: cast["encodings"]["enrolment"]["pack"].bytes)
        }

        /// An enrolment with the signatures of all transcryptors.
        func signed(_ enrolment: Enrolment, by keys: [String] = ["t-sign|1", "t-sign|2", "t-sign|3"]) throws
            -> RowRules.SignedEnrolment
        {
            RowRules.SignedEnrolment(
                enrolment, signatures: try keys.map { try cast.signingKey($0).sign(enrolment.bytes) },
                signers: try (1...3).map { try cast.transcryptorKey($0).verifyingKey })
        }

        /// An entry by `signer` whose pair is made from `pseudonym`, with a proof that holds.
        func entry(
            enrolID: Bytes16? = nil, from pseudonym: PolymorphicPseudonym, signer: borrowing SigningKey
        ) throws -> DeviceEntry {
            let (id, handle) = (enrolID ?? known.enrolID, Bytes16.filled(7))
            let blinded = try pseudonym.blinded(
                under: rules.key, key: SecretScalar(from: SeededRandom(seed: 1)), fresh: .filled(1),
                use: id.bytes + [1])
            let context = RowProofContext.enrolment(id, index: 1, handle: handle)
                .bytes(pseudonym, blinded.ciphertext)
            let proof = try SamePerson.prove(
                blinding: blinded.blinding, under: rules.key, context: context, fresh: .filled(2))
            return DeviceEntry(
                enrolID: id, index: 1, handle: handle, signedAt: Cast.now, denials: 0,
                pseudonym: blinded.ciphertext, proof: proof, key: .ed25519(signer.verifyingKey),
                deviceID: .filled(8), stopKey: .filled(9), row: known.row)
        }
    }

    @Test func aRowIsMadeWithTheKeyOfTheEnrolment() throws {
        let scene = try Scene()
        let signature = try scene.cast["rows"]["t1"]["signature"].bytes
        let signed = try scene.signed(scene.enrolment)
        #expect(throws: Never.self) {
            try scene.rules.create(
                scene.known, signatures: [signature], enrolment: signed, taken: RowRules.Taken())
        }
        for signatures in [[], [signature, signature]] {
            #expect(throws: Refusal(.length)) {
                try scene.rules.create(
                    scene.known, signatures: signatures, enrolment: signed, taken: RowRules.Taken())
            }
        }
    }

    /// The row of the vectors, made once more while something of it is taken.
    private func again(_ scene: Scene, _ taken: RowRules.Taken) throws {
        let signature = try scene.cast["rows"]["t1"]["signature"].bytes
        try scene.rules.create(
            scene.known, signatures: [signature], enrolment: try scene.signed(scene.enrolment), taken: taken)
    }

    @Test func aRowIsCreatedOnce() throws {
        let scene = try Scene()
        Control.withOff("guard:row.once", refused: .row) { try again(scene, RowRules.Taken(enrolment: true)) }
        Control.withOff("guard:row.handle", refused: .row) { try again(scene, RowRules.Taken(handle: true)) }
        Control.withOff("guard:row.key", refused: .row) { try again(scene, RowRules.Taken(key: true)) }
    }

    @Test func anEntryCountsForADay() throws {
        let scene = try Scene()
        let signature = try scene.cast["rows"]["t1"]["signature"].bytes
        let signed = try scene.signed(scene.enrolment)
        for now in [Cast.now + 86_401, Cast.now - 121] {
            let rules = RowRules(
                index: 1, key: scene.rules.key, relyingParty: scene.rules.relyingParty, now: now)
            Control.withOff("guard:entry.time", refused: .time) {
                try rules.create(scene.known, signatures: [signature], enrolment: signed, taken: RowRules.Taken())
            }
        }
    }

    /// Who knows PP could put a pair of its own under the key of the person's device.
    @Test func anEntryIsSignedByItsOwnKey() throws {
        let scene = try Scene()
        let (thief, device) = (SeededRandom(seed: 5), try scene.cast.device().verifyingKey)
        let other = SigningKey(from: thief)
        let entry = try scene.entry(from: scene.cast.pseudonym(), signer: scene.cast.device())
        #expect(entry.key == .ed25519(device))
        let signed = try scene.signed(scene.enrolment)
        Control.withOff("guard:row.own", refused: .signature) {
            try scene.rules.create(
                entry, signatures: [other.sign(entry.bytes)], enrolment: signed, taken: RowRules.Taken())
        }
    }

    @Test func theRegistryCannotMakeARowWithAKeyOfItsOwn() throws {
        let scene = try Scene()
        let thief = SigningKey(from: SeededRandom(seed: 2))
        let entry = try scene.entry(from: scene.cast.pseudonym(), signer: thief)
        let signed = try scene.signed(scene.enrolment)
        Control.withOff("guard:row.named", refused: .row) {
            try scene.rules.create(
                entry, signatures: [thief.sign(entry.bytes)], enrolment: signed, taken: RowRules.Taken())
        }
    }

    @Test func anEnrolmentNeedsTheSignaturesOfAll() throws {
        let scene = try Scene()
        let thief = SigningKey(from: SeededRandom(seed: 2))
        let entry = try scene.entry(from: scene.cast.pseudonym(), signer: thief)
        let forged = Enrolment(
            enrolID: scene.known.enrolID, pseudonym: try scene.cast.pseudonym(),
            keyHash: sha512(thief.verifyingKey.bytes.bytes))
        // Two of three signed; the third signature is another's.
        let signed = try scene.signed(forged, by: ["t-sign|1", "t-sign|2", "gateway"])
        Control.withOff("guard:row.enrolment", refused: .signature) {
            try scene.rules.create(
                entry, signatures: [thief.sign(entry.bytes)], enrolment: signed, taken: RowRules.Taken())
        }
    }

    @Test func aRowStaysUnderItsEnrolment() throws {
        let scene = try Scene()
        let device = try scene.cast.device()
        let entry = try scene.entry(
            enrolID: .filled(3), from: scene.cast.pseudonym(), signer: device)
        let signed = try scene.signed(scene.enrolment)
        Control.withOff("guard:row.place", refused: .row) {
            try scene.rules.create(
                entry, signatures: [device.sign(entry.bytes)], enrolment: signed, taken: RowRules.Taken())
        }
    }

    @Test func aNewTranscryptorTakesAKeyThatOlderOnesKnow() throws {
        let scene = try Scene()
        let device = try scene.cast.signingKey("device-2")
        let entry = try scene.entry(from: scene.cast.pseudonym(), signer: device)
        let words = try (UInt8(1)...2).map { index in
            let word = Countersignature(
                transcryptor: try PartyID("t\(index)"), id: entry.enrolID, hash: entry.keyCountersignHash,
                time: Cast.now)
            return SignedIntent(
                intent: word.bytes, signature: try scene.cast.transcryptorKey(index).sign(word.bytes))
        }
        let (signed, keys) = (try scene.signed(scene.enrolment), try scene.cast.transcryptorKeys())
        func create(_ words: [SignedIntent]) throws {
            try scene.rules.create(
                entry, signatures: [device.sign(entry.bytes)], enrolment: signed, taken: RowRules.Taken(),
                older: RowRules.OlderWord(words, keys: keys, t: 2))
        }
        #expect(throws: Never.self) { try create(words) }
        #expect(throws: Refusal(.row)) { try create(Array(words.dropLast())) }
    }

    /// Who shows its contribution last could take the others' away again, and know the base point of the person.
    @Test func nobodyChoosesTheBasePointOfAPerson() throws {
        let (cast, key) = (try Cast(), try Cast().classKey())
        let section = try cast["enrolment"]
        let id = try section["enrol_id"].b16
        let honest = try section["contributions"].elements.prefix(2).map { entry in
            EnrolmentContribution(
                ciphertext: try Ciphertext<PSN, AtBase>(wire: try entry["B"].bytes + entry["C"].bytes),
                proof: try Knowledge(wire: try entry["proof"].bytes))
        }
        let chosen = try EnrolmentContribution(
            enrolID: id, transcryptor: PartyID("t3"), z: SecretScalar(from: SeededRandom(seed: 4)), key: key,
            fresh: (.filled(1), .filled(2), .filled(3)))
        var (b, c) = (chosen.ciphertext.pair.b.point, chosen.ciphertext.pair.c.point)
        for one in honest { (b, c) = (b - one.ciphertext.pair.b.point, c - one.ciphertext.pair.c.point) }
        let rogue = EnrolmentContribution(
            ciphertext: try PolymorphicPseudonym(wire: Pair(b: Element(b), c: Element(c)).bytes), proof: chosen.proof)
        Control.withOff("guard:enrolment.contribution", refused: .knowledge) {
            let enrolment = try Enrolment(
                enrolID: id, contributions: honest + [rogue], by: cast.roll().transcryptors, keyHash: .zero)
            try Control.wanted(enrolment.pseudonym == chosen.ciphertext, "the chosen pseudonym")
        }
        #expect(throws: Refusal(.knowledge, at: 3)) {
            try Enrolment(
                enrolID: id, contributions: honest + [rogue], by: cast.roll().transcryptors, keyHash: .zero)
        }
        #expect(throws: Refusal(.participants)) {
            try Enrolment(enrolID: id, contributions: honest, by: cast.roll().transcryptors, keyHash: .zero)
        }
    }
}
