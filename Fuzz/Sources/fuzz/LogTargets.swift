import TransparencyLog

/// The parsers of the public log: what they accept they write back as it was.
extension FuzzTarget {
    private static let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    private static let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    private static let line =
        "\u{2014} example.com/foo "
        + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    private static let note = "example.com/foo\n7\n\(root)\n\n\(line)"

    static let log: [FuzzTarget] = [
        FuzzTarget("note", upTo: 1_024, seeds: [.bytes(Array(note.utf8))], run: fuzzNote),
        FuzzTarget("checkpoint", upTo: 256, seeds: [.bytes(Array("o\n7\n\(root)\nmore\n".utf8))], run: fuzzCheckpoint),
        FuzzTarget(
            "tlog-proof", upTo: 2_048,
            seeds: [.bytes(Array("c2sp.org/tlog-proof@v1\nextra AA==\nindex 3\n\(root)\n\n\(note)".utf8))],
            run: fuzzProofFile),
        FuzzTarget(
            "add-checkpoint", upTo: 2_048, seeds: [.bytes(Array("old 3\n\(root)\n\n\(note)".utf8))],
            run: fuzzAddCheckpoint),
        FuzzTarget("bundle", upTo: 2_048, seeds: [.bytes([0, 3, 1, 2, 3, 0, 0, 0, 1, 9])], run: fuzzBundle),
        FuzzTarget("tile-path", upTo: 80, seeds: [.bytes(Array("0/x001/x234/067.p/17".utf8))], run: fuzzTilePath),
        FuzzTarget(
            "witness-policy", upTo: 2_048,
            seeds: [.bytes(Array("log \(key) http://a\ngroup g any w\nquorum none\n".utf8))], run: fuzzWitnessPolicy),
        FuzzTarget(
            "consistency", upTo: 1_024, seeds: [.bytes([3, 7] + [UInt8](repeating: 1, count: 96))], run: fuzzProofs),
    ]
}

func fuzzNote(_ bytes: [UInt8]) {
    guard let note = try? Note(parsing: bytes) else { return }
    expect(note.bytes == bytes, "a note encodes to what it came from")
    expect((1...Note.signaturesMax).contains(note.signatures.count), "a note keeps its limits")
}

func fuzzCheckpoint(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self), let checkpoint = try? Checkpoint(parsing: text)
    else { return }
    expect(Array(checkpoint.text.utf8) == bytes, "a checkpoint encodes to what it came from")
}

func fuzzProofFile(_ bytes: [UInt8]) {
    guard let file = try? ProofFile(parsing: bytes) else { return }
    expect(file.encoded == bytes, "a proof file encodes to what it came from")
}

func fuzzAddCheckpoint(_ bytes: [UInt8]) {
    guard let body = try? AddCheckpoint(parsing: bytes) else { return }
    expect(body.encoded == bytes && body.proof.count <= Proof.hashesMax, "a body encodes to what it came from")
}

func fuzzBundle(_ bytes: [UInt8]) {
    guard let entries = try? EntryBundle.decode(bytes, count: 0) else { return }
    expect(entries.isEmpty, "no more entries than were asked for")
}

func fuzzTilePath(_ bytes: [UInt8]) {
    guard let path = String(validating: bytes, as: UTF8.self), let (tile, isEntries) = Tile.parse(path) else { return }
    expect((isEntries ? tile.entriesPath : tile.path) == "tile/" + path, "a tile has one path")
}

func fuzzWitnessPolicy(_ bytes: [UInt8]) {
    guard let policy = try? WitnessPolicy(parsing: bytes) else { return }
    expect(policy.quorum == nil || !policy.isMet(by: []), "a quorum is not met by nobody")
    expect(policy.everyQuorumMeets(Set(policy.witnesses.map(\.name))), "all witnesses meet every quorum")
}

func fuzzProofs(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return }
    let (old, new) = (UInt64(bytes[0]), UInt64(bytes[1]))
    let hashes = stride(from: 2, to: bytes.count - 31, by: 32).compactMap { TreeHash(bytes[$0..<($0 + 32)]) }
    guard let first = hashes.first, let last = hashes.last else { return }
    let isConsistent =
        (try? Proof.verifyConsistency(old: old, oldRoot: first, new: new, newRoot: last, proof: hashes)) != nil
    expect(!isConsistent || old == new, "noise is no consistency proof")
    _ = try? Proof.verifyInclusion(leaf: first, index: old, size: new, proof: hashes, root: last)
}
