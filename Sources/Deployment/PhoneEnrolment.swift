import Device
import Exchanges
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import SQLiteStore

/// Enrolment at a counter over the network (`CounterAPI`): the person, two officials, the Number Centre.
extension OpenPhone {
    private static let table = Table("phone-folder")
    private static let toldKey = Array("number told".utf8)

    /// Enrols the person of this phone, and has a number issued. One that was interrupted goes on where it stopped,
    /// until the number was told; then never again.
    /// - Parameters:
    ///   - identity: the official identity, as the register writes it. It is not kept.
    ///   - officials: two of the Number Centre who have seen the person.
    /// - Returns: the number, 13 digits.
    /// - Throws: `CommandFault` `nationalNumber`, `wrongUse`, `officialKey`, `alreadyEnrolled`;
    ///   `DeploymentFault.refused` with the counter's code; what the phone refuses of the offer.
    public func enrol(_ identity: String, by officials: [SoftwareAuthenticator]) async throws -> String {
        do { try NationalNumber.refuse(in: identity.utf8) } catch { throw CommandFault(.nationalNumber) }
        let name = Array(identity.utf8)
        guard (1...4_096).contains(name.count) else { throw CommandFault(.wrongUse) }
        guard Set(officials.map(\.personID)).count >= 2 else { throw CommandFault(.officialKey) }
        let told = try await store.read { try $0.get(Self.table, Self.toldKey) != nil }
        guard !told else { throw CommandFault(.alreadyEnrolled) }
        let keyHash = try phone.keyHash()
        let offer = try EnrolmentOffer(
            wire: try await ask(
                "offer", [name, keyHash.bytes], verb: "enrol",
                subject: NumberCentreNode.enrolmentSubject(name, keyHash), officials))
        if !(try await phone.isEnrolled()) {
            let papers = try await phone.papers(for: offer)
            let answers = try await post("rows", papers.wire)
            try await phone.accept(
                try Wire.elements(of: answers, maximum: Int(country.pins.ceremony.n)))
        }
        let enrolID = offer.enrolment.enrolID.bytes
        let answer = try await ask("number", [enrolID], verb: "number", subject: enrolID, officials)
        let digits = String(decoding: try Wire.fields(of: answer, 1)[0], as: UTF8.self)
        try await store.transaction { try $0.put(Self.table, Self.toldKey, [1]) }
        return digits
    }

    /// What two officials sign, with the fields that go before it.
    private func ask(
        _ path: String, _ fields: [[UInt8]], verb: String, subject: [UInt8], _ officials: [SoftwareAuthenticator]
    ) async throws -> [UInt8] {
        let act = OfficialAct(party: country.numberCentre, verb: verb, subject: subject, time: clock.now())
        let approvals = Approval.wire(officials.map { $0.approve(act) })
        return try await post(path, Wire.list(fields + [act.time.bigEndianBytes, approvals]))
    }

    private func post(_ path: String, _ body: [UInt8]) async throws -> [UInt8] {
        try await Posting(client: client, addresses: addresses).send(
            CounterAPI.prefix + path, body, to: country.numberCentre)
    }
}
