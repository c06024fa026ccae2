import Polymorphic
import Ristretto255
import Testing
import VectorSupport

@testable import Policy

/// Plays the consent events of the vectors as the reference model does: one after another on one row; the last decides.
struct ConsentPlay {
    private var row: ConsentRow
    private var history = RecentTags()
    private let devices: [DeviceKey: ConsentRow.Device]
    private static let template: Set<Name> = [name("LAB"), name("GEN")]

    init() throws {
        let vector = try Vectors.section("consent")["row"]
        var devices: [DeviceKey: ConsentRow.Device] = [:]
        for device in try vector["devices"].elements {
            devices[try Self.key(device[0])] = try Self.device(device[1], device[2])
        }
        self.devices = devices
        row = try ConsentRow(
            enrolment: try Wire.fixed(vector["enrol_id"].bytes), rowKey: try StopKey(wire: vector["w_row"].bytes),
            denials: 0, transcryptors: UInt8(try vector["n"].integer), devices: devices, history: history)
    }

    private static func key(_ vector: Vector) throws -> DeviceKey { try DeviceKey(algorithm: 0, bytes: vector.bytes) }
    private static func device(
        _ id: Vector, _ stopKey: Vector, isDelegate: Bool = false
    ) throws -> ConsentRow.Device {
        ConsentRow.Device(
            id: try Wire.fixed(id.bytes), stopKey: try StopKey(wire: stopKey.bytes), isDelegate: isDelegate)
    }
    private static func moment(_ vector: Vector) throws -> Instant { Instant(Int64(try vector.integer)) }
    private static func entry(_ event: Vector) throws -> SignedEntry {
        SignedEntry(try event[1].bytes, signatures: [try event[2].bytes])
    }

    mutating func play(_ numbers: Vector) throws {
        let events = try Vectors.section("consent_events")
        for number in try numbers.elements {
            let event = try events[number.integer]
            try play(event, try event[0].text)
            // What is stored comes back as it was, after every event.
            #expect(try ConsentRow(bytes: row.bytes) == row)
        }
    }

    private mutating func play(_ event: Vector, _ operation: String) throws {
        let check = Ed25519Check()
        switch operation {
        case "give":
            _ = try row.accept(
                give: Self.entry(event), at: Self.moment(event[3]), template: Self.template, check: check,
                history: history)
        case "mandate":
            _ = try row.accept(mandate: Self.entry(event), at: Self.moment(event[3]), check: check, history: history)
        case "confirm": try row.accept(confirmation: Self.entry(event), at: Self.moment(event[3]), check: check)
        case "stop": _ = try row.stop(Self.entry(event), at: Person.now, check: check)
        case "device":
            let device = try Self.device(event[2], event[3], isDelegate: event[4].integer == 1)
            _ = try row.add(device, key: Self.key(event[1]), history: history)
        case "leaf":
            let tag: Bytes32 = try Wire.fixed(event[1].bytes)
            history.append(tag, at: try Self.moment(event[2]))
            row.read(leafTag: tag)
        case "row":
            row = try ConsentRow(
                enrolment: row.enrolment, rowKey: row.rowKey, denials: UInt64(event[1].integer),
                transcryptors: row.transcryptors, devices: devices, history: history)
        case "object": _ = row.object(to: try Wire.fixed(event[1].bytes))
        case "use": row.use(try Wire.fixed(event[1].bytes))
        case "check": try look(at: try Wire.fixed(event[1].bytes), Self.moment(event[2]))
        default: throw Operations.Unknown(name: operation)
        }
    }

    /// One give for hospital-a, physician, treatment, LAB, data minute 29000000.
    private func look(at consent: Bytes16, _ now: Instant) throws {
        if let code = row.refusal(of: consent, for: Person.use, at: now) { throw Refusal(code) }
        let minute: UInt64 = 29_000_000
        guard let give = row.gives[consent]?.give, give.dataFrom <= minute, minute <= give.dataTo
        else { throw Refusal(.consent) }
        // Where this give covers the use, the row finds a give for it as well.
        _ = try row.consent(for: Person.use, at: now)
    }
}

@Suite struct ConsentVectorTests {
    static func operations() -> Operations {
        var operations = Operations()
        operations.register("consent_play") { arguments in
            var play = try ConsentPlay()
            try play.play(arguments["events"])
        }
        operations.register("mandate_check") { arguments in
            let mandate = try Mandate(wire: arguments["m"].bytes)
            let scope = String(decoding: try arguments["scope"].bytes, as: UTF8.self)
            try mandate.require(
                scope.hasPrefix("consent:") ? .consent(try Name(String(scope.dropFirst(8)))) : .present,
                at: Instant(Int64(try arguments["now"].integer)))
        }
        operations.register("deny_verify") { arguments in
            let leaves = try arguments["leaves"].elements.map { leaf in
                try DenyAllProof.Leaf(index: UInt64(try leaf[0].integer), leaf: try leaf[1].bytes)
            }
            try DenyAllProof.verify(
                leaves, rowKey: try StopKey(wire: arguments["w_row"].bytes),
                transcryptors: UInt8(try arguments["n"].integer))
        }
        return operations
    }

