@testable import Deployment
import Device
import Exchanges
import Foundation
import Gateway
import Guards
import Policy
import Polymorphic
import Ristretto255
import Serving
import Testing

/// A history against those who want to hide from it, over the network: what the phone of a person says.
@Suite(.serialized) struct HidingTests {
    /// A phone in a folder, enrolled, with consent to treatment at hospital-a.
    private static func person(_ country: TestCountry) async throws -> PhoneFolder {
        let folder = PhoneFolder(country.home.path + "/phones/person", country: country.home.country)
        try folder.make(from: SystemRandom())
        let officials = try country.home.officials().map { try $0.load() }
        let hospital: GatewayNode = try country.node("hospital-a")
        let terms = try terms(hospital.id)
        try await folder.open { phone in
            _ = try await phone.enrol("a person of this test", by: officials)
            _ = try await phone.phone.give(terms)
        }
        return folder
    }

    private static func terms(_ hospital: PartyID) throws -> GiveTerms {
        let categories: [Policy.Category] = [.general]
        let from = Instant(Int64(SystemClock().now()) - 60)
        let until = from + 29 * 86_400
        let notice = try ConsentNotice(
            Service.all[0],
            NoticeTerms(
                grantees: [hospital.description], purpose: .treatment, categories: categories, dataFrom: 0,
                dataTo: 40_000_000, until: until, maxUses: 1_000), in: .ja)
        return GiveTerms(
            grantees: [.party(hospital)], purposes: [PurposeOfUse.treatment.name], categories: categories.map(\.name),
            dataFrom: 0, dataTo: 40_000_000, dates: Validity(notBefore: from, notAfter: until), maxUses: 1_000,
            notice: notice.noticeDigest, refusal: notice.refusalDigest)
    }

    /// The hospital learns who stands there: one exchange.
    private static func exchange(_ country: TestCountry, _ folder: PhoneFolder) async throws {
        let hospital: GatewayNode = try country.node("hospital-a")
        let physician = try AuthenticatorFile(country.home.node("hospital-a").file("staff/physician.key")).load()
        let use = DataUse(
            role: Role.physician.name, purpose: PurposeOfUse.treatment.name,
            categories: [Policy.Category.general.name], dataFrom: 0, dataTo: 40_000_000)
        try await folder.open { phone in
            let (text, signature) = hospital.terminal(PurposeOfUse.treatment.name)
            let shown = Presented(text, try await phone.phone.present(text, signature))
            _ = try await hospital.identify(shown, for: use, by: physician)
        }
    }

    private static func history(_ folder: PhoneFolder) async throws -> History {
        try await folder.open { try await $0.phone.history() }
    }

