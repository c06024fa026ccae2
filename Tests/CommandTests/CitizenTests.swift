import Deployment
import Device
import Exchanges
import Foundation
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Serving
import Testing

@testable import warifu

/// A phone in a folder against a country that runs, over mutual TLS.
@Suite(.serialized) struct CitizenTests {
    @Test func aPersonIsEnrolledOnceAndConsentsAndReadsTheHistory() async throws {
        try await RunningCountry.with { country in
            let (folder, officials) = (country.phone("one"), try country.officials())
            await #expect(throws: CommandFault(.noPhone)) { try await folder.open { _ in } }
            try folder.make(from: SystemRandom())
            for (identity, officials, code) in [
                ("Hanako 621498320257", officials, CommandCode.nationalNumber), ("", officials, .wrongUse),
                ("Hanako", [officials[0], officials[0]], .officialKey),
            ] {
                await #expect(throws: CommandFault(code)) {
                    try await folder.open { try await $0.enrol(identity, by: officials) }
                }
            }
            #expect(try await country.warifu("consent", "deny-all", phone: "one") == 1)
            let number = try await folder.open { try await $0.enrol("Hanako, Sendai", by: officials) }
            #expect(number.utf8.count == 13 && number.allSatisfy(\.isNumber))
            await #expect(throws: CommandFault(.alreadyEnrolled)) {
                try await folder.open { try await $0.enrol("Hanako, Sendai", by: officials) }
            }
            // Another phone of the same person is not made at the counter.
            try country.phone("again").make(from: SystemRandom())
            await #expect(throws: DeploymentFault.refused(node: "number-centre", code: "conflict")) {
                try await country.phone("again").open { try await $0.enrol("Hanako, Sendai", by: officials) }
            }
            #expect(try await country.warifu("consent", "give", "--to", "hospital-b", phone: "one") == 64)
            #expect(try await country.warifu("consent", "give", "--to", "hospital-b", "--yes", phone: "one") == 0)
            let given = try await folder.open { try await $0.phone.activeGives() }
            #expect(given.count == 1 && given[0].countersigned == [1, 2, 3])
            #expect(try await country.warifu("history", phone: "one") == 0)
            let id = ConsentView.id(given[0].give.id)
            #expect(try await country.warifu("consent", "withdraw", "--consent", id, phone: "one") == 0)
            #expect(try await country.warifu("consent", "withdraw", "--consent", id, phone: "one") == 1)
            let history = try await folder.open { try await $0.phone.history() }
            #expect(history.doubts == [] && history.entries.count == 6)
        }
    }

    @Test func aFolderThatIsNotRightIsNamedAndNothingElse() async throws {
        try await RunningCountry.with { country in
            let folder = country.phone("one")
            try folder.make(from: SystemRandom())
            #expect(throws: DeploymentFault.self) { try folder.make(from: SystemRandom()) }
            try await folder.open { _ in
                await #expect(throws: CommandFault(.phoneInUse)) { try await folder.open { _ in } }
            }
            await #expect(throws: CommandFault(.countryFile)) {
                try await PhoneFolder(folder.path, country: folder.path).open { _ in }
            }
            let mode = try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            let key = folder.path + "/phone.key"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
            await #expect(throws: CommandFault(.phoneDamaged)) { try await folder.open { _ in } }
            // The key of another phone.
            try FileManager.default.removeItem(atPath: key)
            try folder.make(from: SystemRandom())
            await #expect(throws: CommandFault(.phoneDamaged)) { try await folder.open { _ in } }
        }
    }

    /// The answers of the transcryptors were lost on their way back.
    @Test func anEnrolmentThatWasInterruptedGoesOn() async throws {
        try await RunningCountry.with { country in
            let (folder, officials) = (country.phone("one"), try country.officials())
            try folder.make(from: SystemRandom())
            try await folder.open { open in
                let (name, keyHash) = (Array("Hanako, Sendai".utf8), try open.phone.keyHash())
                let act = OfficialAct(
                    party: open.country.numberCentre, verb: "enrol",
                    subject: NumberCentreNode.enrolmentSubject(name, keyHash), time: SystemClock().now())
                let body = Wire.list([
                    name, keyHash.bytes, act.time.bigEndianBytes, Approval.wire(officials.map { $0.approve(act) }),
                ])
                let counter = Posting(client: open.client, addresses: open.addresses)
                let offer = try EnrolmentOffer(
                    wire: try await counter.send("/counter/v1/offer", body, to: open.country.numberCentre))
                let papers = try await open.phone.papers(for: offer)
                _ = try await counter.send("/counter/v1/rows", papers.wire, to: open.country.numberCentre)
                #expect(try await open.phone.isEnrolled() == false)
            }
            let number = try await folder.open { try await $0.enrol("Hanako, Sendai", by: officials) }
            #expect(number.utf8.count == 13)
            let history = try await folder.open { try await $0.phone.history() }
            #expect(history.doubts == [] && history.entries.count == 3)
        }
    }

    @Test func throughAPortalOverTLSAndWithATranscryptorAway() async throws {
        try await RunningCountry.with { country in
            try country.phone("one").make(from: SystemRandom())
            let officials = try country.officials()
            _ = try await country.phone("one").open { try await $0.enrol("Hanako, Sendai", by: officials) }
            let (portal, url) = try await country.startPortal()
            let result: Result<Void, any Error>
            do { result = .success(try await usePortal(country, url)) } catch { result = .failure(error) }
            await portal.stop()
            try result.get()
        }
    }

    private func usePortal(_ country: RunningCountry, _ url: String) async throws {
        #expect(
            try await country.warifu(
                "consent", "give", "--to", "hospital-b", "--yes", "--portal", url, phone: "one") == 0)
        #expect(try await country.warifu("history", "--portal", url, phone: "one") == 0)
        await country.run.node("t1")?.stop()
        #expect(try await country.warifu("history", "--portal", url, phone: "one") == 0)
        // Past the portal the one that is away is a doubt, by name.
        #expect(try await country.warifu("history", phone: "one") == 3)
        let doubts = try await country.phone("one").open { try await $0.phone.history().doubts }
        #expect(doubts == [.silent(1)])
        let history = try await country.phone("one", portal: url).open { try await $0.phone.history() }
        #expect(history.doubts == [] && history.entries.count == 6)
    }

    @Test func aPersonIsPresentedToWhoSignedAndToNobodyElse() async throws {
        try await RunningCountry.with { country in
            try country.phone("one").make(from: SystemRandom())
            let officials = try country.officials()
            _ = try await country.phone("one").open { try await $0.enrol("Hanako, Sendai", by: officials) }
            let signer = try country.home.node("hospital-b").signer()
            let text = TerminalText(
                party: try PartyID("hospital-b"), exchangeID: SystemRandom().draw(),
                purpose: PurposeOfUse.treatment.name, time: SystemClock().now())
            func shown(_ signature: [UInt8]) -> ServedAnswer {
                let (text, signature) = (Data(text.bytes), Data(signature))
                return ServedAnswer(
                    200,
                    text:
                        #"{"text":"\#(text.base64EncodedString())","signature":"\#(signature.base64EncodedString())"}"#,
                    type: "application/json")
            }
            let (right, wrong) = (shown(signer(text.bytes)), shown(signer(text.bytes + [0])))
            let got = Got()
            try await country.serving({ request in
                switch (request.method, request.path) {
                case (.get, "/desk/visits/right"): return right
                case (.get, "/desk/visits/wrong"): return wrong
                case (.post, "/desk/visits/right/presentation"):
                    got.add(request.body)
                    return ServedAnswer(204)
                default: return ServedAnswer(404)
                }
            }) { url in
                func present(_ visit: String, _ more: String...) async throws -> Int32 {
                    try await country.warifu(
                        "present", "--desk", url + "/desk", "--visit", visit, more.first ?? "--yes", phone: "one")
                }
                #expect(try await present("gone") == 1)
                #expect(try await present("wrong") == 1)
                #expect(try await present("right", "--json") == 64)
                #expect(got.all.isEmpty)
                #expect(try await present("right") == 0)
                let presentation = try Presentation(wire: try #require(got.all.first), transcryptors: 3)
                #expect(got.all.count == 1 && presentation.boxes.count == 3)
            }
        }
    }
}
