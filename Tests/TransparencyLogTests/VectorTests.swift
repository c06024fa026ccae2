import Testing

@testable import TransparencyLog

/// Values made by other implementations: RFC 6962's example tree, C2SP's and Go's notes, Tessera's and Sunlight's test
/// logs.
struct VectorTests {
    static let rfcLeaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]

    @Test func theExampleTreeOfTheRFCHasItsRoots() throws {
        let ends = [
            ("e3b0c442", "b855"), ("6e340b9c", "fa01d"), ("fac54203", "3c125"), ("aeb6bcfe", "06e77"),
            ("d37ee418", "614b7"), ("4e3bbb1f", "264d4"), ("76e67dad", "087ef"), ("ddb89be4", "74c8c"),
            ("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328", "4328"),
        ]
        var edge = TreeEdge()
        for (size, end) in ends.enumerated() {
            #expect(edge.root.description.hasPrefix(end.0) && edge.root.description.hasSuffix(end.1))
            if size < Self.rfcLeaves.count { edge.append(Merkle.leaf(try #require(Hex.decode(Self.rfcLeaves[size])))) }
        }
        #expect(TreeHash.emptyRoot.base64 == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    }

    @Test func theExampleLeavesOfTheRFCHaveTheirHashes() throws {
        let hashes = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        ]
        for (leaf, hash) in zip(Self.rfcLeaves, hashes) {
            #expect(Merkle.leaf(try #require(Hex.decode(leaf))).description == hash)
        }
    }

    @Test func seventyThousandEntriesHaveTheRootsThatGoAndPythonAgreeOn() throws {
        let roots = [
            1: "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX/4HU=", 2: "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=",
            255: "RdqfN0dI4Xo3L3HABCKxLiv5aELx9hxXQP5JTkvs/w8=", 256: "+F9OrTQIBxC00egIMBVDqquBqgTeuIWZNQ3Cak8vWN4=",
            257: "kYsc7GTzF8duPPVcBTaEHAOe/wZ3LruIKM58F2Aotaw=", 511: "qP9zdX7UYstfHdgB6SwVpcuoUDCmMzal+kSctzCnrxc=",
            65535: "75cnkElE5H+sSzR8H7M/zrkX3OPTFOLCCy0Pz+EQwoE=",
            65536: "3yxgbRFEFvpgC/NJUVLgnjnovj0OLlUBw1KCZTmr2o4=",
            65537: "tjAHv2A1m9y8HR7x7SVv41nSudFaumijzuMKgy9Ax54=",
            70000: "pipUvjMpT/1aXExjf9dUYwtxqJLoNW46Zmpcin/9FRg=",
        ]
        var tree = TileTree()
        for index in 0..<70_000 {
            tree.append(Merkle.leaf(entry(index)))
            if let root = roots[index + 1] {
                #expect(tree.edge.root.base64 == root, "size \(index + 1)")
                #expect(TreeEdge.root(ofFrontier: tree.edge.frontier).base64 == root)
            }
        }
        let tiles = Tile.all(size: 70_000)
        #expect(tiles.count { $0.level == 0 && $0.width == 256 } == 273)
        #expect(tiles.filter { $0.width < 256 }.map { [$0.level, $0.width] } == [[0, 112], [1, 17], [2, 1]])
        let signed = try SignedCheckpoint(
            Checkpoint(origin: Self.tesseraName, size: 70_000, root: tree.edge.root), by: Self.tesseraSigner())
        #expect(
            signed.note.signatures[0].line == "\u{2014} example.com/log/testdata "
                + "M9e0lj8WQ9L+MeRXqUR8dZaWbALmaBPWbzt4lPj8HTWGYeOiB7Y4YHdbHHggNtZ3AuH4FFYVaGIfeavegLE/LSm2fQI=\n")
    }

    static let tesseraName = "example.com/log/testdata"
    static func tesseraSigner() throws -> NoteSigner {
        try SeedSigner.parse(
            privateKey: "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg")
    }

    @Test func theTestLogOfTesseraIsReproducedToTheByte() throws {
        let words = "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten".split(
            separator: " ")
        var edge = TreeEdge()
        edge.append(Merkle.leaf(Array(words[0].utf8)))
        #expect(edge.root.base64 == "0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=")
        for word in words.dropFirst() { edge.append(Merkle.leaf(Array(word.utf8))) }
        #expect(edge.root.base64 == "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=")
        let signer = try Self.tesseraSigner()
        let signed = try SignedCheckpoint(Checkpoint(origin: Self.tesseraName, size: 15, root: edge.root), by: signer)
        let line =
            "\u{2014} example.com/log/testdata "
            + "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n"
        #expect(signed.note.encoded == "example.com/log/testdata\n15\n\(edge.root.base64)\n\n" + line)
        let key = try NoteVerifierKey(
            parsing: "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
        #expect(key == signer.key)
        let read = try SignedCheckpoint(parsing: signed.note.bytes, origin: Self.tesseraName, log: key)
        #expect(read == signed)
        let bundle = EntryBundle.encode(words.map { Array($0.utf8) })
        #expect(Hex.encode(bundle).hasPrefix("00036f6e65000374776f0005"))
        #expect(try EntryBundle.decode(bundle, count: 15).map { Array($0) } == words.map { Array($0.utf8) })
    }

    @Test func notesOfC2SPAndGoVerify() throws {
        let c2sp = try NoteVerifierKey(
            parsing: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
        let note = try Note(
            parsing: Array(
                ("This is an example message.\n\n\u{2014} example.com/foo "
                    + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n")
                    .utf8))
        #expect(try note.verify([c2sp]).keys.contains(c2sp))
        let go = try SeedSigner.parse(
            privateKey: "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")
        #expect(go.key.description == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
        let text =
            "If you think cryptography is the answer to your problem,\n"
            + "then you don't know what your problem is.\n"
        #expect(
            try go.sign(text).line == "\u{2014} PeterNeumann "
                + "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n")
    }

    @Test func aCosignatureOfSunlightVerifiesWithItsTime() throws {
        let witness = try NoteVerifierKey(
            parsing: "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN")
        let note = try Note(
            parsing: Array(
                ("rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n\n"
                    + "\u{2014} witness.example.org uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZ"
                    + "q4LGvqKqLX8jWlwLKasxEGTLIqAVusneCBmBw==\n").utf8))
        #expect(try note.verify([witness]) == [witness: 1_767_139_200])
        #expect(try Checkpoint(parsing: note.text).size == 300)
    }

    @Test func anMLDSAKeyHasItsIdAndItsLinesPassThroughUnharmed() throws {
        // The id is that of a key of other bytes here; what counts is type, size and that the line survives.
        let key = try NoteVerifierKey(
            name: "thirdparty.example/w1", algorithm: .mlDSA44, publicKey: [UInt8](repeating: 7, count: 1_312))
        #expect(try NoteVerifierKey(parsing: key.description) == key)
        let signer = try Self.tesseraSigner()
        let signed = try SignedCheckpoint(Checkpoint(origin: Self.tesseraName, size: 0, root: .emptyRoot), by: signer)
        let line = NoteSignature(key: key.id, bytes: [UInt8](repeating: 9, count: 8 + 2_420))
        let with = signed.adding([line])
        let read = try SignedCheckpoint(
            parsing: with.note.bytes, origin: Self.tesseraName, log: signer.key, witnesses: [key])
        #expect(read.note.signatures.last == line)
        #expect(read.note.bytes == with.note.bytes)
    }

    @Test(arguments: [
        (Tile(level: 0, index: 0), "tile/0/000"), (Tile(level: 0, index: 1_234_067), "tile/0/x001/x234/067"),
        (Tile(level: 1, index: 999, width: 17), "tile/1/999.p/17"), (Tile(level: 2, index: 1_000), "tile/2/x001/000"),
    ]) func tilePathsAreThoseOfTlogTiles(_ tile: Tile, _ path: String) throws {
        #expect(tile.path == path)
        #expect(try #require(Tile.parse(path.dropFirst(5))).tile == tile)
    }

    @Test(arguments: [
        "0/00", "0/0000", "0/x000/000", "0/x001", "00/000", "8/000", "0/000.p/256", "0/000.p/0", "0/000.p/01",
        "0/000.p", "0/.p/3", "0/x001.p/3", "1/000/", "0/-01", "0/+01", "entries", "0/000?x",
        "0/x999/x999/x999/x999/x999/x999/999",
    ]) func otherSpellingsOfATilePathAreRefused(_ path: String) {
        #expect(Tile.parse(path) == nil)
    }
}
