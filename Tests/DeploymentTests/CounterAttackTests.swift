@testable import Deployment
import Device
import Exchanges
import Foundation
import Guards
import NIOHTTP1
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Serving
import Testing

/// Attacks on the counters of the Number Centre, over TLS.
@Suite(.serialized) struct CounterAttackTests {
    private static let keyHash: Bytes64 = sha512(Array("a key of nobody".utf8))

    private static func offer(
        _ country: TestCountry, _ identity: String, at now: UInt64 = SystemClock().now(),
        by officials: [SoftwareAuthenticator],
        over other: OfficialAct? = nil
    ) -> [UInt8] {
        let act = OfficialAct(
            party: country.pinned.numberCentre, verb: "enrol",
            subject: NumberCentreNode.enrolmentSubject(Array(identity.utf8), keyHash), time: now)
        return Wire.list([
            Array(identity.utf8), keyHash.bytes, now.bigEndianBytes,
            Approval.wire(officials.map { $0.approve(other ?? act) }),
        ])
    }

    private static func attack(
        _ country: TestCountry, _ body: [UInt8], code: String, control guardName: String
    ) async throws {
        let refused = try await country.post("/counter/v1/offer", body, to: "number-centre")
        #expect(refused.code == code)
        let status = try await Guards.withOff(guardName) {
            try await country.inside(CounterAPI(country.node("number-centre")).answer, "/counter/v1/offer", body)
        }
        #expect(status == 200)
    }

    @Test func approvalsThatDoNotCount() async throws {
        try await TestCountry.with { country in
            let officers = try country.home.officers().map { try $0.load() }
            let officials = try country.home.officials().map { try $0.load() }
            let other = OfficialAct(
                party: country.pinned.numberCentre, verb: "enrol",
                subject: NumberCentreNode.enrolmentSubject(Array("somebody else".utf8), Self.keyHash),
                time: SystemClock().now())
            let dual = "guard:registry.dual-control"
            let one = Self.offer(country, "one official", by: [officials[0]])
            try await Self.attack(country, one, code: "policy", control: dual)
            let twice = Self.offer(country, "one official twice", by: [officials[0], officials[0]])
            try await Self.attack(country, twice, code: "policy", control: dual)
            let over = Self.offer(
                country, "another act", by: officials, over: other)
            try await Self.attack(country, over, code: "signature", control: dual)
            let foreign = Self.offer(country, "officers", by: officers)
            try await Self.attack(country, foreign, code: "signature", control: dual)
            let late = Self.offer(country, "an hour ago", at: SystemClock().now() - 3_700, by: officials)
            try await Self.attack(country, late, code: "time", control: dual)
        }
    }

    @Test func aNationalNumberComesInNowhere() async throws {
        try await TestCountry.with { country in
            // Made up, with a check digit that fits.
            let number = "621498320257"
            let officials = try country.home.officials().map { try $0.load() }
            let body = Self.offer(country, "Tanaka Hanako, \(number)", by: officials)
            #expect(try await country.post("/counter/v1/offer", body, to: "number-centre").code == "number")
            var read = 0
            let files = FileManager.default.enumerator(atPath: country.home.path)
            while let name = files?.nextObject() as? String {
                guard let bytes = FileManager.default.contents(atPath: country.home.path + "/" + name) else { continue }
                read += 1
                #expect(bytes.range(of: Data(number.utf8)) == nil, "\(name)")
            }
            #expect(read > 50)
            let status = try await Guards.withOff("guard:number.national") {
                try await country.inside(CounterAPI(country.node("number-centre")).answer, "/counter/v1/offer", body)
            }
            #expect(status == 200)
        }
    }

    @Test func whatIsNoRequestGetsAnAnswerWithinLimits() async throws {
        try await TestCountry.with { country in
            let deep = (0..<2_000).reduce([UInt8]()) { body, _ in Wire.list([body]) }
            let bodies: [[UInt8]] = [[], [0], SystemRandom().bytes(4_000), deep, Wire.list([[1], [2], [3], [4]])]
            for path in ["offer", "rows", "number"] {
                for (place, body) in bodies.enumerated() {
                    let answer = try await country.post(CounterAPI.prefix + path, body, to: "number-centre")
                    #expect(answer.status == 400, "\(path) \(place)")
                }
            }
            let large = [UInt8](repeating: 1, count: 1 << 20)
            #expect(try await country.post("/counter/v1/offer", large, to: "number-centre").status == 413)
            #expect(try await country.post("/counter/v1/offer", [], to: "number-centre", method: .GET).status == 405)
            let text = try await country.post("/counter/v1/offer", [], to: "number-centre", type: "text/plain")
            #expect(text.status == 415)
            #expect(try await country.post("/counter/v1/nothing", [], to: "number-centre").status == 404)
        }
    }
}