    @Test func everyNegativeOfConsentIsRefusedWithItsCode() throws {
        let report = try Self.operations().run { ($0 as? Refusal)?.code.rawValue }
        #expect(report.failures == [])
        #expect(report.ran == ["consent_play": 89, "mandate_check": 3, "deny_verify": 2])
        #expect(Self.operations().names == Conformance.policy.operations)
        print("\(report.count) negatives of consent refused with their codes: \(report.ran)")
    }

    @Test func everyScenarioOfConsentEndsInAnActiveConsent() throws {
        let scenarios = try Vectors.section("consent_scenarios").elements
        #expect(scenarios.count == 22)
        for scenario in scenarios {
            var play = try ConsentPlay()
            do { try play.play(scenario["events"]) } catch { Issue.record("\(try scenario["name"].text): \(error)") }
        }
    }

    @Test func everyEventIsPlayedBySomeCase() throws {
        var played: Set<Int> = []
        for scenario in try Vectors.section("consent_scenarios").elements {
            for number in try scenario["events"].elements { played.insert(try number.integer) }
        }
        for negative in try Vectors.negatives() where negative.operation == "consent_play" {
            for number in try negative.arguments["events"].elements { played.insert(try number.integer) }
        }
        #expect(played == Set(0..<(try Vectors.section("consent_events").elements.count)))
    }

    @Test func givesStopsAndMandatesAreMadeAgainByteForByte() throws {
        let consent = try Vectors.section("consent")
        var tally = Tally()
        for key in ["give", "wide_give"] { try tally.same(try Give(wire: consent[key].bytes).bytes, consent[key]) }
        for key in ["stop", "device_stop", "row_stop", "deny_all"] {
            try tally.same(try Stop(wire: consent[key].bytes).bytes, consent[key])
        }
        let mandate = try Vectors.section("mandate")["mandate"]
        try tally.same(try Mandate(wire: mandate.bytes).bytes, mandate)
        let confirm = try Vectors.section("encodings")["confirm"]["pack"]
        try tally.same(try Confirmation(wire: confirm.bytes).bytes, confirm)
        #expect(tally.failures == [])
        #expect(tally.count == 8)
    }

    @Test func stopTagsAreMadeAgainByteForByte() throws {
        let consent = try Vectors.section("consent")
        let give = try Give(wire: consent["give"].bytes)
        let rowKey = try StopKey(wire: consent["row"]["w_row"].bytes)
        let deviceKey = try StopKey(wire: consent["row"]["devices"][0][2].bytes)
        let cases: [(String, StopKey)] = [
            ("stop", give.stopKey), ("device_stop", deviceKey), ("row_stop", rowKey), ("deny_all", rowKey),
        ]
        var tally = Tally()
        for (name, key) in cases {
            let target = try Stop(wire: consent[name].bytes).target
            try tally.same(key.tags(target, transcryptors: 3).map(\.bytes), list: consent[name + "_tags"])
            for i: UInt8 in 1...3 {
                try tally.same(key.tag(target, transcryptor: i).bytes, consent[name + "_tags"][Int(i) - 1])
            }
        }
        #expect(tally.failures == [])
    }

    @Test func theDenyAllsOfTheVectorsAreAcceptedInTheirOrder() throws {
        let negative = try #require(try Vectors.negatives().first { $0.operation == "deny_verify" })
        let key = try StopKey(wire: negative.arguments["w_row"].bytes)
        let leaves = try (1...2).map { c in
            let tag = key.tag(.denyAll(UInt64(c)), transcryptor: 2)
            return try DenyAllProof.Leaf(
                index: UInt64(4 * c),
                leaf: [1, 1] + [UInt8](repeating: 0, count: 32) + tag.bytes
                    + [UInt8](repeating: 0, count: 32))
        }
        try DenyAllProof.verify(leaves, rowKey: key, transcryptors: 3)
        #expect(code { try DenyAllProof.verify(leaves, rowKey: key, transcryptors: 1) } == .head)
        #expect(code { _ = try DenyAllProof.Leaf(index: 0, leaf: [UInt8](repeating: 1, count: 97)) } == .head)
    }
}
