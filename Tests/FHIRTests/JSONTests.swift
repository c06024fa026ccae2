import Foundation
import Guards
import Testing

@testable import FHIR

@Suite struct JSONTests {
    private func code(_ text: String, _ limits: JSONLimits = .standard) -> JSONError.Code? {
        do throws(JSONError) {
            _ = try JSONDocument(Array(text.utf8), limits: limits)
            return nil
        } catch { return error.code }
    }

    static let good = [
        "0", "-0", "1.10", "-0.0e+10", "123456789012345678901234567890", "\"\"", "true", "false", "null", "[]", "{}",
        "[[],[]]", #"{"a":{"b":[1,2,{"c":null}]}}"#, " [ 1 , 2 ] ", #""\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t""#, "\"診察券\"",
        #"{"":1}"#, "\t\r\n {\"a\" : 1}\n",
    ]

    @Test(arguments: good) func whatIsJSONIsRead(_ text: String) throws {
        let document = try JSONDocument(Array(text.utf8))
        #expect(document.bytes == Array(text.utf8))
        let compact = document.root.compact
        #expect(try JSONDocument(compact).root.compact == compact)
        #expect(throws: Never.self) {
            try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        }
    }

    static let bad: [(String, JSONError.Code)] = [
        ("", .ended), (" ", .ended), ("{", .ended), ("[", .ended), ("[1", .ended), ("\"a", .ended), ("tru", .ended),
        ("-", .ended), ("1.", .ended), ("1e", .ended), ("{\"a\"", .ended), ("{\"a\":", .ended), ("nul]", .value),
        ("[1,]", .value), ("[,1]", .value), ("{,}", .name), ("{\"a\":1,}", .name), ("{a:1}", .name), ("{1:2}", .name),
        ("{\"a\" 1}", .colon), ("[1 2]", .separator), ("[1}", .separator), ("{\"a\":1]", .separator), ("01", .number),
        ("1.a", .number), ("1ea", .number), ("-a", .number), ("+1", .value), (".5", .value), ("NaN", .value),
        ("'a'", .value),
        ("\"\n\"", .control), ("\"\\x\"", .escape), ("\"\\u12g4\"", .escape), ("\"\\ud800\"", .escape),
        ("\"\\udc00\"", .escape), ("\"\\ud800\\u0041\"", .escape), ("{\"a\":1,\"a\":2}", .duplicate),
        ("{\"a\":1,\"\\u0061\":2}", .duplicate), ("1 2", .trailing), ("{}x", .trailing), ("\u{feff}{}", .byteOrderMark),
    ]

    @Test(arguments: bad) func whatIsNotJSONIsRefusedWithItsReason(_ text: String, _ expected: JSONError.Code) {
        #expect(code(text) == expected)
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        let wrong: [[UInt8]] = [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xe3, 0x81], [0xc3],
        ]
        for bytes in wrong {
            let text = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
            #expect(throws: JSONError(.utf8, at: 1)) { try JSONDocument(text) }
            #expect(String(validating: bytes, as: UTF8.self) == nil)
        }
    }

    @Test func everyScalarIsReadAsItIs() throws {
        for value in stride(from: UInt32(0x20), through: 0x10ffff, by: 0x101) {
            guard let scalar = Unicode.Scalar(value), scalar != "\"", scalar != "\\" else { continue }
            let text = String(scalar)
            #expect(try JSONDocument(JSONText.string(text).bytes).root.string?.utf8.elementsEqual(text.utf8) == true)
        }
    }

    @Test func numbersKeepTheirDigits() throws {
        let root = try JSONDocument(Array(#"[1.10, 1e2, -0, 12345678901234567890123]"#.utf8)).root
        #expect(root.elements.map { $0.numberText } == ["1.10", "1e2", "-0", "12345678901234567890123"])
        #expect(String(decoding: root.compact, as: UTF8.self) == "[1.10,1e2,-0,12345678901234567890123]")
    }

    @Test func limitsHold() {
        let limits = JSONLimits(bytesMax: 100, depthMax: 4, nodesMax: 10)
        let deep = String(repeating: "[", count: 5) + String(repeating: "]", count: 5)
        let many = "[" + String(repeating: "1,", count: 10) + "1]"
        let long = "\"" + String(repeating: "a", count: 100) + "\""
        #expect(code(deep, limits) == .tooDeep)
        #expect(code(many, limits) == .tooMany)
        #expect(code(long, limits) == .tooLong)
        Guards.withOff("guard:json.depth") { #expect(code(deep, limits) == nil) }
        Guards.withOff("guard:json.nodes") { #expect(code(many, limits) == nil) }
        Guards.withOff("guard:json.bytes") { #expect(code(long, limits) == nil) }
    }

    @Test func aMillionLevelsCostNoStack() {
        #expect(code(String(repeating: "[", count: 1_000_000)) == .tooDeep)
        Guards.withOff("guard:json.depth") {
            let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
            #expect(code(text) == nil)
        }
    }

    @Test func whichOfTwoEqualMembersCountsCannotBeAsked() throws {
        let attack = Array(#"{"resourceType":"Patient","id":"a","id":"b"}"#.utf8)
        #expect(throws: JSONError(.duplicate, at: 36)) { try JSONDocument(attack) }
        let many = "{" + (0..<20).map { "\"m\($0)\":1" }.joined(separator: ",") + ",\"m7\":2}"
        #expect(code(many) == .duplicate)
        let first = try Guards.withOff("guard:json.duplicate") { try JSONDocument(attack).root["id"]?.string }
        #expect(first == "a")
    }

    /// A text with every kind of token.
    static let specimen =
        #"{"resourceType":"Observation","v":1.10,"s":"a\u00e9診\n","l":[true,false,null,{"x":[]}],"e":-1e+5, "o":{}}"#

    @Test func everyByteOfATextCanBeChangedWithoutACrash() {
        let bytes = Array(Self.specimen.utf8)
        var accepted = 0
        for index in bytes.indices {
            for value in UInt8.min...UInt8.max {
                var changed = bytes
                changed[index] = value
                if let document = try? JSONDocument(changed) {
                    accepted += 1
                    let compact = document.root.compact
                    #expect((try? JSONDocument(compact))?.root.compact == compact)
                    #expect(String(validating: changed, as: UTF8.self) != nil)
                }
            }
            #expect((try? JSONDocument(Array(bytes[..<index]))) == nil)
        }
        #expect(accepted > bytes.count)
    }

    /// Another reader agrees about what is JSON. It accepts more in four ways, which are ours to refuse.
    @Test func changedTextsAreJudgedAsFoundationDoes() {
        var random = Seeded(7)
        let bytes = Array(Self.specimen.utf8)
        for _ in 0..<20_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: changed.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: changed[at] = UInt8.random(in: 0...127, using: &random)
                case 1: changed.remove(at: at)
                default: changed.insert(bytes[Int.random(in: bytes.indices, using: &random)], at: at)
                }
            }
            guard (try? JSONDocument(changed)) != nil else { continue }
            #expect(throws: Never.self) {
                try JSONSerialization.jsonObject(with: Data(changed), options: .fragmentsAllowed)
            }
        }
    }

    @Test func sampleBundlesComeBackByteForByte() throws {
        var count = 0
        for name in Samples.names {
            let bytes = try Samples.bytes(name)
            let document = try JSONDocument(bytes)
            #expect(document.bytes[document.root.range] == bytes.trimmed[...])
            count += 1
            // Read and written again costs five times as much: every fifth.
            guard count % 5 == 1 else { continue }
            let compact = document.root.compact
            let again = try JSONDocument(compact)
            #expect(again.bytes == compact && again.root.compact == compact)
            #expect(document.nodes.count == again.nodes.count)
            for (a, b) in zip(document.nodes, again.nodes) where a.kind == .string || a.kind == .number {
                let isSame = bytes[Int(a.start)..<Int(a.end)] == compact[Int(b.start)..<Int(b.end)]
                if !isSame { Issue.record("a token was changed") }
            }
        }
        Samples.report("round trip", count)
    }
}

extension [UInt8] {
    fileprivate var trimmed: [UInt8] {
        let space: Set<UInt8> = [0x20, 0x0a, 0x0d, 0x09]
        let start = drop { space.contains($0) }
        return Array(start[...(start.lastIndex { !space.contains($0) } ?? start.startIndex)])
    }
}
