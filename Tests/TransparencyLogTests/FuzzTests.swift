import Testing

@testable import TransparencyLog

/// Every parser, on damaged copies of good inputs and on noise: an answer or a refusal, never a stop; and what is read
/// is written back as it was.
struct FuzzTests {
    static let rounds = 4_000

    static func seeds() throws -> [(name: String, bytes: [UInt8])] {
        let notes = try NoteTests()
        let note = try notes.checkpoint(cosigned: ["w2.example", "w3.example"]).note.bytes
        let proof = ProofFile(index: 3, hashes: [.emptyRoot, .emptyRoot], note: note, extra: [7])
        return [
            ("note", note), ("proof", proof.encoded), ("policy", Array(notes.policy.text.utf8)),
            ("add-checkpoint", AddCheckpoint(old: 2, proof: [.emptyRoot], note: note).encoded),
            ("bundle", EntryBundle.encode((0..<5).map(entry))), ("tile", [UInt8](repeating: 3, count: 96)),
            ("path", Array("0/x001/234.p/17".utf8)), ("key", Array(notes.log.key.description.utf8)),
        ]
    }

    /// Reads `bytes` as what `name` says; what is accepted must be written back to the same bytes.
    static func read(_ name: String, _ bytes: [UInt8]) throws {
        switch name {
        case "note":
            let note = try Note(parsing: bytes)
            #expect(note.bytes == bytes)
            _ = try Checkpoint(parsing: note.text)
        case "proof": #expect(try ProofFile(parsing: bytes).encoded == bytes)
        case "policy": _ = try WitnessPolicy(parsing: bytes)
        case "add-checkpoint": #expect(try AddCheckpoint(parsing: bytes).encoded == bytes)
        case "bundle": _ = try EntryBundle.decode(bytes, count: 5)
        case "tile": _ = try Tile(level: 0, index: 0, width: 3).decode(bytes)
        case "path":
            if let path = String(validating: bytes, as: UTF8.self), let read = Tile.parse(path) {
                #expect((read.isEntries ? read.tile.entriesPath : read.tile.path) == "tile/" + path)
            }
        default: _ = try NoteVerifierKey(parsing: String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func damagedInputsAreAnsweredOrRefused() throws {
        let seed = UInt64(20_260_101)
        print("fuzz seed \(seed)")
        var random = Seeded(seed)
        for (name, good) in try Self.seeds() {
            try Self.read(name, good)
            for _ in 0..<Self.rounds {
                var bytes = good
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let at = Int.random(in: 0...bytes.count, using: &random)
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    case 1:
                        bytes.insert([0, 10, 32, 43, 47, 48, 61, 255][Int.random(in: 0..<8, using: &random)], at: at)
                    case 2 where at < bytes.count: bytes.remove(at: at)
                    case 3: bytes.removeLast(min(bytes.count, Int.random(in: 0..<20, using: &random)))
                    default:
                        bytes.insert(contentsOf: bytes[at...].prefix(Int.random(in: 0..<30, using: &random)), at: at)
                    }
                }
                do { try Self.read(name, bytes) } catch is LogFault {}
            }
        }
    }
}
