import Guards
import Testing

@testable import TransparencyLog

struct NoteTests {
    let log: NoteSigner
    let witnesses: [NoteSigner]
    let policy: WitnessPolicy

    init() throws {
        log = try NoteSigner(
            name: "ledger.example/exchange-2026", signer: SeedSigner(seed: [UInt8](repeating: 1, count: 32)))
        witnesses = try (2...4).map {
            try NoteSigner(
                name: "w\($0).example", algorithm: .cosignature,
                signer: SeedSigner(seed: [UInt8](repeating: $0, count: 32)))
        }
        let text =
            "# the quorum of the example\nlog \(log.key) http://127.0.0.1:1/\n"
            + witnesses.map { "witness \($0.key.name) \($0.key) http://127.0.0.1:2/\n" }.joined()
            + "group two 2 w2.example w3.example w4.example\nquorum two\n"
        policy = try WitnessPolicy(parsing: Array(text.utf8))
    }

    func checkpoint(cosigned names: Set<String>) throws -> SignedCheckpoint {
        let checkpoint = Checkpoint(origin: log.key.name, size: 3, root: .emptyRoot)
        return try SignedCheckpoint(checkpoint, by: log).adding(
            witnesses.filter { names.contains($0.key.name) }.map { try $0.sign(checkpoint.text, at: 1_700_000_000) })
    }