    /// Reads until all that was done has arrived everywhere.
    private static func whole(_ folder: PhoneFolder, uses: Int) async throws -> History {
        for _ in 0..<600 {
            let history = try await history(folder)
            if history.uses.count >= uses, history.doubts.isEmpty { return history }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw DeploymentFault.usage("the history does not arrive")
    }

    /// The same phone in another folder, with addresses that somebody has changed.
    private static func copy(
        _ country: TestCountry, _ folder: PhoneFolder, _ name: String, _ party: String,
        _ change: (inout NodeAddress) -> Void
    ) throws -> PhoneFolder {
        let pins = country.home.path + "/country-of-\(name)"
        let phone = country.home.path + "/phones/\(name)"
        try FileManager.default.copyItem(atPath: country.home.country, toPath: pins)
        try FileManager.default.copyItem(atPath: folder.path, toPath: phone)
        let addresses = try Addresses(folder: pins)
        var address = try #require(addresses[try PartyID(party)])
        change(&address)
        addresses.set(try PartyID(party), address)
        try addresses.write(folder: pins)
        return PhoneFolder(phone, country: pins)
    }

    private static func isFrom(_ history: History, _ index: UInt8) -> Bool {
        history.doubts.contains { $0 == .hiding(index) || $0 == .silent(index) }
    }

    @Test func aTranscryptorThatLeavesOutALeafIsNamed() async throws {
        try await TestCountry.with { country in
            let before = try await Self.person(country)
            try await Self.exchange(country, before)
            // Three phones that have not looked yet.
            let url = try #require(country.run.addresses[try PartyID("t1")]?.url)
            let identity = try country.home.certificateAuthority().issue(
                "t1", hosts: ["t1.warifu.localhost", "localhost"])
            try await HidingProxy.run(country, before: url, identity: identity) { proxy, port in
                let phones = try ["honest", "lied-to", "control"].map { name in
                    try Self.copy(country, before, name, "t1") { $0.url = "https://t1.warifu.localhost:\(port)" }
                }
                let all = try await Self.whole(before, uses: 1)
                let honest = try await Self.whole(phones[0], uses: 1)
                #expect(honest.uses.count == all.uses.count && !honest.mayBeIncomplete)

                proxy.lie.withLock {
                    $0 = { path, body in
                        guard path == "/v1/head", let answer = try? HeadAnswer(wire: body) else { return body }
                        return HeadAnswer(
                            head: answer.head, signature: answer.signature, details: answer.details.dropLast()
                        ).bytes
                    }
                }
                let lied = try await Self.history(phones[1])
                #expect(lied.doubts.contains(.hiding(1)))
                try await Guards.withOff("guard:head.leaves") {
                    // The leaf is hidden, and nobody is named.
                    let history = try await Self.history(phones[2])
                    #expect(!history.doubts.contains(.hiding(1)))
                }
            }
        }
    }

    @Test func aHeadThatGoesBackIsNamed() async throws {
        try await TestCountry.with { country in
            let before = try await Self.person(country)
            try await Self.exchange(country, before)
            let url = try #require(country.run.addresses[try PartyID("t1")]?.url)
            let identity = try country.home.certificateAuthority().issue(
                "t1", hosts: ["t1.warifu.localhost", "localhost"])
            try await HidingProxy.run(country, before: url, identity: identity) { proxy, port in
                let phone = try Self.copy(country, before, "lied-to", "t1") {
                    $0.url = "https://t1.warifu.localhost:\(port)"
                }
                let kept = Locked<[UInt8]?>(nil)
                proxy.lie.withLock {
                    $0 = { path, body in
                        if path == "/v1/head" { kept.withLock { $0 = $0 ?? body } }
                        return body
                    }
                }
                _ = try await Self.whole(phone, uses: 1)
                try await Self.exchange(country, phone)
                let newer = try await Self.whole(phone, uses: 2)
                #expect(!newer.mayBeIncomplete)
                proxy.lie.withLock {
                    $0 = { path, body in path == "/v1/head" ? kept.withLock { $0 } ?? body : body }
                }
                let old = try await Self.history(phone)
                #expect(Self.isFrom(old, 1) && old.mayBeIncomplete)
                // What the phone has seen stays seen.
                #expect(old.uses.count == newer.uses.count)
            }
        }
    }

    @Test func aLedgerThatHidesItsNewestCheckpointIsNoticed() async throws {
        try await TestCountry.with { country in
            let before = try await Self.person(country)
            try await Self.exchange(country, before)
            let url = try #require(country.run.addresses[country.pinned.ledger]?.read)
            try await HidingProxy.run(country, before: url, identity: nil) { proxy, port in
                let phone = try Self.copy(country, before, "lied-to", country.pinned.ledger.description) {
                    $0.read = "http://127.0.0.1:\(port)/"
                }
                let kept = Locked<[UInt8]?>(nil)
                proxy.lie.withLock {
                    $0 = { path, body in
                        guard path == "/checkpoint" else { return body }
                        return kept.withLock { old in
                            old = old ?? body
                            return old ?? body
                        }
                    }
                }
                // Its newest leaves are in no tree that this phone is shown.
                try await Self.exchange(country, before)
                let all = try await Self.whole(before, uses: 2)
                _ = try await Self.history(phone)
                try await Self.exchange(country, before)
                _ = try await Self.whole(before, uses: all.uses.count + 1)
                let hidden = try await Self.history(phone)
                #expect(hidden.mayBeIncomplete)
                for index in UInt8(1)...3 { #expect(Self.isFrom(hidden, index)) }
                proxy.lie.withLock { $0 = HidingProxy.honest }
                let honest = try await Self.whole(phone, uses: all.uses.count + 1)
                #expect(!honest.mayBeIncomplete)
            }
        }
    }
}
