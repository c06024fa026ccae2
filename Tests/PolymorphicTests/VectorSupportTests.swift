import Foundation
import Ristretto255
import Testing
import VectorSupport

/// The tools of the vector tests: a runner that cannot fail is no runner.
@Suite struct VectorSupportTests {
    private struct Refused: Error { let code: String }

    private func run(_ body: @escaping Operations.Body) throws -> Operations.Report {
        var operations = Operations()
        operations.register("half_check", body)
        return try operations.run { ($0 as? Refused)?.code }
    }

    @Test func aNegativePassesOnlyWithItsOwnCode() throws {
        #expect(try run { _ in throw Refused(code: "opening") }.failures == [])
        #expect(try run { _ in }.failures.count == 1)
        #expect(try run { _ in throw Refused(code: "point") }.failures.count == 1)
        #expect(try run { _ = try $0["no such argument"] }.failures.count == 1)
        #expect(try run { _ in }.ran == ["half_check": 1])
        #expect(throws: Operations.Unknown.self) { try Operations().call("half_check", .list([])) }
    }

    @Test func aTallySeesEveryDifference() throws {
        var tally = Tally()
        try tally.same([1, 2], .bytes([1, 2]))
        try tally.same([[1], [2]], list: .list([.bytes([1]), .bytes([2])]))
        try tally.same([1, 2, 3], joined: .list([.bytes([1]), .list([.bytes([2]), .bytes([3])])]))
        try tally.same("a", text: .text("a"))
        try tally.same(7, integer: .integer(7))
        try tally.same(["b", "a"], set: .list([.text("a"), .text("b")]))
        tally.holds(true, "never")
        #expect(tally.failures == [] && tally.count == 8)
        try tally.same([1, 2], .bytes([1, 3]))
        try tally.same([[1]], list: .list([.bytes([1]), .bytes([2])]))
        try tally.same([1], joined: .list([.bytes([1]), .bytes([2])]))
        try tally.same("a", text: .text("b"))
        try tally.same(7, integer: .integer(8))
        try tally.same(["a", "a"], set: .list([.text("a"), .text("b")]))
        tally.holds(false, "always")
        #expect(tally.failures.count == 7)
    }

    @Test func aVectorNamesThePlaceThatItDoesNotHold() throws {
        let vector = try Vector(json: Data(#"{"a": [{"b": "0aff", "c": "x", "d": null}, 7, true]}"#.utf8))
        #expect(try vector["a"][0]["b"].bytes == [10, 255])
        #expect(try vector["a"][1].integer == 7)
        #expect(try vector["a"][2].flag)
        #expect(try vector["a"][0][optional: "d"]?.text == nil)
        let wrong: [(String, () throws -> Void)] = [
            ("a[0]", { _ = try vector["a"][0]["e"] }), ("a", { _ = try vector["a"][3] }),
            ("a[0].c", { _ = try vector["a"][0]["c"].bytes }), ("a[1]", { _ = try vector["a"][1].text }),
            ("a[2]", { _ = try vector["a"][2].integer }), ("a[0]", { _ = try vector["a"][0].numbered }),
        ]
        for (path, read) in wrong {
            let error = #expect(throws: Vector.Mismatch.self) { try read() }
            #expect(error?.path == path)
        }
    }

    @Test func aSeedGivesTheSameBytesAgain() {
        let (one, two, other) = (SeededRandom(seed: 7), SeededRandom(seed: 7), SeededRandom(seed: 8))
        let bytes = one.bytes(1_000)
        #expect(bytes == two.bytes(1_000))
        #expect(bytes != other.bytes(1_000))
        #expect(bytes != one.bytes(1_000))
        #expect(Set(bytes).count > 200)
        #expect((0..<1_000).allSatisfy { _ in (0..<6).contains(one.below(6)) })
        #expect(SeededRandom(seed: 7).bytes(13) == Array(bytes.prefix(13)))
        #expect("\(one)" == "WARIFU_SEED=7")
    }

    @Test func everyBitIsFlippedOnce() {
        var seen: [[UInt8]] = []
        func accept(_ bytes: [UInt8]) throws {
            seen.append(bytes)
            if bytes[2] == 8 { throw Operations.Unknown(name: "no refusal") }
            guard bytes[1] == 4 else { throw Refused(code: "bit") }
        }
        let (accepted, tried) = BitFlips.accepted(in: [0, 0, 0], 1..<3, by: accept) { $0 is Refused }
        #expect(tried == 16 && Set(seen).count == 16)
        #expect(seen.allSatisfy { $0.reduce(0) { $0 + $1.nonzeroBitCount } == 1 && $0[0] == 0 })
        #expect(accepted.map(\.byte) == [1, 2] && accepted.map(\.bit) == [2, 3])
    }
}