    @Test func aQuorumIsAsManyWitnessesAsThePolicySays() throws {
        let one = try checkpoint(cosigned: ["w2.example"]).note.bytes
        #expect(refusal { try policy.verify(one, log: policy.logs[0]) } == .quorum)
        #expect(
            refusal {
                try policy.verify(
                    try checkpoint(cosigned: ["w2.example", "w4.example"]).note.bytes, log: policy.logs[0])
            } == nil)
        #expect(Guards.withOff("guard:note.quorum") { refusal { try policy.verify(one, log: policy.logs[0]) } } == nil)
        #expect(policy.everyQuorumMeets(["w2.example", "w3.example"]))
        #expect(!policy.everyQuorumMeets(["w2.example"]))
    }

    @Test func theAgeOfAQuorumIsThatOfItsOldestSignature() throws {
        let head = Checkpoint(origin: log.key.name, size: 3, root: .emptyRoot)
        let signed = try SignedCheckpoint(head, by: log)
        let lines = try zip(witnesses, [100, 300, 200] as [UInt64]).map { try $0.sign(head.text, at: $1) }
        #expect(try policy.quorumTime(of: signed.adding(lines).note) == 200)
        #expect(try policy.quorumTime(of: signed.adding([lines[0], lines[1]]).note) == 100)
        #expect(try policy.quorumTime(of: signed.adding([lines[0]]).note) == nil)
    }

    @Test func aWrongSignatureOfAKnownKeyRefusesTheWholeNote() throws {
        var signed = try checkpoint(cosigned: ["w2.example", "w3.example", "w4.example"])
        var bytes = signed.note.signatures[2].bytes
        bytes[20] ^= 1
        signed = signed.adding([NoteSignature(key: signed.note.signatures[2].key, bytes: bytes)])
        let note = signed.note.bytes
        #expect(refusal { try policy.verify(note, log: policy.logs[0]) } == .signature)
        #expect(
            Guards.withOff("guard:note.signature") { refusal { try policy.verify(note, log: policy.logs[0]) } } == nil)
    }

    @Test func unknownLinesAreIgnoredAndOnlyUnknownLinesAreNotEnough() throws {
        let stranger = try NoteSigner(name: "stranger", signer: SeedSigner(seed: [UInt8](repeating: 9, count: 32)))
        let checkpoint = Checkpoint(origin: log.key.name, size: 3, root: .emptyRoot)
        let both = try SignedCheckpoint(checkpoint, by: log).adding([try stranger.sign(checkpoint.text)])
        _ = try SignedCheckpoint(parsing: both.note.bytes, origin: log.key.name, log: log.key)
        let alone = Note(text: checkpoint.text, signatures: [try stranger.sign(checkpoint.text)])
        let read = { try SignedCheckpoint(parsing: alone.bytes, origin: log.key.name, log: log.key) }
        #expect(refusal(read) == .unsigned)
        #expect(Guards.withOff("guard:note.unsigned") { refusal(read) } == .unsigned)
        let accepted = Guards.withOff("guard:note.unsigned") {
            Guards.withOff("guard:note.log-signature") { refusal(read) }
        }
        #expect(accepted == nil)
    }

    @Test func aCheckpointSignedByAWitnessAloneIsNotTheLogs() throws {
        let checkpoint = Checkpoint(origin: log.key.name, size: 3, root: .emptyRoot)
        let note = Note(text: checkpoint.text, signatures: [try witnesses[0].sign(checkpoint.text, at: 1)])
        let read = {
            try SignedCheckpoint(parsing: note.bytes, origin: log.key.name, log: log.key, witnesses: [witnesses[0].key])
        }
        #expect(refusal(read) == .unsigned)
        #expect(Guards.withOff("guard:note.log-signature") { refusal(read) } == nil)
    }

    @Test func aCheckpointOfAnotherLogIsRefusedAlthoughItsKeyIsRight() throws {
        let other = try SignedCheckpoint(Checkpoint(origin: "another", size: 3, root: .emptyRoot), by: log)
        let read = { try SignedCheckpoint(parsing: other.note.bytes, origin: log.key.name, log: log.key) }
        #expect(refusal(read) == .origin)
        #expect(Guards.withOff("guard:note.origin") { refusal(read) } == nil)
    }

    @Test func theTextEndsAtTheLastEmptyLine() throws {
        let text = "first\n\nsecond\n"
        let note = Note(text: text, signatures: [try log.sign(text)])
        let read = try Note(parsing: note.bytes)
        #expect(read.text == text)
        #expect(try read.verify([log.key]).count == 1)
    }

    @Test func sixteenAndMoreSignaturesAreRead() throws {
        let text = "t\n"
        let many = Note(
            text: text,
            signatures: try (0..<128).map { index in
                try NoteSigner(name: "k\(index)", signer: SeedSigner(seed: [UInt8](repeating: UInt8(index), count: 32)))
                    .sign(text)
            })
        #expect(try Note(parsing: many.bytes).signatures.count == 128)
        let more = Note(text: text, signatures: many.signatures + many.signatures.prefix(1))
        #expect(refusal { try Note(parsing: more.bytes) } == .limit)
    }

    @Test(arguments: [
        "", "\n", "\n\n", "t\n", "t\n\n", "t\n\n\u{2014} a AAAAAAAA", "t\n\n- a AAAAAAAA\n",
        "t\n\n\u{2014}  AAAAAAAA\n",
        "t\n\n\u{2014} a+b AAAAAAAA\n", "t\n\n\u{2014} a AAAA\n", "t\n\n\u{2014} a AAAAAAA\n",
        "t\n\n\u{2014} a AAAAAAB=\n",
        "t\r\n\n\u{2014} a AAAAAAAA\n", "t\u{0}\n\n\u{2014} a AAAAAAAA\n", "t\n\n\u{2014} a AAAAAAAA\n\n",
        "t\n\u{2014} a AAAAAAAA\n",
    ]) func malformedNotesAreRefused(_ note: String) {
        #expect(refusal { try Note(parsing: Array(note.utf8)) } == .malformed)
    }

    @Test(arguments: [
        "o\n1\nAAAA\n", "o\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "o\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "o\n9223372036854775808\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "o\n1\n",
        "o\n+1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nx\n",
    ]) func malformedCheckpointsAreRefused(_ text: String) {
        #expect(refusal { try Checkpoint(parsing: text) } == .malformed)
    }

    @Test func extensionLinesAreKept() throws {
        let text = "o\n0\n\(TreeHash.emptyRoot.base64)\nmore of it\n"
        #expect(try Checkpoint(parsing: text).text == text)
    }

    @Test(arguments: [
        "", "quorum two\n", "quorum none\nquorum none\n", "log x\nquorum none\n", "group g any x\nquorum none\n",
        "quorum\n", "nonsense\n",
    ]) func malformedPoliciesAreRefused(_ text: String) {
        #expect(refusal { try WitnessPolicy(parsing: Array(text.utf8)) } == .malformed)
    }

    @Test func oneWitnessKeyUnderTwoNamesIsRefused() {
        let key = witnesses[0].key
        let text = "witness a \(key)\nwitness b \(key)\ngroup g 2 a b\nquorum g\n"
        #expect(refusal { try WitnessPolicy(parsing: Array(text.utf8)) } == .malformed)
        for threshold in ["0", "3", "-1"] {
            let group = "witness a \(key)\nwitness b \(witnesses[1].key)\ngroup g \(threshold) a b\nquorum g\n"
            #expect(refusal { try WitnessPolicy(parsing: Array(group.utf8)) } == .malformed)
        }
    }

    @Test func aProofFileProvesItsEntryAndNoOther() throws {
        let (tree, naive) = PropertyTests.tree(300)
        let head = Checkpoint(origin: log.key.name, size: 300, root: naive.root(0..<300))
        let signed = try SignedCheckpoint(head, by: log).adding(try witnesses.map { try $0.sign(head.text, at: 5) })
        let file = ProofFile(
            index: 7, hashes: try tree.prove(.inclusion(index: 7, size: 300)), note: signed.note.bytes,
            extra: [1, 2, 3])
        let read = try ProofFile(parsing: file.encoded)
        #expect(read == file)
        #expect(try read.verify(entry: entry(7), policy: policy, log: policy.logs[0]).size == 300)
        #expect(refusal { try read.verify(entry: entry(8), policy: policy, log: policy.logs[0]) } == .root)
    }

    @Test func anAddCheckpointBodyIsReadAsItWasWritten() throws {
        let body = AddCheckpoint(old: 12, proof: [.emptyRoot], note: try checkpoint(cosigned: []).note.bytes)
        #expect(try AddCheckpoint(parsing: body.encoded) == body)
        let long = AddCheckpoint(old: 12, proof: Array(repeating: .emptyRoot, count: 64), note: body.note)
        #expect(refusal { try AddCheckpoint(parsing: long.encoded) } == .limit)
        for bad in ["old 1\n", "old 01\n\nx", "new 1\n\nx", "old 1\nAAAA\n\nx"] {
            #expect(refusal { try AddCheckpoint(parsing: Array(bad.utf8)) } == .malformed)
        }
    }

    @Test func signingTwiceGivesTheSameBytes() throws {
        #expect(try log.sign("a head\n") == log.sign("a head\n"))
    }
}
