import Authority
@testable import Deployment
import Device
import Exchanges
import Foundation
import Guards
import NIOHTTP1
import Policy
import Polymorphic
import Ristretto255
import Serving
import Testing

/// Attacks on the office of the authority over mutual TLS. A server does not see the guards of a test, so the control
/// hands the same bytes to the same node in this process.
@Suite(.serialized) struct OfficeAttackTests {
    private static func suspend(
        _ country: TestCountry, at now: UInt64 = SystemClock().now(), by officers: [SoftwareAuthenticator],
        over other: OfficialAct? = nil
    ) throws -> [UInt8] {
        try Office.body(
            .suspend, [try PartyID("hospital-b").bytes], party: country.pinned.pins.anchors.authority, at: now,
            by: officers.map { officer in { officer.approve(other ?? $0) } })
    }

    private static func isInForce(_ country: TestCountry) async throws -> Bool {
        let directory = try await country.newcomer()
        return (try? directory.party(try PartyID("hospital-b"), at: SystemClock().now())) != nil
    }

    private static func comeBack(_ country: TestCountry) async throws {
        try await country.office().accredit(
            try country.home.node("hospital-b").card(), previous: try country.home.node("hospital-b").signer())
        #expect(try await isInForce(country))
    }

    /// Refused over the network with a code, and nothing has happened; done with one guard off.
    private static func attack(
        _ country: TestCountry, _ body: [UInt8], code: String, control guardName: String
    ) async throws {
        let refused = try await country.post("/office/v1/suspend", body, to: "authority")
        #expect(refused.code == code)
        #expect(try await isInForce(country))
        let answer = try await Guards.withOff(guardName) {
            try await country.inside(OfficeAPI(country.node("authority")).answer, "/office/v1/suspend", body)
        }
        #expect(answer == 200)
        let left = try await isInForce(country)
        #expect(!left)
        try await comeBack(country)
    }

    @Test func approvalsThatDoNotCount() async throws {
        try await TestCountry.with { country in
            let officers = try country.home.officers().map { try $0.load() }
            let officials = try country.home.officials().map { try $0.load() }
            let other = OfficialAct(
                party: country.pinned.pins.anchors.authority, verb: "suspend", subject: try PartyID("hospital-a").bytes,
                time: SystemClock().now())
            let one = try Self.suspend(country, by: [officers[0]])
            try await Self.attack(country, one, code: "policy", control: "guard:officers.two")
            let twice = try Self.suspend(country, by: [officers[0], officers[0]])
            try await Self.attack(country, twice, code: "policy", control: "guard:officers.two")
            let over = try Self.suspend(country, by: officers, over: other)
            try await Self.attack(country, over, code: "signature", control: "guard:officers.signature")
            let foreign = try Self.suspend(country, by: officials)
            try await Self.attack(country, foreign, code: "signature", control: "guard:officers.signature")
        }
    }

    @Test func anActCountsForAnHourAndOnce() async throws {
        try await TestCountry.with { country in
            let officers = try country.home.officers().map { try $0.load() }
            let now = SystemClock().now()
            let kept = try Self.suspend(country, at: now, by: officers)
            #expect(try await country.post("/office/v1/suspend", kept, to: "authority").status == 200)
            // The next entry begins in a later second than the act.
            while SystemClock().now() <= now { try await Task.sleep(for: .milliseconds(20)) }
            try await Self.comeBack(country)
            try await Self.attack(country, kept, code: "conflict", control: "guard:office.replay")

            let staff = try country.home.makeStaff(
                "late", of: try PartyID("hospital-a"), roles: [Role.physician.name], from: SystemRandom())
            let old = try Office.body(
                .credential, [try staff.credential().bytes], party: country.pinned.pins.anchors.authority,
                at: SystemClock().now() - 3_700,
                by: officers.map { officer in { officer.approve($0) } })
            #expect(try await country.post("/office/v1/credential", old, to: "authority").code == "time")
            let answer = try await Guards.withOff("guard:officers.time") {
                try await country.inside(OfficeAPI(country.node("authority")).answer, "/office/v1/credential", old)
            }
            #expect(answer == 200)
            // The same credential again is there already: nothing is written, nothing refused.
            let count = try await country.published().count
            let again = try Office.body(
                .credential, [try staff.credential().bytes], party: country.pinned.pins.anchors.authority,
                at: SystemClock().now(), by: officers.map { officer in { officer.approve($0) } })
            #expect(try await country.post("/office/v1/credential", again, to: "authority").status == 200)
            #expect(try await country.published().count == count)
        }
    }

    @Test func whatIsNoActGetsAnAnswerWithinLimits() async throws {
        try await TestCountry.with { country in
            let deep = (0..<2_000).reduce([UInt8]()) { body, _ in Wire.list([body]) }
            let bodies: [[UInt8]] = [
                [], [0], SystemRandom().bytes(4_000), deep, Wire.list([[1], [2], [3]]),
                Wire.list((0..<200).map { [UInt8($0)] }), [UInt8](repeating: 0xff, count: 64),
            ]
            for verb in Office.Verb.allCases {
                for (place, body) in bodies.enumerated() {
                    let answer = try await country.post(OfficeAPI.prefix + verb.rawValue, body, to: "authority")
                    #expect(answer.status == 400, "\(verb.rawValue) \(place)")
                }
            }
            let large = [UInt8](repeating: 1, count: 1 << 20)
            #expect(try await country.post("/office/v1/record", large, to: "authority").status == 413)
            #expect(try await country.post("/office/v1/record", [], to: "authority", type: "text/plain").status == 415)
            #expect(try await country.post("/office/v1/record", [], to: "authority", method: .GET).status == 405)
            #expect(try await country.post("/office/v1/nothing", [], to: "authority").status == 404)
            #expect(try await country.post("/office/v1/../record", [], to: "authority").status != 200)
            #expect(try await country.post("/counter/v1/offer", [], to: "authority").status == 404)
            #expect(try await country.post("/office/v1/record", [], to: "number-centre").status == 404)
        }
    }

    @Test func entriesAreGivenFromAnyNumber() async throws {
        try await TestCountry.with { country in
            let all = try await country.published()
            #expect(all.count > 20)
            #expect(try await country.published(from: UInt64(all.count) - 1) == [all[all.count - 1]])
            let beyond: [UInt64] = [UInt64(all.count), 1 << 40, 9_007_199_254_740_991]
            for number in beyond {
                #expect(try await country.published(from: number).isEmpty)
            }
            // Numbers end at 2^53; what is longer or shorter is none.
            let huge: [UInt64] = [9_007_199_254_740_992, UInt64.max / 2 + 1, UInt64.max]
            var bodies: [[UInt8]] = [[], [1], Wire.list([[1, 2]])]
            for number in huge { bodies.append(Wire.list([number.bigEndianBytes])) }
            for body in bodies {
                #expect(try await country.post("/v1/entries", body, to: "authority").status == 400)
            }
        }
    }
}
