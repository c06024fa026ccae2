import Ristretto255
import Testing
import VectorSupport

@testable import Polymorphic

/// No bit of what is verified can be changed: every change of one bit is refused.
@Suite struct BitFlipTests {
    private let cast: Cast
    init() throws { cast = try Cast() }

    /// The bytes as they are must pass, every change of one bit must not.
    private func expectRefused(
        _ what: String, _ bytes: [UInt8], _ range: Range<Int>? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        by accept: ([UInt8]) throws -> Void
    ) {
        #expect(throws: Never.self, "\(what), unchanged", sourceLocation: sourceLocation) { try accept(bytes) }
        let (accepted, tried) = BitFlips.accepted(in: bytes, range, by: accept) { $0 is Refusal }
        let places = accepted.map { "byte \($0.byte) bit \($0.bit)" }
        #expect(places == [], "\(what)", sourceLocation: sourceLocation)
        #expect(tried == 8 * (range ?? bytes.indices).count, sourceLocation: sourceLocation)
        print("all \(tried) single-bit changes refused: \(what)")
    }

    /// A batch of `count` of the persons of `batch_of_5_one_refused`, and its first step.
    private func batch(of count: Int) throws -> (ChainRequest, [Pair], Step) {
        let chain = try ChainSection("batch_of_5_one_refused", cast)
        let inputs = Array(chain.request.inputs.prefix(count))
        let request = ChainRequest(
            chain.request.requestDigest, chain.request.source, chain.request.destination, chain.request.legs,
            chain.request.key, inputs)
        let step = try Step(
            request, after: [], holder: 1, factor: chain.factors[0], signer: try cast.signingKey(1),
            fresh: try chain.section["steps"][0]["rand"].b64)
        return (request, inputs, step)
    }

    @Test(arguments: 1...3) func noBitOfAReshuffleProofCanBeChanged(items: Int) throws {
        let (request, inputs, step) = try batch(of: items)
        let parts = try step.parts()
        let outputs = try parts.decodedOutputs()
        expectRefused("reshuffle proof of \(items) items", Array(parts.proof)) {
            _ = try ReshuffleProof(wire: $0).verify(inputs, outputs, request.statement(1))
        }
    }

    @Test func noBitOfAStepCanBeChanged() throws {
        let chain = try ChainSection("link_hospital_to_medical_12", cast)
        let (steps, keys) = (try chain.steps, try cast.transcryptorKeys())
        for range in [0..<4, 4..<164, 164..<228] {
            expectRefused("Step, bytes \(range)", steps[0].bytes, range) {
                _ = try chain.request.verify([Step(bytes: $0)] + steps.dropFirst(), keys: keys)
            }
        }
    }

    @Test func noBitOfAKnowledgeProofCanBeChanged() throws {
        let key = try cast.openingKey("clinic-b")
        let bytes = try cast["parties"]["clinic-b"]["pop"].bytes
        let party = try PartyID("clinic-b")
        expectRefused("Knowledge proof", bytes) {
            let proof = try Knowledge(wire: $0)
            _ = try PartyKey(party: party, keyEpoch: 1, element: key.element, possession: proof)
        }
    }

    @Test func noBitOfASamePersonProofCanBeChanged() throws {
        let entry = try cast["same_person"][3]
        let (from, to, y) = (try entry["from"].pair, try entry["to"].pair, try entry["Y"].element)
        let context = try entry["context"].bytes
        expectRefused("same-person proof", try entry["proof"].bytes) {
            try SamePerson(wire: $0).verify(from: from, to: to, under: y, context: context)
        }
    }

    @Test func noBitOfAShareCanBeChanged() throws {
        let chain = try ChainSection("identify_base_to_hospital", cast)
        let expectation = try chain.expectation(try chain.verified(cast), 1, tickets: 0, cast)
        let key = try cast.openingKey("hospital-a")
        let box = try chain.section["shares"]["1"]["box"].bytes
        let (classKeys, info) = (try cast.classKeys(), expectation.statement.info)
        expectRefused("sealed box of a Share", box) {
            _ = try expectation.open(SealedShare(bytes: $0), with: key, forbidden: classKeys)
        }
        // What the box holds, signature and proof: first as the recipient takes it, then the proof alone, as if the
        // transcryptor itself had signed the change.
        let body = try key.open(box, info: info, forbidden: classKeys)
        expectRefused("body of a Share", body) { try opened($0, expectation) }
        let answers = try chain.section["shares"]["1"]["U"].joined
        let digest = expectation.statement.digest(answers)
        expectRefused("proof of a Share", try chain.section["shares"]["1"]["proof"].bytes) {
            _ = try expectation.verify(answers, $0, digest)
        }
    }

    /// What the recipient does with the plaintext of a box.
    private func opened(_ body: [UInt8], _ expectation: ShareExpectation<PSN>) throws {
        let key = try cast.openingKey("hospital-a")
        let sealed = try Seal.seal(
            body, to: key.element, info: expectation.statement.info, sender: try cast.secret("t1"), fresh: .zero)
        _ = try expectation.open(SealedShare(bytes: sealed), with: key, forbidden: try cast.classKeys())
    }

    @Test func noBitOfASealedBoxCanBeChanged() throws {
        let entry = try cast.find("seals") { try $0["what"].text == "half of v12" }
        let key = try cast.openingKey("t2")
        let (info, classKeys) = (try entry["info"].bytes, try cast.classKeys())
        expectRefused("sealed box", try entry["box"].bytes) {
            _ = try key.open($0, info: info, forbidden: classKeys)
        }
    }

    @Test func noBitOfAHeldTokenCanBeChanged() throws {
        let section = try cast["held"]
        let keys = HeldTokenKeys(try section["keys"]["t1"].keyRing(id: 1))
        let place = HeldToken.Place(party: try section["holder"].party, epoch: 1, yGeneration: 1)
        let ciphertext = try EncryptedPseudonym(wire: try section["pair"].bytes)
        expectRefused("held token", try section["tokens"]["t1"].bytes) {
            _ = try keys.row(of: HeldToken(wire: $0), ciphertext, at: place)
        }
    }

    @Test func noBitOfATicketCanBeChanged() throws {
        let (keys, tickets) = (try RecordSections.ticketKeys(cast, 1), try RecordSections.tickets(cast, 1))
        let (hash, row) = (try cast["envelopes"][0]["header_hash"].b32, try cast["held"]["row_ids"]["t1"].b16)
        expectRefused("Ticket", tickets[0].bytes) { try keys.verify(Ticket(wire: $0), for: hash, of: row) }
    }

    @Test func noBitOfAnEnvelopeCanBeChanged() throws {
        let entry = try cast["envelopes"][0]
        let (key, author) = (RecordKey(try entry["K"].secretBytes()), try entry["author_pk"].verifyingKey)
        expectRefused("Envelope of one chunk", try entry["envelope"].bytes) {
            _ = try Envelope(wire: $0).open(with: key, authorKeys: [author])
        }
        // The body alone, as if the author itself had signed the change.
        let (hash, commitment) = (try entry["header_hash"].b32, try entry["dek_prefix_commit"][2].bytes)
        expectRefused("body of one chunk", try entry["ciphertext"].bytes) {
            _ = try Envelope.open($0[...], key.encoding, hash: hash, commitment: commitment)
        }
    }
}
